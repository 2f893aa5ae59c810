"""A model behind any endpoint that speaks OpenAI's chat completions."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from provisioner.emulator.models.acts import Act, Call, Fail, FunctionCall, Incomplete, Say
from provisioner.emulator.models.ask import Called, Conversation, Round

if TYPE_CHECKING:
    from openai import AsyncOpenAI, OpenAIError

_SECONDS = 120.0
_NO_ANSWER = "The model's endpoint gave no chat completion."


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
        from openai import OpenAIError

        try:
            async with self._client() as client:
                body = _request(conversation)
                answer = await client.post("/chat/completions", cast_to=object, body=body)
            told = _read(answer)
        except OpenAIError as error:
            told = Round((self._failure(error),))
        except (AttributeError, KeyError, IndexError, TypeError, ValueError):
            told = Round((Fail("server_error", _NO_ANSWER),))
        tell(told)

    def _client(self) -> "AsyncOpenAI":
        from openai import AsyncOpenAI

        # A refusal is the run's failure, as the service's own are: nothing is tried again here.
        return AsyncOpenAI(
            base_url=self.url.rstrip("/").removesuffix("/chat/completions"),
            api_key=self.key or "none",
            timeout=self.seconds,
            max_retries=0,
        )

    def _failure(self, error: "OpenAIError") -> Act:
        from openai import APIStatusError, RateLimitError

        if isinstance(error, RateLimitError):
            seconds = error.response.headers.get("retry-after", "1")
            # The words of recorded failures.
            message = f"Rate limit is exceeded. Try again in {seconds} seconds."
            return Fail("rate_limit_exceeded", message)
        what = f" {error.status_code}" if isinstance(error, APIStatusError) else ""
        said = str(error) if self.key is None else str(error).replace(self.key, "…")
        return Fail("server_error", f"The model's endpoint answered{what}: {said}")


def _request(conversation: Conversation) -> dict[str, Any]:
    settings = {
        name: value
        for name, value in conversation.settings.items()
        if value not in (None, "auto") and name != "parallel_tool_calls"
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
    for calls in conversation.rounds:
        yield {"role": "assistant", "content": None, "tool_calls": [_call(each) for each in calls]}
        for called in calls:
            yield {"role": "tool", "tool_call_id": called.id, "content": called.output}


def _call(called: Called) -> dict[str, Any]:
    function = {"name": called.name, "arguments": called.arguments}
    return {"id": called.id, "type": "function", "function": function}


def _tools(conversation: Conversation) -> dict[str, Any]:
    # Code and search are the service's own tools: no endpoint of chat completions has them.
    functions = [tool for tool in conversation.tools if tool["type"] == "function"]
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


def _read(answer: Any) -> Round:
    choice, usage = answer["choices"][0], answer.get("usage") or {}
    acts = tuple(_acts(choice["message"], choice.get("finish_reason")))
    return Round(
        acts,
        prompt_tokens=usage.get("prompt_tokens"),
        completion_tokens=usage.get("completion_tokens"),
    )


def _acts(message: Mapping[str, Any], finish: str | None) -> Iterator[Act]:
    calls = message.get("tool_calls") or []
    text = message.get("content")
    if text or not calls:
        yield Say(str(text or ""))
    if finish == "length":
        yield Incomplete("max_completion_tokens")
    elif calls:
        functions = [each["function"] for each in calls]
        yield Call(
            tuple(FunctionCall(each["name"], each.get("arguments") or "{}") for each in functions)
        )
