"""Lines of JSON: with --format ndjson, stdout has them and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from provisioner.resource import ResourceState
    from provisioner.views.ndjson import Message

NDJSON = "ndjson"
_LINES = "lines"


class Lines:
    """Writes each message when it is told; the version comes first."""

    def __init__(self) -> None:
        self._begun = False

    def tell(self, messages: Iterable[Message]) -> None:
        """Write a line for each, and flush it."""
        from provisioner.views import ndjson

        if not self._begun:
            self._begun = True
            self._write(ndjson.version())
        for each in messages:
            self._write(each)

    def _write(self, message: Message) -> None:
        from datetime import datetime, timezone

        from provisioner.views import ndjson

        click.echo(ndjson.line(message, datetime.now(timezone.utc)), nl=False)


def choose(context: click.Context, _parameter: click.Parameter, form: str) -> str:
    """Take it down when lines are asked for; the callback of an option that is read first.

    What is wrong with the other options is told in lines then, too.
    """
    if form == NDJSON:
        context.find_root().meta[_LINES] = Lines()
    return form


def lines() -> Lines | None:
    """Give what tells in lines of JSON; None where the command has another format."""
    context = click.get_current_context(silent=True)
    found: Lines | None = context.find_root().meta.get(_LINES) if context else None
    return found


@contextmanager
def told_refresh(recorded: Iterable[ResourceState]) -> Iterator[None]:
    """Tell of each recorded object when it is looked for and when it has been; else nothing.

    Lists are read, no single objects: all begin before the first request, and all end together.
    """
    to = lines()
    if to is None:
        yield
        return
    from provisioner.views import ndjson

    ordered = sorted(recorded, key=lambda each: each.address)
    to.tell(ndjson.refresh_start(each) for each in ordered)
    yield
    to.tell(ndjson.refresh_complete(each) for each in ordered)
