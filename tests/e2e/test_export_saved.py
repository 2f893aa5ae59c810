"""Export from saved answers of the API: no service is asked, and no project is needed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from projects import V1, V2, Project, command
from test_export import NASTY, TEXTS, documents, portal_made, tree

MakeProject = Callable[..., Project]


def save(path: Path, *values: Any) -> Path:
    """Save answers one after the other."""
    path.write_text("\n".join(json.dumps(each) for each in values), encoding="utf-8")
    return path


def strip(documents_: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out what names a document."""
    return [each["spec"] for each in documents_]


def test_listings_of_both_generations_become_a_project(
    make_project: MakeProject, tmp_path: Path
) -> None:
    """What v1 and v2 answered is written in one form, and plans at the emulator."""
    projects = [make_project(version) for version in (V1, V2)]
    listings = []
    for project in projects:
        for number, name in enumerate(NASTY):
            body = portal_made(name, TEXTS[number % len(TEXTS)])
            project.service.call("POST", "/assistants", body)
        service = project.service
        listings.append(service.call("GET", "/assistants?limit=100&order=asc"))
    outs = []
    for number, listing in enumerate(listings):
        saved = save(
            tmp_path / f"{number}.json", {**listing, "data": listing["data"][: len(NASTY)]}
        )
        outs.append(tmp_path / f"out{number}")
        done = command("export", "--from", str(saved), "--out", str(outs[-1]))
        assert done.code == 0, done.err
    planned = command("-C", str(outs[0]), "plan")

    assert f"{len(NASTY)} to add, 0 to change, 0 to destroy" in planned.out, planned.err
    assert strip(documents(outs[0], "Assistant")) == strip(documents(outs[1], "Assistant"))
    assert command("-C", str(outs[0]), "apply", "--auto-approve").code == 0
    assert command("-C", str(outs[0]), "plan", "--detailed-exitcode").code == 0


def test_what_is_gone_is_named(tmp_path: Path) -> None:
    """File names come from a files listing; tools that exist no more are told of."""
    assistant = {
        "id": "asst_1",
        "object": "assistant",
        "model": "gpt-4",
        "name": "Bot",
        "tools": [{"type": "code_interpreter"}, {"type": "retrieval"}],
        "file_ids": ["assistant-1"],
        "metadata": {"provisioner": "u1/prod/assistant.our-bot"},
    }
    files = {
        "object": "list",
        "data": [{"id": "assistant-1", "object": "file", "filename": "a.csv"}],
    }
    saved = save(tmp_path / "saved.json", [assistant], files)
    done = command("-C", str(tmp_path), "export", "--from", str(saved))
    text = (tmp_path / "exported" / "assistants" / "our-bot.yaml").read_text()

    assert done.code == 0, done.err
    assert "- id: assistant-1  # a.csv" in text
    assert "assistant-1 (a.csv) stays a live id" in done.err
    assert "its tool of the type 'retrieval'" in " ".join(done.err.split())
    assert (tmp_path / "exported" / "provisioner.yaml").exists()
    assert command("-C", str(tmp_path / "exported"), "validate").code == 0


@pytest.mark.parametrize("arguments", [["--all"], ["--import"]])
def test_what_needs_a_service_does_not_go_with_it(tmp_path: Path, arguments: list[str]) -> None:
    """Nobody can be asked what is foreign, or be told whose it is."""
    saved = save(tmp_path / "saved.json", [])
    done = command("export", "--from", str(saved), *arguments)

    assert done.code == 1
    assert "--from asks no service" in done.err


def test_nothing_is_written_over_what_is_there(tmp_path: Path) -> None:
    """Neither over another project, nor over a file."""
    assistant = {"id": "asst_1", "object": "assistant", "model": "m", "instructions": "a"}
    saved = save(tmp_path / "saved.json", assistant)
    out = tmp_path / "out"
    (out / "instructions").mkdir(parents=True)
    (out / "instructions" / "asst-1.md").write_text("mine")
    done = command("export", "--from", str(saved), "--out", str(out))

    assert done.code == 1
    assert "File is in the way" in done.err
    assert tree(out) == {"instructions/asst-1.md": b"mine"}


def test_one_of_them_can_be_named(tmp_path: Path) -> None:
    """By its id; an id that isn't there is an error."""
    bodies = [{"id": f"asst_{n}", "object": "assistant", "model": "m", "name": n} for n in "ab"]
    saved = save(tmp_path / "saved.json", *bodies)
    out = str(tmp_path / "out")
    wrong = command("export", "--from", str(saved), "--out", out, "--target", "asst_c")
    right = command("export", "--from", str(saved), "--out", out, "--target", "asst_b")

    assert wrong.code == 1
    assert "Nothing live to export there" in wrong.err
    assert right.code == 0, right.err
    assert sorted(tree(tmp_path / "out")) == [
        "assistants/b.yaml",
        "provisioner.schema.json",
        "provisioner.yaml",
    ]


def test_a_file_that_is_no_listing_is_refused(tmp_path: Path) -> None:
    """With the place, and nothing is written."""
    saved = save(tmp_path / "saved.json", {"object": "list", "data": [{"id": "asst_1"}]})
    done = command("-C", str(tmp_path), "export", "--from", str(saved))

    assert done.code == 1
    assert "saved.json, at $.data[0]: it has no `model`" in done.err
    assert not (tmp_path / "exported").exists()
