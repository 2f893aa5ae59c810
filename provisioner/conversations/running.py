"""Running: a run is followed to its end, through all that it asks for."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TypeAlias

from provisioner.conversation import REQUIRES_ACTION, Call, Run
from provisioner.conversations.patience import (
    FIRST_WAIT,
    GROWTH,
    LONGEST_WAIT,
    EndedError,
    Patience,
)
from provisioner.errors import ProviderError
from provisioner.providers.talk import Talk

CANCELLING_SECONDS = 10.0
"""How long it is waited until a run is cancelled: recorded, it took a second."""

Answers: TypeAlias = Callable[[Sequence[Call]], Mapping[str, str] | None]
"""Gives outputs by the calls' ids; None where there is nobody to answer them all."""
Seen: TypeAlias = Callable[[Run], None]
"""Told of a run each time that its status is another one."""


def follow(
    talk: Talk, run: Run, answers: Answers, patience: Patience, until: float, seen: Seen
) -> Run:
    """Look at a run until it is over, or wants outputs that nobody gives; that one is cancelled.

    Raises ProviderError; and EndedError when it takes too long or the command ends. It is cancelled
    then, too: nobody looks at it any more, and it keeps its thread locked.
    """
    try:
        return _followed(talk, run, answers, patience, until, seen)
    except (EndedError, ProviderError):
        cancel(talk, run)
        raise


def _followed(
    talk: Talk, run: Run, answers: Answers, patience: Patience, until: float, seen: Seen
) -> Run:
    wait, told = FIRST_WAIT, ""
    while True:
        if run.status != told:
            seen(run)
            told = run.status
        if run.is_over:
            return run
        if run.status == REQUIRES_ACTION and run.calls:
            outputs = answers(run.calls)
            patience.check(until)
            if outputs is None:
                cancel(talk, run)
                return run
            run, wait = _submitted(talk, run, outputs), FIRST_WAIT
            continue
        patience.wait(wait, until)
        run, wait = talk.look(run), min(LONGEST_WAIT, wait * GROWTH)


def _submitted(talk: Talk, run: Run, outputs: Mapping[str, str], *, again: bool = True) -> Run:
    """Hand outputs in; raises ProviderError where the run still waits for them afterwards.

    It may have expired while somebody thought, and a lost answer may have been a yes. What the run
    still waits for when the service has failed is sent once more: it is taken once only.
    """
    try:
        return talk.submit(run, outputs)
    except ProviderError as trouble:
        found = talk.look(run)
        if found.status != REQUIRES_ACTION or found.calls != run.calls:
            return found
        if not (again and trouble.unsettled):
            raise
    return _submitted(talk, run, outputs, again=False)


def cancel(talk: Talk, run: Run) -> None:
    """Cancel a run and wait until it is; one that is over, or gone, stays as it is.

    Nothing is raised: whatever goes wrong, the run ends by itself when its time is over.
    """
    until = time.monotonic() + CANCELLING_SECONDS
    with suppress(ProviderError):
        run = talk.cancel(run)
        while not run.is_over and time.monotonic() < until:
            time.sleep(FIRST_WAIT)
            run = talk.look(run)
