"""Manifests edited in place: what isn't edited stays byte for byte as it is."""
