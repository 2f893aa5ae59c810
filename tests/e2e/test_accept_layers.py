"""`accept` of what is cleared or taken out where defaults and patches say something, too."""

from __future__ import annotations

from projects import LATE
from test_accept import (
    MakeProject,
    accepted,
    assert_refused,
    assert_settled,
    changed,
    edit,
    files,
)
from test_accept_places import HEAD, TWO, applied

DEFAULTS = (
    "  defaults:\n    assistant:\n      temperature: 0.5\n"
    "      response_format: {type: json_object}\n"
    "      tools: [{type: code_interpreter}, {type: function, function: {name: call_it}}]\n"
)


def test_tools_of_a_default_are_taken_out(make_project: MakeProject) -> None:
    """An empty list says so: without one the default's would come back."""
    project = applied(make_project, HEAD, spec=DEFAULTS)
    before = files(project)
    edit(project, tools=[])
    accepted(project)

    assert changed(project, before) == {"bot.yaml": ["+  tools: []"]}
    assert_settled(project)


def test_a_cleared_field_does_not_fall_back_to_its_default(make_project: MakeProject) -> None:
    """The document that had replaced the default goes on doing so."""
    text = HEAD + "  temperature: 0.25\n  response_format: {type: json_object}\n"
    project = applied(make_project, text, spec=DEFAULTS)
    before = files(project)
    edit(project, temperature=1, response_format="auto")
    accepted(project)

    assert changed(project, before) == {
        "bot.yaml": [
            "-  temperature: 0.25",
            "-  response_format: {type: json_object}",
            "+  temperature: 1",
            "+  response_format: auto",
        ]
    }
    assert_settled(project)


def test_a_pair_over_a_default_is_taken_out_by_a_patch(make_project: MakeProject) -> None:
    """Without the document's pair the default's would come back."""
    spec = "  defaults: {assistant: {metadata: {cost: a}}}\n"
    project = applied(make_project, HEAD + "  metadata: {cost: b}\n", spec=spec)
    before = files(project)
    tags = project.service.assistants()[0]["metadata"]
    edit(project, metadata={key: each for key, each in tags.items() if key != "cost"})
    accepted(project)

    assert list(changed(project, before)) == ["provisioner.yaml"]
    assert_settled(project)


def test_tools_of_a_patch_are_edited_and_taken_out_there(make_project: MakeProject) -> None:
    """In a list of a patch null would be a tool; an empty list keeps out the document's own."""
    tools = "[{type: function, function: {name: call_it, description: Calls}}, {type: file_search}]"
    patch = f"      patches: {{assistant.bot: {{spec: {{tools: {tools}}}}}}}\n"
    project = applied(
        make_project, HEAD + "  tools: [{type: code_interpreter}]\n", prod=TWO + patch
    )
    project.apply("-e", "prod")
    before = files(project)
    (id_,) = [each["id"] for each in project.service.assistants() if len(each["tools"]) == 2]
    for live, said in (
        (
            [{"type": "function", "function": {"name": "call_it"}}],
            "[{type: function, function: {name: call_it}}]",
        ),
        ([], "[]"),
    ):
        project.service.call("POST", f"/assistants/{id_}", {"tools": live})
        result = project.run("-e", "prod", "accept", "assistant.bot")
        assert result.code == 0, result.err
        assert changed(project, before)["provisioner.yaml"][1] == (
            f"+      patches: {{assistant.bot: {{spec: {{tools: {said}}}}}}}"
        )
        assert project.plan("-e", "prod").code == 0
    assert_settled(project)


def test_options_of_file_search_come_and_go(make_project: MakeProject) -> None:
    """A manifest writes them beside the type."""
    text = HEAD + "  tools:\n    - type: file_search  # ours\n"
    project = applied(lambda _: make_project(LATE), text)
    before = files(project)
    options = {"max_num_results": 7}
    edit(project, tools=[{"type": "file_search", "file_search": options}])
    accepted(project)

    assert changed(project, before) == {"bot.yaml": ["+      max_num_results: 7"]}
    assert_settled(project)

    edit(project, tools=[{"type": "file_search"}])
    accepted(project)

    assert files(project) == before
    assert_settled(project)


def test_a_field_without_edits_hides_no_others(make_project: MakeProject) -> None:
    """A mistyped one must not look like an object that nobody has edited."""
    project = applied(make_project, HEAD + "  temperature: 0.25\n")
    before = files(project)
    edit(project, temperature=0.5)
    result = accepted(project, "assistant.bot.temprature")

    assert "as last applied" not in result.out
    assert "assistant.bot has other edits, which stay: temperature." in result.out
    assert files(project) == before


def _tool(default: str) -> str:
    schema = f"{{type: object, properties: {{n: {{default: {default}}}}}}}"
    return f"  tools: [{{type: function, function: {{name: call_it, parameters: {schema}}}}}]\n"


def _live_tool(default: object) -> dict[str, object]:
    parameters = {"type": "object", "properties": {"n": {"default": default}}}
    return {"type": "function", "function": {"name": "call_it", "parameters": parameters}}


def test_one_and_true_are_not_the_same(make_project: MakeProject) -> None:
    """What was accepted is recorded, too."""
    project = applied(make_project, HEAD + _tool("1"))
    before = files(project)
    edit(project, tools=[_live_tool(default=True)])
    accepted(project)

    assert changed(project, before) == {
        "bot.yaml": ["-" + _tool("1")[:-1], "+" + _tool("true")[:-1]]
    }
    assert_settled(project)


def test_one_for_true_changes_no_other_environment(make_project: MakeProject) -> None:
    """A tool that environments share is refused, however alike the values are."""
    project = applied(make_project, HEAD + _tool("true"), prod=TWO)
    edit(project, tools=[_live_tool(default=1)])

    assert_refused(project, "P075", "assistant.bot in prod")
