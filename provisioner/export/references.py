"""What live objects refer to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from provisioner.resource import Attributes, RemoteObject


def file_ids(attributes: Attributes) -> list[str]:
    """List the files of an assistant's code interpreter, or of a vector store."""
    interpreter = _resources(attributes).get("code_interpreter", {})
    return [*interpreter.get("file_ids", ()), *attributes.get("file_ids", ())]


def searched(objects: Iterable[RemoteObject]) -> set[str]:
    """Tell which vector stores any of these assistants searches."""
    return {
        id_
        for each in objects
        for id_ in _resources(each.attributes).get("file_search", {}).get("vector_store_ids", ())
    }


def _resources(attributes: Attributes) -> Mapping[str, Any]:
    resources: Mapping[str, Any] = attributes.get("tool_resources", {})
    return resources
