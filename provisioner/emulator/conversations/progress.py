"""How a run goes on: read off the clock and off who looks, never driven by a thread.

A stage of a run (queued, thinking, a step, cancelling) is over when its time is, or sooner when a
client that has seen it looks again: whoever polls sees every stage, however fast, and nobody waits
long. What was due while nobody looked happens at the time at which it was due.
"""

from dataclasses import replace
from typing import Any

from provisioner.emulator.conversations.acting import begin_act, end_act, tell_calls
from provisioner.emulator.conversations.context import make_conversation
from provisioner.emulator.conversations.run import Run, find_active_run, read_run, save_run
from provisioner.emulator.conversations.scene import Scene, move, set_scene, stage
from provisioner.emulator.conversations.steps import details_of
from provisioner.emulator.conversations.tools_at_hand import within_tools
from provisioner.emulator.models.acts import Act, Call, Delay, Expire, Fail, Incomplete
from provisioner.emulator.models.ask import Round
from provisioner.emulator.routing import Call as Request
from provisioner.emulator.routing import Service

_STOPS = (Fail, Incomplete, Expire)


def catch_up(call: Request, thread_id: str, *, look: bool = False) -> Run | None:
    """Move the active run of a thread on to where it should be; give it if it is still active."""
    run = find_active_run(call.store, thread_id)
    if run is None:
        return None
    run = go_on(set_scene(call, run.id), run, look=look)
    return run if run.active else None


def go_on(scene: Scene, run: Run, *, look: bool) -> Run:
    """Let all happen that is due, and count a look."""
    moved = run
    while (moment := _due(scene, moved, look=look)) is not None:
        moved = _next(scene, moved, moment)
    if look and moved.progress.looks < _most_looks(moved):
        moved = move(moved, looks=moved.progress.looks + 1)
    if moved is not run:
        save_run(scene.store, moved)
    return moved


def _most_looks(run: Run) -> int:
    """Tell how many looks at the present stage matter."""
    delay = _delay(run)
    return int(run.active) if delay is None else delay.polls or 0


def _delay(run: Run) -> Delay | None:
    act = run.progress.acts[0] if run.progress.acts and run.progress.begun else None
    return act if isinstance(act, Delay) and run.status == "in_progress" else None


def _due(scene: Scene, run: Run, *, look: bool) -> float | None:
    """Tell when the present stage was over; None if it isn't."""
    if not run.active:
        return None
    now = scene.service.now()
    moment = _end(scene, run, now, run.progress.looks if look else 0)
    if moment is not None and moment <= min(now, run.expires_at):
        return moment
    return float(run.expires_at) if now >= run.expires_at else None


def _end(scene: Scene, run: Run, now: float, looks: int) -> float | None:
    progress = run.progress
    if run.status == "requires_action":
        return None
    if run.status == "in_progress" and progress.acts is None:
        heard = think(scene, run)
        return None if heard is None else min(heard, now)
    delay = _delay(run)
    if delay is not None:
        seen = delay.polls is not None and looks >= delay.polls
        return now if seen else None if delay.seconds is None else progress.since + delay.seconds
    # What has been seen is over at once: the moment is now, unless its time was over before.
    end = progress.since + scene.service.settings.step_seconds
    return min(end, now) if looks else end


def think(scene: Scene, run: Run) -> float | None:
    """Tell when the model answered, asking it first if nobody has; None until it does.

    Answers are held in memory: after a kill the model is asked again.
    """
    key, service = (run.id, run.progress.rounds), scene.service
    if key not in service.answers:
        service.answers[key] = None
        conversation = make_conversation(scene.store, run, service.now())
        if isinstance(conversation, Round):
            _hear(service, key, conversation)
        else:
            service.model.ask(conversation, lambda told: _hear(service, key, told))
    heard = service.answers[key]
    return None if heard is None else heard[0]


def _hear(service: Service, key: tuple[str, int], told: Round) -> None:
    # The run may be over by now, and the answer wanted no longer.
    if key in service.answers:
        service.answers[key] = (service.now(), told)


def _next(scene: Scene, run: Run, at: float) -> Run:
    if at >= run.expires_at:
        return _over(scene, run, at, "expired")
    if run.status == "cancelling":
        return _over(scene, run, at, "cancelled", cancelled_at=int(at))
    if run.status == "queued":
        started = replace(run, outcome=replace(run.outcome, started_at=int(at)))
        return _told(scene, stage(replace(started, status="in_progress"), at))
    if run.progress.acts is None:
        return _listen(scene, run)
    return _act_on(scene, run, at)


def _listen(scene: Scene, run: Run) -> Run:
    heard = scene.service.answers.pop((run.id, run.progress.rounds))
    at, answer = heard or (run.progress.since, Round(()))
    # Who thinks longer than the stage lasts is done when the answer is there.
    since = max(run.progress.since, at - scene.service.settings.step_seconds)
    tokens = {"prompt_tokens": answer.prompt_tokens, "completion_tokens": answer.completion_tokens}
    acts = within_tools(run, answer.acts)
    return move(run, acts=acts, turn=answer.turn, since=since, **tokens)


def _act_on(scene: Scene, run: Run, at: float) -> Run:
    """End the act under way and begin the next (recorded: both in the same second)."""
    acts = run.progress.acts or ()
    if run.progress.begun:
        following = acts[1] if len(acts) > 1 else None
        # Recorded: the step under way fails with the run.
        if isinstance(following, Fail):
            return _fail(scene, run, at, following)
        status = "expired" if isinstance(following, Expire) else "completed"
        run = end_act(scene, run, at, status)
        acts = acts[1:]
        run = move(run, acts=acts)
    if not acts:
        return _over(scene, run, at, "completed", completed_at=int(at))
    if isinstance(acts[0], _STOPS):
        return _stop(scene, run, at, acts[0])
    run = begin_act(scene, run, at)
    return _wait_for_outputs(scene, run) if isinstance(acts[0], Call) else run


def _stop(scene: Scene, run: Run, at: float, act: Act) -> Run:
    if isinstance(act, Fail):
        return _fail(scene, run, at, act)
    if isinstance(act, Incomplete):
        return _over(scene, run, at, "incomplete", incomplete_details={"reason": act.reason})
    return _over(scene, run, at, "expired")


def _wait_for_outputs(scene: Scene, run: Run) -> Run:
    tell_calls(scene, run)
    calls = tuple(
        {**call, "function": {name: call["function"][name] for name in ("name", "arguments")}}
        for call in details_of(scene.store, run.progress.step_id or "")["tool_calls"]
    )
    return _told(scene, move(replace(run, status="requires_action"), calls=calls))


def _fail(scene: Scene, run: Run, at: float, act: Fail) -> Run:
    error = {"code": act.code, "message": act.message}
    run = end_act(scene, run, at, "failed", error)
    return _over(scene, run, at, "failed", failed_at=int(at), last_error=error)


def _over(scene: Scene, run: Run, at: float, status: str, **outcome: Any) -> Run:
    if run.progress.step_id is not None:
        run = end_act(scene, run, at, "completed" if status == "incomplete" else status)
    scene.service.answers.pop((run.id, run.progress.rounds), None)
    ended = replace(run, status=status, outcome=replace(run.outcome, **outcome))
    return _told(scene, move(ended, acts=(), calls=()))


def _told(scene: Scene, run: Run) -> Run:
    scene.events.run(run)
    return run


def read_moved(call: Request, row: dict[str, Any]) -> Run:
    """Read a run as it stands by now; whoever asks for it has seen it then."""
    run = read_run(row)
    return go_on(set_scene(call, run.id), run, look=True)
