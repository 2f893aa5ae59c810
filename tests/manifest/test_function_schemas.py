"""JSON Schemas inside manifests: what is refused, and what is only told."""

from __future__ import annotations

import json
import tempfile
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema_specifications import REGISTRY
from manifest_factories import assistant, document, found, function, write

from provisioner.manifest.schema_check import keywords, schema

METASCHEMA = Draft202012Validator.META_SCHEMA
VOCABULARIES = [
    REGISTRY.contents(f"https://json-schema.org/draft/2020-12/{each['$ref']}")
    for each in METASCHEMA["allOf"]
]
OUTDATED = {"dependencies", "$recursiveAnchor", "$recursiveRef"}
VALUES: list[Any] = [
    *(None, True, False, 0, 1, -1, 0.5, "", "string", "strin", "#", "#a", "urn:x", "a b"),
    *([], ["a"], ["a", "a"], ["string", "null"], ["string", "string"], [1], [{}], [True, False]),
    *({}, {"a": {}}, {"a": True}, {"a": "string"}, {"a": ["b"]}, {"a": ["b", "b"]}, {"a": [1]}),
    *({"type": "x"}, {"type": "null"}, {"a": {"type": "x"}}, [{"type": "x"}]),
]
FORMS = ("$id", "$anchor", "$dynamicAnchor", "$vocabulary")
"""Keywords whose values have a form that only matters where schemas refer to others."""


def codes(parameters: Any, **more: Any) -> list[str]:
    """Give the codes of what is wrong with a function that has these parameters."""
    return [each.code for each in said(parameters, **more)]


def said(parameters: Any, **more: Any) -> list[Any]:
    """Give what is wrong with a function that has these parameters."""
    with tempfile.TemporaryDirectory() as folder:
        tool = function("f", parameters=parameters, **more)
        return found(write(Path(folder), {"a.yaml": document("Tool", "f", tool)}))


def test_the_keywords_are_those_of_the_metaschema() -> None:
    """None is unknown, and none made up; what the draft itself calls outdated is left out."""
    theirs = chain(METASCHEMA["properties"], *(each["properties"] for each in VOCABULARIES))

    assert set(keywords()) == set(theirs) - OUTDATED


@pytest.mark.parametrize("keyword", sorted({*keywords()} - {*FORMS}))
def test_a_schema_is_right_when_the_metaschema_says_so(keyword: str) -> None:
    """Alone and inside another schema; but that an empty enum, which nothing can be, is refused."""
    ours, theirs = Draft202012Validator(schema("tool")), Draft202012Validator(METASCHEMA)
    for value in VALUES:
        if keyword == "enum" and value == []:
            continue
        for parameters in ({keyword: value}, {"properties": {"a": {keyword: value}}}):
            tool = json.loads(document("Tool", "f", function("f", parameters=parameters)))
            assert ours.is_valid(tool) is theirs.is_valid(parameters), parameters


def test_a_good_schema_is_no_problem() -> None:
    """References, notes of one's own, and properties that are called like keywords."""
    parameters = {
        "type": "object",
        "properties": {
            "requird": {"type": "string", "x-note": 1},
            "$ref": {"type": "array", "items": {"$ref": "#/$defs/a~1b"}},
            "again": {"$ref": "#/properties/requird"},
            "list": {"type": "array", "prefixItems": [{"$ref": "#"}, {"$ref": "#/$defs/a%2Fb"}]},
        },
        "required": ["requird", "$ref"],
        "$defs": {"a/b": {"anyOf": [{"$ref": "#/$defs/a~1b"}, {"required": ["x"]}]}},
    }
    parameters["$defs"]["a/b"]["anyOf"][1]["$ref"] = "#"  # type: ignore[index]

    assert said(parameters) == []
    assert said({}) == []


@pytest.mark.parametrize("where", ["items", "anyOf", "properties", "$defs", "additionalProperties"])
def test_schemas_inside_are_looked_at_too(where: str) -> None:
    """Wherever they stand."""
    wrong = {"type": "object", "properties": {"a": {}}, "required": ["b"]}
    inside = {"anyOf": [wrong], "properties": {"x": wrong}, "$defs": {"x": wrong}}
    parameters = {"type": "object", where: inside.get(where, wrong)}

    (problem,) = said(parameters)

    assert problem.code == "M131"
    assert problem.severity.value == "warning"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, None),
        ({"additionalProperties": True}, "M135"),
        ({"additionalProperties": {}}, "M135"),
        ({"required": []}, "M136"),
    ],
)
def test_strict_asks_for_more(change: dict[str, Any], code: str | None) -> None:
    """Of functions and of answers; without `strict` it is all the same."""
    whole = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    parameters = {**whole, "additionalProperties": False, **change}

    assert codes(parameters) == []
    wanted = [code] if code else []
    # The emulated API version is older than `strict`.
    assert [each for each in codes(parameters, strict=True) if each != "M405"] == wanted


def test_an_open_array_of_objects_is_strict_too(tmp_path: Path) -> None:
    """An answer's schema has the same rules, at every depth."""
    answer = {"name": "a", "strict": True, "schema": {"type": "array", "items": {"properties": {}}}}
    form = {"type": "json_schema", "json_schema": answer}
    write(tmp_path, {"a.yaml": assistant(response_format=form)})

    assert {each.code for each in found(tmp_path)} - {"M405"} == {"M130", "M135"}


@pytest.mark.parametrize("broken", [None, [], 5, {"function": []}, {"function": {"parameters": 5}}])
def test_what_has_another_form_is_left_to_its_schema(broken: Any, tmp_path: Path) -> None:
    """No second problem, and no failure."""
    write(tmp_path, {"a.yaml": document("Tool", "f", broken), "b.yaml": assistant(tools=broken)})

    assert not {each.code for each in found(tmp_path)} & {f"M13{n}" for n in range(7)}
