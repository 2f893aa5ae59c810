"""Acts of the model as they begin and end: steps, messages, calls and files that come of them."""

from collections.abc import Mapping
from typing import Any

from provisioner.emulator import ids
from provisioner.emulator.conversations.context import count_prompt, tokens_left
from provisioner.emulator.conversations.lent import reachable_file
from provisioner.emulator.conversations.messages_store import (
    find_message,
    insert_message,
    read_message,
    text_part,
    write_message,
)
from provisioner.emulator.conversations.output_files import keep_files, keep_images
from provisioner.emulator.conversations.quoting import cut_short, make_annotations
from provisioner.emulator.conversations.run import Run
from provisioner.emulator.conversations.scene import Scene, move, stage
from provisioner.emulator.conversations.steps import (
    begin_step,
    details_of,
    end_step,
    set_details,
)
from provisioner.emulator.models.acts import Act, Call, Code, Incomplete, Say, Search
from provisioner.emulator.models.tokens import count, split
from provisioner.emulator.store import Row


def begin_act(scene: Scene, run: Run, at: float) -> Run:
    """Begin the first act of a run: a message, or a step with tool calls; a delay has neither."""
    run = stage(_limited(scene, run), at, begun=True)
    act = (run.progress.acts or ())[0]
    if isinstance(act, Say):
        return _begin_message(scene, run, at)
    if isinstance(act, Code | Search | Call):
        return _begin_calls(scene, run, at, _calls(scene, run, act))
    return run


def _limited(scene: Scene, run: Run) -> Run:
    """Cut an answer that would have more tokens than the run may still write."""
    act, *rest = run.progress.acts or ()
    left, known = tokens_left(scene.store, run), run.progress.completion_tokens
    if left is None or not isinstance(act, Say):
        return run
    # A model that counts its own tokens is believed.
    if (count(act.text) if known is None else known) <= left:
        return run
    return move(run, acts=(cut_short(act, left), Incomplete("max_completion_tokens"), *rest))


def _begin_message(scene: Scene, run: Run, at: float) -> Run:
    fields = {"role": "assistant", "assistant_id": run.assistant_id, "run_id": run.id}
    message = insert_message(scene.store, run.thread_id, int(at), fields)
    created = {"message_id": message["id"]}
    details = {"type": "message_creation", "message_creation": created}
    step = begin_step(scene.store, run, at, details)
    scene.events.step(step, run)
    scene.events.message(message)
    return move(run, step_id=step["id"])


def _begin_calls(scene: Scene, run: Run, at: float, calls: list[dict[str, Any]]) -> Run:
    step = begin_step(scene.store, run, at, {"type": "tool_calls", "tool_calls": calls})
    scene.events.step(step, run)
    return move(run, step_id=step["id"])


def _calls(scene: Scene, run: Run, act: Code | Search | Call) -> list[dict[str, Any]]:
    if isinstance(act, Code):
        # Recorded: seen while running with no input and no outputs.
        opening = {"input": "", "outputs": []}
        return [{"id": ids.call_id(), "type": "code_interpreter", "code_interpreter": opening}]
    if isinstance(act, Search):
        found = {"results": [*_results(scene, run, act)]}
        return [{"id": ids.call_id(), "type": "file_search", "file_search": found}]
    return [
        {
            "id": ids.call_id(),
            "type": "function",
            "function": {"name": each.name, "arguments": each.arguments, "output": None},
        }
        for each in act.calls
    ]


def _results(scene: Scene, run: Run, act: Search) -> list[dict[str, Any]]:
    found = [(each, reachable_file(scene.store, run, each.file)) for each in act.results]
    return [
        {
            "file_id": file_id,
            "file_name": each.file,
            "score": each.score,
            "content": [{"type": "text", "text": each.text}],
        }
        for each, file_id in found
        if file_id is not None
    ]


def tell_calls(scene: Scene, run: Run) -> None:
    """Tell a stream the functions of the step that has begun, names first (recorded)."""
    step_id = run.progress.step_id or ""
    for index, call in enumerate(details_of(scene.store, step_id)["tool_calls"]):
        function = call["function"]
        opening = {"name": function["name"], "arguments": "", "output": None}
        written = {"arguments": function["arguments"]}
        scene.events.tool_call(step_id, index, call, opening, written)


def end_act(scene: Scene, run: Run, at: float, status: str, error: Any = None) -> Run:
    """End the act under way, if one is: `completed`, `failed`, `cancelled` or `expired`."""
    act, step_id = (run.progress.acts or (None,))[0], run.progress.step_id
    if step_id is None:
        return move(run, begun=False)
    usage = None
    # What was cancelled or has expired had not got any further than this.
    if status in ("completed", "failed"):
        usage = _usage(scene, run, act)
        run = _carry_out(scene, run, act, at)
    if isinstance(act, Say):
        _end_message(scene, run, at, status)
    step = end_step(scene.store, step_id, status, at, usage=usage, last_error=error)
    scene.events.step(step, run)
    return move(run, begun=False, step_id=None, **_counted(run))


def _counted(run: Run) -> dict[str, int | None]:
    """Leave nothing to the next step of what the model says that its whole round took."""
    known = run.progress
    return {
        "prompt_tokens": None if known.prompt_tokens is None else 0,
        "completion_tokens": None if known.completion_tokens is None else 0,
    }


def _carry_out(scene: Scene, run: Run, act: Act | None, at: float) -> Run:
    if isinstance(act, Say):
        return _say(scene, run, act)
    if isinstance(act, Code):
        return _run_code(scene, run, act, at)
    if isinstance(act, Search):
        details = details_of(scene.store, run.progress.step_id or "")
        opening: Mapping[str, Any] = {}
        scene.events.tool_call(run.progress.step_id or "", 0, details["tool_calls"][0], opening)
    return run


def _say(scene: Scene, run: Run, act: Say) -> Run:
    # Recorded: images stand before the text.
    images = [{"type": "image_file", "image_file": {"file_id": id_}} for id_ in run.progress.images]
    annotations = make_annotations(scene.store, run, act)
    content = [*images, text_part(act.text, annotations)]
    message = _message(scene, run)
    if message is not None:
        scene.events.content(write_message(scene.store, message["id"], content))
    return move(run, images=())


def _message(scene: Scene, run: Run) -> Row | None:
    """Find the message under way; somebody may have deleted it, and the run goes on."""
    details = details_of(scene.store, run.progress.step_id or "")
    return find_message(scene.store, details["message_creation"]["message_id"])


_REASONS = {"failed": "run_failed", "cancelled": "run_cancelled", "expired": "run_expired"}


def _end_message(scene: Scene, run: Run, at: float, status: str) -> None:
    message, following = _message(scene, run), (run.progress.acts or ())[1:2]
    if message is None:
        return
    reason = _REASONS.get(status)
    if following and isinstance(following[0], Incomplete):
        reason = "max_tokens"
    scene.store.run(
        "UPDATE messages SET status = ?, ended_at = ?, incomplete_reason = ? WHERE id = ?",
        *("incomplete" if reason else "completed", int(at), reason, message["id"]),
    )
    scene.events.message(read_message(scene.store, message["id"]))


def _run_code(scene: Scene, run: Run, act: Code, at: float) -> Run:
    images = keep_images(scene.store, run, at, act.images)
    made = keep_files(scene.store, run, at, act.files)
    logs = [] if act.logs is None else [{"type": "logs", "logs": act.logs}]
    outputs = [*logs, *({"type": "image", "image": {"file_id": each}} for each in images)]
    step_id = run.progress.step_id or ""
    opened = details_of(scene.store, step_id)["tool_calls"][0]
    call = {**opened, "code_interpreter": {"input": act.input, "outputs": outputs}}
    set_details(scene.store, step_id, {"type": "tool_calls", "tool_calls": [call]})
    _tell_code(scene, step_id, call)
    return move(
        run,
        images=(*run.progress.images, *images),
        made={**run.progress.made, **made},
    )


def _tell_code(scene: Scene, step_id: str, call: dict[str, Any]) -> None:
    ran = call["code_interpreter"]
    tokens = [{"input": token} for token in split(ran["input"])]
    outputs = [{"index": index, **output} for index, output in enumerate(ran["outputs"])]
    deltas = [{"input": "", "outputs": []}, *tokens, *([{"outputs": outputs}] if outputs else [])]
    scene.events.tool_call(step_id, 0, call, *deltas)


def _usage(scene: Scene, run: Run, act: Act | None) -> dict[str, int]:
    known = run.progress
    prompt, completion = known.prompt_tokens, known.completion_tokens
    return {
        "prompt_tokens": count_prompt(scene.store, run) if prompt is None else prompt,
        "completion_tokens": _written(act) if completion is None else completion,
    }


def _written(act: Act | None) -> int:
    if isinstance(act, Say):
        return count(act.text)
    if isinstance(act, Call):
        return sum(count(each.name) + count(each.arguments) for each in act.calls)
    return count(act.input) if isinstance(act, Code) else 1
