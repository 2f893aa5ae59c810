"""`explain`: where each value comes from, and how it stands."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from projects import Project

MakeProject = Callable[..., Project]

MANIFEST = """\
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: bot}
spec:
  model: chat
  description: For ${var.who}
  temperature: 1
  instructions: [{file: x.md}, {ref: tone}]
  tools:
    - {type: code_interpreter, files: [{path: x.csv}]}
    - {ref: call}
---
apiVersion: provisioner/v1
kind: Instructions
metadata: {name: tone}
spec: {text: "Be kind to ${var.who}."}
---
apiVersion: provisioner/v1
kind: Tool
metadata: {name: call}
spec: {type: function, function: {name: call_it}}
"""
SPEC = """\
spec:
  variables: {who: {default: all}}
  defaults: {assistant: {temperature: 0.5, metadata: {cost_center: "9"}}}
  environments:
    test:
      variables: {who: testers}
      patches: {assistant.bot: {spec: {temperature: 0}}}
"""


@pytest.fixture
def project(make_project: MakeProject) -> Project:
    """Make a project in which values come from everywhere."""
    project = make_project()
    project.edit("provisioner.yaml", "spec:\n  environments:\n    test:\n", SPEC)
    project.write("a.yaml", MANIFEST)
    project.write("x.md", "Hello ${var.who}\n")
    project.write("x.csv", "a\n")
    return project


def explained(project: Project, field: str, *options: str) -> list[str]:
    """Explain one field; give its lines, blanks folded."""
    result = project.run("explain", f"assistant.bot.{field}", *options)
    assert result.code == 0, result.err
    lines = [" ".join(line.split()) for line in result.out.splitlines()]
    assert lines[:2] == ["# assistant.bot", ""]
    return lines[2:]


def test_default_manifest_and_patch_are_layers(project: Project) -> None:
    """The last one that says something has won."""
    assert explained(project, "temperature") == [
        "temperature = 0",
        "default provisioner.yaml:6:39 0.5",
        "manifest a.yaml:7:16 1",
        "patch provisioner.yaml:10:53 0",
    ]


def test_a_default_alone_is_told(project: Project) -> None:
    """With its place in the Project."""
    assert explained(project, "metadata.cost_center") == [
        'metadata.cost_center = "9"',
        'default provisioner.yaml:6:68 "9"',
    ]


def test_a_variable_is_told_with_where_its_value_comes_from(project: Project) -> None:
    """An environment, or an option."""
    assert explained(project, "description") == [
        'description = "For testers"',
        'manifest a.yaml:6:16 "For ${var.who}"',
        "variable provisioner.yaml:9:24 who from environment test",
    ]
    told = explained(project, "description", "--var", "who=me")
    assert told[0] == 'description = "For me"'
    assert told[-1] == "variable who from --var"


def test_an_alias_is_followed(project: Project) -> None:
    """To the environment's deployment."""
    told = explained(project, "model")

    assert told[0] == 'model = "gpt-4o"'
    assert told[1] == 'manifest a.yaml:5:10 "chat"'
    assert told[2].startswith("alias provisioner.yaml:")
    assert told[2].endswith("chat is gpt-4o")


def test_instructions_are_followed_part_by_part(project: Project) -> None:
    """Files and shared texts, with the variables in them."""
    told = explained(project, "instructions")

    assert told[0] == r'instructions = "Hello testers\n\nBe kind to testers."'
    assert [line.split()[:2] for line in told[1:]] == [
        ["manifest", "a.yaml:8:17"],
        ["file", "x.md:1:1"],
        ["variable", "provisioner.yaml:9:24"],
        ["ref", "a.yaml:15:18"],
        ["variable", "provisioner.yaml:9:24"],
    ]


def test_files_and_shared_tools_are_found(project: Project) -> None:
    """Where they are attached, and where they are declared."""
    files = explained(project, "tool_resources")
    tool = explained(project, "tools.function call_it")

    assert files[0].endswith("= file.x-csv")
    assert files[1].startswith("manifest a.yaml:10:40 ")
    assert [line.split()[:2] for line in tool[1:]] == [
        ["manifest", "a.yaml:11:7"],
        ["ref", "a.yaml:20:18"],
    ]


def test_recorded_and_live_values_are_told(project: Project) -> None:
    """As soon as something is recorded; what differs is shown."""
    project.apply()
    assert explained(project, "description")[-2:] == ["recorded the same", "live the same"]

    path = f"/assistants/{project.id('assistant.bot')}"
    project.service.call("POST", path, {"description": "Edited"})
    told = explained(project, "description")
    assert told[-2:] == ["recorded the same", 'live "Edited"']
    offline = explained(project, "description", "--no-refresh")
    assert offline[-1] == "recorded the same"


def test_everything_is_told_of_an_address(project: Project) -> None:
    """All attributes, in one go, for inline files too."""
    result = project.run("explain", "assistant.bot")
    file = project.run("explain", "file.x-csv")

    assert result.out.count(" = ") == 9
    assert "a.yaml:10:47" in file.out


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ("assistant.bott", "Did you mean assistant.bot?"),
        ("assistant.bot.temprature", "Did you mean temperature?"),
        ("assistant", "Did you mean assistant.bot?"),
    ],
)
def test_what_there_is_not_is_an_error(project: Project, asked: str, hint: str) -> None:
    """With what was probably meant."""
    result = project.run("explain", asked)

    assert result.code == 1
    assert "P009" in result.err
    assert hint in " ".join(result.err.split())


def test_the_files_of_a_store_are_explained_one_by_one(project: Project) -> None:
    """What is live is read as plans read it: lists and single reads leave the files out."""
    store = "kind: VectorStore\nmetadata: {name: notes}\nspec: {files: [{path: x.md}]}\n"
    project.write("s.yaml", f"apiVersion: provisioner/v1\n{store}")
    project.apply()

    result = project.run("explain", "vectorstore.notes.file_ids")

    assert [" ".join(line.split()) for line in result.out.splitlines()[2:]] == [
        "file_ids.file.x-md = file.x-md",
        'manifest s.yaml:4:16 {"path": "x.md"}',
        "recorded the same",
        "live the same",
    ]


def test_a_literal_file_asks_for_no_variable(project: Project) -> None:
    """What looks like a reference there is text."""
    project.edit("a.yaml", "{file: x.md}", "{file: x.md, literal: true}")
    project.edit("a.yaml", "Be kind to ${var.who}.", "Be kind.")

    assert not any("variable" in line for line in explained(project, "instructions"))
