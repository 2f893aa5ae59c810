"""Broken manifests, each beside what must be said of it: its own `# expect` lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from manifest_factories import found, write

BROKEN = sorted((Path(__file__).parent / "broken").glob("*.yaml"))
EXPECT = "# expect "


@pytest.mark.parametrize("manifest", BROKEN, ids=lambda path: path.stem)
def test_each_problem_is_told_once_and_where_it_stands(manifest: Path, tmp_path: Path) -> None:
    """Line, column and code are exact; the rest of an `# expect` line is part of the detail."""
    text = manifest.read_text(encoding="utf-8")
    lines = [line.removeprefix(EXPECT) for line in text.splitlines() if line.startswith(EXPECT)]
    wanted = [tuple(line.split(" ", 2)) for line in lines]

    problems = found(write(tmp_path, {"a.yaml": text}))

    problems.sort(
        key=lambda each: (each.position.line, each.position.column) if each.position else ()
    )
    told = [(str(each.position).removeprefix("a.yaml:"), each.code) for each in problems]
    assert told == [(place, code) for place, code, _ in wanted], problems
    for problem, (_, _, phrase) in zip(problems, wanted, strict=True):
        assert phrase in problem.detail
