"""Keys in manifests: refused, and never shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from manifest_factories import KEY, azure, found, project, write

from provisioner.cli import run

SECRETS = [
    {"type": "api_key", "key": KEY},
    {"type": "api_key", "env": KEY},
    {"type": "api_key", "env": KEY + "-x"},
    {"type": "api_key", "env": "Ab1" * 28},
    {"type": "api_key", "env": [KEY]},
    {"type": "api_key", "env": {"name": KEY}},
    {"type": "api_key", KEY: "x"},
    {"type": KEY},
    {"type": {"key": KEY}},
    {"type": "entra", "env": KEY},
    {KEY: KEY},
    KEY,
    [KEY],
]


@pytest.mark.parametrize("auth", SECRETS, ids=range(len(SECRETS)))
def test_a_pasted_key_is_refused_and_never_shown(
    auth: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither in text nor in JSON."""
    write(tmp_path, {"provisioner.yaml": project({"prod": azure(auth=auth)})})

    for form in ("text", "json"):
        assert run(["-C", str(tmp_path), "validate", "--format", form]) == 1
        said = capsys.readouterr()
        assert KEY not in said.out + said.err
        assert "Ab1Ab1" not in said.out + said.err
        assert "M10" in said.out + said.err


@pytest.mark.parametrize("value", ["!!int KEY", "!!null KEY", "!x KEY", "KEY: x"])
def test_a_pasted_key_is_not_shown_by_the_yaml_reader(value: str, tmp_path: Path) -> None:
    """Whose problems come before the schema's."""
    text = (
        "apiVersion: provisioner/v1\nkind: Project\nmetadata: {name: demo}\nspec:\n  environments:"
        f"\n    prod: {{provider: {{type: azure-openai, auth: {{type: api_key, env: {value}}}}}}}\n"
    )
    write(tmp_path, {"provisioner.yaml": text.replace("KEY", KEY)})

    assert found(tmp_path)
    assert not [each for each in found(tmp_path) if KEY in each.detail]


def test_a_provider_in_the_place_of_its_type_is_not_shown(tmp_path: Path) -> None:
    """A map is called a map."""
    environment = {"provider": {"type": {"auth": {"key": KEY}}}}
    write(tmp_path, {"provisioner.yaml": project({"prod": environment})})

    assert found(tmp_path)
    assert not [each for each in found(tmp_path) if KEY in each.detail]
