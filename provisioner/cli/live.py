"""The live view of a run: on a terminal, lines at the bottom that are written anew."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from provisioner.cli.options import is_debugging
from provisioner.cli.reports import TextReport
from provisioner.cli.terminal import color, has_cursor

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live

    from provisioner.events import Event
    from provisioner.plan import Plan
    from provisioner.views.progress import Progress

REFRESHED_PER_SECOND = 4


def text_report(again: str) -> TextReport:
    """Report for people: live where lines can be written anew, else line by line.

    Lines that tell of requests can't stand among those that are written anew.
    """
    live = has_cursor(sys.stderr) and not is_debugging()
    return LiveReport(again) if live else TextReport(again)


class LiveReport(TextReport):
    """Prints what has ended, and shows below it how far the run is."""

    def __init__(self, again: str) -> None:
        super().__init__(again)
        self._live: Live | None = None
        self._progress: Progress | None = None
        self._lock = threading.Lock()
        # However the command ends, its terminal is left as it was.
        click.get_current_context().call_on_close(self._end)

    def planned(self, plan: Plan) -> None:
        """Print the plan, and remember its steps."""
        from provisioner.steps import steps
        from provisioner.views.progress import Progress

        super().planned(plan)
        self._progress = Progress(steps(plan.changes), time.monotonic())

    def event(self, event: Event) -> None:
        """Show what is under way; print what has ended."""
        from provisioner.events import Failed, Skipped, Succeeded
        from provisioner.views import events as view

        if self._live is None:
            self._begin()
        if self._progress:
            with self._lock:
                self._progress.take(event, time.monotonic())
        if isinstance(event, (Succeeded, Failed, Skipped)):
            self._print(view.line(event, color=color(sys.stderr)))

    def remark(self, text: str) -> None:
        """Print a line above what is shown."""
        if self._live:
            self._print(text)
        else:
            super().remark(text)

    def finished(self, happened: Sequence[Event], *, destroy: bool) -> None:
        """Show nothing any more, and print the counts."""
        self._end()
        super().finished(happened, destroy=destroy)

    def _begin(self) -> None:
        from rich.console import Console
        from rich.live import Live

        console = Console(
            file=sys.stderr, color_system="standard" if color(sys.stderr) else None, highlight=False
        )
        self._live = Live(
            get_renderable=self._shown,
            console=console,
            refresh_per_second=REFRESHED_PER_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            vertical_overflow="crop",
        )
        self._live.start()

    def _end(self) -> None:
        if self._live:
            self._live.stop()
            self._live = None

    def _shown(self) -> RenderableType:
        from rich.text import Text

        with self._lock:
            lines = self._progress.lines(time.monotonic()) if self._progress else []
        return Text("\n".join(lines), no_wrap=True, overflow="ellipsis")

    def _print(self, text: str) -> None:
        from rich.text import Text

        if self._live:
            self._live.console.print(Text.from_ansi(text), soft_wrap=True)
