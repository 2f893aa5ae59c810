"""The Project document of an export that is a project of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.export.documents import document, manifest
from provisioner.manifest.project import Project

CARRIED = ("default_environment", "environments")
"""What of a Project's spec says how its manifests are read, and where they are applied."""


def same_project(project: Project) -> str:
    """Write a provisioner.yaml with the identity and the environments of a project."""
    spec = {key: each for key, each in project.document.spec.items() if key in CARRIED}
    return manifest(document("Project", {"name": project.name, "uid": project.uid}, spec))


def new_project(name: str, uid: str, environment: str, provider: Mapping[str, Any]) -> str:
    """Write a provisioner.yaml of a new project with one environment."""
    environments = {environment: {"provider": provider}}
    spec = {"default_environment": environment, "environments": environments}
    return manifest(document("Project", {"name": name, "uid": uid}, spec))
