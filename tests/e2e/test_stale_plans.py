"""What makes a saved plan stale, and what doesn't."""

from __future__ import annotations

import pytest
from projects import V1, V2
from saved_projects import FILE, MakeProject, bots, changed, edit_live, save, sharing, stale
from test_lifecycle import ASSISTANT

versions = pytest.mark.parametrize("api_version", [V1, V2])


@versions
def test_a_plan_is_applied_once(make_project: MakeProject, api_version: str) -> None:
    """What it would create exists, and what it would change is changed."""
    project = sharing(make_project, api_version)
    save(project)
    assert project.run("apply", FILE).code == 0

    stale(project, "file.numbers", "assistant.one", project.id("assistant.three"))

    project = changed(make_project, api_version)
    assert project.run("apply", FILE).code == 0
    stale(project, "assistant.one", "`instructions`")


@versions
def test_an_edit_of_what_a_plan_touches_makes_it_stale(
    make_project: MakeProject, api_version: str
) -> None:
    """Every resource and every field is named, and nothing at all is written."""
    project = changed(make_project, api_version)
    project.edit("two.yaml", "Be brief.", "Be kind.")
    save(project)
    edit_live(project, "assistant.one", instructions="Be rude.", description="Mine.")
    edit_live(project, "assistant.two", model="gpt-4o-mini")

    stale(project, "assistant.one", "`description`, `instructions`", "assistant.two", "`model`")


def test_an_edit_elsewhere_makes_no_plan_stale(make_project: MakeProject) -> None:
    """It is left alone, and so is what manifests say by now."""
    project = changed(make_project)
    edit_live(project, "assistant.two", instructions="Be rude.")
    project.edit("one.yaml", "Be kind.", "Be formal.")
    project.write("three.yaml", ASSISTANT.replace("NAME", "three"))
    project.write("broken.yaml", "apiVersion: provisioner/v1\nkind: Assistant\n")
    done = project.run("apply", FILE)

    assert done.code == 0, done.err
    assert "Resources: 0 added, 1 changed, 0 destroyed." in done.out
    told = {each["name"]: each["instructions"] for each in project.service.assistants()}
    assert told == {"one": "Be kind.", "two": "Be rude."}


def test_another_apply_elsewhere_makes_no_plan_stale(make_project: MakeProject) -> None:
    """The state's serial may grow: only what the plan touches counts."""
    project = changed(make_project)
    project.write("three.yaml", ASSISTANT.replace("NAME", "three"))
    project.apply("--target", "assistant.three")

    assert project.run("apply", FILE).code == 0
    assert project.plan().code == 0


def test_a_copied_tag_elsewhere_stops_no_plan(make_project: MakeProject) -> None:
    """What a new plan would refuse at another address is no matter of this one."""
    project = changed(make_project)
    two = project.service.call("GET", f"/assistants/{project.id('assistant.two')}")
    copy = {"model": "gpt-4o", "name": "copy", "metadata": two["metadata"]}
    project.service.call("POST", "/assistants", copy)
    project.service.call("DELETE", f"/assistants/{two['id']}")

    assert "P003" in project.run("plan").err
    assert project.run("apply", FILE).code == 0


def test_what_was_deleted_since_makes_a_plan_stale(make_project: MakeProject) -> None:
    """It would have to be created, and nobody has reviewed that."""
    project = changed(make_project)
    id_ = project.id("assistant.one")
    project.service.call("DELETE", f"/assistants/{id_}")

    stale(project, "assistant.one", id_, "would be created by now")


def test_another_id_of_what_is_referred_to_makes_a_plan_stale(make_project: MakeProject) -> None:
    """The file's replacement is named where it would be used."""
    project = sharing(make_project, V2)
    project.apply()
    manifest = (project.folder / "all.yaml").read_text(encoding="utf-8")
    project.edit("all.yaml", "{name: one}\nspec:\n", "{name: one}\nspec:\n  description: new\n")
    save(project, "--target", "assistant.one")
    project.write("all.yaml", manifest)
    project.write("numbers.csv", "a,b\n3,4\n")
    project.apply()

    stale(project, "assistant.one", "`tool_resources.code_interpreter.file_ids")


def test_a_file_that_somebody_uses_since_is_not_destroyed(make_project: MakeProject) -> None:
    """The checks of every plan hold when a saved one is applied."""
    project = sharing(make_project, V2)
    project.apply()
    save(project, "--destroy")
    tools = {
        "tools": [{"type": "code_interpreter"}],
        "tool_resources": {"code_interpreter": {"file_ids": [project.id("file.numbers")]}},
    }
    project.service.call("POST", "/assistants", {"model": "gpt-4o", "name": "mine", **tools})

    stale(project, "file.numbers", "something else needs it by now")


def test_a_plan_is_stale_where_everything_is_gone(make_project: MakeProject) -> None:
    """What the plan touches is named; nobody is told of an option that a saved plan can't take."""
    project = bots(make_project, "one", "two", "three")
    project.apply()
    project.edit("one.yaml", "Be brief.", "Be kind.")
    save(project)
    for each in project.service.assistants():
        project.service.call("DELETE", f"/assistants/{each['id']}")

    stale(project, "assistant.one", "would be created by now")


def test_objects_that_are_all_gone_elsewhere_make_no_plan_stale(make_project: MakeProject) -> None:
    """Every file is gone, and the plan touches none."""
    project = bots(make_project, "one")
    for each in ("a", "b", "c"):
        project.write(f"{each}.yaml", FILE_DOCUMENT.format(name=each))
        project.write(f"{each}.csv", each)
    project.apply()
    project.edit("one.yaml", "Be brief.", "Be kind.")
    save(project)
    for each in project.service.files():
        project.service.call("DELETE", f"/files/{each['id']}")

    assert project.run("apply", FILE).code == 0
    assert [each["instructions"] for each in project.service.assistants()] == ["Be kind."]


FILE_DOCUMENT = """\
apiVersion: provisioner/v1
kind: File
metadata: {{name: {name}}}
spec: {{path: {name}.csv}}
"""


def test_a_copy_in_the_place_of_what_is_touched_makes_a_plan_stale(
    make_project: MakeProject,
) -> None:
    """A new plan would be refused, so this one is."""
    project = changed(make_project)
    one = project.service.call("GET", f"/assistants/{project.id('assistant.one')}")
    project.service.call("DELETE", f"/assistants/{one['id']}")
    copy = {"model": "gpt-4o", "name": "copy", "metadata": one["metadata"]}
    project.service.call("POST", "/assistants", copy)

    stale(project, "assistant.one", "P003 Ownership tag is ambiguous")


def test_a_replacement_of_what_was_destroyed_is_stale(make_project: MakeProject) -> None:
    """The cure of a new plan, to take the option out, is none of a saved one."""
    project = bots(make_project, "one")
    project.apply()
    save(project, "--replace", "assistant.one")
    project.run("destroy", "--auto-approve")

    stale(project, "assistant.one", "P063 Nothing to replace")


def test_an_import_of_what_was_deleted_is_stale(make_project: MakeProject) -> None:
    """The id was right when the plan was made."""
    project = bots(make_project, "one")
    made = project.service.call("POST", "/assistants", {"model": "gpt-4o", "name": "one"})
    imports = f"spec:\n  imports: [{{to: assistant.one, id: {made['id']}}}]\n"
    project.edit("provisioner.yaml", "spec:\n", imports)
    save(project)
    project.service.call("DELETE", f"/assistants/{made['id']}")

    stale(project, "assistant.one", "P031 Object to import doesn't exist")
