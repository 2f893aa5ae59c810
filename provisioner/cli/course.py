"""How a plan is carried out: at what pace, for how long, and told to whom."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from provisioner.cli.lines import lines
from provisioner.cli.live import text_report
from provisioner.cli.reports import NdjsonReport, Report, tell
from provisioner.cli.signals import halting
from provisioner.cli.terminal import say
from provisioner.halt import Halt, Reason

if TYPE_CHECKING:
    from provisioner.events import Event
    from provisioner.operations.planning import Planned
    from provisioner.operations.workspace import Workspace
    from provisioner.providers.limiter import Limiter


@dataclass(frozen=True, slots=True)
class Course:
    """The course that a command takes."""

    parallelism: int
    timeout: float | None
    """After so many seconds nothing new is started."""
    report: Report
    limiter: Limiter
    halt: Halt = field(default_factory=Halt)

    @property
    def was_interrupted(self) -> bool:
        """Whether somebody wanted it to end."""
        return self.halt.reason is Reason.INTERRUPTED


def report_on(workspace: Workspace, again: str) -> Report:
    """Give the report of the format that was asked for; `again` is the command that goes on."""
    to = lines()
    return NdjsonReport(to, workspace) if to else text_report(again)


def telling_limiter(tell_line: Callable[[str], None] = say) -> Limiter:
    """Make a limiter that says why the command waits."""
    from provisioner.providers.limiter import Limiter

    return Limiter(lambda seconds, at_once: tell_line(_slowed(seconds, at_once)))


def begin(parallelism: int, timeout: float | None, report: Report) -> Course:
    """Give the course of a command that reports so; also that it is slowed down."""
    return Course(parallelism, timeout, report, telling_limiter(report.remark))


def carry_out(workspace: Workspace, planned: Planned, course: Course) -> list[Event]:
    """Carry out a plan; a signal or the timeout ends it well. Gives all that happened."""
    from provisioner.operations.applying import apply_plan

    with (
        halting(course.halt, course.timeout, course.report.remark, course.limiter.stop),
        closing(apply_plan(workspace, planned, course.parallelism, course.halt)) as events,
    ):
        return tell(events, course.report)


def _slowed(seconds: float, at_once: int) -> str:
    return (
        f"The service asks to slow down (HTTP 429): waiting {seconds:.1f} s, and sending at most"
        f" {at_once} requests at once until it lets more through."
    )
