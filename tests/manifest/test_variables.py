"""Variables: declared by the Project, given from outside, filled into texts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from manifest_factories import (
    LOCAL,
    assistant,
    attributes,
    code_interpreter,
    codes,
    document,
    found,
    function,
    only,
    places,
    project,
    write,
)

from provisioner.address import Address
from provisioner.errors import ManifestError
from provisioner.manifest.inputs import Inputs
from provisioner.operations.workspace import open_project, open_workspace, validate

BOT = Address("assistant", "bot")


def declared(variables: Mapping[str, Any], own: Mapping[str, Any] | None = None) -> str:
    """Write a Project with variables, and one environment with its own values."""
    return project({"local": {**LOCAL, "variables": own or {}}}, variables=variables)


def composed(folder: Path, inputs: Inputs = Inputs()) -> Mapping[str, Any]:  # noqa: B008
    """Compose the assistant `bot` with what is given."""
    return open_workspace(folder, None, inputs).resources[BOT].attributes


def refused(folder: Path, inputs: Inputs = Inputs()) -> list[str]:  # noqa: B008
    """Compose what can't be composed; give the codes."""
    with pytest.raises(ManifestError) as trouble:
        open_workspace(folder, None, inputs)
    return [each.code for each in trouble.value.diagnostics]


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ({"description": "for ${var.who}"}, ["description"]),
        ({"name": "for ${var.who}"}, ["name"]),
        ({"instructions": "for ${var.who}"}, ["instructions"]),
        ({"instructions": ["for ${var.who}"]}, ["instructions"]),
        ({"instructions": {"file": "x.md"}}, ["instructions"]),
        ({"instructions": {"ref": "shared"}}, ["instructions"]),
        ({"metadata": {"a": "for ${var.who}"}}, ["metadata", "a"]),
        (
            {"tools": [function("f", description="for ${var.who}")]},
            ["tools", 0, "function", "description"],
        ),
        ({"tools": [{"ref": "shared"}]}, ["tools", 0, "function", "description"]),
    ],
)
def test_a_variable_is_filled_in_anywhere(spec: Any, path: list[Any], tmp_path: Path) -> None:
    """In any string of a spec, of shared documents, and in files of instructions."""
    shared = function("f", description="for ${var.who}")
    write(
        tmp_path,
        {
            "provisioner.yaml": declared({"who": {"default": "you"}}),
            "a.yaml": assistant(**spec),
            "i.yaml": document("Instructions", "shared", {"text": "for ${var.who}"}),
            "t.yaml": document("Tool", "shared", shared),
            "x.md": "for ${var.who}",
        },
    )

    value: Any = composed(tmp_path)
    for step in path:
        value = value[step]
    assert value == "for you"


def test_labels_are_filled_in(tmp_path: Path) -> None:
    """They take variables as specs do."""
    write(
        tmp_path,
        {
            "provisioner.yaml": declared({"team": {"default": "x"}}),
            "a.yaml": assistant(about={"labels": {"team": "${var.team}"}}),
        },
    )

    assert open_workspace(tmp_path, None).resources[BOT].labels == {"team": "x"}


def test_the_settings_of_an_environment_are_filled_in(tmp_path: Path) -> None:
    """Endpoint, API version and models, from the environment's own values."""
    local = {
        "provider": {
            "type": "azure-openai",
            "endpoint": "https://${var.account}.openai.azure.com",
            "api_version": "${var.api}",
            "auth": {"type": "api_key", "env": "KEY"},
        },
        "models": {"chat": "${var.account}-gpt"},
        "variables": {"account": "contoso"},
    }
    variables = {"account": {}, "api": {"default": "2024-02-15-preview"}}
    write(
        tmp_path,
        {"provisioner.yaml": project({"local": local}, variables=variables), "a.yaml": assistant()},
    )

    _, environment = open_project(tmp_path, None)

    assert environment.provider.endpoint == "https://contoso.openai.azure.com"
    assert str(environment.provider.api_version) == "2024-02-15-preview"
    assert composed(tmp_path)["model"] == "contoso-gpt"


@pytest.mark.parametrize(
    ("variable", "text", "value"),
    [
        ({"type": "number", "default": 0.5}, "${var.x}", 0.5),
        ({"type": "number", "default": 1}, "${var.x}", 1),
    ],
)
def test_a_scalar_that_is_one_reference_takes_the_type(
    variable: Any, text: str, value: object, tmp_path: Path
) -> None:
    """A temperature is a number, also through a variable."""
    write(
        tmp_path,
        {"provisioner.yaml": declared({"x": variable}), "a.yaml": assistant(temperature=text)},
    )

    assert composed(tmp_path)["temperature"] == value
    assert not found(tmp_path)


def test_inside_a_longer_text_a_value_is_written_out(tmp_path: Path) -> None:
    """Numbers and booleans as JSON writes them."""
    variables = {"n": {"type": "number", "default": 5}, "b": {"type": "boolean", "default": True}}
    write(
        tmp_path,
        {
            "provisioner.yaml": declared(variables),
            "a.yaml": assistant(instructions="${var.n} of ${var.b}"),
        },
    )

    assert composed(tmp_path)["instructions"] == "5 of true"


def test_a_file_of_instructions_stays_a_text(tmp_path: Path) -> None:
    """Even one that holds nothing but a reference to a number."""
    write(
        tmp_path,
        {
            "provisioner.yaml": declared({"n": {"type": "number", "default": 5}}),
            "a.yaml": assistant(instructions={"file": "x.md"}),
            "x.md": "${var.n}",
        },
    )

    assert composed(tmp_path)["instructions"] == "5"


@pytest.mark.parametrize("field", ["temperature", "top_p"])
def test_a_value_of_the_wrong_type_is_told_where_it_stands(field: str, tmp_path: Path) -> None:
    """The document is checked again with its values."""
    write(
        tmp_path,
        {
            "provisioner.yaml": declared({"x": {"default": "hot"}}),
            "a.yaml": assistant(**{field: "${var.x}"}),
        },
    )

    assert "must be a number, and is a text" in only(tmp_path, "M103")


@pytest.mark.parametrize(("value", "code"), [(3, "M104"), (0.5, None)])
def test_limits_hold_for_values(value: float, code: str | None, tmp_path: Path) -> None:
    """A temperature of 3 is refused through a variable too."""
    write(
        tmp_path,
        {
            "provisioner.yaml": declared({"x": {"type": "number", "default": value}}),
            "a.yaml": assistant(temperature="${var.x}"),
        },
    )

    assert codes(tmp_path) == ([code] if code else [])


def test_values_are_never_looked_into(tmp_path: Path) -> None:
    """Neither references nor escapes mean anything in a value."""
    write(
        tmp_path,
        {
            "provisioner.yaml": declared({"a": {"default": "${var.b} $${var.b}"}, "b": {}}),
            "a.yaml": assistant(instructions="x ${var.a}"),
        },
    )

    assert composed(tmp_path, Inputs(("b=no",)))["instructions"] == "x ${var.b} $${var.b}"


def test_attached_files_are_sent_as_they_are(tmp_path: Path) -> None:
    """Bytes of files hold no variables."""
    write(
        tmp_path,
        {"a.yaml": assistant(tools=[code_interpreter({"path": "x.csv"})]), "x.csv": "${var.a}"},
    )

    assert not found(tmp_path)


# Where values come from


def test_the_strongest_value_wins(tmp_path: Path) -> None:
    """--var, then --var-file, the process's environment, the environment's own, the default."""
    variables = {"x": {"default": "default"}}
    write(
        tmp_path,
        {
            "provisioner.yaml": declared(variables, {"x": "environment"}),
            "a.yaml": assistant(instructions="${var.x}"),
        },
    )
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    one.write_text('{"x": "first file"}')
    two.write_text("x: second file")
    environ = {"PROVISIONER_VAR_X": "process", "PROVISIONER_VAR_ZZZ": "of another program"}

    given = [
        Inputs(),
        Inputs(environ=environ),
        Inputs(files=(one,), environ=environ),
        Inputs(files=(one, two), environ=environ),
        Inputs(("x=option",), (one, two), environ),
        Inputs(("x=option", "x=last=option"), (one, two), environ),
    ]
    assert [composed(tmp_path, each)["instructions"] for each in given] == [
        "environment",
        "process",
        "first file",
        "second file",
        "option",
        "last=option",
    ]


def test_the_default_is_the_last_resort(tmp_path: Path) -> None:
    """Where nothing else gives a value."""
    write(
        tmp_path,
        {
            "provisioner.yaml": declared({"x": {"default": ""}}),
            "a.yaml": assistant(instructions="a${var.x}b"),
        },
    )

    assert composed(tmp_path)["instructions"] == "ab"


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("number", "5", 5),
        ("number", "-0.5", -0.5),
        ("number", "1e3", 1000.0),
        ("boolean", "true", True),
        ("string", "5", "5"),
        ("string", "", ""),
    ],
)
def test_texts_from_outside_become_values_of_the_type(
    kind: str, text: str, value: object, tmp_path: Path
) -> None:
    """Options and the process's environment know only texts."""
    write(tmp_path, {"provisioner.yaml": declared({"x": {"type": kind}}), "a.yaml": assistant()})

    for inputs in (Inputs((f"x={text}",)), Inputs(environ={"PROVISIONER_VAR_X": text})):
        _, environment = open_project(tmp_path, None, inputs)
        assert environment.values.given["x"].value == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("number", "five"),
        ("number", ""),
        ("number", "nan"),
        ("number", "1e999"),
        ("number", "0x1F"),
        ("boolean", "yes"),
        ("boolean", "True"),
    ],
)
def test_texts_that_are_no_value_of_the_type_are_refused(
    kind: str, text: str, tmp_path: Path
) -> None:
    """With the option's name, and never taken for something else."""
    write(tmp_path, {"provisioner.yaml": declared({"x": {"type": kind}}), "a.yaml": assistant()})

    assert "M207" in refused(tmp_path, Inputs((f"x={text}",)))
    assert "M207" in refused(tmp_path, Inputs(environ={"PROVISIONER_VAR_X": text}))


def test_a_variable_without_value_is_a_warning_of_validate(tmp_path: Path) -> None:
    """Where it is declared; plan refuses."""
    write(
        tmp_path,
        {"provisioner.yaml": declared({"x": {}}), "a.yaml": assistant(temperature="${var.x}")},
    )

    [problem] = validate(tmp_path, None).diagnostics
    assert (problem.code, problem.severity.value) == ("M206", "warning")
    assert "PROVISIONER_VAR_X" in problem.detail
    assert refused(tmp_path) == ["M206"]


def test_an_endpoint_without_value_stops_every_command(tmp_path: Path) -> None:
    """Also those that read no manifests."""
    local = {
        "provider": {
            "type": "azure-openai",
            "endpoint": "https://${var.account}.openai.azure.com",
            "api_version": "2024-05-01-preview",
            "auth": {"type": "api_key", "env": "KEY"},
        }
    }
    write(tmp_path, {"provisioner.yaml": project({"local": local}, variables={"account": {}})})

    with pytest.raises(ManifestError) as trouble:
        open_project(tmp_path, None)
    assert [each.code for each in trouble.value.diagnostics] == ["M206"]
    assert codes(tmp_path) == ["M206"]


def test_a_filled_in_endpoint_is_checked(tmp_path: Path) -> None:
    """What a variable says is as dangerous as what the manifest says."""
    local = {
        "provider": {
            "type": "azure-openai",
            "endpoint": "${var.endpoint}",
            "api_version": "2024-05-01-preview",
            "auth": {"type": "api_key", "env": "KEY"},
        }
    }
    variables = {"endpoint": {"default": "http://example.com"}}
    write(tmp_path, {"provisioner.yaml": project({"local": local}, variables=variables)})

    assert codes(tmp_path) == ["M502"]


def test_an_unknown_variable_is_told_with_its_neighbour(tmp_path: Path) -> None:
    """At the text that asks for it."""
    write(
        tmp_path,
        {
            "provisioner.yaml": declared({"audience": {"default": "x"}}),
            "a.yaml": assistant(description="for ${var.audiense}"),
        },
    )

    assert "Did you mean audience?" in only(tmp_path, "M205")
    assert places(tmp_path) == ["a.yaml:1:125 M205"]


def test_an_unknown_variable_in_a_file_is_told_at_the_reference(tmp_path: Path) -> None:
    """With the file's name."""
    write(tmp_path, {"a.yaml": assistant(instructions={"file": "x.md"}), "x.md": "for ${var.a}"})

    assert "in 'x.md'" in only(tmp_path, "M205")


@pytest.mark.parametrize("inputs", [Inputs(("y=1",)), Inputs(("audience",))])
def test_a_mistyped_option_is_an_error(inputs: Inputs, tmp_path: Path) -> None:
    """An unknown name, or no value."""
    write(tmp_path, {"a.yaml": assistant()})

    [code] = refused(tmp_path, inputs)
    assert code in ("M205", "M211")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("y: 1", "vars.yaml:1:4 M205"),
        ("x: [1]", "vars.yaml:1:4 M207"),
        ("x: 1", "vars.yaml:1:4 M207"),
        ("- x", "vars.yaml:1:1 M212"),
        ("", "vars.yaml:1:1 M212"),
        ("x: 'a", "vars.yaml:1:4 M212"),
        ("x: 1\nx: 2", "vars.yaml:1:1 M212"),
    ],
)
def test_a_bad_file_of_variables_is_told_where(text: str, place: str, tmp_path: Path) -> None:
    """With line and column, as manifests are."""
    write(tmp_path, {"provisioner.yaml": declared({"x": {}}), "a.yaml": assistant()})
    variables = tmp_path / "vars.yaml"
    variables.write_text(text)

    with pytest.raises(ManifestError) as trouble:
        open_workspace(tmp_path, None, Inputs(files=(variables,)))
    told = [f"{each.position} {each.code}" for each in trouble.value.diagnostics]
    assert told[0].removeprefix(f"{tmp_path.as_posix()}/") == place


def test_a_missing_file_of_variables_is_an_error(tmp_path: Path) -> None:
    """And no traceback."""
    write(tmp_path, {"a.yaml": assistant()})

    assert refused(tmp_path, Inputs(files=(tmp_path / "no.yaml",))) == ["M212"]


@pytest.mark.parametrize(
    ("variables", "environment", "code"),
    [
        ({"x": {"type": "number", "default": "5"}}, {}, "M207"),
        ({"x": {"default": 5}}, {}, "M207"),
        ({"x": {"type": "number", "default": True}}, {}, "M207"),
        ({"x": {}}, {"x": 5}, "M207"),
        ({"audience": {"default": "a"}}, {"audiense": "x"}, "M205"),
    ],
)
def test_bad_declarations_are_told(
    variables: Any, environment: Any, code: str, tmp_path: Path
) -> None:
    """Defaults and the environments' values are of their variable's type."""
    write(tmp_path, {"provisioner.yaml": declared(variables, environment)})

    assert code in codes(tmp_path)


# Sensitive values


def test_a_sensitive_value_becomes_a_placeholder(tmp_path: Path) -> None:
    """From composition on nobody sees it; validate says that readers of the object do."""
    write(
        tmp_path,
        {
            "provisioner.yaml": declared({"token": {"sensitive": True}}),
            "a.yaml": assistant(instructions="Use ${var.token}!"),
        },
    )

    workspace = open_workspace(tmp_path, None, Inputs(environ={"PROVISIONER_VAR_TOKEN": "hunter2"}))

    text = workspace.resources[BOT].attributes["instructions"]
    assert "hunter2" not in repr(workspace)
    assert text.startswith("Use (sensitive:token:")
    assert workspace.environment.values.veil.reveal(text) == "Use hunter2!"
    assert [each.code for each in workspace.warnings] == ["M208"]


@pytest.mark.parametrize(
    "spec",
    [
        {"model": "${var.token}"},
        {"instructions": {"file": "${var.token}"}},
        {"tools": [{"ref": "${var.token}"}]},
        {"tools": [code_interpreter({"path": "${var.token}"})]},
        {"tools": [{"type": "file_search", "vector_store": {"id": "vs_${var.token}"}}]},
    ],
)
def test_a_sensitive_value_may_only_be_sent(spec: Any, tmp_path: Path) -> None:
    """What is a path, a name or an id is kept in state and shown."""
    write(
        tmp_path,
        {
            "provisioner.yaml": declared({"token": {"sensitive": True}}),
            "a.yaml": assistant(**spec),
        },
    )

    assert "M209" in codes(tmp_path)


def test_a_sensitive_value_is_no_label(tmp_path: Path) -> None:
    """Labels are kept in state."""
    write(
        tmp_path,
        {
            "provisioner.yaml": declared({"token": {"sensitive": True}}),
            "a.yaml": assistant(about={"labels": {"a": "${var.token}"}}),
        },
    )

    assert "M209" in codes(tmp_path)


def test_a_sensitive_value_stands_in_no_file(tmp_path: Path) -> None:
    """Neither as a default nor in an environment nor in a file of variables."""
    for variables, environment in (
        ({"t": {"sensitive": True, "default": "hunter2"}}, {}),
        ({"t": {"sensitive": True}}, {"t": "hunter2"}),
    ):
        write(tmp_path, {"provisioner.yaml": declared(variables, environment)})
        problems = validate(tmp_path, None).diagnostics
        assert "M210" in [each.code for each in problems]
        assert "hunter2" not in repr(problems)

    (tmp_path / "vars.json").write_text('{"t": "hunter2"}')
    write(tmp_path, {"provisioner.yaml": declared({"t": {"sensitive": True}})})
    assert "M210" in refused(tmp_path, Inputs(files=(tmp_path / "vars.json",)))


def test_an_empty_sensitive_value_is_refused(tmp_path: Path) -> None:
    """A pipeline whose secret isn't set gives an empty one."""
    write(tmp_path, {"provisioner.yaml": declared({"t": {"sensitive": True}})})

    assert "M207" in refused(tmp_path, Inputs(environ={"PROVISIONER_VAR_T": ""}))


def test_equal_secrets_of_two_environments_look_different(tmp_path: Path) -> None:
    """The hash has a key of its own for each."""
    two = project({"a": LOCAL, "b": LOCAL}, variables={"t": {"sensitive": True}})
    write(tmp_path, {"provisioner.yaml": two, "a.yaml": assistant(instructions="${var.t}")})
    inputs = Inputs(("t=hunter2",))

    texts = {
        open_workspace(tmp_path, each, inputs).resources[BOT].attributes["instructions"]
        for each in ("a", "b")
    }

    assert len(texts) == 2


def test_attributes_keep_literals(tmp_path: Path) -> None:
    """What was escaped is no reference afterwards."""
    write(tmp_path, {"a.yaml": assistant(description="$${var.x}")})

    assert attributes(tmp_path)["description"] == "${var.x}"


@pytest.mark.parametrize(
    ("written", "secret", "fits"), [(508, "4444", True), (0, "4" * 513, False)]
)
def test_limits_hold_for_the_sensitive_value_itself(
    written: int, secret: str, fits: bool, tmp_path: Path
) -> None:
    """Not for the placeholder, which is longer or shorter."""
    text = "x" * written + "${var.pin}"
    files = {
        "provisioner.yaml": declared({"pin": {"sensitive": True}}),
        "a.yaml": assistant(metadata={"a": text}),
    }
    write(tmp_path, files)

    found = validate(tmp_path, None, Inputs((f"pin={secret}",))).diagnostics

    assert ("M105" in [each.code for each in found]) is not fits


@pytest.mark.parametrize("sensitive", [False, True])
def test_bytes_of_another_encoding_are_refused(sensitive: bool, tmp_path: Path) -> None:
    """No text could be sent with them."""
    files = {
        "provisioner.yaml": declared({"who": {"sensitive": sensitive}}),
        "a.yaml": assistant(description="${var.who}"),
    }
    write(tmp_path, files)

    assert "M207" in refused(tmp_path, Inputs(environ={"PROVISIONER_VAR_WHO": "caf\udce9"}))


@pytest.mark.parametrize("written", ["$${var.who}", "${var.who}"])
def test_a_literal_reference_in_the_provider_is_no_missing_value(
    written: str, tmp_path: Path
) -> None:
    """Neither one that is escaped, nor one in a value: nothing would say what is wrong."""
    auth = {"type": "entra", "client_id": written}
    provider = {"endpoint": "https://a.b", "api_version": "2024-05-01-preview", "auth": auth}
    environments = {"local": {"provider": {"type": "azure-openai", **provider}}}
    write(tmp_path, {"provisioner.yaml": project(environments, variables={"who": {}})})

    given = Inputs(("who=${var.who}",)) if written == "${var.who}" else Inputs()
    _, environment = open_project(tmp_path, None, given)

    assert environment.provider.auth
    assert environment.provider.auth.client_id == "${var.who}"
