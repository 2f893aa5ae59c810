"""The Project: its name, its environments, and what holds for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from provisioner.diagnostics import Diagnostic, Position, error
from provisioner.manifest.discovery import PROJECT_FILE
from provisioner.manifest.document import Document
from provisioner.manifest.environments import Environment, environments
from provisioner.manifest.inputs import Inputs, read_inputs
from provisioner.manifest.refactoring_blocks import read_refactoring
from provisioner.manifest.suggestions import did_you_mean
from provisioner.manifest.values import check_declarations, check_given, variables
from provisioner.refactoring import UNCHANGED, Refactoring

STATE_FOLDER = ".provisioner"
HISTORY_BYTES = 256 << 20
"""So much of what was applied is kept where the Project doesn't say how much."""


@dataclass(frozen=True, slots=True)
class Project:
    """A folder of manifests with its environments."""

    folder: Path
    name: str
    uid: str
    """Part of the ownership tag."""
    default_environment: str | None
    environments: Mapping[str, Environment]
    document: Document
    defaults: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By kind, what is merged under the spec of every document of it."""
    refactoring: Refactoring = UNCHANGED
    inputs: Inputs = field(default=Inputs(), repr=False)
    """What its variables were given."""
    history_bytes: int = HISTORY_BYTES
    """So much of what was applied is kept for each environment, at most."""

    def state_folder(self, environment: str) -> Path:
        """Tell where state, journal and lock of an environment are kept."""
        return self.folder / STATE_FOLDER / environment


def read_project(
    folder: Path, documents: Sequence[Document], inputs: Inputs
) -> tuple[Project | None, list[Diagnostic]]:
    """Make the Project of the documents that its schema accepted; say what is wrong with it.

    A Project with problems is made all the same, so that its manifests can be checked in the same
    run; nobody may connect to its endpoints.
    """
    found = [each for each in documents if each.kind == "Project"]
    problems = list(_misplaced(found))
    own = [each for each in found if each.file == PROJECT_FILE]
    if not own:
        return None, problems
    document = own[0]
    problems.extend(_check(document))
    metadata, spec = document.data["metadata"], document.spec
    name, default = metadata["name"], spec.get("default_environment")
    uid = metadata.get("uid", name)
    declared = variables(document)
    given, troubles = read_inputs(inputs)
    problems.extend([*check_declarations(document, declared), *troubles])
    problems.extend(check_given(given, declared))
    places, troubles = environments(document, uid, declared, given)
    problems.extend(troubles)
    defaults = spec.get("defaults", {})
    blocks = read_refactoring(document)
    most = spec.get("history", {}).get("max_bytes", HISTORY_BYTES)
    made = Project(folder, name, uid, default, places, document, defaults, blocks, inputs, most)
    return made, problems


def missing_project() -> Diagnostic:
    """Say that provisioner.yaml holds no Project."""
    return error(
        "M007",
        "Project is missing",
        f"{PROJECT_FILE} holds no document of kind Project. `provisioner init` writes one.",
        Position(PROJECT_FILE, 1, 1),
    )


def _misplaced(projects: Sequence[Document]) -> Iterator[Diagnostic]:
    first = True
    for each in projects:
        if each.file != PROJECT_FILE or not first:
            yield each.error(
                ("kind",),
                "M008",
                "Project in the wrong place",
                f"A project has one Project document, in its {PROJECT_FILE}. Remove this one.",
            )
        first = first and each.file != PROJECT_FILE


def _check(document: Document) -> Iterator[Diagnostic]:
    spec = document.spec
    default = spec.get("default_environment")
    if default is not None and default not in spec["environments"]:
        yield document.error(
            ("spec", "default_environment"),
            "M203",
            "Unknown environment",
            f"There is no environment {default!r}.{did_you_mean(default, spec['environments'])}",
        )
