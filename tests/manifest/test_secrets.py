"""Keys in manifests: refused, and never shown."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from manifest_factories import KEY, azure, found, project, write

from provisioner.cli import run
from provisioner.manifest.masking import masked

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
    """In no format, though the line that it stands on is shown."""
    write(tmp_path, {"provisioner.yaml": project({"prod": azure(auth=auth)})})

    for form in ("text", "json", "sarif", "github"):
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


def test_a_pasted_key_is_not_shown_beside_another_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not even a short one, where it stands on the line of something else."""
    text = project({"prod": azure(auth={"type": "api_key", "env": "KEY", "password": "hunter2"})})
    write(tmp_path, {"provisioner.yaml": text.replace('"endpoint"', '"endpiont"')})

    for form in ("text", "json", "sarif", "github"):
        assert run(["-C", str(tmp_path), "validate", "--format", form]) == 1
        said = capsys.readouterr()
        assert "endpiont" in said.out + said.err
        assert "hunter2" not in said.out + said.err


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (f"key: {KEY}", f"key: {'*' * len(KEY)}"),
        ("auth: {type: api_key, env: AZURE_KEY}", "auth: {type: api_key, env: AZURE_KEY}"),
        ("auth: {type: entra, scope: abc}", "auth: {type: entra, scope: ***}"),
        ("auth:\n  env: KEY\n  x: hunter2\nb: word", "auth:\n  env: KEY\n  x: *******\nb: word"),
        ('"auth" : {"x": "hunter2"}', '"auth" : {"x": "*******"}'),
        (f"auth: {{{KEY}: x}}", f"auth: {{{'*' * len(KEY)}: *}}"),
        ("model: gpt-4o-2024-05-13-regional", "model: gpt-4o-2024-05-13-regional"),
        ("path: data/quarterly-numbers-2024.csv", "path: data/quarterly-numbers-2024.csv"),
        ("auth: pässwort1", "auth: *ä*******"),
    ],
)
def test_masking_leaves_what_is_no_credential(line: str, shown: str) -> None:
    """And every character has its place, so that columns stay true."""
    assert masked(line) == shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("variables: {a: {default: hunter2}}", "variables: {a: {default: *******}}"),
        ("variables: {a: {sensitive: true}}", "variables: {a: {sensitive: true}}"),
        (
            "variables:\n  a: {type: string}\n  b: x\nc: y",
            "variables:\n  a: {type: string}\n  b: *\nc: y",
        ),
        ("auth: {env: KEY}, variables: {a: KEY}", "auth: {env: KEY}, variables: {a: ***}"),
    ],
)
def test_values_of_variables_are_masked_where_some_are_sensitive(line: str, shown: str) -> None:
    """Their names, and what is said of them, stay."""
    assert masked(line, variables=True) == shown
    assert masked("variables: {a: b}") == "variables: {a: b}"


LOCAL = "  environments:\n    local:\n      provider: {type: emulator}\n"


@pytest.mark.parametrize(
    "spec",
    [
        "  variables: {token: {sensitve: true, default: hunter2}}\n" + LOCAL,
        "  variables: {token: {secret: true, default: hunter2}}\n" + LOCAL,
        "  variables: {token: {sensitive: yes, default: hunter2}}\n" + LOCAL,
        "  variables: {token: [sensitive, hunter2]}\n" + LOCAL,
        "  variables: [{name: token, sensitive: true, default: hunter2}]\n" + LOCAL,
        "  variables:\n    - name: token\n      sensitive: true\n      default: hunter2\n" + LOCAL,
        "  variables:\n    token: {sensitive: true, typ: string, default: hunter2}\n" + LOCAL,
        LOCAL + "      variables: {token: [hunter2]}\n  variables: {token: {sensitive: true}}\n",
        LOCAL + "      variables:\n        token:\n          value: hunter2\n"
        "  variables: {token: {sensitive: true}}\n",
    ],
)
def test_the_value_of_a_broken_sensitive_variable_is_not_shown(
    spec: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its declaration is misspelt, a list or of a wrong type; or its value is."""
    head = "apiVersion: provisioner/v1\nkind: Project\nmetadata: {name: demo}\nspec:\n"
    write(tmp_path, {"provisioner.yaml": head + spec})

    for form in ("text", "json", "sarif", "github"):
        assert run(["-C", str(tmp_path), "validate", "--format", form]) == 1
        said = capsys.readouterr()
        assert "M10" in said.out + said.err
        assert "hunter2" not in said.out + said.err


@pytest.mark.parametrize("text", ["", "\n", "a\r\n", "auth:\n", "a: b\nauth:\n\n  x: y\n"])
def test_masking_keeps_the_form_of_a_text(text: str) -> None:
    """Lines and lengths are what they were."""
    assert re.sub(r"[^\s:]", "x", masked(text)) == re.sub(r"[^\s:]", "x", text)
