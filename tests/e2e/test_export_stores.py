"""Vector stores exported: documents of their own, which assistants search by name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from killing_proxy import killing_proxy
from projects import KEY, LATE, PROJECT, V2, Project, Service, command
from test_export import documents, portal_made, run_and_kill, tree, upload, without_tag
from test_vector_stores import DAY, Clock, at, begin, contents, stores

from provisioner.emulator.embedded import running
from provisioner.emulator.settings import EmulatorSettings

MakeProject = Callable[..., Project]
versions = pytest.mark.parametrize("api_version", [V2, LATE])
CHUNKS = {
    "type": "static",
    "static": {"max_chunk_size_tokens": 400, "chunk_overlap_tokens": 100},
}


@pytest.fixture
def giving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """Make a project at an emulator that gives out the bytes of files."""
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
    with running(EmulatorSettings(api_key=KEY, file_downloads=True, indexing_seconds=0)) as url:
        project = Project(tmp_path / "giving", Service(url, LATE))
        text = PROJECT.format(name="giving", uid="u1", url=url, api_version=LATE)
        project.write("provisioner.yaml", text)
        yield project


def make_store(project: Project, name: str | None = "Docs", **more: Any) -> str:
    """Make a store as somebody else would; give its id."""
    body = {**({"name": name} if name else {}), "metadata": {"k": "$${var.m}"}, **more}
    made: str = project.service.call("POST", "/vector_stores", body)["id"]
    return made


def make_searcher(project: Project, *ids: str, name: str = "Clerk") -> str:
    """Make an assistant that searches stores."""
    resources = {"file_search": {"vector_store_ids": list(ids)}}
    body = portal_made(name, tools=[{"type": "file_search"}], tool_resources=resources)
    made: str = project.service.call("POST", "/assistants", body)["id"]
    return made


def live(project: Project) -> dict[str, dict[str, Any]]:
    """Give what is live by id, as it is but for tags; and what each store holds."""
    found = {each["id"]: without_tag(each) for each in project.service.assistants()}
    for each in stores(project):
        shown = without_tag(each)
        found[each["id"]] = {
            key: value for key, value in shown.items() if not key.startswith("last_active")
        } | {"files": contents(project, each["id"])}
    return found


def search_tool(project: Project, folder: str = ".") -> Any:
    """Give what the one assistant of a folder says of its store."""
    (found,) = documents(project.folder / folder, "Assistant")
    return found["spec"]["tools"][0].get("vector_store")


@versions
def test_lost_manifests_of_stores_come_back(make_project: MakeProject, api_version: str) -> None:
    """With their labels and what protects them; files that are withheld are ids."""
    project = make_project(api_version, "handbook")
    project.apply()
    before = live(project)
    for path in project.folder.glob("*.yaml"):
        if path.name != "provisioner.yaml":
            path.unlink()
    exported = project.run("export")
    (store,) = documents(project.folder, "VectorStore")

    assert exported.code == 0, exported.err
    assert store["metadata"] == {"name": "handbook", "labels": {"team": "people"}}
    assert store["spec"]["expires_after"] == {"anchor": "last_active_at", "days": 90}
    assert {
        each["spec"]["tools"][-1].get("vector_store")
        for each in documents(project.folder, "Assistant")
    } == {"handbook"}
    assert "stays a live id" in exported.err
    changes = project.changes()
    assert {each for actions in changes.values() for each in actions} <= {"delete"}
    assert live(project) == before


def test_lost_manifests_come_back_with_their_files(giving: Project) -> None:
    """Where the service gives out the bytes, the plan is empty."""
    begin(giving)
    giving.apply()
    for name in ("all.yaml", "a.md", "b.md"):
        (giving.folder / name).unlink()
    exported = giving.run("export")

    assert exported.code == 0, exported.err
    assert giving.plan().code == 0, giving.plan().out
    assert (giving.folder / "files" / "a-md.md").read_text() == "One.\n"
    assert search_tool(giving) == "handbook"


def test_foreign_stores_are_taken_over_as_they_are(giving: Project) -> None:
    """Names, expiry, chunks, pairs and files stay; assistants search them by name."""
    files = [upload(giving.service, f"{name}.md", name.encode()) for name in "abc"]
    expires = {"anchor": "last_active_at", "days": 7}
    ids = [
        make_store(giving, file_ids=files[:2], chunking_strategy=CHUNKS),
        make_store(giving, file_ids=files[1:], expires_after=expires),
        make_store(giving, None),
        make_store(giving, "${var.x} $${var.y}"),
    ]
    for number, id_ in enumerate(ids):
        make_searcher(giving, id_, name=f"clerk {number}")
    before = live(giving)
    exported = giving.run("export", "--all", "--import")
    planned = giving.plan()

    assert exported.code == 0, exported.err
    assert planned.code == 0, planned.out
    assert live(giving) == before
    recorded = giving.state["resources"]
    assert {each["id"] for each in recorded.values()} == {*before, *files}
    assert all("provisioner" in each["metadata"] for each in stores(giving))
    written = documents(giving.folder, "Assistant")
    assert all(isinstance(each["spec"]["tools"][0]["vector_store"], str) for each in written)
    again = giving.run("export", "--all", "--import")
    assert again.out == ""
    assert "is declared already, as vectorstore.docs at stores/docs.yaml" in again.err


def test_a_store_comes_with_the_assistant_that_searches_it(make_project: MakeProject) -> None:
    """With --target too, and nothing else comes."""
    project = make_project()
    store, other = make_store(project), make_store(project, "Other")
    clerk = make_searcher(project, store)
    exported = project.run("export", "--import", "--target", clerk)

    assert exported.code == 0, exported.err
    assert search_tool(project) == "docs"
    assert project.id("vectorstore.docs") == store
    assert other not in json.dumps(project.state)
    assert project.plan().code == 0
    named = project.run("export", "--import", "--target", other)
    assert named.code == 0, named.err
    assert project.id("vectorstore.other") == other


def test_what_is_ours_searches_a_foreign_store_by_its_id(make_project: MakeProject) -> None:
    """By a name the next plan would make another store for it; with --import it won't."""
    project = make_project()
    store = make_store(project)
    project.write("clerk.yaml", "apiVersion: provisioner/v1\nkind: Assistant\nmetadata:"
                  " {name: clerk}\nspec: {model: chat, tools: [{type: file_search,"
                  f" vector_store: {{id: {store}}}}}]}}\n")  # fmt: skip
    project.apply()
    (project.folder / "clerk.yaml").unlink()
    exported = project.run("export")

    assert exported.code == 0, exported.err
    assert search_tool(project) == {"id": store}
    assert f"{store} ('Docs') stays a live id: with --import" in exported.err
    assert project.plan().code == 0
    (project.folder / "assistants" / "clerk.yaml").unlink()
    assert project.run("export", "--import").code == 0
    assert search_tool(project) == "docs"
    assert project.plan().code == 0


def test_what_is_exported_without_import_is_taken_over_later(make_project: MakeProject) -> None:
    """A store and the assistant that searches it are found again by what they say."""
    project = make_project()
    store = make_store(project)
    clerk = make_searcher(project, store)
    first = project.run("export", "--target", clerk)
    second = project.run("export", "--target", clerk, "--import")

    assert first.code == second.code == 0, first.err + second.err
    assert "assistant.clerk" in first.err
    assert "vectorstore.docs" in first.err.partition("Exported objects are not managed")[2]
    assert second.out == ""
    assert project.id("vectorstore.docs") == store
    assert project.id("assistant.clerk") == clerk
    assert project.plan().code == 0


def test_a_copy_of_what_is_foreign_is_whole(make_project: MakeProject, tmp_path: Path) -> None:
    """Nothing of it is known there: the next apply makes the store and what searches it."""
    project = make_project()
    make_searcher(project, make_store(project))
    out = tmp_path / "out"
    exported = project.run("export", "--all", "--out", str(out))
    planned = command("-C", str(out), "plan")

    assert exported.code == 0, exported.err
    assert "vectorstore.docs" in exported.err.partition("P043")[2]
    assert "2 to add, 0 to change, 0 to destroy" in planned.out


def test_one_store_of_ours_can_be_named(make_project: MakeProject) -> None:
    """By its address; what searches it isn't exported with it."""
    project = begin(make_project())
    project.apply()
    (project.folder / "all.yaml").unlink()
    exported = project.run("export", "--target", "vectorstore.handbook")

    assert exported.code == 0, exported.err
    assert [each["kind"] for each in documents(project.folder, "VectorStore")] == ["VectorStore"]
    assert documents(project.folder, "Assistant") == []


def test_a_store_of_another_owner_stays_an_id(make_project: MakeProject) -> None:
    """It is never taken over, whatever searches it."""
    theirs, ours = make_project(name="theirs"), make_project(name="ours")
    begin(theirs)
    theirs.apply()
    store = theirs.id("vectorstore.handbook")
    clerk = make_searcher(ours, store, name="guest")
    exported = ours.run("export", "--import", "--target", clerk)
    refused = ours.run("export", "--import", "--target", store)

    assert exported.code == 0, exported.err
    assert search_tool(ours) == {"id": store}
    assert "owns it" in exported.err
    assert ours.plan().code == 0
    assert "P033" in refused.err
    assert theirs.plan().code == 0


def test_a_store_of_the_project_is_searched_by_its_name(make_project: MakeProject) -> None:
    """A foreign assistant that searches a declared store says so in its manifest."""
    project = begin(make_project())
    project.apply()
    clerk = make_searcher(project, project.id("vectorstore.handbook"), name="guest")
    exported = project.run("export", "--import", "--target", clerk)

    assert exported.code == 0, exported.err
    assert "vector_store: handbook" in (project.folder / "assistants/guest.yaml").read_text()
    assert project.plan().code == 0


def test_an_expired_store_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a note; what searches it keeps its id, and plans empty."""
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
    clock = Clock()
    with running(EmulatorSettings(api_key=KEY, indexing_seconds=0, clock=clock)) as url:
        project = at(tmp_path, url)
        store = make_store(project, expires_after={"anchor": "last_active_at", "days": 1})
        clerk = make_searcher(project, store)
        clock.now += 2 * DAY
        exported = project.run("export", "--all", "--import")

        assert exported.code == 0, exported.err
        assert f"{store} ('Docs') is left out: it has expired" in exported.err
        assert search_tool(project) == {"id": store}
        assert list(project.state["resources"]) == ["assistant.clerk"]
        assert project.id("assistant.clerk") == clerk
        assert project.plan().code == 0


def test_a_store_that_is_indexing_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What its manifest left out would be taken out of it."""
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
    with running(EmulatorSettings(api_key=KEY, indexing_seconds=600)) as url:
        project = at(tmp_path, url)
        store = make_store(project, file_ids=[upload(project.service, "a.md", b"One.")])
        exported = project.run("export", "--all", "--import")

        assert exported.code == 0, exported.err
        assert f"{store} ('Docs') is left out: 1 of its files are still" in exported.err
        assert contents(project, store) == {"a.md": "in_progress"}
        assert exported.out == ""


def test_a_store_that_no_manifest_can_say_is_searched_by_its_id(make_project: MakeProject) -> None:
    """Sixteen pairs leave no room for the tag; the assistant is exported all the same."""
    project = make_project()
    store = make_store(project, metadata={f"k{number}": "v" for number in range(16)})
    make_searcher(project, store)
    exported = project.run("export", "--all", "--import")

    assert exported.code == 0, exported.err
    assert "M751" in exported.err
    assert f"{store} ('Docs') is left out" in exported.err
    assert search_tool(project) == {"id": store}
    assert project.plan().code == 0


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("at", range(3, 9))
def test_a_killed_import_of_stores_is_finished_by_the_next(
    giving: Project, at: int, moment: Any
) -> None:
    """Nothing is doubled, lost or taken out of a store, whenever the run dies."""
    with killing_proxy(giving.service.url) as killer:
        text = PROJECT.format(name="demo", uid="u1", url=killer.url, api_version=LATE)
        giving.write("provisioner.yaml", text)
        held = upload(giving.service, "a.md", b"One.\n")
        make_searcher(giving, make_store(giving, file_ids=[held]))
        before = live(giving)
        run_and_kill(giving, killer, at, moment)
        killer.aim(None, moment)
        again = giving.run("export", "--all", "--import")
        planned = giving.plan()

    assert again.code == planned.code == 0, again.err + planned.out
    assert live(giving) == before
    assert {each["id"] for each in giving.state["resources"].values()} == {*before, held}
    assert [each["id"] for each in giving.service.files()] == [held]


def test_saved_answers_keep_the_ids_of_stores(make_project: MakeProject, tmp_path: Path) -> None:
    """They don't say which files a store holds; the store's name stands beside its id."""
    project = make_project()
    store = make_store(project)
    make_searcher(project, store)
    saved = tmp_path / "saved.json"
    answers: Sequence[Any] = [
        project.service.call("GET", f"/{kind}?limit=100")
        for kind in ("assistants", "vector_stores")
    ]
    saved.write_text("\n".join(json.dumps(each) for each in answers))
    out = tmp_path / "out"
    done = command("export", "--from", str(saved), "--out", str(out))

    assert done.code == 0, done.err
    assert f"{store} (Docs) stays a live id" in done.err
    assert f"id: {store}  # Docs\n" in (out / "assistants" / "clerk.yaml").read_text()
    assert sorted(tree(out)) == [
        "assistants/clerk.yaml",
        "instructions/clerk.md",
        "provisioner.schema.json",
        "provisioner.yaml",
    ]
