"""Attached files: where they may lie, what they may be."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest
from manifest_factories import (
    assistant,
    attributes,
    code_interpreter,
    codes,
    document,
    found,
    only,
    places,
    resources,
    write,
)

from provisioner.address import Address
from provisioner.content import Content
from provisioner.diagnostics import Severity


def attach(folder: Path, path: str, **files: str) -> Path:
    """Write an assistant in `bots/` that attaches a path."""
    text = assistant(tools=[code_interpreter({"path": path})])
    return write(folder, {"bots/a.yaml": text, **files})


def test_a_file_is_known_by_its_bytes(tmp_path: Path) -> None:
    """Name, size and digest; its source and position are kept beside."""
    attach(tmp_path, "../data/x.csv", **{"data/x.csv": "a,b\n"})

    made = resources(tmp_path)[Address("file", "data-x-csv")]

    assert made.attributes == {
        "filename": "x.csv",
        "bytes": 4,
        "sha256": hashlib.sha256(b"a,b\n").hexdigest(),
        "purpose": "assistants",
    }
    assert made.source == str((tmp_path / "data/x.csv").resolve())
    assert made.origin is not None
    assert made.origin.path == "bots/a.yaml"


def test_a_file_document_may_rename(tmp_path: Path) -> None:
    """`filename` is what the service sees."""
    spec = {"path": "x-2024.csv", "filename": "x.csv"}
    write(tmp_path, {"f.yaml": document("File", "x", spec), "x-2024.csv": "x"})

    assert attributes(tmp_path, "file.x")["filename"] == "x.csv"


def test_an_attached_file_is_a_dependency(tmp_path: Path) -> None:
    """The assistant waits for it."""
    attach(tmp_path, "x.csv", **{"bots/x.csv": "x"})

    bot = resources(tmp_path)[Address("assistant", "bot")]
    assert bot.depends_on == (Address("file", "bots-x-csv"),)


def test_a_live_file_is_no_resource(tmp_path: Path) -> None:
    """`{id: …}` is sent as it stands."""
    write(tmp_path, {"a.yaml": assistant(tools=[code_interpreter({"id": "assistant-1"})])})

    ids = attributes(tmp_path)["tool_resources"]["code_interpreter"]["file_ids"]
    assert ids == ["assistant-1"]
    assert len(resources(tmp_path)) == 1


@pytest.mark.parametrize(
    ("path", "code", "phrase"),
    [
        ("/etc/hostname", "M307", "from the folder of this manifest"),
        ("../../x.csv", "M301", "is outside"),
        ("../../../../../../../../etc/hostname", "M301", "is outside"),
        ("x\0.csv", "M307", ""),
        ("nowhere.csv", "M302", "doesn't exist"),
        ("../data/sale.csv", "M302", "Did you mean sales.csv?"),
        ("..\\data\\sales.csv", "M302", "Write `/` between folders."),
        ("../data", "M302", "is a folder"),
        ("..", "M302", "is a folder"),
        ("../data/sales.csv/x", "M308", "Not a directory"),
        ("x" * 300 + ".csv", "M308", "name too long"),
    ],
)
def test_a_path_leads_to_a_file_of_the_project(
    path: str, code: str, phrase: str, tmp_path: Path
) -> None:
    """Relative to the manifest, and never out."""
    attach(tmp_path / "p", path, **{"data/sales.csv": "x"})
    (tmp_path / "x.csv").write_text("x")

    assert phrase in only(tmp_path / "p", code)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("../../outside.csv", ["M301"]),
        ("link.csv", ["M308"]),
        ("../data/inside.csv", []),
        ("../data", ["M302"]),
        ("gone.csv", ["M302"]),
    ],
)
def test_links_are_followed_within_the_project(
    target: str, expected: list[str], tmp_path: Path
) -> None:
    """Out of it, in circles and to nothing they aren't."""
    attach(tmp_path / "p", "link.csv", **{"data/inside.csv": "x"})
    (tmp_path / "outside.csv").write_text("x")
    (tmp_path / "p/bots/link.csv").symlink_to(target)

    assert codes(tmp_path / "p") == expected


def test_a_link_and_its_target_are_one_file(tmp_path: Path) -> None:
    """The path that counts is the resolved one."""
    attach(tmp_path, "link.csv", **{"data/x.csv": "x"})
    (tmp_path / "bots/link.csv").symlink_to("../data/x.csv")

    assert Address("file", "data-x-csv") in resources(tmp_path)


def test_a_linked_folder_must_stay_inside_too(tmp_path: Path) -> None:
    """Every step of the path counts."""
    attach(tmp_path / "p", "out/x.csv")
    write(tmp_path / "q", {"x.csv": "x"})
    (tmp_path / "p/bots/out").symlink_to(tmp_path / "q")

    assert codes(tmp_path / "p") == ["M301"]


def test_a_project_may_be_reached_by_a_link(tmp_path: Path) -> None:
    """Its own folder is resolved as well."""
    attach(tmp_path / "p", "x.csv", **{"bots/x.csv": "x"})
    (tmp_path / "link").symlink_to("p")

    assert not found(tmp_path / "link")


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    """Reading it would wait for ever."""
    attach(tmp_path, "x.csv")
    os.mkfifo(tmp_path / "bots/x.csv")

    assert codes(tmp_path) == ["M302"]


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    """The service does so too, later."""
    assert codes(attach(tmp_path, "x.csv", **{"bots/x.csv": ""})) == ["M303"]


def test_a_file_that_is_too_large_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its size is enough; at the edge it is allowed."""
    monkeypatch.setattr(Content, "of", lambda _: Content("0" * 64, 512 << 20))
    attach(tmp_path, "x.csv", **{"bots/x.csv": ""})

    os.truncate(tmp_path / "bots/x.csv", (512 << 20) + 1)
    assert "536,870,913 bytes" in only(tmp_path, "M304")
    os.truncate(tmp_path / "bots/x.csv", 512 << 20)
    assert not codes(tmp_path)


def test_a_terabyte_takes_no_time(tmp_path: Path) -> None:
    """Nothing digests it."""
    attach(tmp_path, "x.csv", **{"bots/x.csv": ""})
    os.truncate(tmp_path / "bots/x.csv", 1 << 40)
    started = time.monotonic()

    assert codes(tmp_path) == ["M304"]
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("name", ["x.parquet", "x", "x.csv.gz", ".csv"])
def test_an_unlisted_type_is_a_warning(name: str, tmp_path: Path) -> None:
    """Azure may take it all the same."""
    [problem] = found(attach(tmp_path, name, **{f"bots/{name}": "x"}))

    assert (problem.code, problem.severity) == ("M305", Severity.WARNING)


def test_case_makes_no_type(tmp_path: Path) -> None:
    """`.CSV` is listed."""
    assert not found(attach(tmp_path, "X.CSV", **{"bots/X.CSV": "x"}))


def test_a_file_is_read_once_for_all_environments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many attach it."""
    read: list[Path] = []
    digest = Content.of

    def counting(path: Path) -> Content:
        read.append(path)
        return digest(path)

    monkeypatch.setattr(Content, "of", counting)
    attach(tmp_path, "x.csv", **{"bots/x.csv": "x"})
    write(tmp_path, {"b.yaml": assistant("b", tools=[code_interpreter({"path": "bots/x.csv"})])})

    assert not found(tmp_path)
    assert len(read) == 1


def test_the_problem_stands_at_the_path(tmp_path: Path) -> None:
    """Line and column, also in a File document."""
    text = (
        "apiVersion: provisioner/v1\nkind: File\nmetadata: {name: x}\nspec:\n  path: nowhere.csv\n"
    )

    assert places(write(tmp_path, {"f.yaml": text})) == ["f.yaml:5:9 M302"]


def test_the_lifecycle_comes_along(tmp_path: Path) -> None:
    """What a plan may do with the assistant."""
    lifecycle = {"prevent_destroy": True, "ignore_changes": ["instructions"]}
    write(tmp_path, {"a.yaml": assistant(about={"lifecycle": lifecycle})})

    made = resources(tmp_path)[Address("assistant", "bot")].lifecycle
    assert (made.prevent_destroy, made.ignore_changes) == (True, ("instructions",))


def test_an_escape_in_a_path_is_written_out(tmp_path: Path) -> None:
    """In any string of a spec."""
    attach(tmp_path, "$${var.x}.csv", **{"bots/${var.x}.csv": "x"})

    assert Address("file", "bots-var-x-csv") in resources(tmp_path)
