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
        data = assigned(project.data, (*graft.path, *rest), _or_null(value))
        yield Proposal((Rewritten(project, data),), position=position)
        return
    if not (graft and value is ABSENT and str(path[1]) not in NEUTRAL):
        own = Rewritten(document, _own(document, whole, path, value))
        yield Proposal((own,), position=position)
    if patch and not any(isinstance(each, int) for each in path):
        # Of a list a patch could only be the whole.
        here = ("spec", "environments", ground.environment.name, "patches", str(document.address))
        data = assigned(project.data, (*here, *path), _or_null(value))
        yield Proposal((Rewritten(project, data),), position=position, is_patch=True)


def _or_null(value: Any) -> Any:
    """Say in a patch that a field is left out."""
    return None if value is ABSENT else value


def _own(document: Document, whole: Document, path: Path, value: Any) -> Any:
    """Write a value into the document itself; over a default, as much as it takes to replace it."""
    graft, _ = whole.graft(path)
    if graft is None:
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
    if inner is ABSENT or (inner in ({}, []) and first in _ENDS_WITH_ITS_LAST):
        return {key: each for key, each in known.items() if key != first}
    return {**known, str(first): inner}
