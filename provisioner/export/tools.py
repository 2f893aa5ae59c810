"""Functions that several assistants have, as Tool documents."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from provisioner.address import Address
from provisioner.export.documents import Source, document, manifest
from provisioner.export.names import document_name, stem
from provisioner.manifest.variables import escape_all
from provisioner.resource import Attributes

FOLDER = "tools"


def function_key(function: Mapping[str, Any]) -> str:
    """Give what is equal for equal functions in the normal form."""
    return json.dumps(function, sort_keys=True)


def functions(form: Attributes) -> Iterator[Mapping[str, Any]]:
    """Go through the functions among an assistant's tools."""
    for tool in form.get("tools", ()):
        if tool["type"] == "function":
            yield tool.get("function", {})


def shared(forms: Iterable[Attributes]) -> Mapping[str, Mapping[str, Any]]:
    """Find the functions that several assistants have, by their keys."""
    keyed = [{function_key(each): each for each in functions(form)} for form in forms]
    counts = Counter(key for each in keyed for key in each)
    return {key: each[key] for each in keyed for key in sorted(each) if counts[key] > 1}


def name_tools(
    functions_: Mapping[str, Mapping[str, Any]], taken: Iterable[str]
) -> Mapping[str, str]:
    """Name a Tool document for each function, by its key."""
    names: dict[str, str] = {}
    for key in sorted(functions_):
        shown = str(functions_[key].get("name", ""))
        names[key] = document_name(shown, key, {*taken, *names.values()})
    return names


def write(name: str, function: Mapping[str, Any]) -> Source:
    """Write a Tool document."""
    spec = {"type": "function", "function": escape_all(function)}
    path = f"{FOLDER}/{stem('tool', name)}.yaml"
    text = manifest(document("Tool", {"name": name}, spec))
    return Source(Address("tool", name), path, {path: text.encode()})
