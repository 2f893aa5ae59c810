"""What differs from one environment to the other: defaults below, patches on top."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from manifest_factories import (
    LOCAL,
    assistant,
    attributes,
    codes,
    document,
    found,
    function,
    only,
    project,
    resources,
    write,
)

from provisioner.address import Address


def patching(patches: Mapping[str, Any], **spec: Any) -> str:
    """Write a Project whose environment `prod` has patches, and `dev` none."""
    return project({"prod": {**LOCAL, "patches": patches}, "dev": LOCAL}, **spec)


def test_defaults_hold_where_an_assistant_says_nothing(tmp_path: Path) -> None:
    """What it says itself wins; pairs of metadata are merged."""
    defaults = {"description": "d", "temperature": 0.5, "metadata": {"a": "1", "b": "2"}}
    write(
        tmp_path,
        {
            "provisioner.yaml": project(defaults={"assistant": defaults}),
            "a.yaml": assistant(temperature=0, metadata={"b": "own"}),
        },
    )

    made = attributes(tmp_path)

    assert (made["description"], made["temperature"]) == ("d", 0)
    assert made["metadata"] == {"a": "1", "b": "own"}


def test_a_default_model_is_enough(tmp_path: Path) -> None:
    """A required field may come from the defaults."""
    write(
        tmp_path,
        {
            "provisioner.yaml": project(defaults={"assistant": {"model": "chat"}}),
            "a.yaml": document("Assistant", "bot", {"name": "Bot"}),
        },
    )

    assert attributes(tmp_path)["model"] == "gpt-4o"


def test_defaults_of_unions_are_replaced_whole(tmp_path: Path) -> None:
    """Half of one instruction and half of another would be neither."""
    write(
        tmp_path,
        {
            "provisioner.yaml": project(defaults={"assistant": {"instructions": {"file": "x.md"}}}),
            "a.yaml": assistant(instructions={"ref": "tone"}),
            "b.yaml": document("Instructions", "tone", {"text": "t"}),
            "x.md": "x",
        },
    )

    assert attributes(tmp_path)["instructions"] == "t"


def test_paths_in_defaults_go_out_from_the_project_file(tmp_path: Path) -> None:
    """They stand there."""
    write(
        tmp_path,
        {
            "provisioner.yaml": project(defaults={"assistant": {"instructions": {"file": "x.md"}}}),
            "bots/a.yaml": assistant(),
            "x.md": "x",
        },
    )

    assert attributes(tmp_path)["instructions"] == "x"


def test_a_bad_default_is_told_once_and_in_the_project_file(tmp_path: Path) -> None:
    """However many assistants take it."""
    write(
        tmp_path,
        {
            "provisioner.yaml": project(defaults={"assistant": {"temprature": 1}}),
            "a.yaml": assistant("one") + "---\n" + assistant("two"),
        },
    )

    [problem] = found(tmp_path)
    assert (problem.code, str(problem.position)[:16]) == ("M101", "provisioner.yaml")


def test_a_patch_holds_in_its_environment_only(tmp_path: Path) -> None:
    """Maps are merged, null removes, everything else is replaced."""
    patch = {
        "spec": {"temperature": 0, "description": None, "metadata": {"a": None, "c": "3"}},
        "metadata": {"labels": {"tier": "gold"}, "lifecycle": {"prevent_destroy": True}},
    }
    written = assistant(description="d", metadata={"a": "1", "b": "2"}, temperature=1)
    write(
        tmp_path,
        {"provisioner.yaml": patching({"assistant.bot": patch}), "a.yaml": written},
    )

    prod = resources(tmp_path, "prod")[Address("assistant", "bot")]
    dev = attributes(tmp_path, environment="dev")

    assert prod.attributes["temperature"] == 0
    assert "description" not in prod.attributes
    assert prod.attributes["metadata"] == {"b": "2", "c": "3"}
    assert (prod.labels, prod.lifecycle.prevent_destroy) == ({"tier": "gold"}, True)
    assert (dev["temperature"], dev["description"]) == (1, "d")


@pytest.mark.parametrize(
    ("address", "patch"),
    [
        ("instructions.tone", {"spec": {"text": "patched"}}),
        ("assistant.bot", {"spec": {"instructions": "patched"}}),
        ("assistant.bot", {"spec": {"instructions": {"ref": None, "file": "patched.md"}}}),
        ("assistant.bot", {"spec": {"instructions": ["patched"]}}),
    ],
)
def test_any_document_can_be_patched(address: str, patch: Any, tmp_path: Path) -> None:
    """Shared ones too; what uses them follows. Paths go out from provisioner.yaml."""
    write(
        tmp_path,
        {
            "provisioner.yaml": patching({address: patch}),
            "bots/a.yaml": assistant(instructions={"ref": "tone"}),
            "bots/t.yaml": document("Instructions", "tone", {"text": "t"}),
            "patched.md": "patched",
        },
    )

    assert attributes(tmp_path, environment="prod")["instructions"] == "patched"
    assert attributes(tmp_path, environment="dev")["instructions"] == "t"


def test_a_patched_file_is_another_upload_in_that_environment(tmp_path: Path) -> None:
    """Inline files are named by their paths, environment by environment."""
    tool = {"type": "code_interpreter", "files": [{"path": "dev.csv"}]}
    patched = {"type": "code_interpreter", "files": [{"path": "prod.csv"}]}
    write(
        tmp_path,
        {
            "provisioner.yaml": patching({"assistant.bot": {"spec": {"tools": [patched]}}}),
            "a.yaml": assistant(tools=[tool]),
            "dev.csv": "d",
            "prod.csv": "p",
        },
    )

    assert Address("file", "prod-csv") in resources(tmp_path, "prod")
    assert Address("file", "dev-csv") in resources(tmp_path, "dev")
    assert len(resources(tmp_path, "prod")) == 2


def test_a_patch_of_nothing_is_told_with_its_neighbour(tmp_path: Path) -> None:
    """At its key; and what is not for the environment can't be patched there."""
    write(
        tmp_path,
        {
            "provisioner.yaml": patching({"assistant.bott": {"spec": {"temperature": 0}}}),
            "a.yaml": assistant(),
        },
    )
    assert "Did you mean assistant.bot?" in only(tmp_path, "M202")

    write(
        tmp_path,
        {
            "provisioner.yaml": patching({"assistant.bot": {"spec": {"temperature": 0}}}),
            "a.yaml": assistant(about={"environments": ["dev"]}),
        },
    )
    detail = only(tmp_path, "M202")
    assert detail == "In prod: assistant.bot is not for this environment: see its `environments`."


@pytest.mark.parametrize(
    ("patch", "code"),
    [
        ({"spec": {"temperature": 3}}, "M104"),
        ({"spec": {"temprature": 1}}, "M101"),
        ({"spec": {"model": None}}, "M102"),
        ({"metadata": {"labels": {"a": 1}}}, "M103"),
        ({"spec": {"instructions": {"file": "no.md"}}}, "M302"),
        ({"spec": {"tools": [{"ref": "no"}]}}, "M202"),
        ({"spec": {"tools": [function("f"), function("f")]}}, "M403"),
    ],
)
def test_what_a_patch_breaks_is_told_where_the_patch_stands(
    patch: Any, code: str, tmp_path: Path
) -> None:
    """Not in the manifest that was fine before."""
    write(
        tmp_path,
        {"provisioner.yaml": patching({"assistant.bot": patch}), "a.yaml": assistant()},
    )

    problems = found(tmp_path)
    assert {each.code for each in problems} == {code}
    if code != "M102":  # what was removed is missed where it was
        assert {each.position.path for each in problems if each.position} == {"provisioner.yaml"}


def test_variables_in_defaults_and_patches_are_filled_in(tmp_path: Path) -> None:
    """After merging, with the environment's values."""
    patch = {"assistant.bot": {"spec": {"description": "${var.who}"}}}
    prod = {**LOCAL, "patches": patch, "variables": {"who": "customers"}}
    dev = {**LOCAL, "variables": {"who": "testers"}}
    defaults = {"assistant": {"metadata": {"for": "${var.who}"}}}
    environments = {"prod": prod, "dev": dev}
    written = project(environments, variables={"who": {}}, defaults=defaults)
    write(tmp_path, {"provisioner.yaml": written, "a.yaml": assistant()})

    assert attributes(tmp_path, environment="prod")["description"] == "customers"
    assert attributes(tmp_path, environment="dev")["metadata"] == {"for": "testers"}


def test_what_is_for_other_environments_is_not_filled_in(tmp_path: Path) -> None:
    """It may ask for variables that have values only there."""
    dev = {**LOCAL, "variables": {"who": "testers"}}
    written = project({"prod": LOCAL, "dev": dev}, variables={"who": {"default": ""}})
    only_dev = assistant(temperature="${var.who}", about={"environments": ["dev"]})
    write(tmp_path, {"provisioner.yaml": written, "a.yaml": only_dev})

    assert codes(tmp_path, "prod") == []
    assert codes(tmp_path, "dev") == ["M103"]
