"""Lines of JSON from end to end: whatever happens, stdout has lines of JSON and nothing else."""

from __future__ import annotations

import contextlib
import io
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from emulator_process import emulator_process
from jsonschema import Draft202012Validator
from projects import KEY, PROJECT, ROOT, V2, Project, Result, Service, command
from test_lifecycle import ASSISTANT, SHARING, sharing

from provisioner import __version__
from provisioner.cli import run
from provisioner.state.lock import locked

MakeProject = Callable[..., Project]
SCHEMA = json.loads((ROOT / "tests/views/ndjson.schema.json").read_text(encoding="utf-8"))
NDJSON = ("--format", "ndjson")


def lines(result: Result) -> list[dict[str, Any]]:
    """Read what was written: each line follows the schema, and the version comes first."""
    read = [json.loads(line) for line in result.out.splitlines()]
    for each in read:
        Draft202012Validator(SCHEMA).validate(each)
    assert read[0]["type"] == "version"
    assert read[0]["provisioner"] == __version__
    assert [each["type"] for each in read].count("version") == 1
    return read


def types(read: list[dict[str, Any]]) -> list[str]:
    """Give the types, in their order."""
    return [each["type"] for each in read]


def diagnostics(read: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give what went wrong."""
    return [each["diagnostic"] for each in read if each["type"] == "diagnostic"]


def with_bot(make_project: MakeProject) -> Project:
    """Make a project with one assistant."""
    project = make_project(V2)
    project.write("bot.yaml", ASSISTANT.replace("NAME", "bot"))
    return project


def test_a_life_in_lines(make_project: MakeProject) -> None:
    """Plan, apply, an empty plan and destroy are told from beginning to end."""
    project = with_bot(make_project)
    planned = project.run("plan", *NDJSON, "--detailed-exitcode")
    assert planned.code == 2
    assert types(lines(planned)) == ["version", "planned_change", "change_summary"]

    applied = project.run("apply", "--auto-approve", *NDJSON)
    read = lines(applied)
    assert (applied.code, applied.err) == (0, "")
    assert types(read)[3:] == ["apply_start", "apply_complete", "change_summary", "outputs"]
    assert read[-2]["changes"] == {
        "add": 1,
        "change": 0,
        "import": 0,
        "remove": 0,
        "operation": "apply",
    }
    assert read[-1]["outputs"] == project.run("output").json
    assert read[-3]["hook"]["id_value"] == project.id("assistant.bot")

    again = lines(project.run("plan", *NDJSON))
    assert types(again) == ["version", "refresh_start", "refresh_complete", "change_summary"]
    assert again[1]["hook"]["id_value"] == project.id("assistant.bot")

    destroyed = lines(project.run("destroy", "--auto-approve", *NDJSON))
    assert destroyed[-2]["changes"]["operation"] == "destroy"
    assert destroyed[-2]["changes"]["remove"] == 1
    assert destroyed[-1]["outputs"] == {}
    assert not project.service.assistants()


def test_one_failure_is_told_and_the_rest_goes_on(make_project: MakeProject) -> None:
    """What failed has its diagnostic; what was skipped for it is named at the end."""
    project = make_project(V2)
    project.write("all.yaml", SHARING.replace("numbers.csv", "numbers.zzz"))
    project.write("numbers.zzz", "a,b\n1,2\n")
    failed = project.run("apply", "--auto-approve", *NDJSON)

    assert failed.code == 1
    read = lines(failed)
    [errored] = [each for each in read if each["type"] == "apply_errored"]
    assert errored["hook"]["resource"]["addr"] == "file.numbers"
    [told] = [each for each in diagnostics(read) if each["severity"] == "error"]
    assert told["address"] == "file.numbers"
    assert "HTTP 400" in told["detail"]
    assert read[-2]["failed"] == ["file.numbers"]
    assert read[-2]["skipped"] == ["assistant.one", "assistant.two"]
    assert set(read[-1]["outputs"]) == {"assistant.three"}


def test_a_refused_plan_is_a_diagnostic(make_project: MakeProject) -> None:
    """Nothing is said of a plan that wasn't made."""
    project = make_project(V2)
    text = ASSISTANT.replace("{name: NAME}", "{name: bot, lifecycle: {prevent_destroy: true}}")
    project.write("bot.yaml", text)
    project.apply()
    refused = project.run("destroy", "--auto-approve", *NDJSON)

    assert refused.code == 1
    read = lines(refused)
    assert types(read) == ["version", "refresh_start", "refresh_complete", "diagnostic"]
    assert diagnostics(read)[0]["code"] == "P008"
    assert diagnostics(read)[0]["address"] == "assistant.bot"


def test_a_locked_state_is_a_diagnostic(make_project: MakeProject) -> None:
    """It names who holds the lock."""
    project = with_bot(make_project)
    with locked(project.folder / ".provisioner" / "test", "apply", 0):
        refused = project.run("apply", "--auto-approve", *NDJSON)

    assert refused.code == 1
    [told] = diagnostics(lines(refused))
    assert told["code"] == "S007"
    assert not project.service.assistants()


def test_wrong_manifests_are_diagnostics_with_their_places(make_project: MakeProject) -> None:
    """Every problem has a line, and nothing is said on stderr."""
    project = with_bot(make_project)
    project.edit("bot.yaml", "model: chat", "modell: chat\n  temperature: 9")
    for name in ("plan", "apply", "destroy"):
        refused = project.run(name, *NDJSON)

        assert (refused.code, refused.err) == (1, "")
        told = diagnostics(lines(refused))
        assert len(told) == 2
        assert {each["range"]["filename"] for each in told} == {"bot.yaml"}
        assert any("modell" in each["snippet"]["code"] for each in told)


def test_a_service_that_refuses_is_a_diagnostic(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So is a missing environment; the key that was refused isn't shown."""
    project = with_bot(make_project)
    missing = project.run("plan", "-e", "nowhere", *NDJSON)
    assert (missing.code, diagnostics(lines(missing))[0]["code"]) == (1, "M203")

    monkeypatch.setenv("AZURE_OPENAI_API_KEY", f"not-{KEY}")
    refused = project.run("plan", *NDJSON)
    assert refused.code == 1
    [told] = diagnostics(lines(refused))
    assert "HTTP 401" in told["detail"]
    assert KEY not in refused.out + refused.err


def test_nobody_is_asked(make_project: MakeProject) -> None:
    """Without --auto-approve the plan is told, and then the flag; without changes all is well."""
    project = with_bot(make_project)
    refused = project.run("apply", *NDJSON)
    assert refused.code == 1
    read = lines(refused)
    assert types(read) == ["version", "planned_change", "change_summary", "diagnostic"]
    assert "--auto-approve" in diagnostics(read)[0]["summary"]
    assert not project.service.assistants()

    project.apply()
    idle = project.run("apply", *NDJSON)
    assert idle.code == 0
    assert types(lines(idle))[-3:] == ["change_summary", "change_summary", "outputs"]


def test_a_wrong_option_is_a_diagnostic_too(make_project: MakeProject) -> None:
    """Wherever --format stands among the others."""
    project = with_bot(make_project)
    refused = project.run("apply", "--parallelism", "0", *NDJSON)
    assert refused.code == 1
    [told] = diagnostics(lines(refused))
    assert "--parallelism" in told["summary"]


def test_warnings_have_lines(make_project: MakeProject) -> None:
    """What a plan warns of comes after it."""
    project = sharing(make_project, V2)
    project.service.call("POST", "/assistants", {"model": "gpt-4o", **_copied_tag(project)})
    read = lines(project.run("plan", *NDJSON))
    assert types(read)[-2:] == ["change_summary", "diagnostic"]
    assert read[-1]["@level"] == "warn"
    assert diagnostics(read)[0]["code"] == "P101"


def _copied_tag(project: Project) -> dict[str, Any]:
    return {"metadata": project.service.assistants()[0]["metadata"]}


class Flushed(io.StringIO):
    """A stream that remembers what was in it at each flush."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def flush(self) -> None:
        """Take down what a reader could have read by now."""
        self.seen.append(self.getvalue())


def test_every_line_can_be_read_at_once(make_project: MakeProject) -> None:
    """A line isn't held back until there are more."""
    project, out = with_bot(make_project), Flushed()
    with contextlib.redirect_stdout(out):
        run(["-C", str(project.folder), "apply", "--auto-approve", *NDJSON])
    whole = out.getvalue().splitlines(keepends=True)
    for count in range(1, len(whole) + 1):
        assert "".join(whole[:count]) in out.seen


def test_an_interruption_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines come while the service is still silent, and the last one says why there are no more."""
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
    with emulator_process("--api-key", KEY) as (url, emulator):
        project = Project(tmp_path, Service(url, V2))
        project.write(
            "provisioner.yaml", PROJECT.format(name="demo", uid="u1", url=url, api_version=V2)
        )
        project.write("bot.yaml", ASSISTANT.replace("NAME", "bot"))
        project.apply()
        emulator.send_signal(signal.SIGSTOP)
        arguments = [sys.executable, "-m", "provisioner", "-C", str(tmp_path), "plan", *NDJSON]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
            assert process.stdout is not None
            begun = [process.stdout.readline() for _ in range(2)]
            process.send_signal(signal.SIGINT)
            rest = process.stdout.read()

    assert process.returncode == 1
    read = lines(Result(1, "".join(begun) + rest, ""))
    assert types(read) == ["version", "refresh_start", "diagnostic"]
    assert "Interrupted" in diagnostics(read)[0]["summary"]


def test_what_is_no_project_is_a_diagnostic(tmp_path: Path) -> None:
    """Even where nothing could be read."""
    refused = command("-C", str(tmp_path), "plan", *NDJSON)
    assert refused.code == 1
    assert diagnostics(lines(refused))[0]["code"] == "M010"
