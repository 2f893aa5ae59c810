"""Editors: the schema that they check and complete manifests with, and how they find it."""

from __future__ import annotations

import json
from pathlib import Path

from provisioner.manifest.schema_check import bundle

SCHEMA_FILE = "provisioner.schema.json"
"""In the project folder, committed: a clone has it before any program of ours has run there."""


def modeline(folder: Path, manifest: Path) -> str:
    """Write the comment that names the schema to yaml-language-server, for a manifest of a project.

    The server reads it at the head of a document and for that one only: where a manifest has
    several, it stands after each `---` too. Both paths are of one form, relative or absolute.
    """
    above = "../" * len(manifest.relative_to(folder).parent.parts)
    return f"# yaml-language-server: $schema={above}{SCHEMA_FILE}\n"


def schema_text() -> str:
    """Write the schema of all kinds, as it stands in the schema file."""
    return json.dumps(bundle(), indent=2, ensure_ascii=False) + "\n"
