"""Checks: made of their documents, and held against the assistants that they talk to."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.address import Address
from provisioner.check import Check
from provisioner.diagnostics import Diagnostic, error
from provisioner.manifest.catalog import Catalog, is_for
from provisioner.manifest.document import Document, Path
from provisioner.manifest.function_schemas import nodes
from provisioner.manifest.quoting import shown
from provisioner.manifest.suggestions import did_you_mean
from provisioner.manifest.texts import unknown


def compose_checks(catalog: Catalog, environment: str) -> tuple[list[Check], list[Diagnostic]]:
    """Make the checks of one environment; report what can't go well in any conversation.

    A check that names no environments is for those of its assistant.
    """
    checks: list[Check] = []
    problems: list[Diagnostic] = []
    for document in catalog.of_kind("check", environment):
        problems.extend((*_odds(document), *_patterns(document)))
        path, address = ("spec", "assistant"), Address("assistant", document.spec["assistant"])
        assistant = catalog.documents.get(address)
        if assistant and is_for(assistant, environment):
            problems.extend(_functions(document, assistant, catalog))
            origin = document.position("metadata", "name")
            checks.append(Check(document.name, address, document.spec, origin))
        elif address not in catalog.declared or (assistant and _is_chosen(document)):
            problems.append(unknown(document, path, address, catalog))
    return checks, problems


def _is_chosen(document: Document) -> bool:
    """Say whether a document names its environments."""
    return "environments" in document.data["metadata"]


def _odds(document: Document) -> Iterator[Diagnostic]:
    if document.is_partial and "repeat" not in document.spec:
        return  # it may be what has a mistake
    repeat = document.spec.get("repeat", 1)
    at_least = document.spec.get("at_least", repeat)
    if at_least > repeat:
        yield document.error(
            ("spec", "at_least"),
            "M142",
            "Check can't pass",
            f"Of {repeat} conversations {at_least} can't go well. Write {repeat} at most, or raise"
            " `repeat`.",
        )


def _patterns(document: Document) -> Iterator[Diagnostic]:
    for path, pattern, key in _regular_expressions(document):
        trouble = _trouble(pattern)
        if trouble:
            detail = (
                f"{shown(pattern)}: {trouble}. Write it as Python's `re` takes it; without quotes,"
                " or in single ones, YAML leaves backslashes alone."
            )
            where = document.position(*path, key=key)
            yield error("M140", "Regular expression is malformed", detail, where)


def _regular_expressions(document: Document) -> Iterator[tuple[Path, str, bool]]:
    """Go through the patterns that answers are held against; True where one is a key."""
    for path, expected in _expectations(document):
        for place, pattern in _listed((*path, "matches"), expected.get("matches", ())):
            yield place, pattern, False
        for place, node in nodes((*path, "json_schema"), expected.get("json_schema")):
            if "pattern" in node:
                yield (*place, "pattern"), node["pattern"], False
            for pattern in node.get("patternProperties", ()):
                yield (*place, "patternProperties", pattern), pattern, True


def _expectations(document: Document) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for index, turn in enumerate(document.spec["turns"]):
        yield ("spec", "turns", index, "expect"), turn.get("expect", {})


def _listed(path: Path, written: Any) -> Iterator[tuple[Path, str]]:
    """Go through what is one text or a list of texts."""
    if isinstance(written, str):
        yield path, written
    else:
        yield from (((*path, index), each) for index, each in enumerate(written))


def _trouble(pattern: str) -> str:
    """Say why a regular expression can't be compiled; "" where it can."""
    try:
        with warnings.catch_warnings():  # what may change its meaning one day is no mistake today
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except re.error as trouble:
        place = "" if trouble.pos is None else f" at character {trouble.pos + 1}"
        return f"{trouble.msg}{place}"
    except (OverflowError, RecursionError) as trouble:
        return str(trouble)
    return ""


def _functions(document: Document, assistant: Document, catalog: Catalog) -> Iterator[Diagnostic]:
    """Report functions that a check names and its assistant doesn't have."""
    known = _known_functions(assistant, catalog)
    for path, name, key in _named_functions(document):
        if known is not None and name not in known:
            cure = did_you_mean(name, known) or " It has none."
            detail = f"{assistant.address} has no function {shown(name)}.{cure}"
            where = document.position(*path, key=key)
            yield error("M141", "Assistant has no such function", detail, where)


def _named_functions(document: Document) -> Iterator[tuple[Path, str, bool]]:
    """Go through the names of functions in a check; True where one is a key."""
    for index, turn in enumerate(document.spec["turns"]):
        path: Path = ("spec", "turns", index)
        for name in turn.get("tool_outputs", ()):
            yield (*path, "tool_outputs", name), name, True
    for path, expected in _expectations(document):
        for index, call in enumerate(expected.get("tool_calls", ())):
            yield (*path, "tool_calls", index, "name"), call["name"], False


def _known_functions(assistant: Document, catalog: Catalog) -> list[str] | None:
    """List the functions of an assistant; None where a mistake of its own hides some."""
    refs = [tool.get("ref") for tool in assistant.spec.get("tools", ())]
    shared = {ref: catalog.documents.get(Address("tool", ref)) for ref in refs if ref}
    if assistant.is_partial or not all(shared.values()):
        return None
    tools = [*assistant.spec.get("tools", ()), *(each.spec for each in shared.values() if each)]
    return [tool["function"]["name"] for tool in tools if "function" in tool]
