"""Comparing from end to end: two revisions, and two environments."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from projects import V1, V2
from revisions import MakeProject, changed_twice, told
from test_lifecycle import ASSISTANT
from test_renaming import write_block

SCHEMA = Draft202012Validator(
    json.loads(
        (Path(__file__).parents[1] / "views" / "contrast.schema.json").read_text(encoding="utf-8")
    )
)
OTHER = """\
    other:
      provider: {type: emulator}
      models: {chat: gpt-4o-mini}
"""


@pytest.mark.parametrize("api_version", [V1, V2])
def test_two_revisions_are_compared(make_project: MakeProject, api_version: str) -> None:
    """Prompts word by word, bytes by their digests; what only refers to them doesn't differ."""
    project = changed_twice(make_project, api_version)
    result = project.run("diff", "1", "2")

    assert result.code == 0, result.err
    assert result.out.startswith(
        "What differs in demo, environment test, from revision 1 to revision 2\n"
    )
    assert "# assistant.one differs" in result.out
    assert "Be [-brief.-]{+kind.+}" in result.out or '"Be brief." -> "Be kind."' in result.out
    assert "# file.data-csv differs" in result.out
    assert "assistant.reader" not in result.out
    assert "Differences: 2 changed, 0 only in revision 2, 0 only in revision 1." in result.out


def test_what_only_one_has_is_told(make_project: MakeProject) -> None:
    """Either way round; the document follows its schema."""
    project = changed_twice(make_project)
    (project.folder / "reader.yaml").unlink()
    project.apply("--max-delete", "2")
    there, back = (
        project.run("diff", *each, "--format", "json").json for each in (("2", "3"), ("3", "2"))
    )

    SCHEMA.validate(there)
    SCHEMA.validate(back)
    assert (there["before"], there["after"]) == ("revision 2", "revision 3")
    assert {each["address"]: each["change"]["actions"] for each in there["resource_changes"]} == {
        "assistant.reader": ["delete"],
        "file.data-csv": ["delete"],
    }
    assert [each["change"]["actions"] for each in back["resource_changes"]] == [["create"]] * 2
    assert "# assistant.reader is only in revision 2" in project.run("diff", "2", "3").out


def test_what_was_renamed_is_the_same(make_project: MakeProject) -> None:
    """It is told as that, and what differs besides."""
    project = changed_twice(make_project)
    project.edit("one.yaml", "name: one", "name: other")
    project.edit("one.yaml", "spec:\n", "spec:\n  name: one\n")
    write_block(project, "moved: [{from: assistant.one, to: assistant.other}]")
    project.apply()
    renamed = project.run("diff", "2", "3").out
    both = project.run("diff", "1", "3").out

    assert "# assistant.one is assistant.other in revision 3" in renamed
    assert "Differences: 0 changed, 1 renamed, 0 only in" in renamed
    assert "# assistant.other differs" in both
    assert "# (moved from assistant.one)" in both


def test_a_revision_doesnt_differ_from_itself(make_project: MakeProject) -> None:
    """That is said."""
    project = changed_twice(make_project)

    assert "No differences. Both say the same." in project.run("diff", "2", "2").out


def test_an_unknown_revision_is_refused(make_project: MakeProject) -> None:
    """Those that there are are named."""
    project = changed_twice(make_project)
    refused = project.run("diff", "1", "nine")

    assert refused.code == 1
    assert "P091" in refused.err
    assert "The newest are 2, 1;" in told(refused)


@pytest.mark.parametrize(
    "arguments",
    [(), ("1",), ("1", "2", "3"), ("--env", "test"), ("1", "2", "--env", "a", "--env", "b")],
)
def test_two_of_one_sort_are_compared(
    make_project: MakeProject, arguments: tuple[str, ...]
) -> None:
    """Anything else is a usage error."""
    refused = make_project().run("diff", *arguments)

    assert refused.code == 1
    assert "Name two revisions, or two environments" in refused.err


def test_two_environments_are_compared(make_project: MakeProject) -> None:
    """By their manifests, offline: nothing needs to be applied, and nobody is asked."""
    project = make_project(V2)
    path = project.folder / "provisioner.yaml"
    path.write_text(path.read_text(encoding="utf-8") + OTHER, encoding="utf-8")
    project.edit("provisioner.yaml", project.service.url, "http://127.0.0.1:9")
    project.write("one.yaml", ASSISTANT.replace("NAME", "one"))
    only = ASSISTANT.replace("{name: NAME}", "{name: two, environments: [test]}")
    project.write("two.yaml", only)
    result = project.run("diff", "--env", "test", "--env", "other")
    document = project.run("diff", "--env", "test", "--env", "other", "--format", "json").json

    assert result.code == 0, result.err
    assert result.out.startswith(
        "What differs in demo from environment test to environment other\n"
    )
    assert '"gpt-4o" -> "gpt-4o-mini"' in result.out
    assert "# assistant.two is only in environment test" in result.out
    SCHEMA.validate(document)
    assert document["environment"] is None
    assert not (project.folder / ".provisioner").exists()


def test_an_environment_that_cannot_be_composed_is_refused(make_project: MakeProject) -> None:
    """With what is wrong with it."""
    project = make_project(V2)
    refused = project.run("diff", "--env", "test", "--env", "nowhere")

    assert refused.code == 1
    assert "M203" in refused.err
