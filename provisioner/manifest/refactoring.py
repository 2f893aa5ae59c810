"""The Project's `moved`, `removed` and `imports`, checked against what is declared."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, Position, error
from provisioner.kinds import KINDS
from provisioner.kinds.ids import kind_of_id
from provisioner.manifest.catalog import Catalog, for_environment, is_for
from provisioner.manifest.document import Document, Path
from provisioner.manifest.paths import ProjectFiles
from provisioner.manifest.project import Project
from provisioner.manifest.suggestions import did_you_mean
from provisioner.refactoring import Import, Refactoring

Places = Mapping[Path, Address]
"""Where addresses are written, and which."""

_LOCAL_KINDS = ("project", "instructions", "tool", "check")


def check_refactoring(
    project: Project, catalog: Catalog, files: ProjectFiles
) -> Iterator[Diagnostic]:
    """Report every block that contradicts another one, or what is declared."""
    document, refactoring = project.document, project.refactoring
    origins, targets = _origins(refactoring), _targets(refactoring)
    wrong = {path: each for path, each in {**origins, **targets}.items() if each.kind not in KINDS}
    yield from (_no_objects(document, path, address) for path, address in wrong.items())
    yield from _twice(document, origins.items())
    yield from _twice(document, [each for each in targets.items() if "moved" in each[0]])
    yield from _imported_twice(document, refactoring)
    yield from _moves(document, refactoring)
    declared = catalog.declared
    if any(each.kind == "file" for each in (*origins.values(), *targets.values())):
        declared |= _attached(project, catalog, files)
    yield from _still_declared(document, _without(origins, wrong), declared - _looping(refactoring))
    leading_on = _without(targets, {**wrong, **_leading_on(refactoring)})
    yield from _undeclared(document, leading_on, declared)
    yield from _imports(document, refactoring, catalog)


def _attached(project: Project, catalog: Catalog, files: ProjectFiles) -> frozenset[Address]:
    """List the files that are attached by their paths, in whatever environment."""
    found = (
        for_environment(catalog, project, each, files)[0].files.values()
        for each in project.environments.values()
    )
    return frozenset(address for addresses in found for address in addresses)


def _origins(refactoring: Refactoring) -> Places:
    return {
        **{("spec", "moved", n, "from"): each.origin for n, each in enumerate(refactoring.moved)},
        **{
            ("spec", "removed", n, "from"): each.address
            for n, each in enumerate(refactoring.removed)
        },
    }


def _targets(refactoring: Refactoring) -> Places:
    return {
        **{("spec", "moved", n, "to"): each.target for n, each in enumerate(refactoring.moved)},
        **{
            ("spec", "imports", n, "to"): each.address for n, each in enumerate(refactoring.imports)
        },
    }


def _without(places: Places, others: Places) -> Places:
    return {path: address for path, address in places.items() if path not in others}


def _leading_on(refactoring: Refactoring) -> Places:
    """List the targets of moves from which another move leads on: nothing is declared there."""
    origins = {each.origin for each in refactoring.moved}
    return {path: each for path, each in _targets(refactoring).items() if each in origins}


def _no_objects(document: Document, path: Path, address: Address) -> Diagnostic:
    detail = f"There is no kind {address.kind!r}.{did_you_mean(address.kind, KINDS)}"
    if address.kind in _LOCAL_KINDS:
        detail = (
            f"{address} has no object at the service: such a document may be renamed and removed"
            " freely. Leave this block out."
        )
    return document.error(path, "M224", "Kind has no objects", detail)


def _twice(document: Document, written: Iterable[tuple[Path, Hashable]]) -> Iterator[Diagnostic]:
    first: dict[Hashable, Path] = {}
    for path, what in written:
        before = first.setdefault(what, path)
        if before != path:
            yield document.error(
                path,
                "M221",
                "Two blocks for one object",
                f"{what} stands at {document.position(*before)} too. Leave one of the two out.",
            )


def _imported_twice(document: Document, refactoring: Refactoring) -> Iterator[Diagnostic]:
    """Compare imports environment by environment: only those of one can contradict each other."""
    found: dict[Diagnostic, None] = {}
    for environment in document.spec["environments"]:
        imports = [
            (number, each)
            for number, each in enumerate(refactoring.imports)
            if each.environment in (None, environment)
        ]
        path = ("spec", "imports")
        found |= dict.fromkeys(
            (
                *_twice(document, [((*path, n, "to"), each.address) for n, each in imports]),
                *_twice(document, [((*path, n, "id"), each.id) for n, each in imports]),
            )
        )
    yield from found


def _moves(document: Document, refactoring: Refactoring) -> Iterator[Diagnostic]:
    looping = _looping(refactoring)
    for number, moved in enumerate(refactoring.moved):
        if moved.origin in looping:
            yield document.error(
                ("spec", "moved", number),
                "M220",
                "Moves lead in a circle",
                f"From {moved.origin} they lead back to it. Leave one of them out; to swap two"
                " names, move one of them to a third name first, with an apply after each move.",
            )
        if moved.origin.kind != moved.target.kind:
            yield document.error(
                ("spec", "moved", number, "to"),
                "M225",
                "Kinds of a move differ",
                f"{moved.origin} can't become {moved.target}: an object keeps its kind. Move it to"
                f" {moved.origin.kind}.{moved.target.name}, or take the block out.",
            )


def _looping(refactoring: Refactoring) -> frozenset[Address]:
    steps = {each.origin: each.target for each in refactoring.moved}
    found = set()
    for origin, target in steps.items():
        reached: Address | None = target
        for _ in steps:
            if reached is None or reached == origin:
                break
            reached = steps.get(reached)
        if reached == origin:
            found.add(origin)
    return frozenset(found)


def _still_declared(
    document: Document, origins: Places, declared: frozenset[Address]
) -> Iterator[Diagnostic]:
    for path, address in origins.items():
        if address in declared:
            done = "renamed" if "moved" in path else "removed"
            yield document.error(
                path,
                "M222",
                "Address is still declared",
                f"The block says that {address} was {done}, but a manifest declares it, or"
                " attaches the file. Take that out, or the block.",
            )


def _undeclared(
    document: Document, targets: Places, declared: frozenset[Address]
) -> Iterator[Diagnostic]:
    for path, address in targets.items():
        if address not in declared:
            known = [each for each in declared if each.kind == address.kind]
            yield document.error(
                path,
                "M223",
                "Block leads to nothing declared",
                f"Nothing declares {address}.{did_you_mean(address, known)}",
            )


def _imports(
    document: Document, refactoring: Refactoring, catalog: Catalog
) -> Iterator[Diagnostic]:
    environments = document.spec["environments"]
    for number, each in enumerate(refactoring.imports):
        path, name = ("spec", "imports", number), each.environment
        declaring = catalog.documents.get(each.address)
        if name is not None and name not in environments:
            yield document.error(
                (*path, "environment"),
                "M203",
                "Unknown environment",
                f"There is no environment {name!r}.{did_you_mean(name, environments)}",
            )
        elif name is not None and declaring and not is_for(declaring, name):
            yield document.error(
                (*path, "environment"),
                "M226",
                "Address is not for this environment",
                f"{each.address} is declared for other environments than {name}: see its"
                " `environments`.",
            )
        yield from wrong_id(each, document.position(*path, "id"))


def wrong_id(wanted: Import, position: Position | None) -> Iterator[Diagnostic]:
    """Report an id whose form says that it is of another kind."""
    kind = kind_of_id(wanted.id)
    if kind not in (None, wanted.address.kind) and wanted.address.kind in KINDS:
        yield error(
            "M227",
            "Id is of another kind",
            f"{wanted.id} is the id of a {kind}, and can't be {wanted.address}. Correct one of the"
            " two.",
            position,
        )
