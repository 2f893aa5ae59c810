"""`accept` of files and vector stores: ids become names and paths again."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest
from projects import KEY, LATE, V1, V2, Project
from test_accept import (
    MakeProject,
    accepted,
    assert_refused,
    assert_settled,
    changed,
    edit,
    files,
    versions,
)

BOT = """\
apiVersion: provisioner/v1
kind: File
metadata: {name: numbers}
spec: {path: numbers.csv}
---
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: bot}
spec:
  model: chat
  tools:
    - type: code_interpreter
      files:
        - numbers  # declared
        - {path: data/inline.csv}  # inline
---
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: other}
spec:
  model: chat
  tools: [{type: code_interpreter, files: [{path: data/others.csv}]}]
"""


def begin(make_project: MakeProject, api_version: str, text: str = BOT) -> Project:
    """Apply a project with an assistant that has two files, and another that has one."""
    project = make_project(api_version)
    project.write("bots/bot.yaml", text.replace("path: ", "path: ../"))
    for name in ("numbers.csv", "data/inline.csv", "data/others.csv"):
        project.write(name, f"{name}\n")
    project.apply()
    return project


def attach(project: Project, *ids: str) -> None:
    """Let the assistant `bot` have these files, as the portal would."""
    if project.service.api_version == V1:
        edit(project, file_ids=list(ids))
    else:
        edit(project, tool_resources={"code_interpreter": {"file_ids": list(ids)}})


def upload(project: Project) -> str:
    """Upload a file as somebody else would; give its id."""
    parts = [
        '--x\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nassistants\r\n',
        '--x\r\nContent-Disposition: form-data; name="file"; filename="more.md"\r\n\r\nMore.\r\n',
        "--x--\r\n",
    ]
    version = project.service.api_version
    request = urllib.request.Request(
        f"{project.service.url}/openai/files?api-version={version}",
        data="".join(parts).encode(),
        headers={"api-key": KEY, "Content-Type": "multipart/form-data; boundary=x"},
    )
    with urllib.request.urlopen(request) as answer:
        return str(json.loads(answer.read())["id"])


@versions
def test_files_come_and_go(make_project: MakeProject, api_version: str) -> None:
    """By path where another assistant attaches it, by id where nobody manages it."""
    project = begin(make_project, api_version)
    before = files(project)
    foreign = upload(project)
    attach(project, project.id("file.data-inline-csv"), project.id("file.data-others-csv"), foreign)
    accepted(project)

    assert sorted(changed(project, before)["bots/bot.yaml"]) == [
        "+        # declared",
        f"+        - {{id: {foreign}}}",
        "+        - {path: ../data/others.csv}",
        "-        - numbers  # declared",
    ]
    assert_settled(project)


def test_a_file_that_a_document_declares_is_named(make_project: MakeProject) -> None:
    """And one that nothing attaches any more is warned of: the next apply deletes it."""
    project = begin(make_project, V2)
    edit(
        project,
        "assistant.other",
        tool_resources={"code_interpreter": {"file_ids": [project.id("file.numbers")]}},
    )
    before = files(project)
    result = accepted(project, "assistant.other")

    assert changed(project, before)["bots/bot.yaml"][1] == (
        "+  tools: [{type: code_interpreter, files: [numbers]}]"
    )
    assert "P121" in result.err
    assert project.changes() == {"file.data-others-csv": ["delete"]}
    assert project.run("drift").code == 0
    project.apply()
    assert_settled(project)


def test_a_tool_goes_with_its_files(make_project: MakeProject) -> None:
    """File documents stay."""
    project = begin(make_project, V2)
    edit(project, tools=[], tool_resources={"code_interpreter": {"file_ids": []}})
    accepted(project)

    text = files(project)["bots/bot.yaml"].decode()
    assert "metadata: {name: bot}\nspec:\n  model: chat\n---\n" in text
    assert project.run("drift").code == 0
    assert project.changes() == {"file.data-inline-csv": ["delete"]}


def test_a_glob_is_not_rewritten(make_project: MakeProject) -> None:
    """It says which files are attached, not which are not."""
    text = BOT.replace("{path: data/inline.csv}", '{glob: "../data/*.csv"}')
    project = begin(make_project, V2, text)
    attach(project, project.id("file.numbers"))

    assert_refused(project, "P075", "a glob attaches the file")


STORE = """\
apiVersion: provisioner/v1
kind: VectorStore
metadata: {name: handbook}
spec:
  name: Handbook  # shown
  files: [{path: a.md}, {path: b.md}]  # all
  expires_after: {anchor: last_active_at, days: 30}
---
apiVersion: provisioner/v1
kind: VectorStore
metadata: {name: second}
spec: {files: [{path: a.md}]}
---
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: bot}
spec:
  model: chat
  tools:
    - type: file_search  # searches
      vector_store: handbook  # this one
      max_num_results: 8
"""


@pytest.fixture
def searching(make_project: MakeProject) -> Project:
    """Apply a project with two stores, and an assistant that searches the first."""
    project = make_project(LATE)
    project.write("store.yaml", STORE)
    project.write("a.md", "One.\n")
    project.write("b.md", "Two.\n")
    project.apply()
    return project


def store_call(project: Project, method: str, path: str = "", body: Any = None) -> Any:
    """Ask for something of the first store."""
    store = project.id("vectorstore.handbook")
    return project.service.call(method, f"/vector_stores/{store}{path}", body)


def test_a_store_is_edited_in_place(searching: Project) -> None:
    """Its name, when it expires, and its files."""
    before = files(searching)
    foreign = upload(searching)
    expires = {"anchor": "last_active_at", "days": 7}
    store_call(searching, "POST", body={"name": "Rules", "expires_after": expires})
    store_call(searching, "DELETE", f"/files/{searching.id('file.b-md')}")
    store_call(searching, "POST", "/files", {"file_id": foreign})
    result = searching.run("accept", "vectorstore.handbook")

    assert result.code == 0, result.err
    assert changed(searching, before)["store.yaml"] == [
        "-  name: Handbook  # shown",
        "-  files: [{path: a.md}, {path: b.md}]  # all",
        "-  expires_after: {anchor: last_active_at, days: 30}",
        "+  name: Rules  # shown",
        f"+  files: [{{path: a.md}}, {{id: {foreign}}}]  # all",
        "+  expires_after: {anchor: last_active_at, days: 7}",
    ]
    assert searching.run("drift").code == 0
    assert searching.changes() == {"file.b-md": ["delete"]}


def test_another_store_is_named(searching: Project) -> None:
    """By the name of its document, or by its id."""
    before = files(searching)
    second = searching.id("vectorstore.second")
    tool = {"type": "file_search", "file_search": {"max_num_results": 5}}
    edit(
        searching,
        tools=[tool],
        tool_resources={"file_search": {"vector_store_ids": [second]}},
    )
    accepted(searching)

    assert changed(searching, before)["store.yaml"] == [
        "-      vector_store: handbook  # this one",
        "-      max_num_results: 8",
        "+      vector_store: second  # this one",
        "+      max_num_results: 5",
    ]
    assert_settled(searching)

    foreign = searching.service.call("POST", "/vector_stores", {"name": "Foreign"})["id"]
    edit(searching, tool_resources={"file_search": {"vector_store_ids": [foreign]}})
    accepted(searching)
    assert f"vector_store: {{id: {foreign}}}" in files(searching)["store.yaml"].decode()
    assert_settled(searching)


def test_a_file_has_nothing_to_accept(searching: Project) -> None:
    """The service can't change one."""
    assert "No edits to accept." in accepted(searching, "file.a-md").out
    searching.service.call("DELETE", f"/files/{searching.id('file.a-md')}")

    refused = searching.run("accept", "file.a-md")
    assert refused.code == 1
    assert "P077" in refused.err


def test_a_file_that_was_deleted_outside_is_nobodys_edit(make_project: MakeProject) -> None:
    """Deleting it has pulled it out of the assistant: the manifest was not changed."""
    project = begin(make_project, V2)
    project.service.call("DELETE", f"/files/{project.id('file.data-inline-csv')}")
    planned = project.run("plan")
    result = assert_refused(project, "P075", "file.data-inline-csv was deleted outside")

    assert "# live" in planned.out
    assert "# you" not in planned.out
    assert "edited in the manifests" not in result.out
