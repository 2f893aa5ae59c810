"""Where a value can be written: where it is said now, else in a patch for the environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from provisioner.accepting.ground import Ground, Proposal, Rewritten
from provisioner.kinds.assistant import DEFAULTS
from provisioner.manifest.document import Document, Path
from provisioner.manifest.merging import MERGED
from provisioner.manifest.places import at


class Absent(Enum):
    """What stands for a field that is to be left out."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT

NEUTRAL: Mapping[str, Any] = {**DEFAULTS, "description": "", "instructions": "", "tools": []}
"""What is written for a field that isn't set, where a default would fill it in."""

_ENDS_WITH_ITS_LAST = ("metadata", "tools", "files")
"""Fields that are left out when nothing is left in them."""


def spots(
    ground: Ground, document: Document, path: Path, value: Any, *, patch: bool = True
) -> Iterator[Proposal]:
    """Propose how the value at a path of a document becomes another, the best way first.

    The path is that of the document with its defaults and patch. `patch`: a new patch is one of
    the ways.
    """
    whole = ground.whole(document)
    position = whole.position(*path)
    graft, rest = whole.graft(path)
    project = ground.project.document
    if graft and graft.what == "patch":
        data = assigned(
            project.data, graft.path, _in_patch(at(project.data, graft.path), rest, value)
        )
        yield Proposal((Rewritten(project, data),), position=position)
        return
    defaulted = _is_defaulted(ground, document, path)
    if not (defaulted and value is ABSENT and str(path[1]) not in NEUTRAL):
        own = Rewritten(document, _own(document, whole, path, value, defaulted=defaulted))
        yield Proposal((own,), position=position)
    if patch and not any(isinstance(each, int) for each in path):
        # Of a list a patch could only be the whole.
        here = ("spec", "environments", ground.environment.name, "patches", str(document.address))
        data = assigned(project.data, (*here, *path), _or_null(value))
        yield Proposal((Rewritten(project, data),), position=position, is_patch=True)


def _in_patch(said: Any, rest: Path, value: Any) -> Any:
    """Say in a grafted part of a patch what another value is; in lists null has no meaning."""
    in_list = any(isinstance(each, int) for each in rest)
    return assigned(said, rest, value if in_list else _or_null(value))


def _or_null(value: Any) -> Any:
    """Say in a patch that a field is left out."""
    return None if value is ABSENT else value


def _is_defaulted(ground: Ground, document: Document, path: Path) -> bool:
    """Say whether a default fills in what a document doesn't say at a path."""
    defaults = ground.project.defaults.get(document.kind.lower(), {})
    own = path[:3] if str(path[1]) in MERGED else path[:2]
    return at({"spec": defaults}, own) is not None


def _own(document: Document, whole: Document, path: Path, value: Any, *, defaulted: bool) -> Any:
    """Write a value into the document itself; over a default, as much as it takes to replace it."""
    if not defaulted:
        return assigned(document.data, path, value)
    field = str(path[1])
    if field not in MERGED:
        path, value = path[:2], assigned(at(whole.data, path[:2]), path[2:], value)
    said = NEUTRAL.get(field) if value is ABSENT else value
    return assigned(document.data, path, said)


def assigned(data: Any, path: Path, value: Any) -> Any:
    """Give data with a value at a path; maps on the way are made, ABSENT leaves out."""
    if not path:
        return value
    first, *rest = path
    if isinstance(data, list):
        index = int(first)
        inner = assigned(data[index], tuple(rest), value)
        return [*data[:index], *([] if inner is ABSENT else [inner]), *data[index + 1 :]]
    known = data if isinstance(data, Mapping) else {}
    inner = assigned(known.get(first), tuple(rest), value)
    if inner is ABSENT or (rest and inner in ({}, []) and first in _ENDS_WITH_ITS_LAST):
        return {key: each for key, each in known.items() if key != first}
    return {**known, str(first): inner}
