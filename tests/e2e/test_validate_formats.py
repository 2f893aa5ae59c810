"""validate in its formats: what goes where, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from provisioner.cli import run
from provisioner.diagnostics import Position, error
from provisioner.operations.sources import read_sources

PROJECT = """\
apiVersion: provisioner/v1
kind: Project
metadata: {name: demo}
spec:
  environments:
    local: {provider: {type: emulator}}
    old: {provider: {type: emulator, api_version: 2024-02-15-preview}}
"""
BOT = """\
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: bot}
spec:
  model: chat
"""
MACHINE = ("json", "sarif", "github")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a project of two environments that is right."""
    folder = tmp_path / "infra" / "bots"
    folder.mkdir(parents=True)
    (folder / "provisioner.yaml").write_text(PROJECT, encoding="utf-8")
    (folder / "bot.yaml").write_text(BOT, encoding="utf-8")
    return folder


def places(form: str, text: str) -> list[str]:
    """List the files that problems are told of."""
    if form == "github":
        rows = [line for line in text.splitlines() if line.startswith("::")]
        return [row.split("file=")[1].split(",")[0] for row in rows]
    found: Any = json.loads(text)
    if form == "json":
        return [each["range"]["filename"] for each in found["diagnostics"]]
    return [
        each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for each in found["runs"][0]["results"]
    ]


@pytest.mark.parametrize("form", MACHINE)
def test_machine_formats_go_to_stdout_whole(
    form: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is said beside them; errors exit 1, and warnings don't."""
    assert run(["-C", str(project), "validate", "--format", form]) == 0
    assert places(form, capsys.readouterr().out) == []

    (project / "bot.yaml").write_text(BOT + "  modell: chat\n", encoding="utf-8")

    assert run(["-C", str(project), "validate", "--format", form]) == 1
    said = capsys.readouterr()
    assert said.err == ""
    assert places(form, said.out) == ["bot.yaml"]


@pytest.mark.parametrize("form", MACHINE)
def test_no_project_is_told_in_the_format_too(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A program that reads the output is not left with nothing."""
    assert run(["-C", str(tmp_path), "validate", "--format", form]) == 1

    said = capsys.readouterr()
    assert "M010" in said.out
    assert said.err == ""


@pytest.mark.parametrize("form", MACHINE)
def test_an_environment_narrows_what_is_said(
    form: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A field that only one environment's API version lacks is no problem of the other."""
    (project / "bot.yaml").write_text(BOT + "  temperature: 1\n", encoding="utf-8")
    codes: list[int] = [
        run(["-C", str(project), *chosen, "validate", "--format", form])
        for chosen in ([], ["-e", "old"], ["-e", "local"], ["-e", "missing"])
    ]

    assert codes == [1, 1, 0, 1]
    assert "M405" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("workspace", "prefix"),
    [("", "infra/bots/"), ("infra/bots", ""), ("elsewhere", ""), (None, "")],
)
@pytest.mark.parametrize("form", ["sarif", "github"])
def test_paths_begin_at_the_root_of_the_repository(
    form: str,
    workspace: str | None,
    prefix: str,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """That is what GitHub checked out, if the project lies in it."""
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    if workspace is not None:
        monkeypatch.setenv("GITHUB_WORKSPACE", str(project.parents[1] / workspace))
    (project / "bot.yaml").write_text(BOT + "  modell: chat\n", encoding="utf-8")

    run(["-C", str(project), "validate", "--format", form])

    assert places(form, capsys.readouterr().out) == [f"{prefix}bot.yaml"]


@pytest.mark.parametrize("command", [["validate"], ["plan"], ["apply", "--auto-approve"]])
def test_every_command_shows_the_line(
    command: Sequence[str], project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a warning too; on stderr, below the place."""
    (project / "bot.yaml").write_text(BOT + "  modell: chat\n", encoding="utf-8")

    assert run(["-C", str(project), "-e", "local", *command]) == 1

    assert (
        "bot.yaml:6:3: error M101: Unknown field\n"
        "  6 |   modell: chat\n"
        "    |   ^^^^^^\n"
        "  `spec` has no field 'modell'."
    ) in capsys.readouterr().err


def test_errors_are_without_colours_where_that_is_asked_for(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a terminal they have some; --no-color holds for what ends a command too."""
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    (project / "bot.yaml").write_text(BOT + "  modell: chat\n", encoding="utf-8")

    for options, colored in (([], True), (["--no-color"], False)):
        assert run(["-C", str(project), *options, "-e", "local", "plan"]) == 1
        assert ("\x1b[" in capsys.readouterr().err) is colored


def test_a_line_is_shown_of_manifests_only(project: Path) -> None:
    """Not of other files, whose lines may be values that nobody may see, nor of what is gone."""
    (project / "values.yaml").write_text("token: hunter2\n", encoding="utf-8")
    names = ("values.yaml", "gone.yaml", "bot.yaml", "../infra")
    found = [error("M101", "Unknown field", "No.", Position(name, 1, 1)) for name in names]

    assert read_sources(project, found).keys() == {"bot.yaml"}
    assert read_sources(project.parents[1], found) == {}
