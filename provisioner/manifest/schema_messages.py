"""What a JSON Schema found wrong, said in the words of manifests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeAlias

from provisioner.diagnostics import Diagnostic, error
from provisioner.diff import at
from provisioner.manifest.document import Document, Path
from provisioner.manifest.quoting import LONGEST_SHOWN, shown
from provisioner.manifest.schema_hints import field_hint, hint
from provisioner.manifest.schema_homes import below, home
from provisioner.manifest.schema_types import type_hint
from provisioner.manifest.suggestions import closest, did_you_mean
from provisioner.manifest.variables import references
from provisioner.manifest.yaml_nodes import MAX_PROBLEMS

Trouble: TypeAlias = Any
"""A jsonschema ValidationError; its type stubs say "or unset" of every field that is read here."""

LONGEST_SHOWN_KEY = 24
"""Of a longer key below `auth` the name is not shown: a credential may stand there by mistake."""

VARIABLE = r"^\$\{var\.[a-z][a-z0-9_]*\}$(?!\n)"
"""The pattern by which a schema lets `${var.NAME}` stand for a value that is no text."""

_TYPES = {
    "string": "a text",
    "object": "a map",
    "array": "a list",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "nothing",
}
_VARIABLE_TYPES = {
    **{each: each for each in ("string", "number", "boolean")},
    "integer": "number",
}
"""The types of variables, by those of JSON Schema."""
_COUNTED = {"maxLength": "characters", "maxItems": "members", "maxProperties": "pairs"}
_SIZES = (*_COUNTED, "minLength", "minItems", "minProperties")


def explain(
    document: Document,
    troubles: Sequence[Trouble],
    schema: Mapping[str, Any],
    written: Mapping[str, Any] | None = None,
) -> Iterator[Diagnostic]:
    """Make diagnostics of what the schema of a document's kind found wrong with it.

    `written` is the document before variables were filled in, where that has been done.
    """
    for trouble in _mistakes(troubles, schema):
        path: Path = tuple(trouble.absolute_path)
        keyword = str(trouble.validator)
        if keyword == "additionalProperties":
            yield from _unknown_fields(document, path, trouble, schema)
        elif "propertyNames" in trouble.absolute_schema_path:
            yield _bad_key(document, path, trouble)
        else:
            cure = _variable_hint(at(written, path), trouble) if written else ""
            yield document.error(path, *_explained(path, keyword, trouble, cure))


def _mistakes(troubles: Sequence[Trouble], schema: Mapping[str, Any]) -> Iterator[Trouble]:
    """Leave out a missing or empty field where the unknown one beside it says the same.

    That is so when the missing field was misspelled, when it is the one below which the unknown one
    belongs, and when a branch of the schema tells in words what belongs there.
    """
    unknown = [each for each in troubles if each.validator == "additionalProperties"]
    told = {tuple(each.absolute_path) for each in unknown if is_branch(each)}
    meant = {
        (path, field)
        for each in unknown
        for path in [tuple(each.absolute_path)]
        for name in _unknown(each)
        for field in (_meant(name, each), below(schema, path, name))
    }
    for trouble in troubles:
        path = tuple(trouble.absolute_path)
        if trouble.validator == "required":
            missing = {(path, each) for each in _missing(trouble)}
            if missing <= meant or (path in told and is_branch(trouble)):
                continue
        if trouble.instance is None and (path[:-1], path[-1]) in meant:
            continue
        yield trouble


def _missing(trouble: Trouble) -> list[str]:
    return [each for each in trouble.validator_value if each not in trouble.instance]


def _unknown(trouble: Trouble) -> list[str]:
    known = trouble.schema.get("properties", {})
    unknown = (each for each in trouble.instance if each not in known)
    return list(islice(unknown, MAX_PROBLEMS + 1))


def _meant(name: str, trouble: Trouble) -> str | None:
    return closest(name, trouble.schema.get("properties", {}), cutoff=0.6)


def _unknown_fields(
    document: Document, path: Path, trouble: Trouble, schema: Mapping[str, Any]
) -> Iterator[Diagnostic]:
    known: Iterable[str] = trouble.schema.get("properties", {})
    rule = f": {trouble.schema['description']}" if is_branch(trouble) else "."
    for name in _unknown(trouble):
        here = field_hint(path, name) or home(schema, path, name)
        if not here and (rule == "." or _meant(name, trouble)):
            here = did_you_mean(name, known)
        field = "such a field" if _is_secret(path, name) else f"field {shown(name)}"
        yield error(
            "M101",
            "Unknown field",
            f"{_place(path)} has no {field}{rule}{here}",
            document.position(*path, name, key=True),
        )


def is_branch(trouble: Trouble) -> bool:
    """Say whether the rule stands in a `then` or `else` that says in words what belongs there."""
    parts = list(trouble.absolute_schema_path)[-2:]
    return any(part in ("then", "else") for part in parts) and "description" in trouble.schema


def _bad_key(document: Document, path: Path, trouble: Trouble) -> Diagnostic:
    name = str(trouble.instance)
    return error(
        "M106",
        "Key is not allowed",
        f"{_place(path)} can't have the key {shown(name)}: {_rule(trouble)}.{_described(trouble)}",
        document.position(*path, name, key=True),
    )


def _variable_hint(written: object, trouble: Trouble) -> str:
    """Say of what type the variable must be that a value comes from; "" where it has another."""
    name = next(iter(references(written)), "") if isinstance(written, str) else ""
    if not name or trouble.validator != "type":
        return ""
    wanted = dict.fromkeys(
        _VARIABLE_TYPES[each] for each in _types(trouble) if each in _VARIABLE_TYPES
    )
    if not wanted:
        return " No variable holds that: write it out."
    return f" It is the value of `{name}`: make that a variable of type {' or '.join(wanted)}."


def _explained(path: Path, keyword: str, trouble: Trouble, cure: str) -> tuple[str, str, str]:
    place = _place(path)
    if keyword == "required":
        what = ", ".join(f"`{each}`" for each in _missing(trouble))
        sentence = f" {trouble.schema['description']}" if is_branch(trouble) else ""
        return "M102", "Field is missing", f"{place} needs {what}.{sentence}"
    if keyword == "type" or trouble.validator_value == VARIABLE:
        return "M103", "Wrong type", f"{place} must be {_wanted(path, trouble, cure)}"
    if keyword in ("enum", "const"):
        return "M104", "Value is not allowed", _choice(path, trouble)
    if keyword in _SIZES:
        return "M105", "Wrong size", f"{place}: {_rule(trouble)}."
    more = "" if _is_secret(path) and path[-1] != "env" else hint(path, trouble.instance)
    detail = f"{place}: {_rule(trouble)}.{_described(trouble)}{more}"
    return "M104", "Value is not allowed", detail


def _types(trouble: Trouble) -> list[str]:
    """List the types that a value may have, written out."""
    wanted = trouble.schema["type"]
    kinds = [wanted] if isinstance(wanted, str) else wanted
    is_open = trouble.schema.get("pattern") == VARIABLE
    return [each for each in kinds if not (is_open and each == "string")]


def _wanted(path: Path, trouble: Trouble, cure: str) -> str:
    kinds, found = _types(trouble), trouble.instance
    hints = cure or hint(path, found) or type_hint(path, kinds, found)
    more = "" if _is_secret(path) else hints
    is_fraction = isinstance(found, float) and "integer" in kinds
    what = "a fraction" if is_fraction else _type_of(found)
    return f"{' or '.join(_TYPES[each] for each in kinds)}, and is {what}.{more}"


def _choice(path: Path, trouble: Trouble) -> str:
    allowed = [trouble.validator_value] if trouble.validator == "const" else trouble.validator_value
    if _is_secret(path):
        return f"{_place(path)} is none of {', '.join(map(str, allowed))}."
    more = hint(path, trouble.instance)
    if not more and is_branch(trouble) and not closest(trouble.instance, allowed, cutoff=0.6):
        more = _described(trouble)
    more = more or did_you_mean(trouble.instance, allowed)
    return f"{_place(path)} can't be {shown(trouble.instance)}.{more}"


def _rule(trouble: Trouble) -> str:
    """Say the rule that was broken, never the value: it may be a secret."""
    limit = trouble.validator_value
    size = len(trouble.instance) if hasattr(trouble.instance, "__len__") else 0
    keyword = str(trouble.validator)
    if keyword in _COUNTED:
        return f"it has {size:,} {_COUNTED[keyword]}, and {limit:,} is the most"
    rules = {
        **dict.fromkeys(("minLength", "minItems", "minProperties"), "it must not be empty"),
        **dict.fromkeys(("pattern", "not"), "it has not the right form"),
        "minimum": f"it must be at least {limit}",
        "maximum": f"it must be at most {limit}",
        "exclusiveMinimum": f"it must be greater than {limit}",
        "uniqueItems": "it has a member twice",
    }
    return rules.get(keyword, f"it breaks the rule {keyword}")


def _described(trouble: Trouble) -> str:
    description = trouble.schema.get("description") if isinstance(trouble.schema, Mapping) else None
    return f" {description}" if description else ""


def _is_secret(path: Path, key: str | None = None) -> bool:
    return "auth" in path and (key is None or len(key) > LONGEST_SHOWN_KEY)


def _type_of(value: object) -> str:
    if value is None:
        return "nothing"
    names = {bool: "true or false", str: "a text", int: "a number", float: "a number"}
    return names.get(type(value), "a list" if isinstance(value, list) else "a map")


def _place(path: Path) -> str:
    """Write a path as people do: `spec.tools[0].type`."""
    parts = (part if isinstance(part, int) else part[:LONGEST_SHOWN] for part in path)
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return f"`{text.lstrip('.')}`" if text else "The document"
