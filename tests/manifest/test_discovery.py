"""Where a project begins and ends, and which of its files are manifests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from manifest_factories import assistant, codes, only, places, project, write

from provisioner.errors import ManifestError
from provisioner.manifest.discovery import find_project, manifest_files


def test_the_project_is_found_from_below(tmp_path: Path) -> None:
    """The nearest folder above that has a provisioner.yaml."""
    write(tmp_path, {"a/b/c.txt": ""})

    assert find_project(tmp_path / "a/b") == tmp_path
    assert find_project(tmp_path) == tmp_path


@pytest.mark.parametrize(("start", "code"), [("", "M010"), ("nowhere", "M012"), ("a.txt", "M012")])
def test_no_project_is_told(start: str, code: str, tmp_path: Path) -> None:
    """And what to do instead."""
    (tmp_path / "a.txt").touch()

    with pytest.raises(ManifestError) as raised:
        find_project(tmp_path / start)

    [problem] = raised.value.diagnostics
    assert problem.code == code
    assert "-C" in problem.detail


def test_yaml_and_yml_are_manifests(tmp_path: Path) -> None:
    """Other endings aren't."""
    write(tmp_path, {"a.yaml": "", "b/c.yml": "", "d.json": "", "e.YAML": "", "f.yaml.bak": ""})

    assert manifest_files(tmp_path) == ["a.yaml", "b/c.yml", "provisioner.yaml"]


def test_dots_hide(tmp_path: Path) -> None:
    """Folders and files: .git, .provisioner, editors' backups."""
    write(tmp_path, {".a.yaml": "", ".github/b.yaml": "", "c/.d/e.yaml": "", "c/f.yaml": ""})

    assert manifest_files(tmp_path) == ["c/f.yaml", "provisioner.yaml"]


def test_a_nested_project_ends_the_search(tmp_path: Path) -> None:
    """What lies in it is its own."""
    write(
        tmp_path,
        {"in/provisioner.yaml": project(), "in/a.yaml": "", "in/b/c.yaml": "", "d.yaml": ""},
    )

    assert manifest_files(tmp_path) == ["d.yaml", "provisioner.yaml"]


def test_linked_folders_are_not_followed(tmp_path: Path) -> None:
    """They could lead anywhere, and in circles."""
    write(tmp_path, {"a/b.yaml": ""})
    (tmp_path / "a/loop").symlink_to(tmp_path)

    assert manifest_files(tmp_path) == ["a/b.yaml", "provisioner.yaml"]


@pytest.mark.parametrize(
    ("glob", "files"),
    [
        ("*.yaml", ["a.yaml"]),
        ("a.yaml", ["a.yaml"]),
        ("./a.yaml", ["a.yaml"]),
        ("x/*.yaml", ["x/b.yaml"]),
        ("x/**/*.yaml", ["x/b.yaml", "x/y/c.yaml", "x/y/z/d.yaml"]),
        ("x/**", ["x/b.yaml", "x/y/c.yaml", "x/y/z/d.yaml"]),
        ("**/d.yaml", ["x/y/z/d.yaml"]),
        ("**/y/*", ["x/y/c.yaml"]),
        ("x/?.yaml", ["x/b.yaml"]),
        ("x/[ab].yaml", ["x/b.yaml"]),
        ("*", ["a.yaml"]),
        ("X/*.yaml", []),
        ("x", []),
    ],
)
def test_globs_narrow(glob: str, files: list[str], tmp_path: Path) -> None:
    """`*` keeps to one name, `**` stands for any folders."""
    write(tmp_path, {"a.yaml": "", "x/b.yaml": "", "x/y/c.yaml": "", "x/y/z/d.yaml": ""})

    assert set(manifest_files(tmp_path, [glob])) == {*files, "provisioner.yaml"}


def test_the_project_names_globs(tmp_path: Path) -> None:
    """What they leave out isn't read."""
    write(
        tmp_path,
        {
            "provisioner.yaml": project(manifests=["bots/*.yaml"]),
            "bots/a.yaml": assistant("a"),
            "other/b.yaml": "apiVersion: provisioner/v1\nkind: [",
        },
    )

    assert not codes(tmp_path)


def test_a_glob_that_matches_nothing_is_an_error(tmp_path: Path) -> None:
    """A slip of the pen would leave every manifest out, and delete what they declared."""
    write(
        tmp_path,
        {"provisioner.yaml": project(manifests=["bots/*.yaml", "bot/**"]), "bots/a.yaml": ""},
    )

    assert "'bot/**'" in only(tmp_path, "M009")
    assert places(tmp_path)[0].startswith("provisioner.yaml:1:")


def test_wrong_globs_are_the_schemas_affair(tmp_path: Path) -> None:
    """They don't stop the reading."""
    write(tmp_path, {"provisioner.yaml": project(manifests=[5]), "a.yaml": assistant(modell="x")})

    assert set(codes(tmp_path)) == {"M103", "M101"}


def test_a_folder_that_cannot_be_read_stops_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What isn't seen would be taken for what isn't declared any more."""
    write(tmp_path, {"a/b.yaml": ""})
    scan = os.scandir

    def refusing(path: str) -> object:
        if Path(path).name == "a":
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)

    with pytest.raises(ManifestError) as raised:
        manifest_files(tmp_path)

    assert raised.value.diagnostics[0].code == "M013"
