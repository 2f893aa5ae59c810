"""Following a run, with a service in memory that says what it is told to."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from provisioner.conversation import Call, Run
from provisioner.conversations.patience import EndedError, Patience
from provisioner.conversations.running import follow
from provisioner.errors import ProviderError
from provisioner.halt import Reason
from provisioner.providers.talk import Talk

RUN = Run("run_1", "thread_1", "queued")
WAITS = replace(RUN, status="requires_action", calls=(Call("c1", "f", "{}"),))


@dataclass
class FakeTalk:
    """Gives these statuses one after the other, whatever is asked."""

    runs: list[Run | ProviderError]
    asked: list[str] = field(default_factory=list)

    def _next(self, verb: str) -> Run:
        self.asked.append(verb)
        found = self.runs.pop(0)
        if isinstance(found, ProviderError):
            raise found
        return found

    def look(self, _run: Run) -> Run:
        """See how far a run is."""
        return self._next("look")

    def submit(self, _run: Run, _outputs: Mapping[str, str]) -> Run:
        """Hand in outputs."""
        return self._next("submit")

    def cancel(self, _run: Run) -> Run:
        """Ask a run to end."""
        return self._next("cancel")


def followed(talk: FakeTalk, run: Run = RUN, **given: Any) -> Run:
    """Follow a run whose calls are all answered."""
    answers = given.get("answers", lambda calls: {each.id: "21" for each in calls})
    until = time.monotonic() + given.get("seconds", 60)
    patience = given.get("patience") or Patience()
    seen = given.get("seen", lambda _run: None)
    return follow(cast("Talk", talk), run, answers, patience, until, seen)


def status(text: str) -> Run:
    """Give the run with a status."""
    return replace(RUN, status=text)


def refused(**given: Any) -> ProviderError:
    """Refuse a request."""
    return ProviderError("Service refused the request", "No.", **given)


def test_each_status_is_told_once() -> None:
    """However often it is looked at."""
    seen: list[str] = []
    talk = FakeTalk([status("queued"), status("in_progress"), status("in_progress"), WAITS])
    talk.runs += [status("queued"), status("completed")]

    run = followed(talk, seen=lambda run: seen.append(run.status))
    assert run.status == "completed"
    assert seen == ["queued", "in_progress", "requires_action", "queued", "completed"]
    assert talk.asked == ["look", "look", "look", "look", "submit", "look"]


def test_outputs_whose_answer_was_lost_may_have_come() -> None:
    """They aren't sent twice: the run tells."""
    talk = FakeTalk([refused(unsettled=True), status("in_progress"), status("completed")])

    assert followed(talk, WAITS).status == "completed"
    assert talk.asked == ["submit", "look", "look"]


def test_outputs_that_did_not_come_are_sent_once_more() -> None:
    """The service has failed, and the run still waits for them."""
    talk = FakeTalk([refused(unsettled=True), WAITS, status("queued"), status("completed")])

    assert followed(talk, WAITS).status == "completed"
    assert talk.asked == ["submit", "look", "submit", "look"]


def test_outputs_that_came_late_are_not_refused() -> None:
    """Those that were sent first have overtaken those that were sent again."""
    talk = FakeTalk([refused(unsettled=True), WAITS, refused(status=400), status("completed")])

    assert followed(talk, WAITS).status == "completed"
    assert talk.asked == ["submit", "look", "submit", "look"]


def test_outputs_that_never_come_are_told() -> None:
    """And the run is cancelled."""
    failures = [refused(unsettled=True), WAITS, refused(unsettled=True), WAITS]
    talk = FakeTalk([*failures, status("cancelled")])

    with pytest.raises(ProviderError):
        followed(talk, WAITS)
    assert talk.asked == ["submit", "look", "submit", "look", "cancel"]


def test_a_run_may_expire_while_somebody_thinks() -> None:
    """Then that is what has come of it, not the refusal of the outputs."""
    assert followed(FakeTalk([refused(status=400), status("expired")]), WAITS).status == "expired"


def test_outputs_that_are_refused_are_told_and_the_run_is_cancelled() -> None:
    """Where the run goes on waiting for them."""
    talk = FakeTalk([refused(status=400), WAITS, status("cancelling"), status("cancelled")])

    with pytest.raises(ProviderError):
        followed(talk, WAITS)
    assert talk.asked == ["submit", "look", "cancel", "look"]


def test_a_run_whose_calls_nobody_answers_is_cancelled() -> None:
    """It is told as it was: that is what a check can expect."""
    talk = FakeTalk([status("cancelled")])

    assert followed(talk, WAITS, answers=lambda _calls: None) == WAITS
    assert talk.asked == ["cancel"]


def test_a_run_that_takes_too_long_is_cancelled() -> None:
    """One that has completed meanwhile refuses that, and is left."""
    talk = FakeTalk([refused(status=400)])

    with pytest.raises(EndedError) as caught:
        followed(talk, seconds=0)
    assert caught.value.reason is Reason.TIMED_OUT
    assert talk.asked == ["cancel"]


def test_time_is_up_also_while_outputs_are_wanted() -> None:
    """A run that asks again and again is looked at no longer than any other."""
    talk = FakeTalk([status("cancelled")])

    with pytest.raises(EndedError) as caught:
        followed(talk, WAITS, seconds=0)
    assert caught.value.reason is Reason.TIMED_OUT
    assert talk.asked == ["cancel"]


def test_an_interrupted_run_is_cancelled() -> None:
    """Also where it was interrupted at the prompt for an output."""
    patience = Patience()

    def answers(_calls: object) -> None:
        patience.interrupt()

    talk = FakeTalk([status("cancelled")])
    with pytest.raises(EndedError) as caught:
        followed(talk, WAITS, answers=answers, patience=patience)
    assert caught.value.reason is Reason.INTERRUPTED
    assert talk.asked == ["cancel"]
