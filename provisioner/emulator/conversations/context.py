"""What a model gets to see of a thread, within the limits that the run sets."""

import json
from collections.abc import Iterator

from provisioner.emulator.assistant_views import view_tools
from provisioner.emulator.conversations.lent import expired_store
from provisioner.emulator.conversations.run import Run, read_run
from provisioner.emulator.conversations.steps import usage_so_far
from provisioner.emulator.models.acts import Fail, Incomplete
from provisioner.emulator.models.ask import Called, Conversation, Exchange, Round, Said
from provisioner.emulator.models.tokens import count
from provisioner.emulator.store import Row, Store
from provisioner.emulator.versions import find_version

_SETTINGS = ("temperature", "top_p", "response_format", "parallel_tool_calls")


def make_conversation(store: Store, run: Run, now: float) -> Conversation | Round:
    """Show a run to its model; what stops it already is a round that says so."""
    expired = expired_store(store, run, now)
    if expired is not None:
        # Azure's page on file search: runs on such a thread fail. The words aren't known.
        message = f"Vector store {expired} is expired."
        return Round((Fail("server_error", message),), run.progress.turn)
    left, limit = tokens_left(store, run), _prompt_left(store, run)
    if left is not None and left <= 0:
        return Round((Incomplete("max_completion_tokens"),), run.progress.turn)
    messages = _before(store, run)
    # OpenAI's document: as much of the thread as fits is used; the oldest messages go first.
    while limit is not None and len(messages) > 1 and _size(run, messages) > limit:
        messages = messages[1:]
    if limit is not None and _size(run, messages) > limit:
        return Round((Incomplete("max_prompt_tokens"),), run.progress.turn)
    return _conversation(store, run, messages, left)


def _conversation(store: Store, run: Run, messages: list[Said], left: int | None) -> Conversation:
    request = run.request
    version = find_version(f"{request['api_version']}-preview")
    tools = view_tools(request["tools"], version) if version else []
    return Conversation(
        assistant=request["assistant_name"],
        model=request["model"],
        instructions=request["instructions"] or "",
        messages=tuple(messages),
        tools=tuple(tools),
        tool_choice=request["tool_choice"],
        settings={name: request[name] for name in _SETTINGS},
        most_tokens=left,
        rounds=tuple(_rounds(store, run)),
        turn=run.progress.turn,
        turns_before=tuple(_turns_before(store, run)),
    )


def tokens_left(store: Store, run: Run) -> int | None:
    """Tell how many tokens the run may still write; None if there is no limit."""
    most: int | None = run.request["max_completion_tokens"]
    return None if most is None else most - usage_so_far(store, run.id)["completion_tokens"]


def _prompt_left(store: Store, run: Run) -> int | None:
    most: int | None = run.request["max_prompt_tokens"]
    return None if most is None else most - usage_so_far(store, run.id)["prompt_tokens"]


def count_prompt(store: Store, run: Run) -> int:
    """Estimate the tokens that a model reads before its next step."""
    return _size(run, [*_before(store, run), *_messages(store, run, "IS")])


def _size(run: Run, messages: list[Said]) -> int:
    tools = json.dumps(run.request["tools"]) if run.request["tools"] else ""
    texts = (run.request["instructions"] or "", tools, *(said.text for said in messages))
    return sum(count(text) for text in texts)


def _truncated(run: Run, messages: list[Said]) -> list[Said]:
    strategy = run.request["truncation_strategy"]
    last = strategy["last_messages"] if strategy["type"] == "last_messages" else None
    return messages[-last:] if last else messages


def _before(store: Store, run: Run) -> list[Said]:
    # What the run itself has said stands between its calls, and none of it pushes a message out.
    return _truncated(run, _messages(store, run, "IS NOT"))


def _messages(store: Store, run: Run, its_own: str) -> list[Said]:
    rows = store.rows(
        f"SELECT * FROM messages WHERE thread_id = ? AND run_id {its_own} ? ORDER BY seq",  # noqa: S608 - own words
        *(run.thread_id, run.id),
    )
    return [said for said in map(_said, rows) if said.text]


def _said(row: Row) -> Said:
    parts = json.loads(row["content"])
    texts = [part["text"]["value"] for part in parts if part["type"] == "text"]
    return Said(row["role"], "\n".join(texts))


def _rounds(store: Store, run: Run) -> Iterator[Exchange]:
    rows = store.rows("SELECT * FROM steps WHERE run_id = ? ORDER BY seq", run.id)
    said: tuple[str, ...] = ()
    for details in (json.loads(row["details"]) for row in rows):
        said += _texts(store, details)
        calls = details.get("tool_calls", ())
        called = tuple(_called(call) for call in calls if call["type"] == "function")
        if called:
            yield Exchange(said, called)
            said = ()


def _texts(store: Store, details: dict[str, dict[str, str]]) -> tuple[str, ...]:
    message_id = details.get("message_creation", {}).get("message_id")
    # Somebody may have deleted the message.
    rows = store.rows("SELECT * FROM messages WHERE id = ?", message_id)
    return tuple(said.text for said in map(_said, rows) if said.text)


def _called(call: dict[str, dict[str, str]]) -> Called:
    function = call["function"]
    return Called(
        str(call["id"]), function["name"], function["arguments"], function["output"] or ""
    )


def _turns_before(store: Store, run: Run) -> Iterator[str]:
    rows = store.rows("SELECT * FROM runs WHERE thread_id = ? ORDER BY seq", run.thread_id)
    for other in map(read_run, rows):
        if other.id != run.id and other.progress.turn is not None:
            yield other.progress.turn
