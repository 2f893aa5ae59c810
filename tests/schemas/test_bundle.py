"""The one schema of all kinds, and what editors are told with it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from provisioner.manifest.discovery import manifest_files
from provisioner.manifest.modeline import modeline, schema_text
from provisioner.manifest.schema_check import SCHEMA_KINDS, bundle, schema
from provisioner.operations.beginning import begin_project

EXAMPLES = [example for kind in SCHEMA_KINDS for example in schema(kind)["examples"]]
LITERAL = re.compile(r"Left out: (true|false|auto|[0-9.]*[0-9]|azure-openai|https://\S+)\.$")


def inner(value: Any) -> Iterator[dict[str, Any]]:
    """Go through every map inside a JSON value."""
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value:
        if isinstance(each, (dict, list)):
            yield from inner(each)


def test_the_bundle_stands_alone() -> None:
    """Every reference leads to a definition of its own, none by an `$id`."""
    whole = bundle()
    Draft202012Validator.check_schema(whole)
    used = {each["$ref"] for each in inner(whole) if isinstance(each.get("$ref"), str)}

    assert used == {f"#/$defs/{name}" for name in whole["$defs"]}
    identified = [each["$id"] for each in inner(whole) if isinstance(each.get("$id"), str)]
    assert identified == ["urn:provisioner:v1"]


@pytest.mark.parametrize("document", EXAMPLES, ids=lambda each: each["kind"])
def test_the_bundle_takes_and_refuses_what_the_kind_does(document: dict[str, Any]) -> None:
    """An example is right; with a field that is unknown, and as another kind, it is not."""
    validator = Draft202012Validator(bundle())

    assert validator.is_valid(document)
    assert not validator.is_valid({**document, "surprise": True})
    for kind in SCHEMA_KINDS:
        title = schema(kind)["title"]
        assert validator.is_valid({**document, "kind": title}) is (title == document["kind"])
    assert not validator.is_valid({**document, "kind": "Surprise"})


@pytest.mark.parametrize("kind", SCHEMA_KINDS)
def test_a_literal_default_is_a_default(kind: str) -> None:
    """What a description says of a field left out, editors are told too."""
    described = [each for each in inner(schema(kind)) if isinstance(each.get("description"), str)]
    for each in described:
        said = LITERAL.search(each["description"])
        assert bool(said) is ("default" in each), each["description"]
        if said:
            default = each["default"]
            assert said[1] == (default if isinstance(default, str) else json.dumps(default))
            rules = ("type", "enum", "minimum", "maximum")
            alone = {key: each[key] for key in rules if key in each}
            assert Draft202012Validator(alone).is_valid(default)


@pytest.mark.parametrize(
    ("manifest", "path"),
    [
        ("provisioner.yaml", "provisioner.schema.json"),
        ("team/bots/orders.yaml", "../../provisioner.schema.json"),
    ],
)
def test_the_modeline_leads_to_the_schema_file(tmp_path: Path, manifest: str, path: str) -> None:
    """From the folder of the manifest on; no path of a project can break the line."""
    line = f"# yaml-language-server: $schema={path}\n"

    assert modeline(tmp_path, tmp_path / manifest) == line
    assert modeline(Path(), Path(manifest)) == line


def test_init_writes_the_schema_and_the_way_to_it(tmp_path: Path) -> None:
    """Each manifest of a new project begins with the modeline, and the schema lies there."""
    written = begin_project(tmp_path)

    manifests = [path for path in written if path.suffix == ".yaml"]
    assert len(manifests) == 2
    for path in manifests:
        assert path.read_text(encoding="utf-8").startswith(modeline(tmp_path, path))
    schema_file = tmp_path / "provisioner.schema.json"
    assert json.loads(schema_file.read_text(encoding="utf-8")) == bundle()


def test_the_schema_file_is_no_manifest(tmp_path: Path) -> None:
    """It lies beside the manifests, and isn't read as one."""
    (tmp_path / "provisioner.schema.json").write_text(schema_text(), encoding="utf-8")

    assert manifest_files(tmp_path) == ["provisioner.yaml"]
