"""Sensitive values from end to end: at the service in clear, everywhere else a placeholder."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from projects import V1, V2, Project, Result

MakeProject = Callable[..., Project]
SECRET, NEXT = "hunter2-and-more", "correct-horse-battery"

ASSISTANT = """\
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: bot}
spec:
  model: chat
  instructions: Call the API with the key ${var.token}, please.
  metadata: {short: "${var.pin}"}
  tools:
    - type: function
      function: {name: call, description: "with ${var.token}", parameters: {type: object}}
"""


@pytest.fixture(params=[V1, V2])
def project(
    request: pytest.FixtureRequest, make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> Project:
    """Make a project with two sensitive variables, one of them very short."""
    project = make_project(request.param)
    variables = "spec:\n  variables: {token: {sensitive: true}, pin: {sensitive: true}}\n"
    project.edit("provisioner.yaml", "spec:\n", variables)
    project.write("a.yaml", ASSISTANT)
    monkeypatch.setenv("PROVISIONER_VAR_TOKEN", SECRET)
    monkeypatch.setenv("PROVISIONER_VAR_PIN", "4")
    return project


def assert_hidden(project: Project, *results: Result) -> None:
    """No file of the project and no output holds a secret."""
    for result in results:
        assert SECRET not in result.out + result.err
        assert NEXT not in result.out + result.err
    for path in project.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert SECRET.encode() not in content, path
            assert NEXT.encode() not in content, path


def test_the_service_gets_the_value_and_nobody_else(project: Project) -> None:
    """Then the plan is empty, and drift finds nothing, with values or without."""
    results = [
        project.run("validate"),
        project.plan(),
        project.run("plan", "--format", "json"),
        project.run("plan", "--format", "ndjson"),
        project.run("plan", "--format", "markdown"),
        project.apply("--format", "ndjson"),
        project.run("show"),
        project.run("show", "--format", "json"),
        project.run("explain", "assistant.bot"),
    ]

    [live] = project.service.assistants()
    assert live["instructions"] == f"Call the API with the key {SECRET}, please."
    assert live["tools"][0]["function"]["description"] == f"with {SECRET}"
    assert live["metadata"]["short"] == "4"
    assert live["model"] == "gpt-4o"
    assert project.plan().code == 0
    assert project.run("drift").code == 0
    assert "M208" in results[0].err
    assert_hidden(project, *results)


def test_drift_is_found_where_no_value_is_given(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hashes tell what is as recorded; what isn't is hidden whole."""
    project.apply()
    monkeypatch.delenv("PROVISIONER_VAR_TOKEN")
    monkeypatch.delenv("PROVISIONER_VAR_PIN")

    assert project.run("drift").code == 0

    path = f"/assistants/{project.id('assistant.bot')}"
    project.service.call("POST", path, {"instructions": f"Edited: {SECRET}"})
    drifted = project.run("drift")
    assert drifted.code == 2
    assert_hidden(project, drifted, project.run("drift", "--format", "json"))


def test_a_new_value_is_a_change_that_shows_neither(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The former value is known to nobody any more, and is hidden all the same."""
    project.apply()
    monkeypatch.setenv("PROVISIONER_VAR_TOKEN", NEXT)

    planned = project.plan()
    others = [project.run("plan", "--format", form) for form in ("json", "ndjson", "markdown")]
    applied = project.apply("--format", "ndjson")

    assert planned.code == 2
    assert_hidden(project, planned, *others, applied)
    [live] = project.service.assistants()
    assert live["instructions"] == f"Call the API with the key {NEXT}, please."
    assert project.plan().code == 0


def test_an_edit_in_the_portal_is_undone_and_shows_nothing(project: Project) -> None:
    """With the value at hand the diff stays readable."""
    project.apply()
    path = f"/assistants/{project.id('assistant.bot')}"
    project.service.call("POST", path, {"instructions": f"Edited: {SECRET}"})

    [change] = project.run("plan", "--format", "json").json["resource_changes"]
    assert change["change"]["after_sensitive"] == {
        "instructions": True,
        "metadata": {"short": True},
        "tools": [{"function": {"description": True}}],
    }
    planned = project.plan()
    assert planned.code == 2
    assert "Edited:" in planned.out
    assert "(sensitive:token:" in planned.out
    applied = project.apply()

    [live] = project.service.assistants()
    assert live["instructions"] == f"Call the API with the key {SECRET}, please."
    assert_hidden(project, planned, applied)


def test_ignored_changes_keep_the_live_value(project: Project) -> None:
    """What is hidden whole is sent back as it is, not as its placeholder."""
    project.apply()
    project.edit(
        "a.yaml",
        "metadata: {name: bot}",
        "metadata: {name: bot, lifecycle: {ignore_changes: [instructions]}}",
    )
    path = f"/assistants/{project.id('assistant.bot')}"
    project.service.call("POST", path, {"instructions": "Written in the portal."})
    project.edit("a.yaml", "model: chat", "model: chat\n  description: new")

    project.apply()

    [live] = project.service.assistants()
    assert live["instructions"] == "Written in the portal."
    assert live["description"] == "new"


def test_ignored_changes_keep_a_former_value(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new value doesn't reach what is ignored, nor does a placeholder."""
    ignored = "ignore_changes: [instructions, metadata.short]"
    project.edit("a.yaml", "{name: bot}", f"{{name: bot, lifecycle: {{{ignored}}}}}")
    project.apply()
    monkeypatch.setenv("PROVISIONER_VAR_TOKEN", NEXT)
    monkeypatch.setenv("PROVISIONER_VAR_PIN", "5")

    applied = project.apply()

    [live] = project.service.assistants()
    assert live["instructions"] == f"Call the API with the key {SECRET}, please."
    assert live["metadata"]["short"] == "4"
    assert live["tools"][0]["function"]["description"] == f"with {NEXT}"
    assert project.plan().code == 0
    assert_hidden(project, applied)


def test_a_refusal_that_quotes_the_value_is_covered(project: Project) -> None:
    """Whatever the service repeats."""
    project.edit("a.yaml", "name: call,", 'name: "call",')
    project.edit("a.yaml", 'short: "${var.pin}"', 'short: "${var.pin}", long: "x"')
    project.edit("a.yaml", 'long: "x"', f'long: "{"x" * 500}${{var.token}}"')

    refused = project.run("apply", "--auto-approve")

    assert refused.code == 1
    assert_hidden(project, refused)


def test_an_option_gives_the_value_too(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """And it wins; without any value nothing is planned."""
    monkeypatch.delenv("PROVISIONER_VAR_TOKEN")
    assert "M206" in project.plan().err

    project.apply("--var", f"token={NEXT}")

    [live] = project.service.assistants()
    assert NEXT in live["instructions"]


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
def test_a_value_in_the_manifest_is_refused_and_not_shown(project: Project, form: str) -> None:
    """The line that it stands in is shown without it."""
    project.edit("provisioner.yaml", "{sensitive: true}, pin", "{default: letmein}, pin")
    project.edit("provisioner.yaml", "{default: letmein}", "{sensitive: true, default: letmein}")

    refused = project.run("validate", "--format", form)

    assert refused.code == 1
    assert "M210" in refused.out + refused.err
    assert "letmein" not in refused.out + refused.err


def test_a_member_beside_a_hidden_one_is_as_it_was_sent(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in the answer to an update, when the former value is unknown already."""
    parameters = '{type: object, properties: {a: {type: string, enum: ["${var.token}", plain]}}}'
    project.edit("a.yaml", "parameters: {type: object}", f"parameters: {parameters}")
    project.apply()
    monkeypatch.setenv("PROVISIONER_VAR_TOKEN", NEXT)

    project.apply()

    assert project.plan().code == 0


def test_what_is_imported_may_hold_a_former_value(project: Project) -> None:
    """Nobody has recorded it, so the text is hidden whole."""
    former = "the-former-value"
    body = {"model": "gpt-4o", "name": "bot", "instructions": f"Call with {former}, please."}
    id_ = project.service.call("POST", "/assistants", body)["id"]

    imported = project.run("import", "assistant.bot", id_)
    [live] = project.service.assistants()
    results = [imported, project.plan(), project.apply()]

    assert live["instructions"] == body["instructions"]
    assert [each.code for each in results] == [0, 2, 0]
    assert not any(former in each.out + each.err for each in results)
    assert former not in str(project.state)


def test_what_becomes_sensitive_is_hidden_where_it_was_recorded(project: Project) -> None:
    """From the first plan on; the next apply takes it out of the state."""
    project.edit("provisioner.yaml", "{token: {sensitive: true}", "{token: {}")
    project.apply()
    project.edit("provisioner.yaml", "{token: {}", "{token: {sensitive: true}")

    shown = [project.plan(), project.run("plan", "--format", "json")]
    shown += [project.run("explain", "assistant.bot"), project.apply()]

    assert shown[0].code == 0
    assert "objects have changed" not in shown[0].out
    assert_hidden(project, *shown)
