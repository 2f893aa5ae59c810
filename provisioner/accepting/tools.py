"""Edits of tools, and of the files and stores that they use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.accepting.edits import is_same
from provisioner.accepting.fields import value_at
from provisioner.accepting.ground import Ground, ObstacleError, Proposal
from provisioner.accepting.spots import ABSENT, spots
from provisioner.address import Address
from provisioner.kinds import KINDS
from provisioner.manifest.catalog import is_for
from provisioner.manifest.document import Document, Path
from provisioner.manifest.places import at, places
from provisioner.manifest.variables import escape_all
from provisioner.plan import Difference

TOOLS: Path = ("spec", "tools")


def tool(ground: Ground, document: Document, edit: Difference) -> Iterator[Proposal]:
    """Propose where a tool that came, went or was edited is written."""
    key, *inside = map(str, edit.path[1:])
    place = next(_entries(ground, document, ("tools", key)), None)
    if edit.after is None and not inside:
        yield from _added(ground, document, edit.before)
    elif place is None:
        raise ObstacleError(
            "it isn't said in the manifest", ground.whole(document).position("spec")
        )
    elif inside:
        yield from _inside(ground, document, place, inside, edit.before)
    elif edit.before is None:
        yield from spots(ground, document, place, ABSENT, patch=False)
    else:
        raise ObstacleError("its tool has become another one", document.position(*place))


def _entries(
    ground: Ground, document: Document, path: tuple[str, ...], value: Any = None
) -> Iterator[Path]:
    effective, catalog = ground.effective.documents[document.address], ground.effective
    return places(effective, path, value, catalog.documents, catalog.files, ground.files)


def _inside(
    ground: Ground, document: Document, place: Path, inside: list[str], live: Any
) -> Iterator[Proposal]:
    """Go on inside a tool; that of a reference stands in a document of its own."""
    entry = at(ground.whole(document).data, place)
    if inside[0] == "file_search":
        yield from value_at(ground, document, (*place, *inside[1:]), live)
    elif "ref" in entry:
        shared = ground.written.documents[Address("tool", str(entry["ref"]))]
        yield from value_at(ground, shared, ("spec", *inside), live)
    else:
        yield from value_at(ground, document, (*place, *inside), live)


def _added(ground: Ground, document: Document, live: Mapping[str, Any]) -> Iterator[Proposal]:
    kind = str(live["type"])
    if kind not in ("code_interpreter", "file_search", "function"):
        why = f"no manifest can have a tool of the type {kind!r}"
        raise ObstacleError(why, ground.whole(document).position(*TOOLS))
    options = live.get(kind, {})
    written = {"type": kind, **({"function": escape_all(options)} if kind == "function" else {})}
    if kind == "file_search":
        written.update(options)
    shared = _shared(ground, live) if kind == "function" else None
    yield from _listed(ground, document, TOOLS, {"ref": shared} if shared else written)


def _shared(ground: Ground, live: Mapping[str, Any]) -> str | None:
    """Find the Tool document that declares a function as it is live."""
    for address, each in sorted(ground.effective.documents.items()):
        if address.kind == "tool" and is_for(each, ground.environment.name):
            form = KINDS["assistant"].normal_form({"tools": [each.spec]})
            if is_same(form["tools"], [live]):
                return address.name
    return None


def _listed(ground: Ground, document: Document, path: Path, entry: Any) -> Iterator[Proposal]:
    """Propose to write a new last entry of a list."""
    now = at(ground.whole(document).data, path)
    yield from spots(ground, document, path, [*(now or []), entry], patch=False)


def attached(ground: Ground, document: Document, edit: Difference) -> Iterator[Proposal]:
    """Propose where a file is attached or detached."""
    id_ = str(edit.path[-1])
    if isinstance(edit.after, Address):
        why = f"{edit.after} was deleted outside; the next apply uploads it again"
        raise ObstacleError(why, ground.whole(document).position("spec"))
    if edit.before is None:
        yield from _detached(ground, document, edit, id_)
        return
    lists = _lists(ground.whole(document))
    if lists is None:
        why = "the assistant has files of a tool that it doesn't have"
        raise ObstacleError(why, ground.whole(document).position("spec"))
    yield from _listed(ground, document, lists, ground.reference(id_, document, lists))


def _lists(document: Document) -> Path | None:
    """Find the list that files are attached in."""
    if document.kind == "VectorStore":
        return ("spec", "files")
    for index, each in enumerate(document.spec.get("tools", ())):
        if each.get("type") == "code_interpreter":
            return (*TOOLS, index, "files")
    return None


def _detached(ground: Ground, document: Document, edit: Difference, id_: str) -> Iterator[Proposal]:
    path = tuple(map(str, edit.path))
    values = [each for each in (ground.ids.get(id_), id_) if each is not None]
    found = [place for each in values for place in _entries(ground, document, path, each)]
    whole = ground.whole(document)
    globs = [each for each in found if "glob" in (at(whole.data, each) or {})]
    if globs or not found:
        why = "a glob attaches the file: narrow it, or list the files one by one"
        where = whole.position(*(globs[0] if globs else ("spec",)))
        raise ObstacleError(why if globs else "it isn't said in the manifest", where)
    yield from spots(ground, document, found[0], ABSENT, patch=False)


def searched(ground: Ground, document: Document, edit: Difference) -> Iterator[Proposal]:
    """Propose where the vector store that an assistant searches is written."""
    whole = ground.whole(document)
    entries = enumerate(whole.spec.get("tools", ()))
    place = next(((*TOOLS, at) for at, each in entries if each.get("type") == "file_search"), None)
    ids = list(edit.before or ())
    if place is None or len(ids) > 1:
        why = "a manifest names one vector store, in its file_search tool"
        raise ObstacleError(why, whole.position(*(place or ("spec",))))
    path = (*place, "vector_store")
    said = ground.reference(ids[0], document, path) if ids else ABSENT
    yield from spots(ground, document, path, said, patch=False)
