"""What is left of a document without its mistakes, so that the rest can be checked at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from provisioner.manifest.document import Document, Path


def remainder(document: Document, troubles: Iterable[Any]) -> Document | None:
    """Leave out the fields of a spec that have a mistake; None where nothing can be said then.

    A field is left out whole, so that positions stay true. A Project is never cut: what it declares
    would be missed elsewhere. Nor is an Assistant's model, which defaults could fill.
    """
    flawed = {tuple(each.absolute_path)[:2] for each in troubles if each.absolute_path}
    unknown = {path for each in troubles for path in _unknown(each)}
    cut = {path for path in {*flawed, *unknown} if len(path) > 1}
    if document.kind == "Project" or any(path[0] != "spec" for path in cut):
        return None
    spec = document.data.get("spec")
    if not isinstance(spec, Mapping):
        return None
    left = {key: each for key, each in spec.items() if ("spec", key) not in cut}
    if document.kind == "Assistant" and "model" not in left:
        return None
    return replace(document, data={**document.data, "spec": left}, is_partial=True)


def _unknown(trouble: Any) -> Iterable[Path]:
    if trouble.validator == "additionalProperties":
        for key in trouble.instance:
            if key not in trouble.schema.get("properties", {}):
                yield (*trouble.absolute_path, key)[:2]
