"""The Project document of an export that is a project of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.export.documents import document, manifest
from provisioner.manifest.project import Project

CARRIED = ("default_environment", "variables")
"""What of a Project's spec says how its manifests are read."""


def same_project(project: Project, *, defaults: bool) -> str:
    """Write a provisioner.yaml with the identity and the environments of a project.

    Without its patches, and left to itself without defaults: exported manifests say everything.
    """
    written = project.document.spec
    carried = (*CARRIED, "defaults") if defaults else CARRIED
    spec = {key: each for key, each in written.items() if key in carried}
    spec["environments"] = {
        name: {key: each for key, each in data.items() if key != "patches"}
        for name, data in written["environments"].items()
    }
    return manifest(document("Project", {"name": project.name, "uid": project.uid}, spec))


def new_project(name: str, uid: str, environment: str, provider: Mapping[str, Any]) -> str:
    """Write a provisioner.yaml of a new project with one environment."""
    environments = {environment: {"provider": provider}}
    spec = {"default_environment": environment, "environments": environments}
    return manifest(document("Project", {"name": name, "uid": uid}, spec))
