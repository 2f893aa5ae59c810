"""Runs: create, with a thread or in one, list, get and modify."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from provisioner.emulator import ids
from provisioner.emulator.checks import check_body
from provisioner.emulator.conversation_bodies import (
    MODIFY_RUN,
    create_run,
    create_thread_and_run,
)
from provisioner.emulator.conversations.adding import add_message, check_message
from provisioner.emulator.conversations.progress import catch_up, read_moved, think
from provisioner.emulator.conversations.requests import make_request
from provisioner.emulator.conversations.run import (
    Outcome,
    Progress,
    Run,
    insert_run,
    read_run,
    save_run,
)
from provisioner.emulator.conversations.scene import Scene, set_scene
from provisioner.emulator.conversations.steps import usage_so_far
from provisioner.emulator.conversations.streams import stream
from provisioner.emulator.conversations.thread_resources import (
    check_thread_resources,
    set_resources,
)
from provisioner.emulator.conversations.threads import (
    find_thread,
    make_thread,
    read_thread,
    show_thread,
)
from provisioner.emulator.conversations.views import view_run
from provisioner.emulator.errors import not_found, refused
from provisioner.emulator.paging import Source, listing, read_page
from provisioner.emulator.routing import Answer, Call, Endpoint
from provisioner.emulator.store import Row


def endpoints() -> list[Endpoint]:
    """Give the endpoints that v1 and v2 share."""
    runs = "/threads/{thread_id}/runs"
    return [
        Endpoint("POST", "/threads/runs", _create_with_thread),
        Endpoint("POST", runs, _create),
        Endpoint("GET", runs, _list),
        Endpoint("GET", runs + "/{run_id}", _get),
        Endpoint("POST", runs + "/{run_id}", _modify),
    ]


def find_run(call: Call) -> Row:
    """Find the run of the path, or raise the 404."""
    thread_id, run_id = find_thread(call)["id"], call.path["run_id"]
    row = call.store.row("SELECT * FROM runs WHERE id = ? AND thread_id = ?", run_id, thread_id)
    if row is None:
        # In the form of the other unknown objects; no recording holds this one.
        raise not_found(f"No run found with id '{run_id}'.")
    return row


def show_run(call: Call, run: Run) -> dict[str, Any]:
    """Show a run as answers do."""
    view: dict[str, Any] = view_run(run, usage_so_far(call.store, run.id), call.version)
    return view


def _create(call: Call) -> dict[str, Any] | Response:
    body = check_body(create_run(call.version), call.body)
    thread_id = find_thread(call)["id"]
    active = catch_up(call, thread_id)
    if active is not None:
        # OpenAI's words.
        raise refused(f"Thread {thread_id} already has an active run {active.id}.")
    request = make_request(call, body)
    messages = body.get("additional_messages") or ()
    for message in messages:
        check_message(call, message)
    for message in messages:
        add_message(call, thread_id, message, int(call.service.now()))
    _check_start(call, thread_id, request)
    scene = set_scene(call, streamed=bool(body.get("stream")))
    return _answer(call, scene, _begin(call, scene, thread_id, body["assistant_id"], request))


def _create_with_thread(call: Call) -> dict[str, Any] | Answer | Response:
    body = check_body(create_thread_and_run(call.version), call.body)
    request = make_request(call, body)
    check_thread_resources(call, body, creates=False)
    made, delay = make_thread(call, body.get("thread", {}))
    set_resources(call, made["id"], body.get("tool_resources") or {})
    thread = read_thread(call, made["id"])
    _check_start(call, thread["id"], request)
    scene = set_scene(call, streamed=bool(body.get("stream")))
    # Recorded: told first, with the resources that GET shows.
    scene.events.tell("thread.created", show_thread(call, thread, bare=False))
    run = _begin(call, scene, thread["id"], body["assistant_id"], request)
    answer = _answer(call, scene, run)
    return answer if isinstance(answer, Response) else Answer(answer, delay)


def _check_start(call: Call, thread_id: str, request: Mapping[str, Any]) -> None:
    said = call.store.row("SELECT 1 FROM messages WHERE thread_id = ? AND role = 'user'", thread_id)
    if said is None and not request["instructions"]:
        # OpenAI's words.
        message = (
            "Run creation requires a Thread with a user message or an assistant with instructions."
        )
        raise refused(message, code="invalid_thread")


def _begin(
    call: Call, scene: Scene, thread_id: str, assistant_id: str, request: dict[str, Any]
) -> Run:
    now = call.service.now()
    run = Run(
        *(ids.run_id(), int(now), thread_id, assistant_id, "queued"),
        request=request,
        outcome=Outcome(),
        progress=Progress(since=now),
    )
    insert_run(call.store, run)
    scene.events.run(run, "created", "queued")
    # A model far away gets as much time as there is.
    think(scene, run)
    return run


def _answer(call: Call, scene: Scene, run: Run) -> dict[str, Any] | Response:
    return stream(call, run.id, scene.events) if scene.events.wanted else show_run(call, run)


def _list(call: Call) -> dict[str, Any]:
    thread_id = find_thread(call)["id"]
    catch_up(call, thread_id, look=True)
    page = read_page(call.store, Source("runs", "id", "thread_id = ?", (thread_id,)), call.query)
    views = [show_run(call, read_run(row)) for row in page.rows]
    return listing(views, has_more=page.has_more)


def _get(call: Call) -> dict[str, Any]:
    return show_run(call, read_moved(call, find_run(call)))


def _modify(call: Call) -> dict[str, Any]:
    body = check_body(MODIFY_RUN, call.body)
    run = read_moved(call, find_run(call))
    if run.active:
        # OpenAI's words, of v1.
        raise refused(f"Cannot update run with status '{run.status}'.")
    if "metadata" in body:
        run = replace(run, request={**run.request, "metadata": body["metadata"] or {}})
        save_run(call.store, run)
    return show_run(call, run)
