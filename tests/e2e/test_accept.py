"""`accept`: what was edited at the service becomes what the manifests say."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any

import pytest
from projects import LATE, V1, V2, Project, Result

MakeProject = Callable[..., Project]
versions = pytest.mark.parametrize("api_version", [V1, V2, LATE])

BOT = """\
# The bot of the front page.
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: bot}  # never rename it
spec:
  # What people see.
  name: 'Bot'   # short
  description: Helps people   # one line
  model: chat

  instructions: |  # keep it brief
    Be brief.
    Be kind.

  # Who pays.
  metadata: {owner: me, cost: "9"}  # asked by finance
  tools:
    # The weather.
    - type: function
      function:
        name: get_weather
        description: Tell the weather  # in short
        parameters:
          type: object
          properties:
            city: {type: string}  # a name
          required: [city]
# The end.
"""


def files(project: Project) -> dict[str, bytes]:
    """Read every file of the project that a person writes."""
    return {
        path.relative_to(project.folder).as_posix(): path.read_bytes()
        for path in project.folder.rglob("*")
        if path.is_file() and ".provisioner" not in path.parts
    }


def changed(project: Project, before: dict[str, bytes]) -> dict[str, list[str]]:
    """Give the lines that differ from before, by file."""
    after = files(project)
    assert after.keys() == before.keys()
    return {
        name: _lines(before[name].decode(), text.decode())
        for name, text in after.items()
        if text != before[name]
    }


def _lines(before: str, after: str) -> list[str]:
    found = difflib.unified_diff(before.split("\n"), after.split("\n"), n=0, lineterm="")
    return [line for line in found if line[:3] not in ("---", "+++") and line[0] != "@"]


def edit(project: Project, address: str = "assistant.bot", /, **body: Any) -> None:
    """Change an assistant as the portal would."""
    project.service.call("POST", f"/assistants/{project.id(address)}", body)


def live(project: Project) -> dict[str, Any]:
    """Give what the only assistant is at the service."""
    (found,) = project.service.assistants()
    return found


def assert_settled(project: Project) -> None:
    """Expect that plan and drift are empty."""
    planned = project.plan()
    assert planned.code == 0, planned.out
    drift = project.run("drift")
    assert drift.code == 0, drift.out


def accepted(project: Project, *addresses: str) -> Result:
    """Accept, which must go well and send nothing."""
    before = project.service.assistants()
    result = project.run("accept", *(addresses or ("assistant.bot",)))
    assert result.code == 0, result.err
    assert project.service.assistants() == before
    return result


def assert_refused(project: Project, code: str, *words: str) -> Result:
    """Expect an error, and no file or record changed."""
    before, state = files(project), project.state
    result = project.run("accept", "assistant.bot")
    said = " ".join(result.err.replace("│", " ").split())
    assert result.code == 1, result.out
    assert code in said, said
    for each in words:
        assert each in said, said
    assert files(project) == before
    assert project.state == state
    return result


def applied(make_project: MakeProject, text: str = BOT, api_version: str = V2) -> Project:
    """Apply a project with the assistant `bot`."""
    project = make_project(api_version)
    project.write("bot.yaml", text)
    project.apply()
    return project


@versions
def test_fields_are_written_in_place(make_project: MakeProject, api_version: str) -> None:
    """Each keeps its quotes and its comment, and no other line changes."""
    project = applied(make_project, api_version=api_version)
    before = files(project)
    edit(project, name="It's new", description="Helps: everybody", model="gpt-4o-mini")
    result = accepted(project)

    assert changed(project, before) == {
        "bot.yaml": [
            "-  name: 'Bot'   # short",
            "-  description: Helps people   # one line",
            "-  model: chat",
            "+  name: 'It''s new'   # short",
            '+  description: "Helps: everybody"   # one line',
            "+  model: fast",
        ]
    }
    assert "--- a/bot.yaml\n+++ b/bot.yaml\n" in result.out
    assert "+  model: fast\n" in result.out
    assert "Accepted assistant.bot: description, model, name." in result.out
    assert_settled(project)


def test_a_block_text_stays_one(make_project: MakeProject) -> None:
    """With its header's comment, and the blank lines behind it."""
    project = applied(make_project)
    before = files(project)
    edit(project, instructions="Be brief.\nBe very kind.\n\n  Always: yes.\n")
    accepted(project)

    assert changed(project, before)["bot.yaml"] == [
        "-    Be kind.",
        "+    Be very kind.",
        "+",
        "+      Always: yes.",
    ]
    assert_settled(project)


def test_metadata_comes_goes_and_changes(make_project: MakeProject) -> None:
    """Pair by pair, in the brackets that are there."""
    project = applied(make_project)
    before = files(project)
    metadata = {key: each for key, each in live(project)["metadata"].items() if key != "owner"}
    edit(project, metadata={**metadata, "cost": "10, or more", "team": "web"})
    accepted(project)

    assert changed(project, before)["bot.yaml"][1:] == [
        '+  metadata: {cost: "10, or more", team: web}  # asked by finance'
    ]
    assert_settled(project)


def test_a_field_that_was_cleared_is_taken_out(make_project: MakeProject) -> None:
    """What it stands beside stays, and so does its comment."""
    project = applied(make_project)
    before = files(project)
    tag = {key: each for key, each in live(project)["metadata"].items() if "provisioner" in key}
    edit(project, description=None, metadata=tag, tools=[])
    result = accepted(project)

    lines = changed(project, before)["bot.yaml"]
    assert [line for line in lines if line[0] == "+"] == [
        "+  # one line",
        "+  # asked by finance",
    ]
    assert "Fields written: 4" in result.out
    assert_settled(project)


def test_what_a_function_consists_of_is_edited_member_by_member(
    make_project: MakeProject,
) -> None:
    """Only the lines that say something else change."""
    project = applied(make_project)
    before = files(project)
    (tool,) = live(project)["tools"]
    tool["function"]["description"] = "Tell the weather of a city"
    properties = tool["function"]["parameters"]["properties"]
    properties["unit"] = {"type": "string", "enum": ["C", "F"]}
    edit(project, tools=[tool])
    accepted(project)

    assert changed(project, before)["bot.yaml"] == [
        "-        description: Tell the weather  # in short",
        "+        description: Tell the weather of a city  # in short",
        "+            unit:",
        "+              type: string",
        "+              enum:",
        "+                - C",
        "+                - F",
    ]
    assert_settled(project)


def test_tools_come_and_go(make_project: MakeProject) -> None:
    """With the comments of those that stay."""
    project = applied(make_project)
    before = files(project)
    function = {"name": "convert", "parameters": {"type": "object", "properties": {"a": {}}}}
    tools = [{"type": "code_interpreter"}, {"type": "function", "function": function}]
    edit(project, tools=tools)
    accepted(project)

    lines = changed(project, before)["bot.yaml"]
    assert "+    - {type: code_interpreter}" in lines
    assert "+        name: convert" in lines
    assert not any("# The weather." in line for line in lines)
    assert_settled(project)


def test_nothing_to_accept_says_so(make_project: MakeProject) -> None:
    """And writes nothing, not even the state."""
    project = applied(make_project)
    before, state = files(project), project.state
    result = accepted(project)

    assert "No edits to accept." in result.out
    assert files(project) == before
    assert project.state == state


def test_an_unknown_address_is_told_with_what_was_meant(make_project: MakeProject) -> None:
    """As for --target."""
    project = applied(make_project)
    result = project.run("accept", "assistant.bott")

    assert result.code == 1
    assert "P005" in result.err
    assert "Did you mean assistant.bot?" in " ".join(result.err.replace("│", " ").split())
    assert project.run("accept").code == 1


def test_only_the_named_address_is_accepted(make_project: MakeProject) -> None:
    """Others keep their drift."""
    project = applied(make_project)
    project.write("other.yaml", BOT.replace("name: bot", "name: other"))
    project.apply()
    edit(project, description="Edited")
    edit(project, "assistant.other", description="Edited, too")
    before = files(project)
    accepted(project)

    assert list(changed(project, before)) == ["bot.yaml"]
    assert project.changes() == {"assistant.other": ["update"]}
    assert project.run("drift").code == 2
    accepted(project, "assistant.other", "assistant.bot")
    assert_settled(project)


def test_only_the_named_field_is_accepted(make_project: MakeProject) -> None:
    """What stands in the way of others doesn't matter then."""
    project = applied(make_project)
    project.edit("bot.yaml", "Helps people", "Helps everybody")
    edit(project, description="Helps nobody", instructions="Be rude.", temperature=0.5)
    before = files(project)
    result = accepted(project, "assistant.bot.instructions", "assistant.bot.temperature")

    assert changed(project, before)["bot.yaml"] == [
        "-  instructions: |  # keep it brief",
        "-    Be brief.",
        "-    Be kind.",
        "+  instructions: |-  # keep it brief",
        "+    Be rude.",
        "+  temperature: 0.5",
    ]
    assert "Accepted assistant.bot: instructions, temperature." in result.out
    assert project.run("drift").out.count("description") == 1
    assert "instructions" not in project.run("drift").out


def test_what_the_manifest_has_changed_stays_for_the_next_apply(
    make_project: MakeProject,
) -> None:
    """It is no edit of the service; what was edited there is accepted all the same."""
    project = applied(make_project)
    project.edit("bot.yaml", "Be kind.", "Be kinder.")
    edit(project, description="Edited")
    before = files(project)
    result = accepted(project)

    assert changed(project, before)["bot.yaml"][1] == "+  description: Edited   # one line"
    assert "the next apply brings instructions." in result.out
    assert project.run("drift").code == 0
    project.apply()
    assert project.service.assistants()[0]["description"] == "Edited"
    assert_settled(project)


def test_an_edit_on_both_sides_is_refused(make_project: MakeProject) -> None:
    """With both values, and how to decide."""
    project = applied(make_project)
    project.edit("bot.yaml", "Helps people", "Helps everybody")
    edit(project, description="Helps nobody")

    assert_refused(
        project, "P076", '"Helps everybody"', '"Helps nobody"', "To keep what is live, write"
    )


def test_the_same_edit_on_both_sides_is_recorded(make_project: MakeProject) -> None:
    """Nothing has to be written, and there is no drift any more."""
    project = applied(make_project)
    project.edit("bot.yaml", "Helps people", "Helps everybody")
    edit(project, description="Helps everybody")
    before = files(project)
    assert project.run("drift").code == 2
    result = accepted(project)

    assert "the manifests say what is live" in result.out
    assert files(project) == before
    assert_settled(project)


def test_half_a_character_is_refused(make_project: MakeProject) -> None:
    """No file can hold it."""
    project = applied(make_project)
    edit(project, description="Helps \ud800")

    assert_refused(project, "P075", "half a character")


def test_a_name_that_was_cleared_stays_cleared(make_project: MakeProject) -> None:
    """Left out, it would be the one of the address."""
    project = applied(make_project)
    before = files(project)
    edit(project, name="")
    accepted(project)

    assert changed(project, before)["bot.yaml"][1] == "+  name: ''   # short"
    assert_settled(project)


def test_a_deleted_object_is_refused(make_project: MakeProject) -> None:
    """The message names both ways to go on."""
    project = applied(make_project)
    project.service.call("DELETE", f"/assistants/{project.id('assistant.bot')}")

    assert_refused(project, "P077", "removed: [{from: assistant.bot}]")


def test_what_was_never_applied_or_is_no_longer_declared_is_refused(
    make_project: MakeProject,
) -> None:
    """There is nothing to accept against, or nowhere to write it."""
    project = applied(make_project)
    project.write("other.yaml", BOT.replace("name: bot", "name: other"))
    assert "P079" in project.run("accept", "assistant.other").err

    (project.folder / "bot.yaml").unlink()
    assert_refused(project, "P081", "provisioner export")
