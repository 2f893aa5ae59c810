"""Documents with parts from elsewhere: defaults below, patches on top."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from provisioner.manifest.document import Document, Graft, Path

MERGED = ("metadata", "raw")
"""Fields of a spec whose default is merged key by key; the others stand for themselves whole."""


def with_defaults(document: Document, project: Document, defaults: Mapping[str, Any]) -> Document:
    """Merge defaults under a document's spec: what the document says itself wins."""
    grafting = _Grafting(document, project, "default")
    kind = document.kind.lower()
    spec = dict(document.spec)
    for key, each in defaults.items():
        here, there = ("spec", key), ("spec", "defaults", kind, key)
        if key not in spec:
            spec[key] = grafting.graft(each, here, there)
        elif key in MERGED and isinstance(each, Mapping) and isinstance(spec[key], Mapping):
            spec[key] = grafting.under(spec[key], each, here, there)
    return grafting.done({**document.data, "spec": spec})


def patched(
    document: Document, project: Document, patch: Mapping[str, Any], path: Path
) -> Document:
    """Apply a JSON merge patch (RFC 7396) that stands at a path of the Project."""
    grafting = _Grafting(document, project, "patch")
    return grafting.done(grafting.over(document.data, patch, (), path))


@dataclass
class _Grafting:
    """One merge; notes what comes from where."""

    document: Document
    project: Document
    what: str
    grafts: dict[Path, Graft] = field(default_factory=dict)

    def done(self, data: Mapping[str, Any]) -> Document:
        if not self.grafts:
            return self.document
        kept = {
            path: graft
            for path, graft in self.document.grafts.items()
            if not any(path[: len(each)] == each for each in self.grafts)
        }
        return replace(self.document, data=data, grafts={**kept, **self.grafts})

    def graft(self, value: Any, here: Path, there: Path) -> Any:
        self.grafts[here] = Graft(self.project, there, self.what)
        return value

    def under(
        self, own: Mapping[str, Any], defaults: Mapping[str, Any], here: Path, there: Path
    ) -> Mapping[str, Any]:
        missing = {key: each for key, each in defaults.items() if key not in own}
        added = {
            key: self.graft(each, (*here, key), (*there, key)) for key, each in missing.items()
        }
        return {**own, **added}

    def over(self, own: Any, patch: Any, here: Path, there: Path) -> Any:
        if not isinstance(patch, Mapping):
            return self.graft(patch, here, there)
        if not isinstance(own, Mapping):
            return self.graft(_without_nulls(patch), here, there)
        made = dict(own)
        for key, each in patch.items():
            if each is None:
                made.pop(key, None)
                self.graft(None, (*here, key), (*there, key))
            else:
                made[key] = self.over(own.get(key), each, (*here, key), (*there, key))
        return made


def _without_nulls(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {key: _without_nulls(each) for key, each in value.items() if each is not None}
