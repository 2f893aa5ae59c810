"""A plan for a pull request, and texts in manifests that mean no good, from end to end."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from markdown_it import MarkdownIt
from projects import V2, Project
from test_lifecycle import ASSISTANT, sharing

MakeProject = Callable[..., Project]
PARSER = MarkdownIt("commonmark").enable("table")
HOSTILE = """\
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: bot}
spec:
  name: "</details> @everyone <img src=x>"
  model: chat
  instructions: |
    ::error file=a.py::pwned
      ::stop-commands::x
    see ##vso[task.setvariable variable=a]b
    ```
    </details> closes #1
  metadata: {"::debug::x": "##[add-path]y"}
"""
TABLE = "| Action | Address | Severity | Whose |\n|---|---|---|---|\n"


def commands(text: str) -> list[str]:
    """List the lines that the runner of a pipeline would take for commands."""
    return [line for line in text.split("\n") if re.search(r"^\s*::|##\w*\[", line)]


def test_a_plan_is_a_comment(make_project: MakeProject) -> None:
    """It names the environment, sums up, has a row and a folded diff for each change."""
    project = sharing(make_project, V2)
    project.edit("all.yaml", "spec: {model: chat}", "spec: {model: fast}")
    project.service.call("POST", f"/assistants/{project.id('assistant.one')}", {"temperature": 0.5})
    planned = project.run("plan", "--format", "markdown", "--detailed-exitcode")

    assert planned.code == 2
    assert planned.out.startswith("### Plan for `demo`, environment `test` (`http://127.0.0.1:")
    assert "\n\n**Plan: 0 to add, 2 to change, 0 to destroy.**\n\n" in planned.out
    assert (
        f"{TABLE}| `~` update | `assistant.one` | behavioural | live |\n"
        "| `~` update | `assistant.three` | behavioural | you |\n\n" in planned.out
    )
    assert '!         model = "gpt-4o" -> "gpt-4o-mini"  # you\n' in planned.out
    assert "<code>assistant.one</code>: has changed outside of provisioner</summary>" in planned.out
    assert planned.out.count("<details>") == planned.out.count("</details>") == 3


def test_no_changes_are_said_in_a_sentence(make_project: MakeProject) -> None:
    """Then there is no table."""
    planned = sharing(make_project, V2).run("plan", "--format", "markdown", "--detailed-exitcode")
    assert planned.code == 0
    assert planned.out.endswith("\n\n**No changes. There is nothing to do.**\n")


def test_a_plan_that_cannot_be_made_is_no_comment(make_project: MakeProject) -> None:
    """What is wrong is said on stderr, and stdout is empty."""
    project = make_project(V2)
    project.write("bot.yaml", ASSISTANT.replace("NAME", "bot").replace("model:", "modell:"))
    refused = project.run("plan", "--format", "markdown")
    assert (refused.code, refused.out) == (1, "")
    assert "M101" in refused.err


@pytest.mark.parametrize("form", ["text", "json", "ndjson", "markdown"])
def test_no_manifest_commands_a_pipeline(make_project: MakeProject, form: str) -> None:
    """Neither what is planned nor what is applied is taken for orders in a log."""
    project = make_project(V2)
    project.write("bot.yaml", HOSTILE)
    created = project.run("plan", "--format", form)
    assert created.code == 0
    applied = project.apply()
    project.edit("bot.yaml", "closes #1", "closes #2\n    ::warning::again")
    changed = project.run("plan", "--format", form)
    for result in (created, applied, changed):
        assert not commands(result.out + result.err)


def test_no_manifest_breaks_out_of_a_comment(make_project: MakeProject) -> None:
    """No tag but ours, and no word of a manifest, stands outside of code."""
    project = make_project(V2)
    project.write("bot.yaml", HOSTILE)
    written = project.run("plan", "--format", "markdown").out
    read = [each for block in PARSER.parse(written) for each in (block, *(block.children or ()))]
    tags = [each.content.rstrip("\n") for each in read if each.type == "html_block"]
    assert tags == [
        "<details><summary><code>assistant.bot</code>: <code>+</code> create</summary>",
        "</details>",
    ]
    texts = [each.content for each in read if each.type == "text"]
    assert not any(re.search("everyone|closes|pwned|[@#]", text) for text in texts)
    assert "@everyone" in next(each.content for each in read if each.type == "fence")
