"""Projections: the normal form of an assistant to and from the wire, v1 and v2.

Pure functions. Sources: OpenAPI documents 2024-03-01-preview (v1), 2024-05-01-preview and
2025-03-01-preview (v2), and recorded traffic of the real service.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from provisioner.api_version import Generation
from provisioner.kinds import KINDS
from provisioner.kinds.assistant import NO_PARAMETERS
from provisioner.providers.base import Tag
from provisioner.providers.ownership import files_digest, from_metadata, to_metadata
from provisioner.resource import Attributes, RemoteObject

Body = Mapping[str, Any]

_TEXTS = ("name", "description", "instructions")
_V2_ONLY = ("temperature", "top_p", "response_format")


@dataclass(frozen=True, slots=True)
class Projection:
    """One generation's form of an assistant."""

    attachments: Callable[[Attributes], Body]
    """The files and stores of the tools, as the wire has them, empty lists included."""
    settings: Callable[[Attributes], Body]
    """What only this generation knows, null where nothing is set."""
    from_wire: Callable[[Body], Body]
    """The tool resources and settings of an answer, in the normal form."""

    def create(self, attributes: Attributes, tag: Tag) -> Body:
        """Write the body of a create; what is not set is left out."""
        whole = self._whole(attributes, tag)
        return {key: value for key, value in whole.items() if value is not None}

    def update(self, attributes: Attributes, tag: Tag) -> Body:
        """Write the body of an update.

        An update merges: what is left out stays. So everything is sent, null and [] included; but
        not a null response_format, which 2024-05-01-preview forbids: its default says the same.
        """
        whole = self._whole(attributes, tag)
        if "response_format" in whole and whole["response_format"] is None:
            return {**whole, "response_format": "auto"}
        return whole

    def _whole(self, attributes: Attributes, tag: Tag) -> Body:
        return {
            "model": attributes["model"],
            **{key: attributes.get(key) for key in _TEXTS},
            "tools": [_tool(tool) for tool in attributes.get("tools", ())],
            **self.attachments(attributes),
            **self.settings(attributes),
            "metadata": {**attributes.get("metadata", {}), **to_metadata(tag)},
        }

    def read(self, body: Body) -> RemoteObject:
        """Read an assistant of the service."""
        tagged = body.get("metadata") or {}
        owner, metadata = from_metadata(tagged)
        attributes = {
            "model": body.get("model"),
            **{key: body.get(key) for key in _TEXTS},
            "tools": body.get("tools") or [],
            **self.from_wire(body),
            "metadata": metadata,
        }
        created_at = int(body.get("created_at") or 0)
        return RemoteObject(
            "assistant",
            body["id"],
            attributes,
            owner,
            created_at,
            files_digest=files_digest(tagged),
        )


def _tool(tool: Body) -> Body:
    """Send all three members of a function: the documents require them, the service does not."""
    if tool["type"] != "function":
        return tool
    function = {"description": "", "parameters": NO_PARAMETERS, **tool["function"]}
    return {"type": "function", "function": function}


def _ids(attributes: Attributes, tool: str, member: str) -> list[str]:
    return list(attributes.get("tool_resources", {}).get(tool, {}).get(member, ()))


def _v1_attachments(attributes: Attributes) -> Body:
    return {"file_ids": _ids(attributes, "code_interpreter", "file_ids")}


def _v2_attachments(attributes: Attributes) -> Body:
    # Whether a tool that is left out keeps its list is documented nowhere: both are always sent.
    return {
        "tool_resources": {
            "code_interpreter": {"file_ids": _ids(attributes, "code_interpreter", "file_ids")},
            "file_search": {
                "vector_store_ids": _ids(attributes, "file_search", "vector_store_ids")
            },
        }
    }


def _v1_from_wire(body: Body) -> Body:
    return {"tool_resources": {"code_interpreter": {"file_ids": body.get("file_ids") or []}}}


def _v2_from_wire(body: Body) -> Body:
    settings = {key: body.get(key) for key in _V2_ONLY}
    return {"tool_resources": body.get("tool_resources") or {}, **settings}


PROJECTIONS: Mapping[Generation, Projection] = {
    Generation.V1: Projection(_v1_attachments, lambda _: {}, _v1_from_wire),
    Generation.V2: Projection(
        _v2_attachments,
        lambda attributes: {key: attributes.get(key) for key in _V2_ONLY},
        _v2_from_wire,
    ),
}


def read_listed(body: Body) -> RemoteObject:
    """Read an assistant of a saved answer, of either generation: v1 has `file_ids`.

    Raises AttributeError, KeyError, TypeError or ValueError for what is no assistant.
    """
    v1 = "file_ids" in body and "tool_resources" not in body
    read = PROJECTIONS[Generation.V1 if v1 else Generation.V2].read(body)
    return replace(read, attributes=KINDS["assistant"].normal_form(read.attributes))
