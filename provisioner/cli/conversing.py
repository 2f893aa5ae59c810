"""Commands that talk to assistants: try, check."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provisioner.cli import options
from provisioner.cli.signals import CONVERSING, halting, interruptible
from provisioner.cli.terminal import Exit, color, has_person, print_diagnostics, result, say

if TYPE_CHECKING:
    from provisioner.check import Check
    from provisioner.conversation import Call, Run
    from provisioner.conversations.patience import Patience
    from provisioner.conversations.verdict import Verdict
    from provisioner.operations.checking import StandIn
    from provisioner.operations.connection import Connection
    from provisioner.operations.conversing import Audience, Question
    from provisioner.operations.workspace import Workspace

ANSWERS = Path("answers")
"""Where files are saved that an assistant has made; not among the manifests."""


@click.command("try")
@options.common
@options.variables
@click.argument("address", metavar="ADDR")
@click.argument("messages", nargs=-1, required=True, metavar="MESSAGE...")
@click.option(
    "--file",
    "files",
    multiple=True,
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="Send this file with the first message; may be repeated.",
)
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    default=ANSWERS,
    show_default=True,
    help="Where files are saved that the assistant makes; nothing is overwritten.",
)
@click.option("--keep", is_flag=True, help="Keep the thread and its files at the service.")
@click.option(
    "--instructions", metavar="TEXT", help="Instructions in the place of the assistant's own."
)
@click.option(
    "--tool-output",
    "outputs",
    multiple=True,
    metavar="NAME=TEXT",
    help="What the function NAME answers; may be repeated.",
)
@click.option("--check", metavar="NAME", help="Functions answer as `tool_outputs` of this Check.")
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=600.0,
    show_default=True,
    metavar="S",
    help="Cancel the conversation after so many seconds.",
)
def try_(address: str, messages: tuple[str, ...], **given: Any) -> None:
    """Talk to an assistant as it was last applied; several messages are one conversation.

    Functions that it calls are answered by hand where there is a terminal, otherwise as in the
    Checks that talk to the assistant.
    """
    from provisioner.operations.conversing import Question, read_address

    workspace = _workspace()
    question = Question(
        read_address(address),
        messages,
        tuple(options.folder() / each for each in given["files"]),
        given["instructions"],
        _outputs(given["outputs"]),
        _check_outputs(workspace, given["check"]),
        given["timeout"],
        given["keep"],
    )
    with _reached(workspace) as (connection, patience):
        _hold(workspace, connection, question, patience, options.folder() / given["out"])


def _hold(
    workspace: Workspace,
    connection: Connection,
    question: Question,
    patience: Patience,
    out: Path,
) -> None:
    from provisioner.cli.answers import show_turn
    from provisioner.operations.conversing import converse, save_files

    audience = _audience(workspace, question, patience)
    with closing(converse(workspace, connection, question, patience, audience)) as turns:
        for turn in turns:
            # Whatever becomes of its files: an answer is dear.
            show_turn(turn, save_files(out, turn), said=len(question.messages) > 1)


def _audience(workspace: Workspace, question: Question, patience: Patience) -> Audience:
    """Tell a person how far a run is, and ask what functions answer."""
    from provisioner.operations.checking import stand_ins
    from provisioner.operations.conversing import Audience

    began = time.monotonic()
    checks = [each for each in workspace.checks if each.assistant == question.address]
    known = stand_ins(checks, question.messages)

    def seen(run: Run) -> None:
        say(f"{question.address}: {run.status} ({time.monotonic() - began:.1f} s)")

    return Audience(
        seen,
        lambda call: _answered(call, known.get(call.name), patience),
        lambda warning: print_diagnostics([warning]),
        lambda thread: say(f"Kept {thread}."),
    )


def _answered(call: Call, known: StandIn | None, patience: Patience) -> str | None:
    """Ask what a function answers; without a terminal it is as in a check, or nothing is known."""
    from provisioner.conversations.outputs import output_text
    from provisioner.views import conversation as view

    output = output_text(known.output) if known else None
    if has_person():
        say(f"\nThe assistant calls {view.call(call)}")
        return _by_hand(f" [as in check {known.check}]" if known else "", output, patience)
    if known:
        say(f"{view.call(call)} is answered as in check {known.check}.")
    return output


def _by_hand(offered: str, otherwise: str | None, patience: Patience) -> str | None:
    """Ask for an output; None where the person gives up."""
    try:
        with interruptible(CONVERSING):
            output: str = click.prompt(
                f"  Its output{offered}",
                prompt_suffix=": ",
                err=True,
                default=otherwise,
                show_default=False,
            )
    except (click.Abort, KeyboardInterrupt):
        patience.interrupt()
        return None
    return output


def _outputs(given: tuple[str, ...]) -> Mapping[str, str]:
    """Read what functions answer, by their names."""
    pairs = [each.partition("=") for each in given]
    if wrong := [name for name, sign, _ in pairs if not sign or not name]:
        raise click.UsageError(f"--tool-output {wrong[0]!r}: write NAME=TEXT.")
    return {name: text for name, _, text in pairs}


def _check_outputs(workspace: Workspace, check: str | None) -> Mapping[str, Any]:
    """Collect what functions answer in a Check; nothing where none is named."""
    from provisioner.operations.checking import choose_checks, stand_ins

    known = stand_ins(choose_checks(workspace, [check])) if check else {}
    return {name: each.output for name, each in known.items()}


@click.command()
@options.common
@options.variables
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--junit",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a report for pipelines: a testsuite for each check, a testcase for each turn.",
)
@options.form("text", "json")
def check(names: tuple[str, ...], junit: Path | None, form: str) -> None:
    """Hold the conversations of Check documents, all at the same time; exit 1 unless all pass."""
    from provisioner.conversations.verdict import Outcome
    from provisioner.operations.checking import choose_checks

    workspace = _workspace()
    checks = choose_checks(workspace, names)
    if not checks:
        say(f"No checks are declared for {workspace.environment.name}.")
    verdicts = hold_checks(workspace, checks)[0] if checks else []
    _report(workspace, verdicts, form, junit)
    if any(each.outcome is not Outcome.PASSED for each in verdicts):
        raise click.exceptions.Exit(Exit.ERROR)


def hold_checks(workspace: Workspace, checks: Sequence[Check]) -> tuple[list[Verdict], bool]:
    """Hold conversations, and tell of each when it is over; True where somebody ended it."""
    from provisioner.operations.checking import run_checks
    from provisioner.views import checks_text

    with _reached(workspace) as (connection, patience):
        many = "1 check" if len(checks) == 1 else f"{len(checks)} checks"
        say(f"Holding the conversations of {many}.")
        verdicts = run_checks(
            workspace,
            connection,
            checks,
            patience,
            lambda check, number, held: say(checks_text.ended(check, number, held)),
        )
        print_diagnostics(
            [each for one in verdicts for held in one.conversations for each in held.left]
        )
    return verdicts, patience.halt.reason is not None


def _report(workspace: Workspace, verdicts: list[Verdict], form: str, path: Path | None) -> None:
    """Print the verdicts before the report is written: they were dear."""
    from provisioner.operations.checking import write_report
    from provisioner.views import checks_json, checks_text, junit

    name = workspace.environment.name
    if form == "json":
        result(checks_json.render(verdicts, workspace.project.name, name))
    else:
        result(checks_text.render(verdicts, color=color(sys.stdout)))
    if path:
        write_report(options.folder() / path, junit.render(verdicts, name, time.time()))


def _workspace() -> Workspace:
    from provisioner.operations.workspace import open_workspace

    workspace = open_workspace(options.folder(), options.environment(), options.inputs())
    print_diagnostics(workspace.warnings)
    return workspace


@contextmanager
def _reached(workspace: Workspace) -> Iterator[tuple[Connection, Patience]]:
    """Reach the service; a signal ends what is under way there, and cleans up."""
    from provisioner.cli.course import telling_limiter
    from provisioner.conversations.patience import Patience
    from provisioner.operations.connection import connected

    limiter, patience = telling_limiter(), Patience()

    def stop() -> None:
        limiter.stop()
        patience.stop()

    with (
        connected(workspace.project, workspace.environment, limiter) as connection,
        halting(patience.halt, None, say, stop, CONVERSING),
    ):
        yield connection, patience
