"""Where a field belongs that stands in the wrong map: a level too high, too low, or beside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.manifest.document import Path

Schema = Mapping[str, Any]


def below(schema: Schema, path: Path, name: str) -> str | None:
    """Find the field at a path below which the field `name` belongs."""
    here = _at(schema, path)
    return next((key for key, each in _fields(here).items() if name in _fields(each)), None)


def home(schema: Schema, path: Path, name: str) -> str:
    """Say where the field `name` belongs, which the map at a path doesn't know; "" if nowhere."""
    key = below(schema, path, name)
    if key:
        return f" It belongs below `{key}`: indent it."
    for key, each in _fields(_at(schema, path)).items():
        if name in _fields(_free(each)):
            return f" It belongs into each of the `{key}`."
    names = [index for index, part in enumerate(path) if isinstance(part, str)]
    outer = path[: names[-1]] if names else ()
    if names and name in _fields(_at(schema, outer)):
        return f" It belongs one level higher, beside `{path[names[-1]]}`."
    beside = below(schema, outer, name) if names else None
    return f" It belongs below `{beside}`." if beside else ""


def _at(schema: Schema, path: Path) -> Schema:
    for part in path:
        key = _fields(schema).get(str(part)) or _free(schema)
        schema = schema.get("items", {}) if isinstance(part, int) else key
    return schema


def _fields(schema: object) -> Mapping[str, Any]:
    fields = schema.get("properties", {}) if isinstance(schema, Mapping) else {}
    return fields if isinstance(fields, Mapping) else {}


def _free(schema: object) -> Schema:
    """Give the schema of what stands below keys that anybody may choose."""
    free = schema.get("additionalProperties") if isinstance(schema, Mapping) else None
    return free if isinstance(free, Mapping) else {}
