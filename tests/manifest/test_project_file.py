"""The Project: its place, its environments, and the services that they name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from manifest_factories import (
    KEY,
    LOCAL,
    OLD,
    assistant,
    attributes,
    azure,
    codes,
    document,
    found,
    only,
    places,
    project,
    write,
)

from provisioner.errors import ManifestError
from provisioner.operations.workspace import open_workspace, validate


def codes_of(folder: Path, environment: dict[str, Any]) -> list[str]:
    """Validate a project with one environment."""
    return codes(write(folder, {"provisioner.yaml": project({"prod": environment})}))


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://contoso.openai.azure.com",
        "https://contoso.openai.azure.com/",
        "HTTPS://contoso.openai.azure.com",
        "https://gateway.example:8443/team-a",
        "http://127.0.0.1:8787",
        "http://127.8.8.8",
        "http://localhost:8787",
        "http://[::1]:8787",
    ],
)
def test_an_endpoint_is_safe(endpoint: str, tmp_path: Path) -> None:
    """https, or this machine."""
    assert codes_of(tmp_path, azure(endpoint=endpoint)) == []


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://contoso.openai.azure.com",
        "http://127.0.0.1.nip.io",
        "http://localhost.example",
        "http://localhost@contoso.example",
        "http://0.0.0.0",
        "http://[fe80::1]",
        "contoso.openai.azure.com",
        "//contoso.openai.azure.com",
        "ftp://contoso.openai.azure.com",
        "https://",
        "https:///path",
        "https://[::1",
        "https://contoso.openai.azure.com:99999",
        "https://contoso.openai.azure.com:x",
        "https://contoso.openai.azure.com\\@evil.example",
        "https://contoso.openai.azure.com\n",
        "https://contoso.openai.azure.com /",
        " https://contoso.openai.azure.com",
        "https://c\u043entoso.openai.azure.com",
    ],
)
def test_an_unsafe_endpoint_is_refused(endpoint: str, tmp_path: Path) -> None:
    """The key goes there."""
    assert codes_of(tmp_path, azure(endpoint=endpoint)) == ["M502"]


@pytest.mark.parametrize(
    "endpoint",
    [
        f"https://user:{KEY}@contoso.openai.azure.com",
        "https://@contoso.openai.azure.com",
        f"https://contoso.openai.azure.com/?api-key={KEY}",
        f"https://contoso.openai.azure.com/#{KEY}",
        "https://contoso.openai.azure.com/openai",
        "https://contoso.openai.azure.com/openai/deployments/x",
    ],
)
def test_an_endpoint_holds_no_more_than_an_address(endpoint: str, tmp_path: Path) -> None:
    """Above all no key; and what stands there isn't printed."""
    write(tmp_path, {"provisioner.yaml": project({"prod": azure(endpoint=endpoint)})})

    assert KEY not in only(tmp_path, "M503")


def test_a_problem_of_the_provider_has_a_place(tmp_path: Path) -> None:
    """That of the field."""
    text = (
        "apiVersion: provisioner/v1\nkind: Project\nmetadata: {name: demo}\nspec:\n"
        "  environments:\n    prod:\n      provider:\n        type: azure-openai\n        endpoint: http://example.com\n"
        "        api_version: 2024-10-21\n        auth: {type: api_key, env: KEY}\n"
    )

    assert places(write(tmp_path, {"provisioner.yaml": text})) == [
        "provisioner.yaml:10:22 M501",
        "provisioner.yaml:9:19 M502",
    ]


@pytest.mark.parametrize("version", ["2024-02-01", "2024-06-01", "2024-10-21"])
def test_a_version_without_assistants_is_refused(version: str, tmp_path: Path) -> None:
    """Only previews had them."""
    assert codes_of(tmp_path, azure(api_version=version)) == ["M501"]


@pytest.mark.parametrize(
    "version", ["2024-5-1-preview", "latest", "preview", "2024-05-01-beta", ""]
)
def test_a_version_has_a_form(version: str, tmp_path: Path) -> None:
    """Azure's own."""
    assert codes_of(tmp_path, azure(api_version=version)) == ["M104"]


@pytest.mark.parametrize("missing", ["endpoint", "api_version", "auth"])
def test_azure_needs_all_three(missing: str, tmp_path: Path) -> None:
    """The message names what is missing."""
    environment = azure()
    del environment["provider"][missing]
    write(tmp_path, {"provisioner.yaml": project({"prod": environment})})

    assert f"needs `{missing}`." in only(tmp_path, "M102")


def test_the_emulator_takes_no_endpoint(tmp_path: Path) -> None:
    """The branch of the schema says so."""
    provider = {"type": "emulator", "endpoint": "http://localhost"}
    write(tmp_path, {"provisioner.yaml": project({"local": {"provider": provider}})})

    assert "A provider of type emulator takes" in only(tmp_path, "M101")


@pytest.mark.parametrize("kind", ["foundry", "openai", "azure_openai"])
def test_an_unknown_provider_is_told(kind: str, tmp_path: Path) -> None:
    """Those of later releases too."""
    assert codes_of(tmp_path, {"provider": {"type": kind}}) == ["M104"]


def test_one_environment_needs_no_default(tmp_path: Path) -> None:
    """There is no choice."""
    write(tmp_path, {})

    assert open_workspace(tmp_path, None).environment.name == "local"


def test_the_default_environment_is_taken(tmp_path: Path) -> None:
    """Unless another is named."""
    write(
        tmp_path,
        {"provisioner.yaml": project({"a": LOCAL, "b": LOCAL}, default_environment="b")},
    )

    assert open_workspace(tmp_path, None).environment.name == "b"
    assert open_workspace(tmp_path, "a").environment.name == "a"


@pytest.mark.parametrize(
    ("environment", "phrase"), [(None, "-e: a, b"), ("c", "no environment 'c'")]
)
def test_an_environment_must_be_known(environment: str | None, phrase: str, tmp_path: Path) -> None:
    """Several and no default: one must be named."""
    write(tmp_path, {"provisioner.yaml": project({"a": LOCAL, "b": LOCAL})})

    with pytest.raises(ManifestError) as raised:
        open_workspace(tmp_path, environment)

    assert phrase in raised.value.diagnostics[0].detail


def test_an_unknown_default_is_told(tmp_path: Path) -> None:
    """With a suggestion."""
    write(tmp_path, {"provisioner.yaml": project(default_environment="locl")})

    assert "Did you mean local?" in only(tmp_path, "M203")


def test_a_project_needs_an_environment(tmp_path: Path) -> None:
    """There is nowhere to apply it to."""
    assert codes(write(tmp_path, {"provisioner.yaml": project({})})) == ["M105"]


def test_a_missing_project_is_told(tmp_path: Path) -> None:
    """provisioner.yaml holds something else."""
    assert codes(write(tmp_path, {"provisioner.yaml": assistant()})) == ["M007"]


def test_a_project_in_another_file_is_misplaced(tmp_path: Path) -> None:
    """Told at its own place."""
    write(tmp_path, {"a.yaml": project()})

    assert codes(tmp_path) == ["M008"]
    assert places(tmp_path)[0].startswith("a.yaml:")


def test_a_second_project_is_misplaced(tmp_path: Path) -> None:
    """In the same file too."""
    write(tmp_path, {"provisioner.yaml": project() + "---\n" + project()})

    assert codes(tmp_path) == ["M008"]
    assert places(tmp_path)[0].startswith("provisioner.yaml:3:")


def test_the_uid_defaults_to_the_name(tmp_path: Path) -> None:
    """It is part of ownership tags."""
    checked = validate(write(tmp_path, {}), None)

    assert checked.project is not None
    assert checked.project.uid == "demo"


def test_an_alias_becomes_the_deployment(tmp_path: Path) -> None:
    """Each environment's own."""
    environments = {
        "a": {**LOCAL, "models": {"chat": "one"}},
        "b": {**OLD, "models": {"chat": "two"}},
    }
    write(tmp_path, {"provisioner.yaml": project(environments), "a.yaml": assistant()})

    assert attributes(tmp_path, environment="a")["model"] == "one"
    assert attributes(tmp_path, environment="b")["model"] == "two"


def test_a_word_that_is_no_alias_is_a_deployment(tmp_path: Path) -> None:
    """As Azure itself would take it."""
    write(tmp_path, {"a.yaml": assistant(model="gpt-4o")})

    assert attributes(tmp_path)["model"] == "gpt-4o"


def test_an_alias_must_exist_everywhere(tmp_path: Path) -> None:
    """In every environment that the assistant is for."""
    environments = {"a": LOCAL, "b": {"provider": {"type": "emulator"}, "models": {"chart": "x"}}}
    write(tmp_path, {"provisioner.yaml": project(environments), "a.yaml": assistant()})

    detail = only(tmp_path, "M204")
    assert detail.startswith("In b: 'chat' is an alias in a, but not in this environment.")
    assert "Did you mean chart?" in detail
    write(tmp_path, {"a.yaml": assistant(about={"environments": ["a"]})})
    assert not found(tmp_path)


def test_the_project_document_is_checked_with_the_others(tmp_path: Path) -> None:
    """Its own problems hide none of theirs."""
    write(
        tmp_path,
        {
            "provisioner.yaml": document("Project", "demo", {}),
            "a.yaml": assistant(modell="x"),
            "b.yaml": document("File", "x", {"pat": "no.csv"}),
        },
    )

    assert codes(tmp_path) == ["M101", "M101", "M102"]
