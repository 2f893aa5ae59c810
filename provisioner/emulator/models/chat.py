"""A model behind any endpoint that speaks OpenAI's chat completions."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from provisioner.emulator.models.acts import Act, Fail
from provisioner.emulator.models.ask import Called, Conversation, Round
from provisioner.emulator.models.completions import read_completion

if TYPE_CHECKING:
    from openai import AsyncOpenAI, OpenAIError

_SECONDS = 120.0
_NO_ANSWER = "The model's endpoint gave no chat completion."
_TOO_LATE = "The model's endpoint answered: Request timed out."


@dataclass(frozen=True)
class Chat:
    """Asks an endpoint; whatever goes wrong there is a run that fails and says so."""

    url: str
    """The endpoint, with or without `/chat/completions` at its end."""
    key: str | None = field(default=None, repr=False)
    seconds: float = _SECONDS
    """How long an answer may take."""
    _asking: set["asyncio.Task[None]"] = field(default_factory=set, repr=False)

    def ask(self, conversation: Conversation, tell: Callable[[Round], None]) -> None:
        """See `Model`."""
        task = asyncio.get_running_loop().create_task(self._ask(conversation, tell))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _ask(self, conversation: Conversation, tell: Callable[[Round], None]) -> None:
        tell(await self._answer(conversation))

    async def _answer(self, conversation: Conversation) -> Round:
        from openai import OpenAIError

        try:
            # An endpoint that goes on writing would never run into the client's own timeout.
            posted = await asyncio.wait_for(self._post(conversation), self.seconds)
            return read_completion(posted)
        except OpenAIError as error:
            return Round((self._failure(error),))
        except asyncio.TimeoutError:
            return Round((Fail("server_error", _TOO_LATE),))
        except Exception:  # noqa: BLE001 - whatever is written there: the run has to end
            return Round((Fail("server_error", _NO_ANSWER),))

    async def _post(self, conversation: Conversation) -> object:
        async with self._client() as client:
            body = _request(conversation)
            return await client.post("/chat/completions", cast_to=object, body=body)

    def _client(self) -> "AsyncOpenAI":
        from openai import AsyncOpenAI, DefaultAsyncHttpx2Client

        # No proxy leads to this machine, and nobody but the endpoint named gets what is said.
        is_far = not _is_here(self.url)
        http_client = DefaultAsyncHttpx2Client(trust_env=is_far, follow_redirects=False)
        # A refusal is the run's failure, as the service's own are: nothing is tried again here.
        return AsyncOpenAI(
            base_url=self.url.rstrip("/").removesuffix("/chat/completions"),
            api_key=self.key or "none",
            timeout=self.seconds,
            max_retries=0,
            http_client=http_client,
        )

    def _failure(self, error: "OpenAIError") -> Act:
        from openai import APIStatusError, RateLimitError

        code = "server_error"
        if isinstance(error, RateLimitError):
            code = "rate_limit_exceeded"
            seconds = error.response.headers.get("retry-after", "")
            # It may be missing, or a date.
            if seconds.isdecimal():
                # The words of recorded failures.
                message = f"Rate limit is exceeded. Try again in {seconds} seconds."
                return Fail(code, message)
        what = f" {error.status_code}" if isinstance(error, APIStatusError) else ""
        said = str(error).replace(self.key, "…") if self.key else str(error)
        return Fail(code, f"The model's endpoint answered{what}: {said}")


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _request(conversation: Conversation) -> dict[str, Any]:
    settings = {
        name: value
        for name, value in conversation.settings.items()
        if value not in (None, "auto", "none") and name != "parallel_tool_calls"
    }
    # `max_tokens` is what the many servers of this protocol have in common.
    limit = {} if conversation.most_tokens is None else {"max_tokens": conversation.most_tokens}
    messages = list(_messages(conversation))
    return {
        "model": conversation.model,
        "messages": messages,
        **settings,
        **limit,
        **_tools(conversation),
    }


def _messages(conversation: Conversation) -> Iterator[dict[str, Any]]:
    if conversation.instructions:
        yield {"role": "system", "content": conversation.instructions}
    for said in conversation.messages:
        yield {"role": said.role, "content": said.text}
    for each in conversation.rounds:
        calls = [_call(called) for called in each.called]
        yield {"role": "assistant", "content": "\n".join(each.said) or None, "tool_calls": calls}
        for called in each.called:
            yield {"role": "tool", "tool_call_id": called.id, "content": called.output}


def _call(called: Called) -> dict[str, Any]:
    function = {"name": called.name, "arguments": called.arguments}
    return {"id": called.id, "type": "function", "function": function}


def _function(tool: Mapping[str, Any]) -> dict[str, Any]:
    # The service shows a description that is missing as null, which not every endpoint takes.
    told = {name: value for name, value in tool["function"].items() if value is not None}
    return {"type": "function", "function": told}


def _tools(conversation: Conversation) -> dict[str, Any]:
    # Code and search are the service's own tools: no endpoint of chat completions has them.
    functions = [_function(tool) for tool in conversation.tools if tool["type"] == "function"]
    if not functions:
        return {}
    choice = conversation.tool_choice
    own = isinstance(choice, dict) and choice["type"] != "function"
    parallel = conversation.settings.get("parallel_tool_calls", True)
    return {
        "tools": functions,
        # Forced once: a model made to call a function every time would never come to an end.
        "tool_choice": "auto" if own or (conversation.rounds and choice != "none") else choice,
        **({} if parallel else {"parallel_tool_calls": False}),
    }
