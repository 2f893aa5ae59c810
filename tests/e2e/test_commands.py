"""What commands say, and how they end."""

from __future__ import annotations

import errno
import json
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from emulator_process import start_emulator
from projects import KEY, V1, V2, Project, command
from test_lifecycle import ASSISTANT, SHARING, sharing

from provisioner import __version__
from provisioner.cli.terminal import sentence
from provisioner.emulator import server
from provisioner.emulator.settings import EmulatorSettings

MakeProject = Callable[..., Project]


def with_bot(make_project: MakeProject, api_version: str = V2) -> Project:
    """Make a project with one assistant."""
    project = make_project(api_version)
    project.write("bot.yaml", ASSISTANT.replace("NAME", "bot"))
    return project


def test_init_plans_and_applies_at_once(tmp_path: Path) -> None:
    """A new project applies on the embedded emulator, and then plans empty."""
    folder = str(tmp_path / "fresh")

    assert command("init", folder).code == 0
    assert command("-C", folder, "validate").code == 0
    assert command("-C", folder, "plan", "--detailed-exitcode").code == 2
    assert command("-C", folder, "apply", "--auto-approve").code == 0
    assert command("-C", folder, "plan", "--detailed-exitcode").code == 0


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    """A folder that holds a project already is left as it is."""
    (tmp_path / "provisioner.yaml").write_text("mine")
    refused = command("init", str(tmp_path))

    assert refused.code == 1
    assert "M011" in refused.err
    assert (tmp_path / "provisioner.yaml").read_text() == "mine"
    assert not (tmp_path / "hello.yaml").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["plan", "--nonsense"],
        ["plan", "--format", "xml"],
        ["apply", "--parallelism", "0"],
    ],
)
def test_usage_errors_exit_1(arguments: list[str]) -> None:
    """Two always means changes, so a usage error is one."""
    failed = command(*arguments)

    assert failed.code == 1
    assert failed.out == ""
    assert failed.err


def test_options_may_stand_before_and_after_the_command(make_project: MakeProject) -> None:
    """-C and -e are taken on either side."""
    folder = str(with_bot(make_project).folder)

    assert command("-C", folder, "-e", "test", "plan").code == 0
    assert command("plan", "-C", folder, "-e", "test").code == 0
    assert command("plan", "-C", folder, "-e", "missing").code == 1


def test_the_environment_variable_chooses_unless_the_option_does(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """-e goes before PROVISIONER_ENVIRONMENT, which goes before the default."""
    project = with_bot(make_project)
    monkeypatch.setenv("PROVISIONER_ENVIRONMENT", "missing")

    assert project.run("plan").code == 1
    assert project.run("plan", "-e", "test").code == 0


def test_version_and_schema_need_no_project() -> None:
    """The version is printed, and so is each kind's schema and the one for all."""
    assert command("version").out == f"provisioner {__version__}\n"
    assert command("schema", "assistant").json["title"] == "Assistant"
    assert set(command("schema").json["$defs"]) >= {"Assistant", "File", "Tool"}
    assert command("schema", "nonsense").code == 1


def test_plan_changes_nothing(make_project: MakeProject) -> None:
    """Planning makes no object and no state."""
    project = with_bot(make_project)
    project.plan()

    assert project.service.assistants() == []
    assert not (project.folder / ".provisioner").exists()


def test_the_json_plan_has_terraforms_shape(make_project: MakeProject) -> None:
    """Policies and summarisers for Terraform's plans read ours."""
    project = make_project(V2, "data-visualization")
    planned = project.run("plan", "--format", "json").json
    changes = {each["address"]: each for each in planned["resource_changes"]}
    file = changes["file.sales"]["change"]
    assistant = changes["assistant.data-visualization"]["change"]

    assert planned["format_version"] == "1.2"
    assert planned["environment"] == "test"
    assert planned["applyable"]
    assert changes["file.sales"]["type"] == "file"
    assert file["actions"] == ["create"]
    assert set(file["after"]) >= {"sha256", "bytes", "filename"}
    assert assistant["before"] is None
    assert assistant["after_unknown"]["id"] is True


def test_apply_without_a_terminal_needs_auto_approve(make_project: MakeProject) -> None:
    """With changes and nobody to ask, the plan is shown, nothing is done, and the flag is named."""
    project = with_bot(make_project)
    refused = project.run("apply")

    assert refused.code == 1
    assert "Plan: 1 to add" in refused.out
    assert "--auto-approve" in refused.err
    assert project.service.assistants() == []


def test_apply_without_changes_needs_nobody(make_project: MakeProject) -> None:
    """Without changes apply ends well, also without a terminal."""
    project = with_bot(make_project)
    project.apply()

    assert project.run("apply").code == 0


@pytest.mark.parametrize(("answer", "code", "made"), [("yes", 0, 1), ("y", 1, 0), ("no", 1, 0)])
def test_only_yes_approves(make_project: MakeProject, answer: str, code: int, made: int) -> None:
    """At a terminal only the whole word `yes` applies."""
    project = with_bot(make_project)
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "provisioner", "-C", str(project.folder), "apply"],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        os.write(ours, f"{answer}\n".encode())
        _, err = process.communicate()
    os.close(ours)
    os.close(theirs)

    assert process.returncode == code, err
    assert "Only 'yes' will be accepted" in err
    assert len(project.service.assistants()) == made


def test_a_files_name_controls_nothing() -> None:
    """What the machine couldn't do is said with the name, made visible."""
    trouble = OSError(errno.ENOSPC, "No space left on device", "\x1b[2J.csv")
    assert sentence(trouble) == "\\x1b[2J.csv: No space left on device."


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-8"])
def test_json_is_json_in_every_encoding(make_project: MakeProject, encoding: str) -> None:
    """What the output's encoding doesn't have is written as JSON writes it."""
    project = with_bot(make_project)
    project.edit("bot.yaml", "Be brief.", "Größe, 你好, 👩‍🔬")
    arguments = [sys.executable, "-m", "provisioner", "-C", str(project.folder), "plan"]
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    planned = subprocess.run(
        [*arguments, "--format", "json"], capture_output=True, check=True, env=environment
    )
    [change] = json.loads(planned.stdout.decode(encoding))["resource_changes"]
    assert change["change"]["after"]["instructions"] == "Größe, 你好, 👩‍🔬"


def test_target_takes_dependencies_along(make_project: MakeProject) -> None:
    """Only the target is applied, and what it depends on."""
    project = make_project(V2)
    project.write("all.yaml", SHARING)
    project.write("numbers.csv", "a,b\n1,2\n")
    project.apply("--target", "assistant.one")

    assert sorted(project.state["resources"]) == ["assistant.one", "file.numbers"]
    assert project.run("plan", "--target", "assistant.nine").code == 1


def test_a_targeted_file_leaves_the_old_one_to_those_who_still_use_it(
    make_project: MakeProject,
) -> None:
    """Assistants that aren't targeted keep the old bytes; the next whole apply cleans up."""
    project = sharing(make_project, V2)
    project.write("numbers.csv", "a,b\n1,3\n")
    done = project.run("apply", "--auto-approve", "--target", "file.numbers")

    assert done.code == 0, done.err
    assert "P102" in done.err
    assert len(project.service.files()) == 2
    project.apply()

    assert len(project.service.files()) == 1
    assert project.plan().code == 0


def test_destroy_with_target_takes_dependents_along(make_project: MakeProject) -> None:
    """A destroyed file takes its assistants along, and nothing else."""
    project = sharing(make_project, V2)
    done = project.run("destroy", "--auto-approve", "--target", "file.numbers")

    assert "Resources: 3 destroyed." in done.out
    assert [each["name"] for each in project.service.assistants()] == ["three"]


def test_show_and_output_tell_what_is_recorded(make_project: MakeProject) -> None:
    """Applications get ids as JSON, as environment variables, or bare."""
    project = sharing(make_project, V2)
    id_ = project.id("assistant.one")

    assert project.run("output").json["assistant.one"]["value"] == id_
    assert f"ASSISTANT_ONE_ID={id_}\n" in project.run("output", "--format", "env").out
    assert project.run("output", "assistant.one").out == id_
    assert id_ in project.run("show", "assistant.one").out
    assert project.run("show", "--format", "json").json["values"]["resources"]
    assert project.run("show", "assistant.nine").code == 1


def test_wrong_key_is_explained_and_never_shown(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refused key leads to its variable, and stands in no output."""
    project = with_bot(make_project)
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "planted-secret")
    refused = project.run("plan")

    assert refused.code == 1
    assert "HTTP 401" in refused.err
    assert "auth" in refused.err
    assert "planted-secret" not in refused.err + refused.out
    monkeypatch.delenv("AZURE_OPENAI_API_KEY")
    assert "AZURE_OPENAI_API_KEY" in project.run("plan").err


def test_the_key_is_in_no_file(make_project: MakeProject) -> None:
    """After an apply that failed and one that didn't, no file holds the key."""
    project = with_bot(make_project)
    project.apply()

    assert all(
        KEY.encode() not in path.read_bytes()
        for path in project.folder.rglob("*")
        if path.is_file()
    )


def test_one_failure_leaves_the_rest_done_and_a_second_apply_finishes(
    make_project: MakeProject,
) -> None:
    """What the service refuses fails alone; what depends on it is skipped and named."""
    project = make_project(V2)
    project.write("all.yaml", SHARING.replace("numbers.csv", "numbers.zzz"))
    project.write("numbers.zzz", "a,b\n1,2\n")
    failed = project.run("apply", "--auto-approve")

    assert failed.code == 1
    assert "file.numbers: Creation failed" in failed.err
    assert "assistant.one: Skipped, because file.numbers failed" in failed.err
    assert "Resources: 1 added" in failed.out
    assert [each["name"] for each in project.service.assistants()] == ["three"]
    project.write("numbers.csv", "a,b\n1,2\n")
    project.write("all.yaml", SHARING)
    project.apply()

    assert len(project.service.assistants()) == 3
    assert project.plan().code == 0


def test_the_wrong_place_is_not_taken_for_deletions(make_project: MakeProject) -> None:
    """An API version that the service doesn't know stops the run; nothing is created again."""
    project = with_bot(make_project)
    project.apply()
    project.edit("provisioner.yaml", V2, "2031-01-01-preview")
    refused = project.run("apply", "--auto-approve")

    assert refused.code == 1
    assert "HTTP 404" in refused.err
    assert len(project.service.assistants()) == 1


def test_another_endpoint_is_refused(make_project: MakeProject) -> None:
    """A state belongs to one service."""
    project = with_bot(make_project)
    project.apply()
    project.edit("provisioner.yaml", "127.0.0.1", "localhost")
    refused = project.run("plan")

    assert refused.code == 1
    assert "S008" in refused.err


def test_v2_takes_over_from_v1_only_when_told_and_never_back(make_project: MakeProject) -> None:
    """v1 to v2 needs --upgrade-api once; v2 to v1 is refused."""
    project = make_project(V1, "data-visualization")
    project.apply()
    project.edit("provisioner.yaml", V1, V2)
    assert "--upgrade-api" in project.run("plan").err

    project.apply("--upgrade-api")
    assert project.plan().code == 0
    assert project.state["provider"]["api_version"] == V2
    assert len(project.service.assistants()) == 1
    project.edit("provisioner.yaml", V2, V1)

    assert project.run("plan").code == 1


def test_three_that_vanish_at_once_stop_the_run(make_project: MakeProject) -> None:
    """Everything of a kind gone at once is taken for the wrong place, unless told otherwise."""
    project = sharing(make_project, V2)
    for each in project.service.assistants():
        project.service.call("DELETE", f"/assistants/{each['id']}")
    refused = project.run("apply", "--auto-approve")

    assert refused.code == 1
    assert "--recreate-missing" in refused.err
    project.apply("--recreate-missing")
    assert len(project.service.assistants()) == 3


def test_prevent_destroy_outlives_its_manifest(make_project: MakeProject) -> None:
    """A protected assistant is neither destroyed nor lost with its manifest."""
    project = make_project(V2)
    text = ASSISTANT.replace("{name: NAME}", "{name: bot, lifecycle: {prevent_destroy: true}}")
    project.write("bot.yaml", text)
    project.apply()

    assert "P008" in project.run("destroy", "--auto-approve").err
    (project.folder / "bot.yaml").unlink()
    assert "P008" in project.run("apply", "--auto-approve").err
    assert len(project.service.assistants()) == 1


def test_ignored_changes_are_neither_drift_nor_undone(make_project: MakeProject) -> None:
    """What lifecycle.ignore_changes names may be edited in the portal, and stays so."""
    project = make_project(V2)
    ignoring = "{name: bot, lifecycle: {ignore_changes: [metadata.owner, instructions]}}"
    project.write("bot.yaml", ASSISTANT.replace("{name: NAME}", ignoring))
    project.apply()
    id_ = project.id("assistant.bot")
    tag = project.service.assistants()[0]["metadata"]["provisioner"]
    edit = {"instructions": "Theirs.", "metadata": {"owner": "they", "provisioner": tag}}
    project.service.call("POST", f"/assistants/{id_}", edit)

    assert project.run("drift").code == 0
    assert project.plan().code == 0
    project.edit("bot.yaml", "model: chat", "model: fast")
    project.apply()
    live = project.service.call("GET", f"/assistants/{id_}")

    assert (live["instructions"], live["metadata"]["owner"]) == ("Theirs.", "they")
    assert live["model"] == "gpt-4o-mini"
    assert project.plan().code == 0


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 99}', "null"])
def test_a_state_that_cannot_be_trusted_is_refused_and_kept(
    make_project: MakeProject, content: str
) -> None:
    """A damaged, empty or newer state is refused with a cure, and never overwritten."""
    project = with_bot(make_project)
    project.apply()
    path = project.folder / ".provisioner" / "test" / "state.json"
    path.write_text(content)
    refused = project.run("apply", "--auto-approve")

    assert refused.code == 1
    assert str(path) in refused.err
    assert path.read_text() == content
    assert len(project.service.assistants()) == 1


def test_bookkeeping_needs_no_request(make_project: MakeProject) -> None:
    """The labels and the state's own bookkeeping are brought up to date without a request."""
    project = with_bot(make_project)
    project.apply()
    serial = project.state["serial"]
    project.edit("bot.yaml", "{name: bot}", "{name: bot, labels: {team: a}}")

    assert project.plan().code == 0
    project.apply()

    assert project.state["resources"]["assistant.bot"]["labels"] == {"team": "a"}
    assert project.state["serial"] == serial + 1
    project.apply()
    assert project.state["serial"] == serial + 1


def test_the_state_file_is_private_and_has_the_contracts_shape(make_project: MakeProject) -> None:
    """The folder is 0700, its files 0600, and the folder keeps itself out of version control."""
    project = sharing(make_project, V2)
    folder = project.folder / ".provisioner"
    state = project.state

    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "test" / "state.json").stat().st_mode & 0o777 == 0o600
    assert (folder / ".gitignore").read_text() == "*\n"
    assert state["version"] == 1
    assert state["provider"]["api_version"] == V2
    assert state["resources"]["assistant.one"]["dependencies"] == ["file.numbers"]
    assert json.dumps(state)


def test_validate_reports_the_projects_problems_and_the_manifests_at_once(
    make_project: MakeProject,
) -> None:
    """A bad endpoint, an unknown reference and an unknown -e show in one run."""
    project = with_bot(make_project)
    project.edit("provisioner.yaml", "http://127.0.0.1", "http://example.com")
    project.edit("bot.yaml", "instructions: Be brief.", "instructions: {ref: nobody}")
    found = project.run("validate")
    elsewhere = project.run("validate", "-e", "nowhere")

    assert (found.code, elsewhere.code) == (1, 1)
    assert "M502" in found.err
    assert "M202" in found.err
    assert "M502" in elsewhere.err
    assert "M203" in elsewhere.err


def test_nobody_connects_to_an_endpoint_that_was_refused(make_project: MakeProject) -> None:
    """Drift, which needs no manifests, refuses a bad endpoint too."""
    project = with_bot(make_project)
    project.edit("provisioner.yaml", "http://127.0.0.1", "http://example.com")

    assert "M502" in project.run("drift").err


def test_a_project_file_without_a_project_is_named(tmp_path: Path) -> None:
    """A provisioner.yaml that holds something else is said to, whatever else is wrong."""
    (tmp_path / "provisioner.yaml").write_text("name: something else\n")
    (tmp_path / "broken.yaml").write_text("apiVersion: provisioner/v1\nkind: Asistant\n")
    found = command("-C", str(tmp_path), "validate")

    assert found.code == 1
    assert "M007" in found.err
    assert "M006" in found.err


def test_a_copied_state_is_refused(make_project: MakeProject) -> None:
    """Another project's state would have its files deleted here: they carry no tag."""
    owner = sharing(make_project, V2)
    thief = make_project(V2)
    shutil.copytree(owner.folder / ".provisioner", thief.folder / ".provisioner")
    refused = thief.run("destroy", "--auto-approve")

    assert refused.code == 1
    assert "S011" in refused.err
    assert len(owner.service.files()) == 1
    assert owner.plan().code == 0


def test_a_copied_tag_is_not_taken_for_the_original(make_project: MakeProject) -> None:
    """A copy made in the portal is left alone, also when the original is gone."""
    project = with_bot(make_project)
    project.apply()
    (original,) = project.service.assistants()
    copy = project.service.call(
        "POST", "/assistants", {"model": "gpt-4o", "name": "mine", "metadata": original["metadata"]}
    )
    assert "P101" in project.plan().err
    project.service.call("DELETE", f"/assistants/{original['id']}")
    refused = project.run("apply", "--auto-approve")

    assert refused.code == 1
    assert copy["id"] in refused.err
    assert project.service.assistants() == [copy]


def test_two_addresses_never_share_an_object(make_project: MakeProject) -> None:
    """The metadata of one assistant on another of ours doesn't make it both."""
    project = make_project(V2)
    project.write("a.yaml", ASSISTANT.replace("NAME", "a"))
    project.write("b.yaml", ASSISTANT.replace("NAME", "b"))
    project.apply()
    one, other = (project.id(f"assistant.{name}") for name in "ab")
    tag = project.service.call("GET", f"/assistants/{other}")["metadata"]
    project.service.call("POST", f"/assistants/{one}", {"metadata": tag})
    project.service.call("DELETE", f"/assistants/{other}")
    project.apply()

    assert project.id("assistant.a") == one
    assert project.id("assistant.b") != one
    assert sorted(each["name"] for each in project.service.assistants()) == ["a", "b"]
    assert project.plan().code == 0


def test_a_wrong_endpoint_at_first_can_be_corrected(make_project: MakeProject) -> None:
    """Where nothing is recorded there is nothing to look for at the right one."""
    project = with_bot(make_project)
    project.apply()
    project.run("destroy", "--auto-approve")
    project.edit("provisioner.yaml", "127.0.0.1", "localhost")

    assert "provisioner state retarget" in " ".join(project.run("plan").err.split())
    assert project.run("state", "retarget").code == 0
    project.apply()


def test_an_apply_waits_out_the_rate_limit(make_project: MakeProject) -> None:
    """A create that was refused with 429 was not carried out, and is sent again."""
    with start_emulator("--rate", "4") as url:
        project = make_project(V2)
        text = (project.folder / "provisioner.yaml").read_text()
        project.write("provisioner.yaml", text.replace(project.service.url, url))
        for number in range(8):
            project.write(f"{number}.yaml", ASSISTANT.replace("NAME", f"bot-{number}"))
        done = project.run("apply", "--auto-approve")

        assert "Resources: 8 added" in done.out, done.err


@pytest.mark.parametrize(
    ("redirected", "code"), [("> /dev/full", 1), (">&-", 0), ("| head -c 1 > /dev/null", 0)]
)
def test_an_output_that_takes_nothing_is_no_traceback(
    make_project: MakeProject, redirected: str, code: int
) -> None:
    """A full disk, a closed stdout and a reader that goes away are told, or are fine."""
    project = with_bot(make_project)
    line = f"{sys.executable} -m provisioner -C {project.folder} plan {redirected}"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)

    assert done.returncode == code
    assert "Traceback" not in done.stderr


def test_the_emulator_is_served_as_it_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long indexing takes, and for which files it fails."""
    served: list[EmulatorSettings] = []
    monkeypatch.setattr(server, "serve", lambda settings, *_: served.append(settings))
    options = ("--indexing-seconds", "2.5", "--fail-indexing", "draft-*")

    assert command("emulator", "serve", *options).code == 0
    assert [(each.indexing_seconds, each.fail_indexing) for each in served] == [(2.5, "draft-*")]
    assert command("emulator", "serve", "--indexing-seconds", "-1").code == 1


@pytest.mark.parametrize(
    "url", ["localhost", "http://", "http://[::1", "http://h:1x/", "http://h/?v=1"]
)
def test_the_emulators_model_has_a_url(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What no request could be sent to is refused before anything is served."""
    monkeypatch.setattr(server, "serve", lambda *_: pytest.fail("served"))

    done = command("emulator", "serve", "--model-url", url)

    assert done.code == 1
    assert f"'{url}'" in done.err


def test_a_damaged_emulator_is_named(tmp_path: Path) -> None:
    """The file that is no database is told, and no traceback."""
    command("init", str(tmp_path / "p"))
    database = tmp_path / "p" / ".provisioner" / "local" / "emulator" / "emulator.db"
    database.parent.mkdir(parents=True)
    database.write_text("something else entirely, and long enough")
    refused = command("-C", str(tmp_path / "p"), "plan")

    assert refused.code == 1
    assert str(database) in refused.err


def test_what_somebody_else_took_over_is_forgotten_not_deleted(make_project: MakeProject) -> None:
    """Another project's tag on our object: declared it is an error, taken out it is let go."""
    project = with_bot(make_project)
    project.apply()
    id_ = project.id("assistant.bot")
    theirs = {"metadata": {"provisioner": "other/test/assistant.bot"}}
    project.service.call("POST", f"/assistants/{id_}", theirs)
    assert "P002" in project.run("plan").err
    (project.folder / "bot.yaml").unlink()
    project.apply()

    assert project.state["resources"] == {}
    assert [each["id"] for each in project.service.assistants()] == [id_]
