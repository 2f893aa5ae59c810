"""From an HTTP request to a handler and back: versions, bodies, transactions, errors."""

import asyncio
import json
import logging
import math
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive

from provisioner.emulator.errors import ServiceError, no_such_route, refused
from provisioner.emulator.models.ask import Model, Round
from provisioner.emulator.settings import EmulatorSettings
from provisioner.emulator.store import Store
from provisioner.emulator.versions import ApiVersion

if TYPE_CHECKING:
    from provisioner.emulator.conversations.events import Events


@dataclass(frozen=True)
class Service:
    """The emulated resource: what was set, what is stored, and what answers."""

    settings: EmulatorSettings
    store: Store
    model: Model
    answers: dict[tuple[str, int], tuple[float, Round] | None] = field(default_factory=dict)
    """When and what the model said to a run's round, None until it does; gone with the process."""
    streamed: dict[str, "Events"] = field(default_factory=dict)
    """Where a stream wants to be told what happens to a run, whoever moves it on."""
    closing: threading.Event = field(default_factory=threading.Event)
    """Set when the server ends: streams end too, in the middle."""

    def now(self) -> float:
        """Tell the time of the emulator's clock."""
        return self.settings.clock()


@dataclass(frozen=True)
class Call:
    """A request that passed the gateway."""

    service: Service
    version: ApiVersion
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    """JSON as parsed, `{}` without a body; the fields of a form, uploads already read."""

    @property
    def store(self) -> Store:
        """The database."""
        return self.service.store


# What is wrong with a form stands in the answer; without a handler it would go to stderr as well.
logging.getLogger("python_multipart").addHandler(logging.NullHandler())

LARGEST_UPLOAD = 512 * 1024 * 1024
"""Bytes that one file may have (Azure's page on quotas)."""


_DEEPEST = 500
"""How deep arrays and objects of a body may lie within one another; no source knows a limit."""


@dataclass(frozen=True)
class Upload:
    """A file out of a form; the content of one too large isn't read."""

    filename: str
    size: int
    content: bytes


@dataclass(frozen=True)
class Answer:
    """A body that is sent after a delay."""

    body: dict[str, Any]
    delay_seconds: float = 0


Handler = Callable[[Call], dict[str, Any] | Answer | Response]


@dataclass(frozen=True)
class Endpoint:
    """A method and path below `/openai`, and the generations of the API that have it."""

    method: str
    path: str
    handler: Handler
    generations: tuple[int, ...] = (1, 2)
    form: bool = False


def make_routes(service: Service, endpoints: Iterable[Endpoint]) -> list[Route]:
    """Make routes that answer as the endpoints say."""
    return [_make_route(service, endpoint) for endpoint in endpoints]


def _make_route(service: Service, endpoint: Endpoint) -> Route:
    async def answer(request: Request) -> Response:
        version: ApiVersion = request.scope["api_version"]
        try:
            if version.generation not in endpoint.generations:
                await read_to_end(request.receive)
                raise no_such_route()
            body = await (_read_form(request) if endpoint.form else _read_json(request))
            call = Call(service, version, request.path_params, request.query_params, body)
            # The commit comes before the answer: what a client was told is never lost.
            with service.store.transaction():
                result = endpoint.handler(call)
        except ServiceError as error:
            return json_response(error.body, error.status, error.headers)
        if isinstance(result, Answer):
            await asyncio.sleep(result.delay_seconds)
            result = result.body
        return result if isinstance(result, Response) else json_response(result)

    return Route(f"/openai{endpoint.path}", answer, methods=[endpoint.method])


async def read_to_end(receive: Receive) -> None:
    """Read a body that nobody wants: a client still sending would miss its answer."""
    while (await receive()).get("more_body"):
        pass


def json_response(
    body: dict[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Write a body as JSON; in ASCII, so that a lone surrogate comes back as it was sent."""
    text = json.dumps(body, separators=(",", ":"))
    return Response(text, status, headers, media_type="application/json")


async def _read_json(request: Request) -> Any:
    # Recorded: POST /vector_stores without any body, and without a JSON content type, is fine.
    content = await request.body()
    if not content.strip():
        return {}
    try:
        body = json.loads(content, parse_constant=_reject_number, parse_float=_finite)
        _check_depth(body)
    except (ValueError, RecursionError) as error:
        raise refused("We could not parse the JSON body of your request.") from error
    return body


def _check_depth(body: Any) -> None:
    # What is just not too deep to be read could be too deep to be written, within an answer.
    level = [body]
    for _ in range(_DEEPEST):
        holders = [each for each in level if isinstance(each, (dict, list))]
        if not holders:
            return
        inner = [each.values() if isinstance(each, dict) else each for each in holders]
        level = [held for each in inner for held in each]
    raise ValueError


def _reject_number(name: str) -> float:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(text)
    return number


async def _read_form(request: Request) -> dict[str, str | Upload]:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise refused("The request must be sent as multipart/form-data.")
    try:
        async with request.form() as form:
            return {name: await _read_field(value) for name, value in form.items()}
    except HTTPException as error:
        raise refused(f"Could not parse multipart form: {error.detail}") from error


async def _read_field(value: UploadFile | str) -> str | Upload:
    if isinstance(value, str):
        return value
    size = value.size or 0
    content = await value.read() if size <= LARGEST_UPLOAD else b""
    return Upload(value.filename or "", size, content)
