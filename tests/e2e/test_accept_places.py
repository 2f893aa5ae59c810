"""`accept` where values come from elsewhere: files, references, defaults, patches, variables."""

from __future__ import annotations

from typing import Any

import pytest
from projects import V2, Project
from test_accept import (
    MakeProject,
    accepted,
    assert_refused,
    assert_settled,
    changed,
    edit,
    files,
    live,
)

from provisioner.state.lock import locked

HEAD = "apiVersion: provisioner/v1\nkind: Assistant\nmetadata: {name: bot}\nspec:\n  model: chat\n"
SHARED = """\
---
apiVersion: provisioner/v1
kind: Instructions
metadata: {name: tone}
spec: {text: Be kind to everybody.}  # shared
---
apiVersion: provisioner/v1
kind: Tool
metadata: {name: call}
spec:
  type: function
  function: {name: call_it, description: Calls}
"""
OTHER = """\
---
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: other}
spec: {model: chat, instructions: {ref: tone}, tools: [{ref: call}]}
"""


def applied(
    make_project: MakeProject, text: str, *, spec: str = "", prod: str = "", **texts: str
) -> Project:
    """Apply a project with the assistant `bot`; `prod` makes a second environment."""
    project = make_project(V2)
    own = (project.folder / "provisioner.yaml").read_text(encoding="utf-8")
    provider = own.partition("    test:\n")[2]
    second = f"    prod:\n{provider}{prod}" if prod else ""
    start = f"spec:\n{spec}  default_environment: test\n"
    project.write("provisioner.yaml", own.replace("spec:\n", start) + second)
    project.write("bot.yaml", text)
    for name, content in texts.items():
        project.write(
            name.replace("__", "/").replace("_md", ".md").replace("_csv", ".csv"), content
        )
    project.apply()
    return project


TWO = "      variables: {}\n"
"""What makes a second environment like the first."""


def test_a_file_of_instructions_is_written_byte_for_byte(make_project: MakeProject) -> None:
    """What looks like a variable is escaped, because the file isn't literal."""
    project = applied(
        make_project, HEAD + "  instructions: {file: texts/bot.md}\n", texts__bot_md="Be brief.\n"
    )
    before = files(project)
    edit(project, instructions="Be brief.\r\nWrite ${var.x}.\n\n")
    accepted(project)

    assert list(changed(project, before)) == ["texts/bot.md"]
    assert files(project)["texts/bot.md"] == b"Be brief.\r\nWrite $${var.x}.\n\n"
    assert_settled(project)


def test_a_literal_file_is_written_as_it_is(make_project: MakeProject) -> None:
    """Nothing is special there."""
    text = HEAD + "  instructions: {file: bot.md, literal: true}\n"
    project = applied(make_project, text, bot_md="Be brief: ${var.a}.\n")
    edit(project, instructions="Be ${var.b}.")
    accepted(project)

    assert files(project)["bot.md"] == b"Be ${var.b}."
    assert_settled(project)


VARIABLES = "  variables: {who: {default: everybody}, n: {type: number, default: 5}}\n"


def test_variables_stay_where_the_edit_is_beside_them(make_project: MakeProject) -> None:
    """Lines that they fill in are kept as they are written."""
    project = applied(
        make_project,
        HEAD + "  description: Helps ${var.who}, and more\n  instructions: {file: bot.md}\n",
        spec=VARIABLES,
        bot_md="For ${var.who}.\nAt most ${var.n} of $${var.n}.\nBye.\n",
    )
    edit(
        project,
        description="Helps everybody, and less",
        instructions="Hello!\nFor everybody.\nAt most 5 of ${var.n}, please.\n",
    )
    accepted(project)

    assert files(project)["bot.md"] == (
        b"Hello!\nFor ${var.who}.\nAt most ${var.n} of $${var.n}, please.\n"
    )
    assert b"description: Helps ${var.who}, and less" in files(project)["bot.yaml"]
    assert_settled(project)


@pytest.mark.parametrize("description", ["Helps nobody", "Helps everybodyy", "Helps"])
def test_what_a_variable_has_filled_in_is_not_overwritten(
    make_project: MakeProject, description: str
) -> None:
    """The place of the text is named."""
    text = HEAD + "  description: Helps ${var.who}\n"
    project = applied(make_project, text, spec=VARIABLES)
    edit(project, description=description)

    assert_refused(project, "P075", "bot.yaml:6:16", "a variable fills in what was edited")


LIST = HEAD + "  instructions:\n    - {file: a.md}\n    - Second.  # own\n    - {ref: tone}\n"


def test_an_edit_within_one_part_goes_there(make_project: MakeProject) -> None:
    """Each part that was edited is written where it stands; trailing newlines stay."""
    project = applied(make_project, LIST + SHARED, a_md="One.\n\nTwo.\n\n\n")
    before = files(project)
    text = live(project)["instructions"]
    edited = text.replace("Two.", "Two.\nThree.").replace("Second.", "Seconds.")
    edit(project, instructions=edited.replace("everybody", "all"))
    accepted(project)

    assert files(project)["a.md"] == b"One.\n\nTwo.\nThree.\n\n\n"
    assert changed(project, before)["bot.yaml"] == [
        "-    - Second.  # own",
        "+    - Seconds.  # own",
        "-spec: {text: Be kind to everybody.}  # shared",
        "+spec: {text: Be kind to all.}  # shared",
    ]
    assert_settled(project)


def test_a_part_that_others_use_is_not_changed(make_project: MakeProject) -> None:
    """The message names who would change with it, and where the text stands."""
    project = applied(make_project, LIST + SHARED + OTHER, a_md="One.\n")
    text = live_bot(project)["instructions"]
    edit(project, instructions=text.replace("everybody", "all"))

    assert_refused(project, "P075", "assistant.other", "bot.yaml:14:14")


def test_an_edit_across_parts_is_refused(make_project: MakeProject) -> None:
    """With the places of all parts."""
    project = applied(make_project, LIST + SHARED, a_md="One.\n")
    edit(project, instructions="Something else.")

    assert_refused(project, "P075", "bot.yaml:7:7, bot.yaml:8:7, bot.yaml:9:7")


def live_bot(project: Project) -> dict[str, Any]:
    """Give the assistant `bot` as it is at the service."""
    found: dict[str, Any] = project.service.call(
        "GET", f"/assistants/{project.id('assistant.bot')}"
    )
    return found


def test_a_tool_of_its_own_document_is_edited_there(make_project: MakeProject) -> None:
    """Unless others use it."""
    function = {"type": "function", "function": {"name": "call_it", "description": "Calls you"}}
    project = applied(make_project, HEAD + "  tools: [{ref: call}]\n" + SHARED)
    edit(project, tools=[function])
    accepted(project)
    assert b"function: {name: call_it, description: Calls you}" in files(project)["bot.yaml"]
    assert_settled(project)


def test_a_tool_that_others_use_is_not_changed(make_project: MakeProject) -> None:
    """It is refused with its place."""
    function = {"type": "function", "function": {"name": "call_it", "description": "Calls you"}}
    project = applied(make_project, HEAD + "  tools: [{ref: call}]\n" + SHARED + OTHER)
    edit(project, tools=[function])

    assert_refused(project, "P075", "assistant.other", "bot.yaml:18:42")


def test_a_live_tool_that_a_document_declares_is_named(make_project: MakeProject) -> None:
    """It is not written out once more."""
    function = {"type": "function", "function": {"name": "call_it", "description": "Calls"}}
    project = applied(make_project, HEAD + SHARED)
    edit(project, tools=[function])
    accepted(project)

    assert b"  model: chat\n  tools:\n    - ref: call\n---\n" in files(project)["bot.yaml"]
    assert_settled(project)


def test_over_a_default_the_document_says_it_itself(make_project: MakeProject) -> None:
    """The default, which others have too, stays."""
    spec = "  defaults: {assistant: {temperature: 0.5, metadata: {cost: a}, description: All}}\n"
    project = applied(make_project, HEAD, spec=spec)
    before = files(project)
    metadata = {**live(project)["metadata"], "cost": "b"}
    edit(project, temperature=0.25, metadata=metadata, description=None)
    accepted(project)

    assert changed(project, before) == {
        "bot.yaml": [
            "+  metadata: {cost: b}",
            "+  temperature: 0.25",
            '+  description: ""',
        ]
    }
    assert_settled(project)


def test_what_a_default_adds_is_taken_out_by_a_patch(make_project: MakeProject) -> None:
    """The document alone can't say that it isn't there."""
    spec = "  defaults: {assistant: {metadata: {cost: a, team: b}}}\n"
    project = applied(make_project, HEAD, spec=spec)
    metadata = {key: each for key, each in live(project)["metadata"].items() if key != "cost"}
    edit(project, metadata=metadata)
    result = accepted(project)

    assert "what a default adds" in " ".join(result.err.split())
    assert (
        b"            metadata:\n              cost: null\n" in files(project)["provisioner.yaml"]
    )
    assert_settled(project)


def test_a_patch_is_edited_where_it_stands(make_project: MakeProject) -> None:
    """It is what has won in this environment."""
    project = applied(
        make_project,
        HEAD + "  temperature: 1\n",
        prod=TWO + "      patches: {assistant.bot: {spec: {temperature: 0.5}}}  # cool\n",
    )
    project.apply("-e", "prod")
    before = files(project)
    (id_,) = [each["id"] for each in project.service.assistants() if each["temperature"] == 0.5]
    project.service.call("POST", f"/assistants/{id_}", {"temperature": 0.75})
    result = project.run("-e", "prod", "accept", "assistant.bot")

    assert result.code == 0, result.err
    assert changed(project, before)["provisioner.yaml"][1] == (
        "+      patches: {assistant.bot: {spec: {temperature: 0.75}}}  # cool"
    )
    assert list(changed(project, before)) == ["provisioner.yaml"]
    assert project.plan("-e", "prod").code == 0
    assert_settled(project)


def test_what_other_environments_share_becomes_a_patch(make_project: MakeProject) -> None:
    """Their plans don't change, and a warning says so."""
    text = HEAD + "  temperature: 0.5\n  instructions: {file: bot.md}\n"
    project = applied(make_project, text, prod=TWO, bot_md="Be brief.\n")
    project.apply("-e", "prod")
    before = files(project)
    edit(project, temperature=0.25, instructions="Be brief.\nBe kind.\n")
    result = accepted(project)

    assert "P120" in result.err
    assert "assistant.bot in prod" in " ".join(result.err.split())
    assert changed(project, before) == {
        "provisioner.yaml": [
            "+      patches:",
            "+        assistant.bot:",
            "+          spec:",
            "+            instructions: |",
            "+              Be brief.",
            "+              Be kind.",
            "+            temperature: 0.25",
        ]
    }
    assert_settled(project)
    assert project.plan("-e", "prod").code == 0


def test_tools_that_other_environments_share_are_refused(make_project: MakeProject) -> None:
    """A patch would have to repeat the whole list."""
    project = applied(make_project, HEAD + "  tools: [{type: code_interpreter}]\n", prod=TWO)
    edit(project, tools=[])

    assert_refused(project, "P075", "assistant.bot in prod")


def test_an_environment_without_its_values_is_not_changed_either(
    make_project: MakeProject,
) -> None:
    """What can't be composed here is compared as it is written."""
    text = HEAD + "  description: Helps\n  metadata: {who: '${var.who}'}\n"
    project = make_project(V2)
    own = (project.folder / "provisioner.yaml").read_text(encoding="utf-8")
    provider = own.partition("    test:\n")[2]
    spec = own.replace("spec:\n", "spec:\n  default_environment: test\n  variables: {who: {}}\n")
    project.write("provisioner.yaml", f"{spec}      variables: {{who: me}}\n    prod:\n{provider}")
    project.write("bot.yaml", text)
    project.apply()
    edit(project, description="Edited")
    result = accepted(project)

    assert "P120" in result.err
    assert b"description: Helps\n" in files(project)["bot.yaml"]
    assert_settled(project)


def test_an_alias_keeps_what_others_repeat(make_project: MakeProject) -> None:
    """The alias itself is replaced; what has the anchor can't be."""
    text = HEAD + "  name: &shown Bot\n  description: *shown\n"
    project = applied(make_project, text)
    edit(project, description="Another")
    accepted(project)
    assert files(project)["bot.yaml"].endswith(b"  name: &shown Bot\n  description: Another\n")
    assert_settled(project)


def test_other_documents_and_line_ends_stay(make_project: MakeProject) -> None:
    """CR LF everywhere, text that isn't ASCII, a document of another program, a byte order mark."""
    text = "\ufeff# Grüße\nkind: Other\nspec: {temperature: 1}\n---\n" + HEAD
    text += "  description: 'Hilft äußerst'  # ✓\n"
    project = applied(make_project, text.replace("\n", "\r\n"))
    written = files(project)["bot.yaml"]
    edit(project, description="Hilft überaus")
    accepted(project)

    expected = written.decode().replace("äußerst", "überaus").encode()
    assert files(project)["bot.yaml"] == expected
    assert_settled(project)


def test_a_sensitive_field_is_refused(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the message nor any file shows the value; other fields are not written either."""
    monkeypatch.setenv("PROVISIONER_VAR_TOKEN", "hunter2-and-more")
    text = HEAD + "  description: Helps\n  instructions: Use ${var.token}.\n"
    project = applied(make_project, text, spec="  variables: {token: {sensitive: true}}\n")
    edit(project, description="Edited", instructions="Use hunter2-and-more, please.")
    result = assert_refused(project, "P078", "assistant.bot.instructions")

    assert "hunter2" not in result.err + result.out
    edit(project, instructions="Use hunter2-and-more.")
    accepted(project)
    assert not any(b"hunter2" in each for each in files(project).values())
    assert_settled(project)


def test_a_file_that_can_not_be_written_leaves_all_as_they_are(make_project: MakeProject) -> None:
    """All files or none."""
    text = HEAD + "  description: Helps\n  instructions: {file: bot.md}\n"
    project = applied(make_project, text, bot_md="Be brief.\n")
    edit(project, description="Edited", instructions="Be kind.\n")
    (project.folder / "bot.md").chmod(0o444)

    assert_refused(project, "P080", "read-only")


def test_a_file_that_others_use_is_not_changed(make_project: MakeProject) -> None:
    """The message leads to the line, and says what was edited there and nothing else."""
    text = HEAD + "  instructions: {file: rules.md}\n"
    other = text.replace("name: bot", "name: other")
    project = applied(make_project, f"{text}---\n{other}", rules_md="One.\nTwo.\nThree.\n")
    edit(project, instructions="One.\nTwo!\nThree.\n")

    result = assert_refused(project, "P075", "rules.md:2:1", "assistant.other", '"Two!"')
    assert "Three" not in result.err


def test_accept_waits_for_nobody(make_project: MakeProject) -> None:
    """While another run holds the lock, nothing is read or written."""
    project = applied(make_project, HEAD + "  description: Helps\n")
    edit(project, description="Edited")

    with locked(project.folder / ".provisioner" / "test", "apply", 0):
        assert_refused(project, "S007")
    accepted(project)
    assert_settled(project)
