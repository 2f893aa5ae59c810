"""What the bodies of requests may hold, per api-version."""

from functools import cache

from provisioner.emulator.checks import (
    Array,
    Flag,
    Free,
    Nullable,
    Number,
    Pairs,
    Record,
    Shape,
    Tagged,
    Text,
    WordOr,
)
from provisioner.emulator.versions import ApiVersion

METADATA = Nullable(Pairs())
"""`metadata` of anything."""


@cache
def create_assistant(version: ApiVersion) -> Shape:
    """Give the body of POST /assistants."""
    return Record(_assistant(version, modify=False), required=("model",))


@cache
def modify_assistant(version: ApiVersion) -> Shape:
    """Give the body of POST /assistants/{id}."""
    return Record(_assistant(version, modify=True))


def _assistant(version: ApiVersion, *, modify: bool) -> dict[str, Shape]:
    # Azure's documents give modify 32,768 characters in every version, create 256,000 in v2. What
    # Azure enforced is not known; OpenAI's document says 256,000 for both. The lower one is kept.
    instructions = 32_768 if modify or version.generation == 1 else 256_000
    fields: dict[str, Shape] = {
        "model": Text(low=1),
        "name": Nullable(Text(256)),
        "description": Nullable(Text(512)),
        "instructions": Nullable(Text(instructions)),
        "tools": Array(tool(version), high=128),
        "metadata": METADATA,
    }
    if version.generation == 1:
        return {**fields, "file_ids": Array(Text(), high=20)}
    resources = tool_resources(version, modify=modify)
    return {
        **fields,
        # Azure's documents: nullable on create, not on modify.
        "tool_resources": resources if modify else Nullable(resources),
        "temperature": Nullable(Number(0, 2)),
        "top_p": Nullable(Number(0, 1)),
        "response_format": Nullable(response_format(version)),
    }


def tool(version: ApiVersion) -> Shape:
    """Give a tool of an assistant or of a run."""
    bare = Record({"type": Text()})
    function = Record({"type": Text(), "function": _function(version)}, required=("function",))
    if version.generation == 1:
        # Recorded in January 2024: `retrieval` runs on v1, whatever later documents say.
        return Tagged({"code_interpreter": bare, "retrieval": bare, "function": function})
    search: dict[str, Shape] = {"type": Text()}
    if version.since("2024-07-01"):
        # Azure's list of changes. `ranking_options` is in OpenAI's document only, and the echo
        # of 2025-03-01-preview lacks what OpenAI's would show: unknown here.
        search["file_search"] = Record({"max_num_results": Number(1, 50, whole=True)})
    # The order in which the service names them: "'code_interpreter', 'function', and …".
    return Tagged({"code_interpreter": bare, "function": function, "file_search": Record(search)})


def _function(version: ApiVersion) -> Shape:
    fields: dict[str, Shape] = {
        # Prose in Azure's documents; the message of the real service shows the pattern.
        "name": Text(64, pattern="[a-zA-Z0-9_-]+", low=1),
        "description": Nullable(Text(1024)),
        "parameters": Free(),
    }
    if version.since("2024-08-01"):
        # Structured outputs arrived with this version; Azure's documents forget the field.
        fields["strict"] = Nullable(Flag())
    # Azure's documents require all three, yet a function without parameters is recorded (2025).
    return Record(fields, required=("name",))


def tool_resources(version: ApiVersion, *, modify: bool) -> Shape:
    """Give the resources of an assistant or of a thread; a modify makes no stores."""
    stores: dict[str, Shape] = {"vector_store_ids": Array(Text(), high=1)}
    if not modify:
        stores["vector_stores"] = Array(_inline_store(version), high=1)
    return Record(
        {
            "code_interpreter": Record({"file_ids": Array(Text(), high=20)}),
            "file_search": Record(stores),
        }
    )


def _inline_store(version: ApiVersion) -> Shape:
    fields: dict[str, Shape] = {"file_ids": Array(Text(), high=10_000), "metadata": Pairs()}
    return Record({**fields, **_chunking(version)})


def response_format(version: ApiVersion) -> Shape:
    """Give the format of answers that an assistant or a run asks for."""
    kinds = {"text": Record({"type": Text()}), "json_object": Record({"type": Text()})}
    if version.since("2024-08-01"):
        schema = Record(
            {
                "name": Text(64, pattern="[a-zA-Z0-9_-]+", low=1),
                "description": Text(),
                "schema": Free(),
                "strict": Nullable(Flag()),
            },
            required=("name", "schema"),
        )
        kinds["json_schema"] = Record(
            {"type": Text(), "json_schema": schema}, required=("json_schema",)
        )
    # "none" is in the document of 2024-05-01-preview and gone in that of 2025-03-01-preview.
    words = ("auto",) if version.since("2024-08-01") else ("none", "auto")
    return WordOr(words, Tagged(kinds))


def _chunking(version: ApiVersion) -> dict[str, Shape]:
    if not version.since("2024-07-01"):
        return {}
    static = Record(
        {
            "max_chunk_size_tokens": Number(100, 4096, whole=True),
            "chunk_overlap_tokens": Number(0, 2048, whole=True),
        },
        required=("max_chunk_size_tokens", "chunk_overlap_tokens"),
    )
    return {
        "chunking_strategy": Tagged(
            {
                "auto": Record({"type": Text()}),
                "static": Record({"type": Text(), "static": static}, required=("static",)),
            }
        )
    }


_EXPIRES_AFTER = Record(
    {"anchor": Text(choices=("last_active_at",)), "days": Number(1, 365, whole=True)},
    required=("anchor", "days"),
)


@cache
def create_vector_store(version: ApiVersion) -> Shape:
    """Give the body of POST /vector_stores; here `name` and `expires_after` aren't nullable."""
    fields: dict[str, Shape] = {
        "file_ids": Array(Text(), high=500),
        "name": Text(),
        "expires_after": _EXPIRES_AFTER,
        "metadata": METADATA,
    }
    return Record({**fields, **_chunking(version)})


MODIFY_VECTOR_STORE = Record(
    {"name": Nullable(Text()), "expires_after": Nullable(_EXPIRES_AFTER), "metadata": METADATA}
)
"""The body of POST /vector_stores/{id}: neither chunking nor files."""


@cache
def attach_to_vector_store(version: ApiVersion) -> Shape:
    """Give the body of POST /vector_stores/{id}/files."""
    return Record({"file_id": Text(), **_chunking(version)}, required=("file_id",))


@cache
def create_file_batch(version: ApiVersion) -> Shape:
    """Give the body of POST /vector_stores/{id}/file_batches."""
    fields: dict[str, Shape] = {"file_ids": Array(Text(), low=1, high=500)}
    return Record({**fields, **_chunking(version)}, required=("file_ids",))


ATTACH_TO_ASSISTANT = Record({"file_id": Text()}, required=("file_id",))
"""The body of v1's POST /assistants/{id}/files."""
