"""Manifests: from YAML files to declared resources, with a position for everything."""
