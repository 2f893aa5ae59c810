"""Broken manifests, each beside what must be said of it: its own `# expect` lines.

`broken/*.yaml` are manifests of a sound project, `broken/projects/*.yaml` are its provisioner.yaml,
and `broken/folders/` has mistakes that need several files.
"""

from __future__ import annotations

from pathlib import Path
from shutil import copyfile, copytree

import pytest
from manifest_factories import found, write

BROKEN = Path(__file__).parent / "broken"
CASES = sorted((*BROKEN.glob("*.yaml"), *BROKEN.glob("projects/*.yaml"), *BROKEN.glob("folders/*")))
EXPECT = "# expect "


def set_up(case: Path, folder: Path) -> Path:
    """Make a project of a case."""
    if case.is_dir():
        copytree(case, folder, dirs_exist_ok=True)
    else:
        is_project = case.parent.name == "projects"
        copyfile(case, folder / ("provisioner.yaml" if is_project else "a.yaml"))
    return write(folder, {})


def expected(folder: Path) -> list[tuple[str, str, str]]:
    """Read the `# expect` lines of a project's files: place, code, phrase; in their order."""
    return [
        (f"{path.relative_to(folder).as_posix()}:{place}", code, phrase)
        for path in sorted(folder.rglob("*.y*ml"))
        if path.is_file()
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith(EXPECT)
        for place, code, phrase in [line.removeprefix(EXPECT).split(" ", 2)]
    ]


@pytest.mark.parametrize(
    "case", CASES, ids=lambda path: path.relative_to(BROKEN).with_suffix("").as_posix()
)
def test_each_problem_is_told_once_and_where_it_stands(case: Path, tmp_path: Path) -> None:
    """Line, column and code are exact; the rest of an `# expect` line is part of the detail."""
    wanted = expected(set_up(case, tmp_path))
    if case.name.endswith("in_another_case") and (tmp_path / "A.YAML").exists():
        pytest.skip("this file system takes both cases for one")

    problems = found(tmp_path)

    assert wanted
    problems.sort(key=lambda each: (each.position is not None, each.position))
    told = [(str(each.position), each.code) for each in problems]
    assert told == [(place, code) for place, code, _ in wanted], problems
    for problem, (_, _, phrase) in zip(problems, wanted, strict=True):
        assert phrase in problem.detail


def test_there_is_a_case_for_every_sort_of_mistake() -> None:
    """Nothing is lost by a pattern that finds no files."""
    assert len(CASES) > 400
