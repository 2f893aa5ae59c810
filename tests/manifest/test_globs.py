"""Globs: many files by one entry, in a stable order, and never none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from manifest_factories import (
    assistant,
    attributes,
    code_interpreter,
    document,
    found,
    only,
    places,
    resources,
    write,
)

from provisioner.address import Address
from provisioner.manifest.globs import expand, matches

FILES = ["docs/b.md", "docs/a.md", "docs/deep/er/c.md", "docs/.hidden/d.md", "docs/.e.md", "x.csv"]


def attach(folder: Path, glob: str, manifest: str = "a.yaml") -> list[str]:
    """Attach a glob to the assistant `bot`; give the attached addresses."""
    files: dict[str, str | bytes] = dict.fromkeys(FILES, "x")
    write(folder, {**files, manifest: assistant(tools=[code_interpreter({"glob": glob})])})
    ids = attributes(folder)["tool_resources"]["code_interpreter"]["file_ids"]
    return [str(each) for each in ids]


@pytest.mark.parametrize(
    ("glob", "names"),
    [
        ("docs/*.md", ["docs-a-md", "docs-b-md"]),
        ("docs/**/*.md", ["docs-a-md", "docs-b-md", "docs-deep-er-c-md"]),
        ("**/*.md", ["docs-a-md", "docs-b-md", "docs-deep-er-c-md"]),
        ("docs/deep/**", ["docs-deep-er-c-md"]),
        ("./docs/[ab].md", ["docs-a-md", "docs-b-md"]),
        ("x.csv", ["x-csv"]),
        ("**/x.?sv", ["x-csv"]),
    ],
)
def test_a_glob_attaches_what_matches_in_the_order_of_paths(
    glob: str, names: list[str], tmp_path: Path
) -> None:
    """What begins with a dot is left out."""
    assert attach(tmp_path, glob) == [f"file.{name}" for name in names]


@pytest.mark.parametrize(
    "glob", [".hidden/*.md", "docs/.hidden/*", "docs/.e.md", ".provisioner/**"]
)
def test_a_glob_never_leads_to_what_begins_with_a_dot(glob: str, tmp_path: Path) -> None:
    """Not even one that names it: the state must not be sent, nor change what is planned."""
    (tmp_path / ".provisioner" / "local").mkdir(parents=True)
    (tmp_path / ".provisioner" / "local" / "state.json").write_text("{}")
    files: dict[str, str | bytes] = dict.fromkeys([*FILES, ".hidden/d.md"], "x")
    write(tmp_path, {**files, "a.yaml": assistant(tools=[code_interpreter({"glob": glob})])})

    only(tmp_path, "M310")


def test_a_glob_goes_out_from_its_manifest(tmp_path: Path) -> None:
    """As paths do, upwards too."""
    assert attach(tmp_path, "../docs/*.md", "bots/a.yaml") == ["file.docs-a-md", "file.docs-b-md"]


def test_a_file_is_one_resource_however_it_is_attached(tmp_path: Path) -> None:
    """By a glob of a store, by a path, and by its document."""
    write(
        tmp_path,
        {
            "a.yaml": assistant(tools=[code_interpreter({"glob": "*.md"}, {"path": "a.md"})]),
            "s.yaml": document("VectorStore", "s", {"files": [{"glob": "*.md"}, "b"]}),
            "b.yaml": document("File", "b", {"path": "b.md"}),
            "a.md": "a",
            "b.md": "b",
        },
    )

    kinds = [str(each) for each in resources(tmp_path) if each.kind == "file"]

    assert sorted(kinds) == ["file.a-md", "file.b"]
    store = attributes(tmp_path, "vectorstore.s")
    assert set(store["file_ids"]) == {Address("file", "a-md"), Address("file", "b")}
    assert not found(tmp_path)


def test_a_glob_that_matches_nothing_is_an_error(tmp_path: Path) -> None:
    """Where it stands: else a typing error would take every file away."""
    write(tmp_path, {"a.yaml": assistant(tools=[code_interpreter({"glob": "dcos/*.md"})])})

    assert "No file matches 'dcos/*.md'" in only(tmp_path, "M310")
    [place] = places(tmp_path)
    assert place.startswith("a.yaml:1:")


@pytest.mark.parametrize(
    ("glob", "code"), [("/etc/*", "M307"), ("../*", "M301"), ("a/../../*.md", "M301")]
)
def test_a_glob_stays_inside_the_project(glob: str, code: str, tmp_path: Path) -> None:
    """As paths do."""
    write(tmp_path, {"a.yaml": assistant(tools=[code_interpreter({"glob": glob})])})

    assert [each.code for each in found(tmp_path)] == [code]


def test_a_matching_link_out_of_the_project_is_refused(tmp_path: Path) -> None:
    """Nobody sees in a glob what it takes along."""
    outside = tmp_path / "outside.md"
    outside.write_text("x")
    folder = tmp_path / "project"
    write(folder, {"a.yaml": assistant(tools=[code_interpreter({"glob": "*.md"})])})
    (folder / "link.md").symlink_to(outside)

    assert [each.code for each in found(folder)] == ["M301"]


def test_what_file_search_refuses_is_told_at_the_glob(tmp_path: Path) -> None:
    """With the file's name."""
    store = document("VectorStore", "s", {"files": [{"glob": "data/*"}]})
    write(tmp_path, {"s.yaml": store, "data/a.md": "a", "data/b.csv": "b"})

    assert "'b.csv'" in only(tmp_path, "M410")


def test_a_glob_stands_alone(tmp_path: Path) -> None:
    """Beside `path` or `id` it would be two entries."""
    entry: dict[str, Any] = {"glob": "*.md", "path": "a.md"}
    write(tmp_path, {"a.yaml": assistant(tools=[code_interpreter(entry)]), "a.md": "a"})

    assert [each.code for each in found(tmp_path)] == ["M101"]


def test_a_hostile_glob_is_matched_in_no_time() -> None:
    """Many stars over a deep path: each pair of places is looked at once."""
    assert not matches("/".join("a" * 60), "/".join([*["**"] * 30, "b"]))


def test_a_missing_folder_has_no_files(tmp_path: Path) -> None:
    """Which is told as a glob that matches nothing."""
    assert expand(tmp_path, "no/such/*") == []
