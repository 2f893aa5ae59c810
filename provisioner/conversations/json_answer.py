"""Answers that must be JSON, and follow a schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.json_reading import read_json

LONGEST = 300
"""How many characters of what is wrong are told."""


def trouble(answer: str, schema: Mapping[str, Any]) -> str | None:
    """Say why an answer doesn't follow a JSON Schema; None where it does.

    A schema that refers to another one by an address isn't followed there: nothing is fetched.
    """
    try:
        value = read_json(answer)
    except ValueError as wrong:
        return f"answer is no JSON: {wrong}"
    return _trouble(value, schema)


def _trouble(value: Any, schema: Mapping[str, Any]) -> str | None:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    nothing_else: Registry[Any] = Registry()
    validator = Draft202012Validator(schema, registry=nothing_else)
    try:
        found = best_match(validator.iter_errors(value))
    except (Unresolvable, RecursionError) as wrong:
        return f"json_schema can't be followed: {type(wrong).__name__}"
    if found is None:
        return None
    where = ".".join(str(each) for each in found.absolute_path) or "answer"
    said = found.message if len(found.message) <= LONGEST else f"{found.message[:LONGEST]}…"
    return f"answer doesn't follow json_schema: {where}: {said}"
