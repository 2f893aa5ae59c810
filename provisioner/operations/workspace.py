"""A project read, checked and composed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from provisioner.address import Address
from provisioner.check import Check
from provisioner.diagnostics import Diagnostic, Severity, error, has_errors
from provisioner.errors import ManifestError
from provisioner.manifest.catalog import Catalog, catalog
from provisioner.manifest.compose import compose
from provisioner.manifest.discovery import PROJECT_FILE, find_project
from provisioner.manifest.environments import Environment
from provisioner.manifest.inputs import Inputs
from provisioner.manifest.load import NOTHING, Manifests, load
from provisioner.manifest.pasted import PASTED
from provisioner.manifest.paths import ProjectFiles
from provisioner.manifest.project import Project, missing_project, read_project
from provisioner.manifest.refactoring import check_refactoring
from provisioner.manifest.schema_check import check
from provisioner.manifest.suggestions import did_you_mean
from provisioner.manifest.values import missing
from provisioner.resource import Resource

NO_INPUTS = Inputs()


@dataclass(frozen=True, slots=True)
class Checked:
    """A project's manifests, checked as far as that goes without an environment."""

    project: Project | None
    catalog: Catalog
    files: ProjectFiles
    project_problems: tuple[Diagnostic, ...]
    """What is wrong with the Project itself; part of the diagnostics."""
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
    checks: tuple[Check, ...]
    warnings: tuple[Diagnostic, ...]
    written: Catalog
    """The documents as they are written."""
    effective: Catalog
    """The documents as they hold in the environment."""
    files: ProjectFiles


def check_manifests(start: Path, inputs: Inputs, instead: Mapping[str, str] = NOTHING) -> Checked:
    """Read and check every manifest of the project that `start` lies in.

    `instead` has texts, by paths in the project, that stand for those of files.
    """
    folder = find_project(start)
    manifests = load(folder, instead)
    accepted, refused = check(manifests.documents)
    project, trouble = read_project(folder, accepted, inputs)
    files = ProjectFiles(folder, instead)
    environments = project.environments if project else ()
    everything, doubled = catalog(accepted, manifests.documents, environments)
    if project:
        doubled.extend(check_refactoring(project, everything, files))
    if _is_missing(manifests):
        trouble.append(missing_project())
    return Checked(
        project,
        everything,
        files,
        tuple(trouble),
        _told_once((*manifests.diagnostics, *refused, *trouble, *doubled)),
        len(manifests.documents),
        manifests.skipped,
    )


def _told_once(found: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Leave out that a line holds what looks like a key where an error tells of that line."""
    wrong = {_line(each) for each in found if has_errors([each])}
    return tuple(each for each in found if each.code != PASTED or _line(each) not in wrong)


def _line(diagnostic: Diagnostic) -> tuple[str, int] | None:
    position = diagnostic.position
    return (position.path, position.line) if position else None


def validate(start: Path, environment: str | None, inputs: Inputs = NO_INPUTS) -> Checked:
    """Check manifests offline, for every environment or the one that is chosen."""
    checked = check_manifests(start, inputs)
    if checked.project is None:
        return checked
    try:
        chosen = _chosen(checked.project, environment)
    except ManifestError as trouble:
        return replace(checked, diagnostics=(*checked.diagnostics, *trouble.diagnostics))
    found: dict[Diagnostic, list[str]] = {}
    for each in chosen:
        composition = compose(checked.project, each, checked.catalog, checked.files)
        absent = missing(checked.project.document, each.name, each.values)
        warnings = (replace(problem, severity=Severity.WARNING) for problem in absent)
        for problem in dict.fromkeys((*composition.diagnostics, *warnings)):
            found.setdefault(problem, []).append(each.name)
    told = (_told(problem, names, len(chosen)) for problem, names in found.items())
    return replace(checked, diagnostics=tuple(dict.fromkeys((*checked.diagnostics, *told))))


def _told(problem: Diagnostic, environments: Sequence[str], of: int) -> Diagnostic:
    """Name the environments of a problem that doesn't show in all of them alike."""
    if len(environments) == of:
        return problem
    return replace(problem, detail=f"In {', '.join(environments)}: {problem.detail}")


def _chosen(project: Project, environment: str | None) -> Sequence[Environment]:
    if environment is None:
        return list(project.environments.values())
    return [choose_environment(project, environment)]


def _is_missing(manifests: Manifests) -> bool:
    """Say whether provisioner.yaml could be read and holds no Project."""
    readable = not any(
        each.position and each.position.path == PROJECT_FILE for each in manifests.diagnostics
    )
    return readable and not any(each.kind == "Project" for each in manifests.documents)


def open_workspace(start: Path, environment: str | None, inputs: Inputs = NO_INPUTS) -> Workspace:
    """Read, check and compose; raises ManifestError with every problem at once."""
    checked = check_manifests(start, inputs)
    project = checked.project
    if project is None:
        raise ManifestError(*checked.diagnostics)
    chosen = choose_environment(project, environment)
    composition = compose(project, chosen, checked.catalog, checked.files)
    absent = missing(project.document, chosen.name, chosen.values)
    found = tuple(dict.fromkeys((*checked.diagnostics, *composition.diagnostics, *absent)))
    if has_errors(found):
        raise ManifestError(*found)
    return Workspace(
        project,
        chosen,
        composition.resources,
        composition.checks,
        found,
        checked.catalog,
        composition.catalog,
        checked.files,
    )


def open_project(
    start: Path, environment: str | None, inputs: Inputs = NO_INPUTS
) -> tuple[Project, Environment]:
    """Read only the project and choose an environment: for what needs no manifests."""
    project = usable_project(check_manifests(start, inputs))
    return project, reachable_environment(project, environment)


def usable_project(checked: Checked) -> Project:
    """Take the project, whatever its manifests hold; raises ManifestError if it is wrong itself."""
    if checked.project is None or has_errors(checked.project_problems):
        raise ManifestError(*(checked.project_problems or checked.diagnostics))
    return checked.project


def reachable_environment(project: Project, name: str | None) -> Environment:
    """Choose an environment whose service is known; raises ManifestError otherwise."""
    chosen = choose_environment(project, name)
    if chosen.is_open:
        raise ManifestError(*missing(project.document, chosen.name, chosen.values))
    return chosen


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
