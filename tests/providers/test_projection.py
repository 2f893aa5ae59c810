"""Projections: the normal form of an assistant to and from the wire, v1 and v2."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from provisioner.address import Address
from provisioner.api_version import Generation
from provisioner.kinds import KINDS
from provisioner.providers.base import Tag
from provisioner.providers.ownership import FILES_KEY, OWNER_KEY, from_metadata, to_metadata
from provisioner.providers.projection import PROJECTIONS
from provisioner.providers.vector_stores import create_body, update_body
from provisioner.resource import Owner

REPEATABLE = settings(deadline=None, derandomize=True, database=None)
OWNER = Owner("u1", "test", Address("assistant", "bot"), "op-1")
TAG = Tag(OWNER, "f" * 64)
PAIRS = {OWNER_KEY: "u1/test/assistant.bot/op-1", FILES_KEY: "f" * 64}
V1, V2 = PROJECTIONS[Generation.V1], PROJECTIONS[Generation.V2]
NORMAL = KINDS["assistant"].normal_form
BARE: dict[str, Any] = {"model": "gpt-4o"}
EMPTY = {"code_interpreter": {"file_ids": []}, "file_search": {"vector_store_ids": []}}
RICH: dict[str, Any] = {
    "model": "gpt-4o",
    "name": "Bot",
    "description": "Draws",
    "instructions": "Be brief.\n",
    "tools": [
        {"type": "code_interpreter"},
        {"type": "function", "function": {"name": "f"}},
        {
            "type": "function",
            "function": {
                "name": "g",
                "description": "G",
                "parameters": {"type": "object", "properties": {"a": {"type": "string"}}},
            },
        },
    ],
    "tool_resources": {"code_interpreter": {"file_ids": ["assistant-1", "assistant-2"]}},
    "metadata": {"cost_center": "9"},
}
RICH_V2 = {
    **RICH,
    "tools": [*RICH["tools"], {"type": "file_search", "file_search": {"max_num_results": 8}}],
    "tool_resources": {**RICH["tool_resources"], "file_search": {"vector_store_ids": ["vs_1"]}},
    "temperature": 0,
    "top_p": 0.5,
    "response_format": {"type": "json_object"},
}


def test_a_v1_create_leaves_out_what_is_not_set() -> None:
    """Files are `file_ids`, and of the settings of v2 there is no word."""
    assert V1.create(BARE, TAG) == {
        "model": "gpt-4o",
        "tools": [],
        "file_ids": [],
        "metadata": PAIRS,
    }


def test_a_v2_create_leaves_out_what_is_not_set() -> None:
    """Files are `tool_resources`, of both tools."""
    expected = {"model": "gpt-4o", "tools": [], "tool_resources": EMPTY, "metadata": PAIRS}
    assert V2.create(BARE, TAG) == expected


def test_a_v1_update_clears_what_is_not_set() -> None:
    """An update merges: only null and [] take away what was there."""
    assert V1.update(BARE, TAG) == {
        "model": "gpt-4o",
        "name": None,
        "description": None,
        "instructions": None,
        "tools": [],
        "file_ids": [],
        "metadata": PAIRS,
    }


def test_a_v2_update_clears_texts_tools_and_ids_too() -> None:
    """Whatever isn't set is sent as null or []."""
    body = V2.update(BARE, TAG)
    assert [key for key in ("name", "description", "instructions") if body[key] is not None] == []
    assert (body["tools"], body["tool_resources"]) == ([], EMPTY)
    assert [body[key] for key in ("temperature", "top_p")] == [None, None]


def test_a_v2_update_sends_the_default_response_format_where_none_is_set() -> None:
    """2024-05-01-preview forbids null there, and its default says the same."""
    assert V2.update(BARE, TAG)["response_format"] == "auto"
    assert "response_format" not in V2.create(BARE, TAG)
    assert "response_format" not in V1.update(BARE, TAG)


def test_a_response_format_that_is_set_is_sent() -> None:
    """The default stands in for nothing else."""
    wanted = {"type": "json_object"}
    for write in (V2.create, V2.update):
        assert write({**BARE, "response_format": wanted}, TAG)["response_format"] == wanted


def test_a_zero_is_sent() -> None:
    """Temperature 0 is a setting, not its absence."""
    assert V2.create({**BARE, "temperature": 0}, TAG)["temperature"] == 0


def test_a_function_is_sent_with_all_three_members() -> None:
    """Azure's documents require description and parameters."""
    body = V2.create({**BARE, "tools": [{"type": "function", "function": {"name": "f"}}]}, TAG)
    assert body["tools"][0]["function"] == {
        "name": "f",
        "description": "",
        "parameters": {"type": "object", "properties": {}},
    }


def test_own_metadata_stands_beside_the_tag() -> None:
    """The tag adds two pairs and takes nothing away."""
    body = V1.create({**BARE, "metadata": {"cost_center": "9"}}, TAG)
    assert body["metadata"] == {"cost_center": "9", **PAIRS}


ECHO_V1 = {
    "id": "asst_1",
    "object": "assistant",
    "created_at": 7,
    "name": None,
    "description": None,
    "model": "gpt-4o",
    "instructions": None,
    "tools": [],
    "file_ids": [],
    "metadata": {},
}
ECHO_V2 = {
    **{key: value for key, value in ECHO_V1.items() if key != "file_ids"},
    "tool_resources": {"code_interpreter": {"file_ids": []}},
    "temperature": 1.0,
    "top_p": 1.0,
    "response_format": "auto",
}


@pytest.mark.parametrize(("projection", "echo"), [(V1, ECHO_V1), (V2, ECHO_V2)], ids=["v1", "v2"])
def test_a_recorded_echo_of_a_bare_assistant_is_bare(projection: Any, echo: dict[str, Any]) -> None:
    """What the real service answered says nothing beyond the model."""
    made = projection.read(echo)
    assert NORMAL(made.attributes) == BARE
    assert (made.id, made.kind, made.owner, made.created_at) == ("asst_1", "assistant", None, 7)


def test_a_v1_answer_has_its_files_in_the_normal_form() -> None:
    """`file_ids` are the code interpreter's."""
    made = V1.read({**ECHO_V1, "file_ids": ["b", "a"]})
    expected = {"code_interpreter": {"file_ids": ["a", "b"]}}
    assert NORMAL(made.attributes)["tool_resources"] == expected


def test_an_answer_gives_the_tag_and_the_rest_apart() -> None:
    """The tag's pairs never show among the attributes."""
    made = V2.read({**ECHO_V2, "metadata": {**PAIRS, "a": "b"}})
    assert made.owner == OWNER
    assert made.attributes["metadata"] == {"a": "b"}


@pytest.mark.parametrize("members", [{"metadata": None}, {"created_at": None}, {"tools": None}])
def test_null_in_an_answer_is_nothing(members: dict[str, None]) -> None:
    """Null where the documents promise a value does no harm."""
    assert NORMAL(V2.read({**ECHO_V2, **members}).attributes) == BARE


@pytest.mark.parametrize(
    ("projection", "attributes"),
    [(V1, RICH), (V2, RICH), (V2, RICH_V2)],
    ids=["v1", "v2", "v2 settings"],
)
def test_what_is_sent_is_what_is_read(projection: Any, attributes: dict[str, Any]) -> None:
    """A service that echoes the body plans empty."""
    for write in (projection.create, projection.update):
        made = projection.read({"id": "asst_1", **write(NORMAL(attributes), TAG)})
        assert NORMAL(made.attributes) == NORMAL(attributes)
        assert made.owner == OWNER


NAMES = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True)
TAGS = st.builds(
    Tag,
    st.builds(
        Owner,
        st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}", fullmatch=True),
        NAMES,
        st.builds(Address, st.sampled_from(["assistant", "file"]), NAMES),
        st.none() | st.from_regex(r"[0-9a-f]{16}", fullmatch=True),
    ),
    st.none() | st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
)


@REPEATABLE
@given(TAGS)
def test_every_tag_survives_the_round_trip_within_azures_limits(tag: Tag) -> None:
    """Keys have at most 64 characters, values 512, and two pairs are all."""
    pairs = to_metadata(tag)
    assert from_metadata({**pairs, "a": "b"}) == (tag.owner, {"a": "b"})
    assert len(pairs) <= 2
    assert all(len(key) <= 64 and len(value) <= 512 for key, value in pairs.items())


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "/",
        "yes",
        "u1/test",
        "u1/test/bot",
        "u1/test/assistant.",
        "u1/test/.bot",
        "//",
        "a/b/c/d/e",
    ],
)
def test_foreign_garbage_is_no_tag(text: Any) -> None:
    """What another tool writes under our key is not taken for ours, and is no error."""
    assert from_metadata({OWNER_KEY: text, "a": "b"}) == (None, {"a": "b"})


def test_metadata_without_a_tag_has_none() -> None:
    """Most of what is live isn't ours."""
    assert from_metadata({"a": "b"}) == (None, {"a": "b"})


SPECS = Path(__file__).parents[3] / "shared" / "specs"
DOCUMENTS = {
    "v1 2024-03-01": (V1, "azure-inference-2024-03-01-preview.v1era.json"),
    "v2 2024-05-01": (V2, "azure-inference-2024-05-01-preview.v2era.json"),
    "v2 2025-03-01": (V2, "azure-inference-2025-03-01-preview.v2era.json"),
}
with_documents = pytest.mark.skipif(not SPECS.exists(), reason="the documents are not at hand")
documents = pytest.mark.parametrize(
    ("projection", "name"), DOCUMENTS.values(), ids=DOCUMENTS.keys()
)
_VALIDATORS: dict[tuple[str, str], Draft202012Validator] = {}


def faults(name: str, schema: str, body: Any) -> list[str]:
    """List where a body breaks the schema of a request in one of the service's documents."""
    if (name, schema) not in _VALIDATORS:
        document = json.loads((SPECS / name).read_text(encoding="utf-8"))
        root = {"$ref": f"#/components/schemas/{schema}", "components": document["components"]}
        _VALIDATORS[name, schema] = Draft202012Validator(root)
    found = _VALIDATORS[name, schema].iter_errors(json.loads(json.dumps(body)))
    return [f"{each.json_path}: {each.message}" for each in found]


RICH_STORE = {
    "name": "Handbook",
    "file_ids": ["assistant-1"],
    "expires_after": {"anchor": "last_active_at", "days": 3},
    "chunking_strategy": {
        "type": "static",
        "static": {"max_chunk_size_tokens": 400, "chunk_overlap_tokens": 100},
    },
    "metadata": {"a": "1"},
}


@with_documents
@documents
def test_a_rich_create_is_valid_by_the_services_document(projection: Any, name: str) -> None:
    """Every field of the body is known to the service, and of the right form."""
    attributes = RICH if projection is V1 else RICH_V2
    assert faults(name, "createAssistantRequest", projection.create(NORMAL(attributes), TAG)) == []


@with_documents
@documents
def test_a_rich_update_is_valid_by_the_services_document(projection: Any, name: str) -> None:
    """So is the whole assistant that an update sends."""
    attributes = RICH if projection is V1 else RICH_V2
    assert faults(name, "modifyAssistantRequest", projection.update(NORMAL(attributes), TAG)) == []


@with_documents
@documents
def test_a_bare_update_is_valid_by_the_services_document(projection: Any, name: str) -> None:
    """What clears everything that isn't set is no null where none is allowed."""
    assert faults(name, "modifyAssistantRequest", projection.update(BARE, TAG)) == []


@with_documents
@pytest.mark.parametrize(
    ("_", "name"), [each for key, each in DOCUMENTS.items() if key[:2] == "v2"]
)
@pytest.mark.parametrize("attributes", [{}, RICH_STORE])
def test_a_stores_bodies_are_valid_by_the_services_document(
    attributes: Any, _: Any, name: str
) -> None:
    """Chunking came after the first document with stores."""
    given = dict(attributes)
    if "2025" not in name:
        given.pop("chunking_strategy", None)
    assert faults(name, "createVectorStoreRequest", create_body(given, TAG)) == []
    assert faults(name, "updateVectorStoreRequest", update_body(given, TAG)) == []


@with_documents
def test_the_documents_refuse_what_they_do_not_know() -> None:
    """The judge of these tests does judge."""
    name = DOCUMENTS["v1 2024-03-01"][1]
    assert faults(name, "createAssistantRequest", V2.create(RICH_V2, TAG))
    assert faults(name, "modifyAssistantRequest", {"temperature": 1})


TEXTS = st.none() | st.text(max_size=5)
SCHEMAS = st.sampled_from([None, {}, {"type": "object", "properties": {"a": {"type": "string"}}}])
FUNCTIONS = st.fixed_dictionaries(
    {"name": st.sampled_from(["f", "g", "h"])},
    optional={"description": TEXTS, "parameters": SCHEMAS, "strict": st.booleans()},
)
TOOLS = st.just({"type": "code_interpreter"}) | st.fixed_dictionaries(
    {"type": st.just("function"), "function": FUNCTIONS}
)
SEARCH = st.fixed_dictionaries(
    {"type": st.just("file_search")},
    optional={"file_search": st.just({"max_num_results": 8})},
)
COMMON = {
    "name": TEXTS,
    "description": TEXTS,
    "instructions": TEXTS,
    "tools": st.lists(TOOLS, max_size=3),
    "tool_resources": st.fixed_dictionaries(
        {},
        optional={
            "code_interpreter": st.fixed_dictionaries(
                {"file_ids": st.lists(st.text(min_size=1), max_size=3)}
            )
        },
    ),
    "metadata": st.none() | st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
}
SETTINGS = {
    "tools": st.lists(TOOLS | SEARCH, max_size=3),
    "tool_resources": st.just({"file_search": {"vector_store_ids": ["vs_1"]}})
    | COMMON["tool_resources"],
    "temperature": st.none() | st.floats(0, 2),
    "top_p": st.none() | st.floats(0, 1),
    # `auto` is the default and so never in a normal form; `none` never was one of the manifests'.
    "response_format": st.sampled_from([{"type": "json_object"}, {"type": "text"}]),
}
MODEL = {"model": st.text(min_size=1, max_size=3)}
BODIES = {
    "v1": st.fixed_dictionaries(MODEL, optional=COMMON),
    "v2": st.fixed_dictionaries(MODEL, optional={**COMMON, **SETTINGS}),
}


@with_documents
@documents
@REPEATABLE
@given(data=st.data())
def test_every_create_is_valid_by_the_services_document(
    projection: Any, name: str, data: st.DataObject
) -> None:
    """Whatever a manifest says, the body is one that the service knows."""
    attributes = data.draw(BODIES["v1" if projection is V1 else "v2"])
    assert faults(name, "createAssistantRequest", projection.create(NORMAL(attributes), TAG)) == []


@with_documents
@documents
@REPEATABLE
@given(data=st.data())
def test_every_update_is_valid_by_the_services_document(
    projection: Any, name: str, data: st.DataObject
) -> None:
    """Whatever a manifest says and leaves out, the body is one that the service knows."""
    attributes = data.draw(BODIES["v1" if projection is V1 else "v2"])
    assert faults(name, "modifyAssistantRequest", projection.update(NORMAL(attributes), TAG)) == []
