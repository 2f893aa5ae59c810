"""Documents as text: fields in the order of the schemas, one document a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from provisioner.address import Address
from provisioner.export.yaml_text import dump
from provisioner.manifest.load import API_VERSION
from provisioner.manifest.schema_check import schema


@dataclass(frozen=True, slots=True)
class Source:
    """One document, with the files that it stands in and names."""

    address: Address
    manifest: str
    """The path of its manifest."""
    files: Mapping[str, bytes]
    """By path, its manifest among them; paths have forward slashes."""


def document(kind: str, metadata: Mapping[str, Any], spec: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put a document together."""
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": spec}


def manifest(data: Mapping[str, Any]) -> str:
    """Write the whole text of a manifest with one document."""
    form = _schema(str(data["kind"]).lower())
    return dump(_ordered(data, form, form["$defs"]))


_schema = cache(schema)


def _ordered(value: Any, form: Any, definitions: Mapping[str, Any]) -> Any:
    """Bring the fields of maps into the order in which the schema lists them."""
    if not isinstance(form, Mapping):
        return value
    form = {**form, **definitions.get(str(form.get("$ref", "")).removeprefix("#/$defs/"), {})}
    if isinstance(value, list):
        return [_ordered(each, form.get("items"), definitions) for each in value]
    if not isinstance(value, Mapping):
        return value
    known = form.get("properties", {})
    keys = [*(key for key in known if key in value), *(key for key in value if key not in known)]
    others = form.get("additionalProperties")
    return {key: _ordered(value[key], known.get(key, others), definitions) for key in keys}
