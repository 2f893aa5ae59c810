"""How a command that changes things tells what it does."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from provisioner.cli.terminal import color, print_diagnostics, result, say

if TYPE_CHECKING:
    from provisioner.cli.lines import Lines
    from provisioner.events import Event
    from provisioner.operations.workspace import Workspace
    from provisioner.plan import Plan


class Report(Protocol):
    """Told in this order: the plan, each event when it happens, and the end."""

    def planned(self, plan: Plan) -> None:
        """Show what is going to be done, and what the plan warns of."""

    def event(self, event: Event) -> None:
        """Tell what happens."""

    def remark(self, text: str) -> None:
        """Tell what concerns the whole run; may be called from any thread."""

    def finished(self, happened: Sequence[Event], *, destroy: bool) -> None:
        """Sum up what was done."""


class TextReport:
    """For people, and for the logs that people read."""

    def __init__(self, again: str = "provisioner plan") -> None:
        """`again` is the command that goes on when not everything could be done."""
        self._again = again

    def planned(self, plan: Plan) -> None:
        """Print the plan, and its warnings after it."""
        from provisioner.views import plan_text

        result(plan_text.render(plan, color=color(sys.stdout)))
        print_diagnostics(plan.warnings)

    def event(self, event: Event) -> None:
        """Print a line; what wasn't started is named at the end."""
        from provisioner.events import NotStarted
        from provisioner.views import events as view

        if not isinstance(event, NotStarted):
            say(view.line(event, color=color(sys.stderr)))

    def remark(self, text: str) -> None:
        """Print a line of its own."""
        say(text)

    def finished(self, happened: Sequence[Event], *, destroy: bool) -> None:
        """Print the counts, and what wasn't done."""
        from provisioner.views import events as view

        result(view.summary(happened, destroy=destroy, again=self._again))


class NdjsonReport:
    """For programs: lines of JSON."""

    def __init__(self, to: Lines, workspace: Workspace) -> None:
        self._lines = to
        self._workspace = workspace

    def planned(self, plan: Plan) -> None:
        """Tell the plan, and its warnings after it."""
        from provisioner.views import ndjson

        self._lines.tell(ndjson.planned(plan))
        print_diagnostics(plan.warnings)

    def event(self, event: Event) -> None:
        """Tell what happens, and what is wrong with it."""
        from provisioner.views import ndjson_events

        self._lines.tell(ndjson_events.messages(event))

    def remark(self, text: str) -> None:
        """Tell it for the log."""
        from provisioner.views import ndjson

        self._lines.tell([ndjson.remark(text)])

    def finished(self, happened: Sequence[Event], *, destroy: bool) -> None:
        """Tell the counts, and the ids that are recorded by now."""
        from provisioner.operations.inspecting import resources
        from provisioner.views import ndjson

        self._lines.tell([ndjson.applied(happened, destroy=destroy)])
        recorded = resources(self._workspace.project, self._workspace.environment)
        self._lines.tell([ndjson.outputs(recorded)])


def tell(events: Iterable[Event], report: Report) -> list[Event]:
    """Tell what happens while it happens; give all of it."""
    happened = []
    for event in events:
        happened.append(event)
        report.event(event)
    return happened


def is_troubled(happened: Iterable[Event]) -> bool:
    """Say whether anything failed, wasn't started, or came out otherwise than it was sent."""
    from provisioner.events import Failed, NotStarted, Succeeded

    return any(
        isinstance(each, (Failed, NotStarted))
        or (isinstance(each, Succeeded) and bool(each.diagnostics))
        for each in happened
    )
