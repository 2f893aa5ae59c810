"""Export: live objects as manifests and files. Pure functions: no client, and nothing written."""
