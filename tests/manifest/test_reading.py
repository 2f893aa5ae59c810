"""Manifests as files: encodings, foreign documents, near-misses, several documents."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from manifest_factories import assistant, codes, found, only, places, project, write

from provisioner.manifest.load import load
from provisioner.operations.workspace import validate


def test_a_sound_project_has_no_problems(tmp_path: Path) -> None:
    """The factories' own project."""
    assert not found(write(tmp_path, {"bot.yaml": assistant()}))


def test_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    """One broken file hides no other."""
    write(
        tmp_path,
        {
            "a.yaml": assistant("a", modell="x"),
            "b.yaml": "kind: [\napiVersion: provisioner/v1\n",
            "c/c.yml": assistant("c", temperature=3),
            "d.yaml": assistant("d", tools=[{"ref": "nothing"}]),
            "e.yaml": b"\xff",
        },
    )

    assert codes(tmp_path) == ["M101", "M002", "M104", "M202", "M001"]


def test_positions_count_through_the_documents_of_a_file(tmp_path: Path) -> None:
    """Lines are the file's."""
    text = assistant("a") + "---\n" + assistant("b", modell="x").replace('"modell"', '\n"modell"')

    assert places(write(tmp_path, {"a.yaml": text})) == ["a.yaml:4:1 M101"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf_16_is_named(encoding: str, tmp_path: Path) -> None:
    """Windows editors write it."""
    write(tmp_path, {"a.yaml": assistant().encode(encoding)})

    assert "it is UTF-16. Save it as UTF-8" in only(tmp_path, "M001")


def test_a_byte_that_is_no_utf_8_has_a_place(tmp_path: Path) -> None:
    """Line and column, not an offset."""
    write(tmp_path, {"a.yaml": "# ä\nkind: ä".encode() + b"\xe4"})

    assert places(tmp_path) == ["a.yaml:2:8 M001"]


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    """Nor of its columns."""
    write(tmp_path, {"a.yaml": b"\xef\xbb\xbf" + assistant(modell="x").encode()})

    [problem] = found(tmp_path)
    assert problem.position is not None
    assert problem.position.column == assistant(modell="x").index('"modell"') + 1


def test_windows_line_ends_are_line_ends(tmp_path: Path) -> None:
    """Positions are those that an editor shows."""
    text = "apiVersion: provisioner/v1\nkind: Assistant\nmetadata: {name: b}\nspec:\n  modell: x\n"

    assert places(write(tmp_path, {"a.yaml": text.replace("\n", "\r\n")})) == ["a.yaml:5:3 M101"]


def test_a_nul_is_refused(tmp_path: Path) -> None:
    """As every other control character."""
    assert places(write(tmp_path, {"a.yaml": "kind: Tool\nx: \0"})) == ["a.yaml:2:4 M002"]


@pytest.mark.parametrize("content", [b"", b"\n", b"# nothing yet\n", b"---\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_no_problem(content: bytes, tmp_path: Path) -> None:
    """It declares nothing."""
    assert not found(write(tmp_path, {"a.yaml": content}))


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    """Its size is enough."""
    write(tmp_path, {"a.yaml": ""})
    os.truncate(tmp_path / "a.yaml", 1 << 40)

    assert "it has more than 8 MB" in only(tmp_path, "M001")


def test_the_cure_for_a_file_that_is_no_manifest_is_named(tmp_path: Path) -> None:
    """`manifests` narrows the search."""
    assert "`manifests` in provisioner.yaml" in only(write(tmp_path, {"a.yaml": b"\xff"}), "M001")


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: apps/v1\nkind: Deployment\n",
        "apiVersion: apps/v1\nkind: Deployment\nkind: Deployment\n",
        "theme: !!python/name:material\n1: x\n",
        "apiVersion: argoproj.io/v1alpha1\nkind: Project\n",
        "apiVersion: example.com/v1\nkind: Tool\n",
        "- a\n- list\n",
        "just a text\n",
        "a: {{ .Values.name }}\nb: {{- if x }}\n",
        "x: " + "[" * 300 + "]" * 300,
    ],
)
def test_foreign_documents_are_skipped_and_counted(text: str, tmp_path: Path) -> None:
    """Whatever is wrong with them is their owners' affair."""
    checked = validate(write(tmp_path, {"a.yaml": text}), None)

    assert not checked.diagnostics
    assert checked.skipped == 1


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: provisioner/v1\nspec: [\n",
        "apiVersion: provisoner/v1\nspec: [\n",
        "kind: Assistant\nspec: [\n",
        "{kind: Assistant, spec: [\n",
        '"apiVersion": "provisioner/v1"\nspec: [\n',
    ],
)
def test_a_broken_file_that_looks_like_ours_is_told(text: str, tmp_path: Path) -> None:
    """Skipped, what it declared would be deleted."""
    assert codes(write(tmp_path, {"a.yaml": text})) == ["M002"]


@pytest.mark.parametrize(
    "version",
    [
        "provisioner/v2",
        "Provisioner/v1",
        "provisoner/v1",
        "provision/v1",
        "provisioner.io/v1",
        "v1",
    ],
)
def test_a_near_miss_of_the_api_version_is_told(version: str, tmp_path: Path) -> None:
    """With what to write."""
    detail = only(
        write(tmp_path, {"a.yaml": assistant().replace("provisioner/v1", version)}), "M005"
    )

    assert detail.endswith(("Write apiVersion: provisioner/v1.", "or write provisioner/v1."))


@pytest.mark.parametrize("line", ["", "apiVersion: 1\n", "apiversion: provisioner/v1\n"])
def test_a_missing_api_version_is_told(line: str, tmp_path: Path) -> None:
    """Where the kind is one of ours."""
    write(tmp_path, {"a.yaml": f"kind: Assistant\n{line}metadata: {{name: bot}}\n"})

    assert codes(tmp_path) == ["M005"]


def test_a_duplicate_in_a_near_miss_is_told_too(tmp_path: Path) -> None:
    """It will be ours."""
    write(tmp_path, {"a.yaml": "apiVersion: provisioner/v2\nkind: Tool\nkind: Tool\n"})

    assert codes(tmp_path) == ["M005", "M003", "M003"]


def test_documents_are_counted(tmp_path: Path) -> None:
    """Ours and others."""
    text = assistant("a") + "---\n" + assistant("b") + "---\nx: 1\n"
    checked = validate(write(tmp_path, {"a.yaml": text}), None)

    assert (checked.documents, checked.skipped) == (3, 1)


def test_a_bomb_of_ours_is_refused_and_looked_at_no_further(tmp_path: Path) -> None:
    """Nothing writes it out."""
    levels = "".join(f"  l{n}: &l{n} [{','.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 16))
    text = f"apiVersion: provisioner/v1\nkind: Tool\nspec:\n  l0: &l0 [x,x,x]\n{levels}"

    assert places(write(tmp_path, {"a.yaml": text})) == ["a.yaml:1:1 M021"]


def test_anchors_hold_in_manifests(tmp_path: Path) -> None:
    """Merge keys and aliases are resolved before the schema looks."""
    text = (
        "apiVersion: provisioner/v1\nkind: Assistant\nmetadata: {name: bot}\n"
        "spec:\n  <<: &base {model: chat}\n  description: &text hello\n  name: *text\n"
    )

    assert not found(write(tmp_path, {"a.yaml": text}))


def test_manifests_are_read_in_one_order(tmp_path: Path) -> None:
    """provisioner.yaml first, then by path."""
    write(tmp_path, {"b.yaml": assistant("b"), "a/z.yml": assistant("z"), "a.yaml": assistant("a")})

    files = [each.file for each in load(tmp_path).documents]
    assert files == ["provisioner.yaml", "a.yaml", "a/z.yml", "b.yaml"]


def test_the_project_may_share_its_file(tmp_path: Path) -> None:
    """provisioner.yaml is a manifest like others."""
    assert not found(write(tmp_path, {"provisioner.yaml": project() + "---\n" + assistant()}))


def test_a_manifest_that_may_not_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken for one that isn't there, it would have its resources deleted."""
    write(tmp_path, {"a.yaml": assistant()})
    read = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "a.yaml":
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)

    assert "Permission denied" in only(tmp_path, "M001")
