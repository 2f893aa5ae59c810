"""What is left of a document without its mistakes, so that the rest can be checked at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from provisioner.manifest.document import Document, Graft, Path
from provisioner.manifest.schema_messages import is_branch

_DEPTHS = (None, None, None, 2)
"""How much of the paths to the mistakes is left out, try by try: what is wrong itself three times,
for what is left around it may be wrong then; at last whole fields of the spec.
"""


def remainder(
    document: Document, troubles: Iterable[Any], find: Callable[[Document], Iterable[Any]]
) -> Document | None:
    """Leave out the parts of a spec that have a mistake; None where nothing can be said then.

    `find` finds the mistakes of what is left. A Project is never cut: what it declares would be
    missed elsewhere. Nor is an Assistant's model, which defaults could fill.
    """
    rest, cut = document, set[Path]()
    for depth in _DEPTHS:
        cut |= {path[:depth] for path in _flaws(rest, troubles)}
        if document.kind == "Project" or not all(map(_is_inside, cut)):
            return None
        rest = _Cutting(document, frozenset(cut)).rest()
        if document.kind == "Assistant" and "model" not in rest.spec:
            return None
        troubles = list(find(rest))
        if not troubles:
            return rest
    return None


def _flaws(document: Document, troubles: Iterable[Any]) -> Iterator[Path]:
    """Go through the paths, as they are written, of what is wrong."""
    for trouble in troubles:
        graft, inside = document.graft(tuple(trouble.absolute_path))
        path = (*graft.path, *inside) if graft else inside
        if trouble.validator == "additionalProperties" and not is_branch(trouble):
            known = trouble.schema.get("properties", {})
            yield from ((*path, key) for key in trouble.instance if key not in known)
        elif "propertyNames" in trouble.absolute_schema_path:
            yield (*path, str(trouble.instance))
        elif path[-1:] == ("literal",):
            yield path[:-1]  # without it, the file beside it would be read otherwise
        else:  # where fields don't go together, nobody knows which is meant
            yield path


def _is_inside(path: Path) -> bool:
    """Say whether a path leads to a part of the spec."""
    return path[:1] == ("spec",) and path != ("spec",)


@dataclass
class _Cutting:
    """One document while parts of it are left out."""

    document: Document
    cut: frozenset[Path]
    grafts: dict[Path, Graft] = field(default_factory=dict)

    def rest(self) -> Document:
        data = self.kept(self.document.data, (), ())
        return replace(self.document, data=data, grafts=self.grafts, is_partial=True)

    def kept(self, value: Any, there: Path, here: Path) -> Any:
        """Copy a value without what is cut; it stands `there`, and is read from `here`."""
        if isinstance(value, Mapping):
            return {
                key: self.kept(each, (*there, key), (*here, key))
                for key, each in value.items()
                if (*there, key) not in self.cut
            }
        return self.members(value, there, here) if isinstance(value, list) else value

    def members(self, listed: list[Any], there: Path, here: Path) -> list[Any]:
        kept = [place for place in range(len(listed)) if (*there, place) not in self.cut]
        for number, place in enumerate(kept):
            if number != place:
                graft = Graft(self.document, (*there, place), "remainder")
                self.grafts[(*here, number)] = graft
        return [
            self.kept(listed[place], (*there, place), (*here, number))
            for number, place in enumerate(kept)
        ]
