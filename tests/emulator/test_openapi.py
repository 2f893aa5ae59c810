"""No request, well formed or not, gets an answer outside the service's own OpenAPI documents."""

import json
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from emulator_client import Client
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
)

SPECS = Path(__file__).parents[3] / "shared" / "specs"
DOCUMENTS = {
    "2024-03-01-preview": "azure-inference-2024-03-01-preview.v1era.json",
    "2024-05-01-preview": "azure-inference-2024-05-01-preview.v2era.json",
    "2025-03-01-preview": "azure-inference-2025-03-01-preview.v2era.json",
}
OBJECTS = r"^/openai/(assistants|files|vector_stores)"
CONVERSATIONS = r"^/openai/threads"
# Of 2025-03-01-preview, and not emulated: attributes, parsed content and search.
LEFT_OUT = (
    ("POST", "/openai/vector_stores/{vector_store_id}/files/{file_id}"),
    ("GET", "/openai/vector_stores/{vector_store_id}/files/{file_id}/content"),
    ("POST", "/openai/vector_stores/{vector_store_id}/search"),
)
SEED = 20_240_520
EXAMPLES = {OBJECTS: 20, CONVERSATIONS: 5}
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
# The documents that differ most: conversations take long to generate.
ENDS = ("2024-03-01-preview", "2025-03-01-preview")
# What is refused of objects differs by generation, and hardly within one.
OFTEN = [
    *((version, GenerationMode.POSITIVE) for version in DOCUMENTS),
    *((version, GenerationMode.NEGATIVE) for version in list(DOCUMENTS)[:2]),
]
CASES = [
    *((version, mode, OBJECTS) for version, mode in OFTEN),
    *(
        pytest.param(version, mode, OBJECTS, marks=pytest.mark.thorough)
        for version in DOCUMENTS
        for mode in MODES
        if (version, mode) not in OFTEN
    ),
    *((version, GenerationMode.POSITIVE, CONVERSATIONS) for version in ENDS),
    *(
        pytest.param(version, mode, CONVERSATIONS, marks=pytest.mark.thorough)
        for version in DOCUMENTS
        for mode in MODES
        if mode is GenerationMode.NEGATIVE or version not in ENDS
    ),
]

pytestmark = pytest.mark.skipif(not SPECS.exists(), reason="the OpenAPI documents are not at hand")


def load(version: str, paths: str) -> Any:
    """Load a document, with the places corrected where recorded traffic contradicts it."""
    document = json.loads((SPECS / DOCUMENTS[version]).read_text())
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        # Recorded: an empty list has first_id and last_id null; the documents say strings.
        if name.startswith("list"):
            for key in ("first_id", "last_id"):
                schema["properties"][key] = {"type": ["string", "null"]}
    # Recorded: a function without description comes back with null; the documents say a string.
    function = schemas["assistantToolsFunction"]["properties"]["function"]
    function["properties"]["description"] = {"type": ["string", "null"]}
    correct_conversations(schemas)
    return schemathesis.openapi.from_dict(document).include(path_regex=paths)


def correct_conversations(schemas: dict[str, Any]) -> None:
    """Correct what recorded conversations contradict in the documents of all versions."""
    message, run, step = (schemas[f"{name}Object"] for name in ("message", "run", "runStep"))
    # Only streams show a message's status, and an update answers without attachments.
    unseen = ("status", "incomplete_details", "completed_at", "incomplete_at", "attachments")
    message["required"] = [name for name in message["required"] if name not in unseen]
    # What is over doesn't expire.
    for each in (run, step):
        each["properties"]["expires_at"] = {"type": ["integer", "null"]}
    run["properties"]["instructions"] = {"type": ["string", "null"]}
    # A key of v1 only while it says something.
    run["required"] = [name for name in run["required"] if name != "required_action"]
    absent = ("expired_at", "metadata")
    step["required"] = [name for name in step["required"] if name not in absent]
    step["properties"]["object"] = {"enum": ["thread.run.step"]}
    # Required by mistake: the request has no such field.
    schemas["createThreadAndRunRequest"]["required"] = ["assistant_id"]


def ground(client: Client, case: schemathesis.Case) -> None:
    """Point a case at objects that exist, in its path and in its body."""
    file_id = client.make_file()
    ids = {"file_id": file_id, "assistant_id": client.make_assistant()["id"]}
    if "threads" in case.path:
        ids |= talk(client, ids["assistant_id"], file_id)
    stores = []
    if "vector_store" in case.path or "tool_resources" in str(case.body):
        ids["vector_store_id"] = client.make("/vector_stores")["id"]
        stores = [ids["vector_store_id"]]
        batches = f"/vector_stores/{ids['vector_store_id']}/file_batches"
        ids["batch_id"] = client.make(batches, {"file_ids": [file_id]})["id"]
    elif "assistants" in case.path and client.version == "2024-03-01-preview":
        client.make(f"/assistants/{ids['assistant_id']}/files", {"file_id": file_id})
    case.path_parameters = {name: ids[name] for name in case.path_parameters}
    known = {"file_id": file_id, "file_ids": [file_id], "vector_store_ids": stores}
    known["assistant_id"] = ids["assistant_id"]
    case.body = replaced(case.body, known)


def talk(client: Client, assistant_id: str, file_id: str) -> dict[str, str]:
    """Hold a conversation; give the ids of what it is made of."""
    files = {"file_ids": [file_id]} if client.version == "2024-03-01-preview" else {}
    message = {"role": "user", "content": "Hi", **files}
    thread = client.make("/threads", {"messages": [message]})["id"]
    messages = f"/threads/{thread}/messages"
    message_id = client.get(messages).body["data"][0]["id"]
    run = client.make(f"/threads/{thread}/runs", {"assistant_id": assistant_id})["id"]
    steps = client.get(f"/threads/{thread}/runs/{run}/steps").body["data"]
    step = steps[0]["id"]
    return {"thread_id": thread, "message_id": message_id, "run_id": run, "step_id": step}


def replaced(body: Any, known: dict[str, Any]) -> Any:
    """Put known ids where a body names some."""
    if isinstance(body, dict):
        return {key: known.get(key) or replaced(value, known) for key, value in body.items()}
    return body


def check_answer(case: schemathesis.Case, response: Any) -> None:
    """Hold an answer against the document; errors, which it leaves out, against the service's form.

    The documents know status 200 only, so the check of documented statuses can't be used.
    """
    if response.headers["content-type"] == ["text/event-stream; charset=utf-8"]:
        assert response.text.endswith("event: done\ndata: [DONE]\n\n")
        return
    if response.status_code == 200:
        checks = [not_a_server_error, content_type_conformance, response_schema_conformance]
        case.validate_response(response, checks=checks)
        return
    assert response.status_code in (400, 404), (response.status_code, response.text)
    assert response.headers["content-type"] == ["application/json"]
    error = response.json()["error"]
    assert isinstance(error["message"], str)
    assert error.get("code") is None or isinstance(error["code"], str)


@pytest.mark.parametrize(("version", "mode", "paths"), CASES)
def test_every_answer_fits_the_document(
    start: Callable[..., Client],
    version: str,
    mode: GenerationMode,
    paths: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Generated requests get a documented body or the service's form of an error."""
    # One emulator per version: a purpose of v2 in a list asked for with v1 would fit no document.
    client = start("--step-seconds", "0").at(version)
    statuses: Counter[int] = Counter()
    for operation in (found.ok() for found in load(version, paths).get_all_operations()):
        if (operation.method.upper(), operation.path) in LEFT_OUT:
            continue

        @hypothesis.seed(SEED)
        @hypothesis.settings(
            max_examples=EXAMPLES[paths],
            deadline=None,
            database=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(
            case=operation.as_strategy(generation_mode=mode), grounded=st.integers(0, 4)
        )
        def fuzz(case: schemathesis.Case, grounded: int) -> None:
            if grounded:
                ground(client, case)
            case.query = {**(case.query or {}), "api-version": version}
            response = case.call(base_url=client.url, headers=client.headers)
            check_answer(case, response)
            statuses[response.status_code] += 1

        # Some operations have nothing to get wrong.
        with suppress(Unsatisfiable):
            fuzz()
    assert statuses[200]
    with capsys.disabled():
        print(f"\n{version} {mode.value} {paths}: {sum(statuses.values())} cases {dict(statuses)}")  # noqa: T201
