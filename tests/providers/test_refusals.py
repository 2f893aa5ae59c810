"""What the service's refusals mean, whatever their form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from provisioner.providers.refusals import refusal, unreachable

PATH = "/assistants/asst_1"
NAMED = {"error": {"message": "No assistant found with id 'asst_1'.", "type": "x", "code": None}}


@dataclass(frozen=True)
class Row:
    """An answer, and what it means."""

    name: str
    status: int
    body: Any
    code: str | None
    says: str
    gone: bool = False
    unsettled: bool = False


TABLE = [
    Row(
        "gateway's 404",
        404,
        {"error": {"code": "404", "message": "Resource not found"}},
        "404",
        "retired",
    ),
    Row("404 that names the object", 404, NAMED, None, "It is gone: plan again.", gone=True),
    Row(
        "404 that names another",
        404,
        {"error": {"message": "No file 'x'"}},
        None,
        "taken for deleted",
    ),
    Row("404 in HTML", 404, None, None, "Nothing is taken for deleted"),
    Row(
        "404 of a deployment",
        404,
        {"error": {"code": "DeploymentNotFound", "message": "asst"}},
        "DeploymentNotFound",
        "taken for deleted",
    ),
    Row("flat 401", 401, {"statusCode": 401, "message": "Access denied."}, "401", "Check the key"),
    Row(
        "401 with a word",
        401,
        {"error": {"code": "PermissionDenied", "message": "No"}},
        "PermissionDenied",
        "Check the key",
    ),
    Row("403", 403, {"error": {"code": "x", "message": "No"}}, "x", "OpenAI Contributor"),
    Row(
        "400 with a code",
        400,
        {"error": {"code": "unknown_parameter", "message": "Bad"}},
        "unknown_parameter",
        "Mend what",
    ),
    Row(
        "400 without a message",
        400,
        {"error": {"code": "model_not_found"}},
        "model_not_found",
        "no explanation",
    ),
    Row("numeric code", 400, {"error": {"code": 400, "message": "Bad"}}, "400", "Bad"),
    Row(
        "429",
        429,
        {"error": {"code": "429", "message": "Try again in 9 seconds."}},
        "429",
        "Try again in 9 seconds",
    ),
    Row("408", 408, None, None, "Run the command again", unsettled=True),
    Row("409", 409, {"error": {"code": "conflict", "message": "Busy"}}, "conflict", "Busy"),
    Row(
        "500",
        500,
        {"error": {"code": "x", "message": "Oops"}},
        "x",
        "finds out first",
        unsettled=True,
    ),
    Row("502 in HTML", 502, None, None, "finds out first", unsettled=True),
    Row("a list", 400, ["no"], None, "no explanation"),
    Row("a word", 400, "no", None, "no explanation"),
    Row("error as a text", 400, {"error": "Bad file."}, None, "HTTP 400: Bad file (request"),
    Row(
        "404 as a text that names the object",
        404,
        {"error": "No assistant asst_1."},
        None,
        "It is gone: plan again.",
        gone=True,
    ),
    Row("redirect", 307, None, None, "The endpoint leads elsewhere"),
    Row("error null", 400, {"error": None}, None, "no explanation"),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_refusals(row: Row) -> None:
    """Each form of an error has its meaning, and says status, code, request id and remedy."""
    trouble = refusal("GET", PATH, row.status, row.body, "req-1")
    detail = trouble.diagnostics[0].detail

    assert (trouble.gone, trouble.unsettled) == (row.gone, row.unsettled)
    assert (trouble.status, trouble.service_code, trouble.request_id) == (
        row.status,
        row.code,
        "req-1",
    )
    assert detail.startswith(f"GET {PATH}: HTTP {row.status}")
    assert "(request id req-1)" in detail
    assert row.says in detail
    assert row.code is None or f"code {row.code}" in detail


@pytest.mark.parametrize("path", ["/assistants", "/files", "/assistants/"])
@pytest.mark.parametrize("code", [None, "not_found"])
def test_a_collection_is_never_gone(path: str, code: str | None) -> None:
    """Its name in the message is no object's: else all that is recorded would be forgotten."""
    message = "The assistants API was retired, and files with it"
    trouble = refusal("GET", path, 404, {"error": {"code": code, "message": message}}, None)

    assert not trouble.gone
    assert "Nothing is taken for deleted" in trouble.diagnostics[0].detail


def test_a_refusal_without_a_request_id_names_none() -> None:
    """Not every gateway gives one."""
    assert "request id" not in refusal("GET", PATH, 400, None, None).diagnostics[0].detail


@pytest.mark.parametrize(
    ("status", "code"), [(400, "R001"), (499, "R001"), (500, "R002"), (503, "R002")]
)
def test_the_services_own_failures_have_their_own_code(status: int, code: str) -> None:
    """A 5xx is nobody's fault here."""
    assert refusal("GET", PATH, status, None, None).diagnostics[0].code == code


@pytest.mark.parametrize("never_sent", [True, False])
def test_only_what_may_have_been_sent_is_unsettled(*, never_sent: bool) -> None:
    """A refused connection is certain; a lost answer isn't."""
    trouble = unreachable(
        "POST", "/files", "https://a.example", "ReadTimeout", "slow", never_sent=never_sent
    )
    assert trouble.unsettled is not never_sent
    assert trouble.diagnostics[0].code == "R005"
    assert "POST /files at https://a.example: ReadTimeout: slow" in trouble.diagnostics[0].detail


def test_an_id_in_a_body_that_leads_nowhere_is_told_so() -> None:
    """The service names the id that was sent; neither it nor the assistant is to be made anew."""
    body = {"error": {"message": "Files [assistant-nope] were not found", "code": None}}
    trouble = refusal("POST", "/assistants/asst_1", 404, body, None)

    assert not trouble.gone
    assert "mend the id in the manifest" in trouble.diagnostics[0].detail
