"""A project read, checked and composed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, error, has_errors
from provisioner.errors import ManifestError
from provisioner.manifest.catalog import Catalog, catalog
from provisioner.manifest.compose import compose
from provisioner.manifest.discovery import find_project
from provisioner.manifest.load import load
from provisioner.manifest.paths import ProjectFiles
from provisioner.manifest.project import Environment, Project, missing_project, read_project
from provisioner.manifest.schema_check import check
from provisioner.manifest.suggestions import did_you_mean
from provisioner.resource import Resource


@dataclass(frozen=True, slots=True)
class Checked:
    """A project's manifests, checked as far as that goes without an environment."""

    project: Project | None
    catalog: Catalog
    files: ProjectFiles
    diagnostics: tuple[Diagnostic, ...]
    documents: int
    skipped: int
    """YAML documents that are not ours."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """A project with one of its environments, its resources composed."""

    project: Project
    environment: Environment
    resources: Mapping[Address, Resource]
    warnings: tuple[Diagnostic, ...]


def check_manifests(start: Path) -> Checked:
    """Read and check every manifest of the project that `start` lies in."""
    folder = find_project(start)
    manifests = load(folder)
    accepted, refused = check(manifests.documents)
    project, trouble = read_project(folder, accepted)
    files = ProjectFiles(folder)
    environments = project.environments if project else ()
    everything, doubled = catalog(accepted, manifests.documents, environments, files)
    found = [*manifests.diagnostics, *refused, *trouble, *doubled]
    if project is None and not has_errors(found):
        found.append(missing_project())
    return Checked(
        project,
        everything,
        files,
        tuple(found),
        len(manifests.documents),
        manifests.skipped,
    )


def validate(start: Path, environment: str | None) -> Checked:
    """Check manifests offline, for every environment or the one that is chosen."""
    checked = check_manifests(start)
    if checked.project is None:
        return checked
    project = checked.project
    chosen = (
        [choose_environment(project, environment)] if environment else project.environments.values()
    )
    found = [
        diagnostic
        for each in chosen
        for diagnostic in compose(project, each, checked.catalog, checked.files).diagnostics
    ]
    return _with(checked, (*checked.diagnostics, *found))


def _with(checked: Checked, diagnostics: Iterable[Diagnostic]) -> Checked:
    """Keep each diagnostic once: most problems show in every environment alike."""
    return Checked(
        checked.project,
        checked.catalog,
        checked.files,
        tuple(dict.fromkeys(diagnostics)),
        checked.documents,
        checked.skipped,
    )


def open_workspace(start: Path, environment: str | None) -> Workspace:
    """Read, check and compose; raises ManifestError with every problem at once."""
    checked = check_manifests(start)
    project = checked.project
    if project is None:
        raise ManifestError(*checked.diagnostics)
    chosen = choose_environment(project, environment)
    composition = compose(project, chosen, checked.catalog, checked.files)
    found = tuple(dict.fromkeys((*checked.diagnostics, *composition.diagnostics)))
    if has_errors(found):
        raise ManifestError(*found)
    return Workspace(project, chosen, composition.resources, found)


def open_project(start: Path, environment: str | None) -> tuple[Project, Environment]:
    """Read only the project and choose an environment: for what needs no manifests."""
    checked = check_manifests(start)
    if checked.project is None:
        raise ManifestError(*checked.diagnostics)
    return checked.project, choose_environment(checked.project, environment)


def choose_environment(project: Project, name: str | None) -> Environment:
    """Find an environment by name; left out, the default or the only one."""
    names = list(project.environments)
    chosen = name or project.default_environment or (names[0] if len(names) == 1 else None)
    if chosen is None:
        raise ManifestError(
            error(
                "M203",
                "No environment chosen",
                f"Choose one with -e: {', '.join(names)}; or set `default_environment`.",
                project.document.position("spec"),
            )
        )
    if chosen not in project.environments:
        raise ManifestError(
            error(
                "M203",
                "Unknown environment",
                f"There is no environment {chosen!r}.{did_you_mean(chosen, names)}",
                project.document.position("spec", "environments", key=True),
            )
        )
    return project.environments[chosen]
