"""The main job from end to end: the real SDK, over HTTP, to the emulator as a process."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from projects import LATE, V1, V2, Project

MakeProject = Callable[..., Project]

EXAMPLES = [
    *(
        (name, version)
        for name in ("data-visualization", "support-desk")
        for version in (V1, V2, LATE)
    ),
    *(("handbook", version) for version in (V2, LATE)),
]
"""Every example with every API version that it is for: v1 has no vector stores."""
versions = pytest.mark.parametrize("api_version", [V1, V2, LATE])

ASSISTANT = """\
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: NAME}
spec:
  model: chat
  instructions: Be brief.
  metadata: {owner: me}
"""

SHARING = """\
apiVersion: provisioner/v1
kind: File
metadata: {name: numbers}
spec: {path: numbers.csv}
---
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: one}
spec:
  model: chat
  tools: [{type: code_interpreter, files: [numbers]}]
---
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: two}
spec:
  model: chat
  tools: [{type: code_interpreter, files: [numbers]}]
---
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: three}
spec: {model: chat}
"""


def sharing(make_project: MakeProject, api_version: str) -> Project:
    """Apply a project in which two of three assistants share a file."""
    project = make_project(api_version)
    project.write("all.yaml", SHARING)
    project.write("numbers.csv", "a,b\n1,2\n")
    project.apply()
    return project


def attached(project: Project, address: str) -> list[str]:
    """Give the ids of the files that a live assistant's code interpreter has."""
    found = project.service.call("GET", f"/assistants/{project.id(address)}")
    if "file_ids" in found:
        return list(found["file_ids"])
    return list(found["tool_resources"].get("code_interpreter", {}).get("file_ids", []))


@pytest.mark.parametrize(("example", "api_version"), EXAMPLES)
def test_every_example_applies_and_then_plans_empty(
    make_project: MakeProject, example: str, api_version: str
) -> None:
    """After apply the plan is empty, for every example and API version."""
    project = make_project(api_version, example)

    assert project.plan().code == 2
    project.apply()
    again = project.plan()

    assert again.code == 0, again.out
    assert "No changes." in again.out


@versions
def test_the_examples_instructions_arrive_word_for_word(
    make_project: MakeProject, api_version: str
) -> None:
    """The instructions' file is sent byte for byte, and its data file is attached."""
    project = make_project(api_version, "data-visualization")
    project.apply()
    (live,) = project.service.assistants()
    text = (project.folder / "instructions" / "data-visualization.md").read_bytes().decode()

    assert live["instructions"] == text
    assert live["name"] == "Data Visualization"
    assert live["tools"] == [{"type": "code_interpreter"}]
    assert attached(project, "assistant.data-visualization") == [
        each["id"] for each in project.service.files()
    ]


@versions
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Be brief.", "Be very brief."),
        ("owner: me", "owner: you"),
        ("metadata: {owner: me}", "metadata: {}"),
        ("model: chat", "model: fast"),
        ("  instructions: Be brief.\n", ""),
        ("  model: chat\n", "  model: chat\n  tools: [{type: code_interpreter}]\n"),
        ("  model: chat\n", "  model: chat\n  name: Shown\n  description: Told\n"),
    ],
)
def test_an_edit_is_exactly_one_update(
    make_project: MakeProject, api_version: str, old: str, new: str
) -> None:
    """An edit of one field is one update, and nothing is left of the old value."""
    project = make_project(api_version)
    project.write("edited.yaml", ASSISTANT.replace("NAME", "edited"))
    project.write("other.yaml", ASSISTANT.replace("NAME", "other"))
    project.apply()
    project.edit("edited.yaml", old, new)

    assert project.changes() == {"assistant.edited": ["update"]}
    done = project.apply()

    assert "Resources: 0 added, 1 changed, 0 destroyed." in done.out
    assert project.plan().code == 0


@versions
def test_a_shared_tools_edit_updates_each_assistant_that_has_it(
    make_project: MakeProject, api_version: str
) -> None:
    """A shared Tool's new description is one update for each of its assistants, no more."""
    project = make_project(api_version, "support-desk")
    project.apply()
    project.edit("shared/tools.yaml", "name: get_order\n", "name: find_order\n")
    users = {
        "assistant." + path.read_text().partition("name: ")[2].partition("\n")[0]
        for path in (project.folder / "assistants").glob("*.yaml")
        if "get-order" in path.read_text()
    }

    assert project.changes() == {key: ["update"] for key in users}
    project.apply()

    assert project.plan().code == 0


@versions
def test_new_bytes_replace_the_file_and_repoint_each_holder(
    make_project: MakeProject, api_version: str
) -> None:
    """New bytes are one file change and one update for each assistant that holds the file."""
    project = sharing(make_project, api_version)
    old = project.id("file.numbers")
    project.write("numbers.csv", "a,b\n1,3\n")

    assert project.changes() == {
        "assistant.one": ["update"],
        "assistant.two": ["update"],
        "file.numbers": ["create", "delete"],
    }
    done = project.apply()
    new = project.id("file.numbers")

    assert "Resources: 1 added, 2 changed, 1 destroyed." in done.out
    assert [each["id"] for each in project.service.files()] == [new]
    assert new != old
    assert attached(project, "assistant.one") == attached(project, "assistant.two") == [new]
    assert project.plan().code == 0


@versions
def test_the_old_file_goes_only_after_every_holder_has_the_new_one(
    make_project: MakeProject, api_version: str
) -> None:
    """Upload, re-point, delete, in this order, also when several assistants share the file."""
    project = sharing(make_project, api_version)
    project.write("numbers.csv", "a,b\n1,3\n")
    told = project.apply().err
    marks = [
        told.index("file.numbers: Creation complete"),
        told.index("assistant.one: Modifications complete"),
        told.index("assistant.two: Modifications complete"),
        told.index("file.numbers (deposed object"),
    ]

    assert marks[0] < min(marks[1:3])
    assert max(marks[1:3]) < marks[3]


@versions
def test_an_edit_behind_our_back_is_drift_and_apply_repairs_it(
    make_project: MakeProject, api_version: str
) -> None:
    """A portal edit is found by drift with exit code 2, and apply undoes it."""
    project = sharing(make_project, api_version)
    id_ = project.id("assistant.one")
    assert project.run("drift").code == 0
    project.service.call("POST", f"/assistants/{id_}", {"instructions": "Be rude."})

    found = project.run("drift")
    assert found.code == 2
    assert "Be rude." in found.out
    assert project.changes() == {"assistant.one": ["update"]}
    project.apply()

    assert project.service.call("GET", f"/assistants/{id_}")["instructions"] in (None, "")
    assert project.run("drift").code == 0


@versions
def test_an_assistant_deleted_behind_our_back_is_created_again(
    make_project: MakeProject, api_version: str
) -> None:
    """What was deleted in the portal is drift, and is created again."""
    project = sharing(make_project, api_version)
    project.service.call("DELETE", f"/assistants/{project.id('assistant.three')}")

    assert project.run("drift").code == 2
    assert project.changes() == {"assistant.three": ["create"]}
    project.apply()

    assert len(project.service.assistants()) == 3
    assert project.plan().code == 0


@versions
def test_a_file_deleted_behind_our_back_is_uploaded_and_attached_again(
    make_project: MakeProject, api_version: str
) -> None:
    """Deleting a file pulls it out of its holders: it is uploaded, and they are re-pointed."""
    project = sharing(make_project, api_version)
    project.service.call("DELETE", f"/files/{project.id('file.numbers')}")

    assert project.changes() == {
        "assistant.one": ["update"],
        "assistant.two": ["update"],
        "file.numbers": ["create"],
    }
    project.apply()

    assert attached(project, "assistant.one") == [project.id("file.numbers")]
    assert project.plan().code == 0


@versions
def test_what_is_not_ours_is_never_touched(make_project: MakeProject, api_version: str) -> None:
    """Somebody else's assistants and files survive apply and destroy unchanged."""
    project = make_project(api_version)
    service = project.service
    foreign = service.call("POST", "/assistants", {"model": "gpt-4o", "name": "one"})
    project.write("all.yaml", SHARING)
    project.write("numbers.csv", "a,b\n1,2\n")
    applied = project.apply()
    project.run("destroy", "--auto-approve")

    assert "P103" in applied.err
    assert foreign["id"] in applied.err
    assert service.assistants() == [foreign]
    assert service.files() == []


@versions
def test_what_is_no_longer_declared_is_deleted_holders_first(
    make_project: MakeProject, api_version: str
) -> None:
    """An assistant and its file that left the manifests are deleted, the assistant first."""
    project = sharing(make_project, api_version)
    (project.folder / "all.yaml").write_text(SHARING.split("---\n")[3])
    done = project.apply()

    assert "Resources: 0 added, 0 changed, 3 destroyed." in done.out
    assert done.err.index("assistant.two: Destruction complete") < done.err.index(
        "file.numbers: Destroying"
    )
    assert [each["name"] for each in project.service.assistants()] == ["three"]
    assert project.plan().code == 0


@versions
def test_destroy_leaves_nothing_of_ours(make_project: MakeProject, api_version: str) -> None:
    """Destroy deletes what is managed, and a second one finds nothing to do."""
    project = sharing(make_project, api_version)
    done = project.run("destroy", "--auto-approve")
    again = project.run("destroy", "--auto-approve")

    assert "Destroy complete! Resources: 4 destroyed." in done.out
    assert project.service.assistants() == project.service.files() == []
    assert project.state["resources"] == {}
    assert again.code == 0


@versions
def test_the_tag_is_on_the_object_and_in_no_diff(
    make_project: MakeProject, api_version: str
) -> None:
    """The ownership tag is metadata that plans never show."""
    project = sharing(make_project, api_version)
    (one,) = [each for each in project.service.assistants() if each["name"] == "one"]

    assert one["metadata"]["provisioner"].split("/")[1:3] == ["test", "assistant.one"]
    assert len(one["metadata"]["provisioner-files"]) == 64
    assert "provisioner" not in project.state["resources"]["assistant.one"]["attributes"]
    project.service.call("POST", f"/assistants/{one['id']}", {"instructions": "x"})
    assert '"provisioner' not in project.run("drift").out


@versions
def test_a_lost_tag_is_restored(make_project: MakeProject, api_version: str) -> None:
    """An assistant whose metadata was emptied behind our back gets its tag back."""
    project = make_project(api_version)
    project.write(
        "bot.yaml", ASSISTANT.replace("NAME", "bot").replace("  metadata: {owner: me}", "")
    )
    project.apply()
    project.service.call("POST", f"/assistants/{project.id('assistant.bot')}", {"metadata": {}})

    assert project.changes() == {"assistant.bot": ["update"]}
    project.apply()

    assert "provisioner" in project.service.assistants()[0]["metadata"]
    assert project.plan().code == 0


@versions
def test_assistants_are_adopted_by_their_tags_when_the_state_is_lost(
    make_project: MakeProject, api_version: str
) -> None:
    """Without state no second assistant is made: the tag says which one is ours."""
    project = make_project(api_version)
    project.write("bot.yaml", ASSISTANT.replace("NAME", "bot"))
    project.apply()
    id_ = project.id("assistant.bot")
    (project.folder / ".provisioner" / "test" / "state.json").unlink()

    assert project.plan().code == 0
    project.apply()

    assert project.id("assistant.bot") == id_
    assert len(project.service.assistants()) == 1


def test_what_azure_fills_in_is_no_change(make_project: MakeProject) -> None:
    """Settings given as the service's own defaults, and left out, plan empty alike."""
    project = make_project(LATE)
    project.write(
        "bot.yaml",
        ASSISTANT.replace("NAME", "bot")
        + "  temperature: 1\n  top_p: 1.0\n  response_format: auto\n  description: ''\n"
        + "  tools: [{type: function, function: {name: f}}, {type: file_search}]\n",
    )
    project.apply()
    assert project.plan().code == 0
    text = (project.folder / "bot.yaml").read_text()
    project.write("bot.yaml", text.replace("  temperature: 1\n  top_p: 1.0\n", ""))

    assert project.plan().code == 0


def test_settings_of_v2_are_set_changed_and_cleared(make_project: MakeProject) -> None:
    """Temperature, top_p and response_format go there and back again."""
    project = make_project(V2)
    extra = "  temperature: 0.2\n  top_p: 0.5\n  response_format: {type: json_object}\n"
    project.write("bot.yaml", ASSISTANT.replace("NAME", "bot") + extra)
    project.apply()
    (live,) = project.service.assistants()
    assert (live["temperature"], live["top_p"]) == (0.2, 0.5)
    assert live["response_format"] == {"type": "json_object"}
    project.write("bot.yaml", ASSISTANT.replace("NAME", "bot"))

    assert project.changes() == {"assistant.bot": ["update"]}
    project.apply()
    (live,) = project.service.assistants()

    assert (live["temperature"], live["top_p"], live["response_format"]) == (1.0, 1.0, "auto")
    assert project.plan().code == 0


def test_long_instructions_stay_when_something_else_is_updated(make_project: MakeProject) -> None:
    """Azure's documents allow less in an update than in a create: what stays isn't sent again."""
    project = make_project(V2)
    project.write("bot.yaml", ASSISTANT.replace("NAME", "bot").replace("Be brief.", "x" * 40_000))
    project.apply()
    project.edit("bot.yaml", "owner: me", "owner: you")
    told = project.apply()

    assert "M402" in told.err
    (live,) = project.service.assistants()
    assert (len(live["instructions"]), live["metadata"]["owner"]) == (40_000, "you")
    assert project.plan().code == 0
