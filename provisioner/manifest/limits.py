"""The service's limits that depend on the API version, or show only after composition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from provisioner.api_version import FIRST_V2, ApiVersion, Generation
from provisioner.diagnostics import Diagnostic
from provisioner.kinds.assistant import UPDATABLE_INSTRUCTIONS
from provisioner.manifest.document import Document, Path
from provisioner.resource import Attributes

INSTRUCTIONS = {Generation.V1: 32_768, Generation.V2: 256_000}
"""The most characters (OpenAPI documents 2024-03-01-preview and 2024-05-01-preview)."""

FILES = 20
"""The most files of one code interpreter (2024-02-15-preview; kept in v2's tool_resources)."""

V2_ONLY = ("temperature", "top_p", "response_format")

V2 = ApiVersion(FIRST_V2)
MAX_NUM_RESULTS = ApiVersion("2024-07-01-preview")
STRUCTURED = ApiVersion("2024-08-01-preview")
"""The API versions that brought file_search's options and structured outputs, `strict` and
json_schema (Azure's API version lifecycle).
"""


def check(
    document: Document,
    attributes: Attributes,
    tools: Sequence[Mapping[str, Any] | None],
    api_version: ApiVersion,
) -> Iterator[Diagnostic]:
    """Report every limit of the API version that a composed assistant breaks.

    `tools` has None where a reference leads to nothing, so that positions stay true.
    """
    yield from _instructions(document, attributes, api_version)
    yield from _tools(document, tools)
    yield from _files(document, attributes)
    yield from _newer(document, tools, api_version)


def _instructions(
    document: Document, attributes: Attributes, api_version: ApiVersion
) -> Iterator[Diagnostic]:
    size = len(attributes.get("instructions") or "")
    most = INSTRUCTIONS[api_version.generation]
    path = ("spec", "instructions")
    if size > most:
        yield document.error(
            path,
            "M401",
            "Instructions are too long",
            f"Composed they have {size:,} characters, and {most:,} is the most with API version"
            f" {api_version}. Shorten them, or move reference material into a file.",
        )
    elif size > UPDATABLE_INSTRUCTIONS:
        yield document.warning(
            path,
            "M402",
            "Instructions may be too long to update",
            f"They have {size:,} characters. Azure documents {most:,} for a create, but only"
            f" {UPDATABLE_INSTRUCTIONS:,} for an update.",
        )


def _tools(document: Document, tools: Sequence[Mapping[str, Any] | None]) -> Iterator[Diagnostic]:
    kinds = Counter(_kind(tool) for tool in tools if tool)
    for index, tool in enumerate(tools):
        if tool is None or kinds[_kind(tool)] == 1:
            continue
        path, (kind, name), count = ("spec", "tools", index), _kind(tool), kinds[_kind(tool)]
        if name:
            yield document.error(
                path,
                "M403",
                "Function name is used twice",
                f"{count} tools of this assistant are functions named {name!r}; the model could not"
                " tell them apart. Rename or remove one.",
            )
        else:
            detail = f"{kind} stands {count} times. Make one tool of them."
            yield document.error(path, "M406", "Tool is given twice", detail)


def _kind(tool: Mapping[str, Any]) -> tuple[str, str]:
    """Tell what an assistant may have once."""
    return tool["type"], tool["function"]["name"] if tool["type"] == "function" else ""


def _files(document: Document, attributes: Attributes) -> Iterator[Diagnostic]:
    resources: Mapping[str, Any] = attributes.get("tool_resources", {})
    count = len(set(resources.get("code_interpreter", {}).get("file_ids", ())))
    if count > FILES:
        yield document.error(
            ("spec", "tools"),
            "M404",
            "Too many files",
            f"{count} files are attached, and {FILES} is the most. Zip some of them together.",
        )


def _newer(
    document: Document, tools: Sequence[Mapping[str, Any] | None], api_version: ApiVersion
) -> Iterator[Diagnostic]:
    for path, what, since in _features(document, tools):
        if api_version < since:
            yield not_yet(document, path, what, since, api_version)


def not_yet(
    document: Document, path: Path, what: str, since: ApiVersion, api_version: ApiVersion
) -> Diagnostic:
    """Say that the environment's API version doesn't have what is used at a path."""
    cure = "keep the document to other `environments`" if path == ("kind",) else "leave it out"
    return document.error(
        path,
        "M405",
        "Not in this API version",
        f"`{what}` came with {'v2, ' if since == V2 else ''}{since}; this environment speaks"
        f" {api_version}. Raise its api_version, or {cure}.",
    )


def _features(
    document: Document, tools: Sequence[Mapping[str, Any] | None]
) -> Iterator[tuple[tuple[str | int, ...], str, ApiVersion]]:
    """Go through what an assistant uses that not every API version has."""
    for field in V2_ONLY:
        if field in document.spec:
            yield ("spec", field), field, V2
    response_format = document.spec.get("response_format")
    if isinstance(response_format, Mapping) and response_format["type"] == "json_schema":
        yield ("spec", "response_format", "type"), "json_schema", STRUCTURED
    for index, tool in enumerate(tools):
        path = ("spec", "tools", index)
        if tool and tool["type"] == "file_search":
            yield (*path, "type"), "file_search", V2
        if tool and "max_num_results" in tool.get("file_search", {}):
            yield (*path, "max_num_results"), "max_num_results", MAX_NUM_RESULTS
        if tool and "strict" in tool.get("function", {}):
            yield (*path, "function", "strict"), "strict", STRUCTURED
