"""What is done to a run under way: outputs are submitted, or it is cancelled."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from provisioner.emulator.checks import check_body
from provisioner.emulator.conversation_bodies import submit_tool_outputs
from provisioner.emulator.conversations.acting import end_act
from provisioner.emulator.conversations.progress import catch_up, think
from provisioner.emulator.conversations.run import Run, read_run, save_run
from provisioner.emulator.conversations.runs import find_run, show_run
from provisioner.emulator.conversations.scene import Scene, set_scene, stage
from provisioner.emulator.conversations.steps import details_of, set_details
from provisioner.emulator.conversations.streams import stream
from provisioner.emulator.errors import refused
from provisioner.emulator.routing import Call, Endpoint


def endpoints() -> list[Endpoint]:
    """Give the endpoints that v1 and v2 share."""
    one = "/threads/{thread_id}/runs/{run_id}"
    return [
        Endpoint("POST", one + "/submit_tool_outputs", _submit),
        Endpoint("POST", one + "/cancel", _cancel),
    ]


def _read(call: Call) -> Run:
    row = find_run(call)
    catch_up(call, row["thread_id"])
    return read_run(find_run(call))


def _cancel(call: Call) -> dict[str, Any]:
    run = _read(call)
    if not run.active or run.status == "cancelling":
        # OpenAI's words.
        raise refused(f"Cannot cancel run with status '{run.status}'.")
    cancelling = stage(replace(run, status="cancelling"), call.service.now(), calls=())
    save_run(call.store, cancelling)
    set_scene(call, run.id).events.run(cancelling)
    return show_run(call, cancelling)


def _submit(call: Call) -> dict[str, Any] | Response:
    body = check_body(submit_tool_outputs(call.version), call.body)
    run = _read(call)
    if run.status != "requires_action":
        # OpenAI's words.
        raise refused(f'Runs in status "{run.status}" do not accept tool outputs.')
    outputs = _outputs(run, body)
    scene = set_scene(call, streamed=bool(body.get("stream")))
    resumed = _resume(scene, run, outputs)
    if scene.events.wanted:
        return stream(call, run.id, scene.events)
    return show_run(call, resumed)


def _outputs(run: Run, body: Mapping[str, Any]) -> dict[str, str]:
    outputs = {
        each.get("tool_call_id", ""): each.get("output", "") for each in body["tool_outputs"]
    }
    wanted = [call["id"] for call in run.progress.calls]
    if set(outputs) != set(wanted):
        # OpenAI's words; all outputs are submitted at once.
        message = f"Expected tool outputs for call_ids {wanted}, got {[*outputs]}"
        raise refused(message)
    return outputs


def _resume(scene: Scene, run: Run, outputs: Mapping[str, str]) -> Run:
    now, step_id = scene.service.now(), run.progress.step_id or ""
    calls = [
        {**call, "function": {**call["function"], "output": outputs[call["id"]]}}
        for call in details_of(scene.store, step_id)["tool_calls"]
    ]
    set_details(scene.store, step_id, {"type": "tool_calls", "tool_calls": calls})
    ended = end_act(scene, run, now, "completed")
    rounds = run.progress.rounds + 1
    # Recorded: queued again, `started_at` kept until it really goes on.
    resumed = stage(replace(ended, status="queued"), now, acts=None, calls=(), rounds=rounds)
    save_run(scene.store, resumed)
    scene.events.run(resumed)
    think(scene, resumed)
    return resumed
