"""The JSON Schemas of the manifests, one file per kind."""
