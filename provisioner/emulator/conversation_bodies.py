"""What the bodies of requests about threads, messages and runs may hold, per api-version."""

from functools import cache

from provisioner.emulator.bodies import METADATA, response_format, tool, tool_resources
from provisioner.emulator.checks import (
    Array,
    Flag,
    Nullable,
    Number,
    Off,
    Record,
    Shape,
    Tagged,
    Text,
    TextOr,
    WordOr,
)
from provisioner.emulator.versions import ApiVersion

MODIFY_MESSAGE = Record({"metadata": METADATA})
"""The body of POST /threads/{id}/messages/{id}."""

MODIFY_RUN = Record({"metadata": METADATA})
"""The body of POST /threads/{id}/runs/{id}."""


@cache
def create_thread(version: ApiVersion) -> Record:
    """Give the body of POST /threads."""
    fields: dict[str, Shape] = {
        "messages": Array(create_message(version)),
        "metadata": METADATA,
    }
    if version.generation == 1:
        return Record(fields)
    resources = Nullable(tool_resources(version, modify=False))
    return Record({**fields, "tool_resources": resources})


@cache
def modify_thread(version: ApiVersion) -> Record:
    """Give the body of POST /threads/{id}; `tool_resources` is nullable, unlike an assistant's."""
    if version.generation == 1:
        return Record({"metadata": METADATA})
    resources = Nullable(tool_resources(version, modify=True))
    return Record({"metadata": METADATA, "tool_resources": resources})


@cache
def create_message(version: ApiVersion) -> Record:
    """Give the body of POST /threads/{id}/messages."""
    required = ("role", "content")
    if version.generation == 1:
        fields: dict[str, Shape] = {
            "role": Text(choices=("user",)),
            "content": Text(32_768, low=1),
            "file_ids": Array(Text(), high=10),
            "metadata": METADATA,
        }
        return Record(fields, required)
    tools = Array(_attached_tool(), low=1)
    attachment = Record({"file_id": Text(), "tools": tools}, ("file_id", "tools"))
    fields = {
        "role": Text(choices=("user", "assistant")),
        # Azure's documents know text only; parts are recorded (ThreadWithInitialMessagesWorks).
        "content": TextOr(Text(256_000, low=1), Array(_part(), low=1)),
        "attachments": Nullable(Array(attachment)),
        "metadata": METADATA,
    }
    return Record(fields, required)


def _attached_tool() -> Shape:
    bare = Record({"type": Text()})
    return Tagged({"code_interpreter": bare, "file_search": bare})


def _part() -> Shape:
    detail = Text(choices=("auto", "low", "high"))
    url = Record({"url": Text(), "detail": detail}, required=("url",))
    file = Record({"file_id": Text(), "detail": detail}, required=("file_id",))
    return Tagged(
        {
            "text": Record({"type": Text(), "text": Text(256_000, low=1)}, required=("text",)),
            "image_url": Record({"type": Text(), "image_url": url}, required=("image_url",)),
            "image_file": Record({"type": Text(), "image_file": file}, required=("image_file",)),
        }
    )


@cache
def create_run(version: ApiVersion) -> Record:
    """Give the body of POST /threads/{id}/runs."""
    fields = _run(version)
    if version.generation != 1:
        fields["additional_instructions"] = Nullable(Text())
        fields["additional_messages"] = Nullable(Array(create_message(version)))
    return Record(fields, required=("assistant_id",))


@cache
def create_thread_and_run(version: ApiVersion) -> Record:
    """Give the body of POST /threads/runs, of which Azure's documents wrongly require an id."""
    fields = _run(version)
    fields["thread"] = create_thread(version)
    if version.generation != 1:
        fields["tool_resources"] = Nullable(tool_resources(version, modify=True))
    if version.since("2025-03"):
        # In Azure's document of 2025-03-01-preview, for this request alone.
        fields["stream_options"] = Nullable(Record({"include_usage": Flag()}))
    return Record(fields, required=("assistant_id",))


def _run(version: ApiVersion) -> dict[str, Shape]:
    fields: dict[str, Shape] = {
        "assistant_id": Text(),
        "model": Nullable(Text()),
        "instructions": Nullable(Text(256_000)),
        "tools": Nullable(Array(tool(version), high=20)),
        "metadata": METADATA,
    }
    if version.generation == 1:
        # Streams, and all that limits a run, came with v2. The official client's `create_and_poll`
        # sends `"stream": false` whatever the version; no source says that v1 minds.
        return {**fields, "stream": Nullable(Off())}
    return {
        **fields,
        "temperature": Nullable(Number(0, 2)),
        "top_p": Nullable(Number(0, 1)),
        "stream": Nullable(Flag()),
        "max_prompt_tokens": Nullable(Number(256, whole=True)),
        "max_completion_tokens": Nullable(Number(256, whole=True)),
        "truncation_strategy": Nullable(_truncation()),
        "tool_choice": Nullable(_tool_choice()),
        # Its echo follows the date of the recording, not the api-version: taken in all of v2.
        "parallel_tool_calls": Flag(),
        "response_format": Nullable(response_format(version)),
    }


def _truncation() -> Shape:
    fields: dict[str, Shape] = {
        "type": Text(choices=("auto", "last_messages")),
        "last_messages": Nullable(Number(1, whole=True)),
    }
    return Record(fields, required=("type",))


def _tool_choice() -> Shape:
    name = Record({"name": Text()}, required=("name",))
    # Recorded: a client sent `"function": null` beside another tool, and that was taken.
    other = Record({"type": Text(), "function": Nullable(name)})
    function = Record({"type": Text(), "function": name}, required=("function",))
    kinds = {"function": function, "code_interpreter": other, "file_search": other}
    return WordOr(("none", "auto", "required"), Tagged(kinds))


@cache
def submit_tool_outputs(version: ApiVersion) -> Record:
    """Give the body of POST /threads/{id}/runs/{id}/submit_tool_outputs."""
    output = Record({"tool_call_id": Text(), "output": Text()})
    fields: dict[str, Shape] = {"tool_outputs": Array(output)}
    fields["stream"] = Nullable(Off() if version.generation == 1 else Flag())
    return Record(fields, required=("tool_outputs",))
