"""Edits made at the service, written back into manifests: what was edited, and where it goes."""
