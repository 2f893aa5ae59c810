"""Requests over HTTP to a tiny server: what is sent, how often, and what errors tell."""

from __future__ import annotations

import contextlib
import socket
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fake_time import FakeTime
from loopback import DROP, HANG, Answer, Server, serving

from provisioner.errors import ProviderError
from provisioner.providers import sending
from provisioner.providers import transport as module
from provisioner.providers.credentials import from_environment
from provisioner.providers.heads import origin
from provisioner.providers.limiter import Limiter
from provisioner.providers.signing import Credential
from provisioner.providers.transport import Transport

KEY = "s3cret-key-of-this-test"
VERSION = "2024-05-01-preview"
BUSY = Answer(429, {"error": {"code": "429", "message": "Rate limit is exceeded."}})
BROKEN = Answer(500, {"error": {"code": "x", "message": "Oops."}})
FOUND = Answer(200, {"id": "asst_1"})


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Answers that never come are given up soon, others are awaited."""
    callspec = getattr(request.node, "callspec", None)
    never = callspec is not None and callspec.params.get("trouble") == HANG
    timeout = httpx2.Timeout(0.5 if never else 20)
    monkeypatch.setattr(module, "TIMEOUT", timeout)
    monkeypatch.setattr(module, "UPLOAD_TIMEOUT", timeout)


@contextmanager
def open_transport(
    url: str, credential: Credential | None = None, limiter: Limiter | None = None
) -> Iterator[Transport]:
    """Open a transport to a server, and close it again; retries wait for nothing."""
    credential = credential or Credential(api_key=KEY)
    limiter = limiter or FakeTime().limiter()
    transport = Transport(url, VERSION, credential, limiter, direct=True)
    try:
        yield transport
    finally:
        transport.close()


def get(transport: Transport, _source: Path) -> Any:
    """Read."""
    return transport.get("/assistants/asst_1")


def create(transport: Transport, _source: Path) -> Any:
    """Create."""
    return transport.post("/assistants", {"model": "m"}, repeatable=False)


def update(transport: Transport, _source: Path) -> Any:
    """Update."""
    return transport.post("/assistants/asst_1", {"model": "m"}, repeatable=True)


def delete(transport: Transport, _source: Path) -> Any:
    """Delete."""
    return transport.delete("/assistants/asst_1")


def upload(transport: Transport, source: Path) -> Any:
    """Upload."""
    fields = {"purpose": "assistants"}
    return transport.upload("/files", fields, "data.csv", "application/csv", source)


Send = Callable[[Transport, Path], Any]
ONCE, OFTEN = [create, upload], [get, update, delete]
every = pytest.mark.parametrize("send", ONCE + OFTEN)
troubles = pytest.mark.parametrize(
    "trouble", [BUSY, BROKEN, DROP, HANG], ids=["429", "500", "dropped", "timeout"]
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Write a file to upload."""
    path = tmp_path / "other-name.bin"
    path.write_bytes(b"a,b\n1,2\n")
    return path


def failure(server: Server, send: Send, source: Path) -> ProviderError:
    """Send what must fail."""
    with open_transport(server.url) as transport, pytest.raises(ProviderError) as caught:
        send(transport, source)
    return caught.value


@pytest.mark.parametrize("trouble", [BROKEN, DROP, HANG], ids=["500", "dropped", "timeout"])
@pytest.mark.parametrize("send", ONCE)
def test_a_create_is_sent_exactly_once(send: Send, trouble: Answer | str, source: Path) -> None:
    """There is no idempotency key: a second request could make a second object."""
    with serving(trouble, FOUND) as server:
        failure(server, send, source)
        assert [each.method for each in server.seen] == ["POST"]


HINTS = [
    Answer(429, {}, {"retry-after": "7"}),
    Answer(429, {}, {"retry-after-ms": "7000", "retry-after": "9"}),
    Answer(429, {"error": {"code": "429", "message": "Try again in 7 seconds."}}),
]


@every
@pytest.mark.parametrize("busy", HINTS, ids=["seconds", "milliseconds", "words"])
def test_what_was_refused_for_its_rate_is_sent_again(
    send: Send, busy: Answer, source: Path
) -> None:
    """A 429 was certainly not carried out: it is waited for as long as the answer says."""
    time = FakeTime()
    with serving(*[busy] * 4, FOUND) as server:
        with open_transport(server.url, limiter=time.limiter()) as transport:
            send(transport, source)
        assert len(server.seen) == 5
    assert len(time.waits) == 4
    assert all(7 <= each < 8 for each in time.waits)


@every
def test_a_429_that_says_nothing_is_waited_for_longer_and_longer(send: Send, source: Path) -> None:
    """Twice as long each time, up to 16 seconds."""
    time = FakeTime()
    with (
        serving(*[BUSY] * 8, FOUND) as server,
        open_transport(server.url, limiter=time.limiter()) as transport,
    ):
        send(transport, source)
    assert all(
        most / 2 <= each <= most
        for most, each in zip([0.5, 1, 2, 4, 8, 16, 16, 16], time.waits, strict=True)
    )


@pytest.mark.parametrize("send", ONCE)
def test_a_wait_that_is_too_long_is_an_error_at_once(send: Send, source: Path) -> None:
    """Nobody waits an hour in silence; seconds, status and request id are told."""
    headers = {"retry-after": "3600", "x-request-id": "req-7"}
    with serving(Answer(429, {"error": {"code": "429", "message": "No."}}, headers)) as server:
        trouble = failure(server, send, source)
        assert len(server.seen) == 1
    (told,) = trouble.diagnostics
    assert (told.code, trouble.status, trouble.request_id) == ("R020", 429, "req-7")
    assert all(each in told.detail for each in ("HTTP 429", "req-7", "asks to wait 3600 s"))


@every
def test_being_refused_has_an_end(send: Send, source: Path) -> None:
    """A request is given up when five minutes wouldn't be enough for it."""
    time = FakeTime()
    with (
        serving(BUSY) as server,
        open_transport(server.url, limiter=time.limiter()) as transport,
        pytest.raises(ProviderError) as caught,
    ):
        send(transport, source)
    assert 280 <= time.now <= 300
    assert caught.value.diagnostics[0].code == "R020"
    assert f"was refused {len(time.waits) + 1} times" in caught.value.diagnostics[0].detail


@every
def test_when_the_run_ends_nothing_waits_to_be_sent_again(send: Send, source: Path) -> None:
    """It was not carried out, so nothing has to be found out."""
    limiter = Limiter()
    limiter.stop()
    with (
        serving(BUSY) as server,
        open_transport(server.url, limiter=limiter) as transport,
        pytest.raises(ProviderError) as caught,
    ):
        send(transport, source)
    assert (caught.value.diagnostics[0].code, caught.value.unsettled) == ("R012", False)
    assert len(server.seen) == 1


@pytest.mark.parametrize("send", OFTEN)
def test_a_service_that_is_down_says_for_how_long(send: Send, source: Path) -> None:
    """A 503 may carry a Retry-After, too."""
    time = FakeTime()
    with (
        serving(Answer(503, {}, {"retry-after": "9"}), FOUND) as server,
        open_transport(server.url, limiter=time.limiter()) as transport,
    ):
        send(transport, source)
    assert [int(each) for each in time.waits] == [9]


@pytest.mark.parametrize("send", ONCE)
def test_not_even_the_service_can_have_a_create_repeated(send: Send, source: Path) -> None:
    """The SDK listens to `x-should-retry`; a create doesn't."""
    with serving(Answer(503, {}, {"x-should-retry": "true"}), FOUND) as server:
        failure(server, send, source)
        assert len(server.seen) == 1


@troubles
@pytest.mark.parametrize("send", OFTEN)
def test_what_may_be_repeated_is_repeated(send: Send, trouble: Answer | str, source: Path) -> None:
    """Reading, updating and deleting twice is the same as once."""
    with serving(trouble, trouble, FOUND) as server:
        with open_transport(server.url) as transport:
            assert send(transport, source) == (None if send is delete else {"id": "asst_1"})
        assert len(server.seen) == 3


@pytest.mark.parametrize("send", OFTEN)
def test_repeating_has_an_end(send: Send, source: Path) -> None:
    """Three times, and the trouble is told."""
    with serving(BROKEN) as server:
        assert failure(server, send, source).status == 500
        assert len(server.seen) == 3


@every
@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refusal_is_not_repeated(send: Send, status: int, source: Path) -> None:
    """It would be refused again."""
    with serving(Answer(status, {"error": {"code": "x", "message": "No."}})) as server:
        trouble = failure(server, send, source)
        assert len(server.seen) == 1
    assert (trouble.status, trouble.unsettled) == (status, False)


@every
@pytest.mark.parametrize(
    ("trouble", "unsettled"),
    [(BUSY, False), (BROKEN, True), (DROP, True), (HANG, True)],
    ids=["429", "500", "dropped", "timeout"],
)
def test_only_what_may_have_happened_is_unsettled(
    send: Send, trouble: Answer | str, source: Path, *, unsettled: bool
) -> None:
    """No answer and a 5xx leave open whether the service has done it."""
    with serving(trouble) as server:
        assert failure(server, send, source).unsettled is unsettled


@every
def test_a_refused_connection_is_certain(send: Send, source: Path) -> None:
    """Nothing was sent: nothing has to be found out."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    trouble = failure(Server(url), send, source)

    assert not trouble.unsettled
    assert "the request was not sent" in trouble.diagnostics[0].detail


@pytest.mark.parametrize("name", ["x-request-id", "apim-request-id"])
def test_the_request_id_is_told(name: str, source: Path) -> None:
    """Azure's support asks for it."""
    with serving(Answer(400, {"error": {"message": "Bad"}}, {name: "req-7"})) as server:
        trouble = failure(server, create, source)
    assert trouble.request_id == "req-7"
    assert "HTTP 400: Bad (request id req-7)" in trouble.diagnostics[0].detail


@pytest.mark.parametrize(("send", "unsettled"), [(get, False), (create, True), (upload, True)])
@pytest.mark.parametrize(
    "body",
    [b"<html>", b'{"id":"asst_1"', b'{"id":"\xff"}', b"[" * 100_000],
    ids=["a page", "cut off", "no text", "deep"],
)
def test_an_answer_that_is_no_json_is_refused(
    send: Send, body: bytes, source: Path, *, unsettled: bool
) -> None:
    """A captive portal's page is no object; whether a create got through is unknown."""
    with serving(Answer(200, body, {"Content-Type": "text/html"})) as server:
        trouble = failure(server, send, source)
    assert trouble.diagnostics[0].code == "R004"
    assert "text/html" in trouble.diagnostics[0].detail
    assert trouble.unsettled is unsettled


def test_a_text_that_is_no_unicode_is_refused_and_not_repeated(source: Path) -> None:
    """What a shell hands over need not be UTF-8; nothing is sent."""

    def say(transport: Transport, _source: Path) -> Any:
        return transport.post("/threads", {"a": "secret \udcff"}, repeatable=False)

    with serving() as server:
        trouble = failure(server, say, source)
    assert trouble.diagnostics[0].code == "R029"
    assert "secret" not in str(trouble.diagnostics)
    assert (server.seen, trouble.unsettled) == ([], False)


@pytest.mark.parametrize("send", ONCE)
def test_an_answer_that_breaks_off_is_lost(send: Send, source: Path) -> None:
    """The service has done it, but not told the id to the end."""
    with serving(Answer(200, b'{"id":', {"Content-Length": "100"})) as server:
        trouble = failure(server, send, source)
        assert len(server.seen) == 1
    assert trouble.diagnostics[0].code == "R005"
    assert trouble.unsettled


def test_an_endpoint_that_is_not_there_is_named(source: Path) -> None:
    """By scheme, host and port: whatever else stands in an address may be secret."""
    with serving() as server:
        port = server.url.rpartition(":")[2]
    url = f"http://somebody:hidden@127.0.0.1:{port}/path?sig=hidden"
    with open_transport(url) as transport, pytest.raises(ProviderError) as caught:
        create(transport, source)
    detail = caught.value.diagnostics[0].detail
    assert caught.value.diagnostics[0].summary == "Service can't be reached"
    assert f"POST /assistants at http://127.0.0.1:{port}: " in detail
    assert "hidden" not in detail


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("https://contoso.openai.azure.com/openai?sig=x", "https://contoso.openai.azure.com"),
        ("https://user:word@[::1]:8443/", "https://[::1]:8443"),
        ("/elsewhere", None),
    ],
)
def test_of_an_address_only_its_origin_is_told(address: str, told: str | None) -> None:
    """Scheme, host and port, as they are written."""
    assert origin(address) == told


def test_an_error_in_html_keeps_its_status(source: Path) -> None:
    """The page itself is not shown."""
    with serving(Answer(502, b"<html>bad</html>", {"Content-Type": "text/html"})) as server:
        trouble = failure(server, create, source)
    assert (trouble.status, trouble.unsettled) == (502, True)
    assert "<html>" not in trouble.diagnostics[0].detail


@pytest.mark.parametrize(
    "answer", [Answer(204), Answer(200, b""), FOUND], ids=["204", "200 empty", "200"]
)
def test_a_delete_may_be_answered_with_or_without_a_body(answer: Answer, source: Path) -> None:
    """Azure's document has 204; recorded was 200 with a body."""
    with serving(answer) as server, open_transport(server.url) as transport:
        delete(transport, source)
        assert [each.method for each in server.seen] == ["DELETE"]


def test_a_page_of_a_proxy_is_no_success_of_a_delete(source: Path) -> None:
    """Else the object would be forgotten, and stay at the service for good."""
    with serving(Answer(200, b"<html>Sign in</html>", {"Content-Type": "text/html"})) as server:
        trouble = failure(server, delete, source)
    assert trouble.diagnostics[0].code == "R004"


@pytest.mark.parametrize("status", [200, 201])
def test_uploads_may_be_answered_with_200_or_201(status: int, source: Path) -> None:
    """The documents say 201; recorded was 200."""
    with serving(Answer(status, {"id": "f"})) as server, open_transport(server.url) as transport:
        assert upload(transport, source) == {"id": "f"}


def test_an_upload_is_multipart_with_its_name_and_type(source: Path) -> None:
    """The name is the manifest's, not the path's, and the bytes are as they are."""
    with serving(Answer(200, {"id": "f"})) as server, open_transport(server.url) as transport:
        upload(transport, source)
        (seen,) = server.seen
    assert seen.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="purpose"\r\n\r\nassistants\r\n' in seen.body
    assert b'name="file"; filename="data.csv"\r\nContent-Type: application/csv\r\n' in seen.body
    assert b"\r\n\r\na,b\n1,2\n\r\n" in seen.body
    assert b"other-name" not in seen.body


def test_an_upload_may_have_any_name(source: Path) -> None:
    """Umlauts and quotes don't break out of the form."""
    with serving(Answer(200, {"id": "f"})) as server, open_transport(server.url) as transport:
        transport.upload("/files", {}, 'grün "x".csv', "application/csv", source)
        (seen,) = server.seen
    assert 'name="file"; filename="grün %22x%22.csv"\r\n'.encode() in seen.body


@every
def test_requests_go_below_openai_with_version_and_key(send: Send, source: Path) -> None:
    """The API version alone chooses the generation; no deployment is in the path."""
    with serving(FOUND) as server, open_transport(server.url) as transport:
        send(transport, source)
        (seen,) = server.seen
    assert seen.path.startswith(("/openai/assistants", "/openai/files"))
    assert f"api-version={VERSION}" in seen.path
    assert seen.headers["api-key"] == KEY
    assert "authorization" not in seen.headers


def test_null_and_empty_lists_are_sent(source: Path) -> None:
    """Else nothing could be cleared."""
    del source
    with serving(FOUND) as server, open_transport(server.url) as transport:
        transport.post("/assistants/a", {"name": None, "tools": []}, repeatable=True)
        assert server.seen[0].body in (b'{"name":null,"tools":[]}', b'{"name": null, "tools": []}')


def test_a_token_is_asked_for_with_each_request(source: Path) -> None:
    """Tokens expire while an apply runs."""
    tokens = iter(["one", "two"])
    credential = Credential(token=lambda: next(tokens))
    with serving(FOUND) as server, open_transport(server.url, credential) as transport:
        get(transport, source)
        get(transport, source)
        found = [each.headers["authorization"] for each in server.seen]
        assert "api-key" not in server.seen[0].headers
    assert found == ["Bearer one", "Bearer two"]


@every
@pytest.mark.parametrize("trouble", [BROKEN, DROP, Answer(401, {"message": "No"})])
def test_no_error_tells_the_key(send: Send, trouble: Answer | str, source: Path) -> None:
    """Neither the message nor the traceback."""
    with serving(trouble) as server:
        found = failure(server, send, source)
    told = [repr(found), repr(found.diagnostics), *traceback.format_exception(found)]
    assert KEY not in "".join(told)


@every
@pytest.mark.parametrize("ending", ["\n", "\x00", "\r\nx: y"], ids=["newline", "nul", "header"])
@pytest.mark.parametrize("bearer", [False, True], ids=["key", "token"])
def test_a_header_that_cannot_be_sent_is_not_told(
    send: Send, ending: str, source: Path, *, bearer: bool
) -> None:
    """The client's own error quotes the header, and so the key; and nothing was sent."""
    secret = KEY + ending
    credential = Credential(token=lambda: secret) if bearer else Credential(api_key=secret)
    with serving(FOUND) as server:
        with (
            open_transport(server.url, credential) as transport,
            pytest.raises(ProviderError) as caught,
        ):
            send(transport, source)
        assert server.seen == []
    told = [repr(caught.value.diagnostics), *traceback.format_exception(caught.value)]
    assert KEY not in "".join(told)
    assert caught.value.diagnostics[0].code == "R005"
    assert not caught.value.unsettled


@every
@pytest.mark.parametrize(
    ("bearer", "header", "sent"),
    [(False, "api-key", KEY), (True, "authorization", f"Bearer {KEY}")],
)
def test_a_secret_with_a_newline_works(
    send: Send,
    header: str,
    sent: str,
    source: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    bearer: bool,
) -> None:
    """A mounted secret's last newline isn't part of what is sent."""
    monkeypatch.setenv("MY_KEY", f"{KEY}\n")
    credential = from_environment("MY_KEY", bearer=bearer)
    with serving(FOUND) as server, open_transport(server.url, credential) as transport:
        send(transport, source)
        assert [each.headers[header] for each in server.seen] == [sent]


def test_a_credential_does_not_show_itself() -> None:
    """Not even to somebody who prints it."""
    assert KEY not in repr(Credential(api_key=KEY, token=lambda: KEY))


@every
@pytest.mark.parametrize("credential", [Credential(api_key=KEY), Credential(token=lambda: KEY)])
def test_a_redirect_to_another_host_does_not_carry_the_key(
    send: Send, credential: Credential, source: Path
) -> None:
    """Whoever is there gets no secret of ours."""
    with serving(FOUND) as stranger:
        away = {"Location": f"{stranger.url}/elsewhere"}
        with serving(Answer(307, None, away)) as server:
            with (
                open_transport(server.url, credential) as transport,
                contextlib.suppress(ProviderError),
            ):
                send(transport, source)
            assert KEY in str(server.seen[0].headers)
        assert not [each for each in stranger.seen if KEY in str(each.headers)]


@every
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("away", [False, True], ids=["same host", "another host"])
def test_redirects_are_not_followed(send: Send, status: int, source: Path, *, away: bool) -> None:
    """A redirected create would be sent twice; the error says what is wrong with the endpoint."""
    with serving(FOUND) as stranger, serving(FOUND) as server:
        place = {"Location": f"{stranger.url if away else server.url}/openai/assistants"}
        server.answers = [Answer(status, None, place)]
        trouble = failure(server, send, source)
        assert (len(server.seen), len(stranger.seen)) == (1, 0)

    assert (trouble.status, trouble.unsettled) == (status, False)
    assert trouble.diagnostics[0].code == "R001"
    assert "The endpoint leads elsewhere" in trouble.diagnostics[0].detail


def test_proxies_of_the_environment_are_not_asked_for_this_machine(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A corporate proxy can't reach the emulator."""
    with serving(Answer(500)) as proxy, serving(FOUND) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        with open_transport(server.url) as transport:
            assert get(transport, source) == {"id": "asst_1"}
        assert proxy.seen == []


@pytest.mark.parametrize("status", [200, 404])
def test_the_clock_is_the_services(status: int, source: Path) -> None:
    """Uploads are told apart by the service's own times, which its refusals tell too."""
    ahead = {"Date": formatdate(time.time() + 3600, usegmt=True)}
    with serving(Answer(status, {}, ahead)) as server, open_transport(server.url) as transport:
        with contextlib.suppress(ProviderError):
            get(transport, source)
        assert abs(transport.now() - time.time() - 3600) < 5


def test_the_services_clock_goes_on_when_this_machines_is_set(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lost upload is told by when it was sent: hours off, it would never be found."""
    with serving(FOUND) as server, open_transport(server.url) as transport:
        get(transport, source)
        now = time.time()
        monkeypatch.setattr(sending.time, "time", lambda: now + 7200)
        assert abs(transport.now() - now) < 5


@pytest.mark.parametrize("date", ["yesterday", "", "Mon, 99 Xxx 2024 00:00:00 GMT", None])
def test_a_date_that_is_none_changes_no_clock(date: str | None, source: Path) -> None:
    """What can't be read says nothing, and the answer counts all the same."""
    headers = {} if date is None else {"Date": date}
    with (
        serving(Answer(200, {"id": "asst_1"}, headers)) as server,
        open_transport(server.url) as transport,
    ):
        assert get(transport, source) == {"id": "asst_1"}
        assert abs(transport.now() - time.time()) < 5
