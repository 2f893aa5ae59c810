"""What counts as a difference, with the service taking part: nothing that it says otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from projects import LATE, V1, V2, Project
from test_lifecycle import ASSISTANT

from provisioner.operations.connection import connected
from provisioner.operations.planning import Request, make_plan
from provisioner.operations.workspace import open_workspace
from provisioner.plan import Cause

MakeProject = Callable[..., Project]
versions = pytest.mark.parametrize("api_version", [V1, V2, LATE])
BOT = "assistant.bot"
PRECOMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"

MANIFEST = """\
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: bot}
spec:
  model: chat
  description: ""
  instructions: {file: bot.md}
  metadata: {}
  tools:
    - type: function
      function:
        name: second
        parameters: {type: object, required: [b, a], properties: {b: {enum: [y, x]}, a: {}}}
    - {type: function, function: {name: first, description: "", parameters: {}}}
    - {type: code_interpreter, files: [{path: b.csv}, {path: a.csv}]}
"""
SETTINGS = "  temperature: 0.20\n  top_p: 1.0\n  response_format: {type: text}\n"
TEXT = "# R\u00f4le\r\nBe brief.\r\n\tDraw.  \n\n"


def function(name: str, **members: Any) -> dict[str, Any]:
    """Make a function tool as the service takes it."""
    return {"type": "function", "function": {"name": name, **members}}


SECOND = {"properties": {"a": {}, "b": {"enum": ["y", "x"]}}, "required": ["b", "a"]}
TOOLS = [
    {"type": "code_interpreter"},
    function("first", description=None, parameters={"type": "object", "properties": {}}),
    function("second", description="", parameters={**SECOND, "type": "object"}),
]
"""The tools of the manifest, as somebody else would write them."""


def applied(make_project: MakeProject, api_version: str, text: str = TEXT) -> Project:
    """Apply an assistant whose manifest says much in other words than the service."""
    project = make_project(api_version)
    project.write("bot.yaml", MANIFEST + ("" if api_version == V1 else SETTINGS))
    (project.folder / "bot.md").write_bytes(text.encode())
    project.write("a.csv", "a\n")
    project.write("b.csv", "b\n")
    project.apply()
    return project


def edit(project: Project, **body: Any) -> None:
    """Change the live assistant, as somebody else would."""
    project.service.call("POST", f"/assistants/{project.id(BOT)}", body)


def differences(project: Project) -> dict[str, Cause | None]:
    """Plan; give who made each difference, by its path as plans write it."""
    workspace = open_workspace(project.folder, None)
    with connected(workspace.project, workspace.environment) as connection:
        changes = make_plan(workspace, connection, Request()).plan.changes
    found = [each for change in changes for each in change.differences]
    return {".".join(map(str, each.path)): each.cause for each in found}


@versions
def test_what_is_said_in_other_words_plans_empty(
    make_project: MakeProject, api_version: str
) -> None:
    """Emptiness, orders, zeros and line ends arrive, and come back as no difference."""
    project = applied(make_project, api_version)
    [live] = project.service.assistants()

    assert live["instructions"] == TEXT
    assert project.plan().code == 0
    assert project.run("drift").code == 0


@versions
def test_the_same_in_the_words_of_somebody_else_is_no_difference(
    make_project: MakeProject, api_version: str
) -> None:
    """The assistant is saved elsewhere as it is: null, other orders, a tool twice, defaults."""
    project = applied(make_project, api_version)
    files = [project.id("file.b-csv"), project.id("file.a-csv")]
    edit(project, description=None, tools=[*TOOLS, TOOLS[0]])
    if api_version == V1:
        edit(project, file_ids=files)
    else:
        edit(project, tool_resources={"code_interpreter": {"file_ids": files[::-1]}})
        edit(project, temperature=0.2, top_p=None, response_format="auto")
        edit(project, response_format={"type": "text"})

    assert differences(project) == {}
    assert project.run("drift").code == 0


def test_strict_that_is_false_is_no_difference(make_project: MakeProject) -> None:
    """The service adds it to every function, and a manifest may say it."""
    project = applied(make_project, LATE)
    edit(project, tools=[TOOLS[0], TOOLS[1], function("second", strict=False, parameters=SECOND)])
    project.edit("bot.yaml", "name: first", "name: first, strict: false")

    assert differences(project) == {"tools.function second.function.parameters.type": Cause.LIVE}


@versions
@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Be brief.", "Be brief.\n"),
        ("Be brief.\n", "Be brief."),
        ("a\nb\n", "a\r\nb\r\n"),
        (PRECOMPOSED, DECOMPOSED),
        ("a b", "a  b"),
    ],
    ids=["a newline more", "a newline less", "line ends", "unicode", "a blank"],
)
def test_each_byte_of_instructions_counts(
    make_project: MakeProject, api_version: str, text: str, other: str
) -> None:
    """Whoever has changed it; and after the next apply there is nothing more to do."""
    project = applied(make_project, api_version, text)
    edit(project, instructions=other)
    assert differences(project) == {"instructions": Cause.LIVE}
    project.apply()
    (project.folder / "bot.md").write_bytes(other.encode())
    assert differences(project) == {"instructions": Cause.YOU}
    project.apply()

    assert project.plan().code == 0
    assert project.service.assistants()[0]["instructions"] == other


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ("a\r\nb\r\n", "only whitespace differs in this line"),
        ("a \nb\n", "only whitespace differs in this line"),
        ("a\nb", "no newline at the end any more"),
    ],
)
def test_a_difference_of_whitespace_is_called_so(
    make_project: MakeProject, other: str, said: str
) -> None:
    """It can't be seen otherwise."""
    project = applied(make_project, V2, "a\nb\n")
    (project.folder / "bot.md").write_bytes(other.encode())

    assert said in project.plan().out


@versions
def test_lists_of_a_schema_have_an_order(make_project: MakeProject, api_version: str) -> None:
    """The model reads them as they stand; keys have none."""
    project = applied(make_project, api_version)
    project.edit(
        "bot.yaml",
        "required: [b, a], properties: {b: {enum: [y, x]}, a: {}}",
        "properties: {a: {}, b: {enum: [x, y]}}, required: [b, a]",
    )
    path = "tools.function second.function.parameters.properties.b.enum"

    assert differences(project) == {f"{path}.0": Cause.YOU, f"{path}.1": Cause.YOU}


@versions
def test_what_the_manifest_leaves_out_is_looked_after_too(
    make_project: MakeProject, api_version: str
) -> None:
    """It moved away from what was applied, and the next apply takes it back."""
    project = applied(make_project, api_version)
    edited: dict[str, Any] = {"description": "Mine", "tools": [*TOOLS, function("third")]}
    if api_version != V1:
        edited |= {"top_p": 0.5, "response_format": {"type": "json_object"}}
    edit(project, **edited)
    paths = {"tools.function third", *edited} - {"tools"}

    assert differences(project) == dict.fromkeys(paths, Cause.LIVE)
    project.apply()
    assert project.plan().code == 0


@versions
@pytest.mark.parametrize("left", [[], ["b"]])
def test_a_lost_file_is_nobodys_edit_of_a_manifest(
    make_project: MakeProject, api_version: str, left: list[str]
) -> None:
    """It is uploaded again, and what refers to it changes though its manifest hasn't."""
    project = make_project(api_version)
    files = ", ".join(f"{{path: {each}.csv}}" for each in ["a", *left])
    tools = f"  tools: [{{type: code_interpreter, files: [{files}]}}]\n"
    project.write("bot.yaml", ASSISTANT.replace("NAME", "bot") + tools)
    for each in ["a", *left]:
        project.write(f"{each}.csv", each)
    project.apply()
    project.service.call("DELETE", f"/files/{project.id('file.a-csv')}")

    assert set(differences(project).values()) == {Cause.LIVE}


@versions
def test_two_people_may_change_different_things(
    make_project: MakeProject, api_version: str
) -> None:
    """Each difference says who made it; the same change on both sides is none."""
    project = applied(make_project, api_version)
    edit(project, description="Mine", name="Bot", model="gpt-4o-mini")
    project.edit("bot.yaml", 'description: ""', "description: Ours")
    project.edit("bot.yaml", "model: chat", "model: fast")
    project.edit("bot.yaml", "name: first", "name: last")

    assert differences(project) == {
        "description": Cause.BOTH,
        "name": Cause.LIVE,
        "tools.function first": Cause.YOU,
        "tools.function last": Cause.YOU,
    }
