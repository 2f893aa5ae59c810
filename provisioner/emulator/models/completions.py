"""Chat completions as endpoints really write them, read as what a model does."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.emulator.models.acts import Act, Call, FunctionCall, Incomplete, Say
from provisioner.emulator.models.ask import Round

_MOST_TOKENS = 2**31


def read_completion(answer: Any) -> Round:
    """Read an answer; what is no chat completion raises whatever comes of reading it.

    Nothing passes that a run could not show: texts are texts, and tokens are numbers.
    """
    choice, usage = answer["choices"][0], answer.get("usage")
    tokens = usage if isinstance(usage, dict) else {}
    return Round(
        tuple(_acts(choice["message"], choice.get("finish_reason"))),
        prompt_tokens=_number(tokens.get("prompt_tokens")),
        completion_tokens=_number(tokens.get("completion_tokens")),
    )


def _number(value: Any) -> int | None:
    """Give a number of tokens; what can't be one is estimated, as where nothing is said."""
    good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST_TOKENS
    return value if good else None


def _acts(message: Mapping[str, Any], finish: Any) -> Iterator[Act]:
    calls = message.get("tool_calls") or []
    text = _text(message.get("content") or message.get("refusal") or "")
    if text or not calls:
        yield Say(text)
    if finish == "length":
        yield Incomplete("max_completion_tokens")
    elif calls:
        yield Call(tuple(_function(each["function"]) for each in calls))


def _text(content: Any) -> str:
    # An array of parts is allowed by the protocol, though few endpoints answer one.
    if isinstance(content, list):
        return "".join(_text(part["text"]) for part in content if part["type"] == "text")
    if not isinstance(content, str):
        raise TypeError(content)
    return content


def _function(function: Mapping[str, Any]) -> FunctionCall:
    arguments = function.get("arguments") or "{}"
    # Some endpoints give the object itself, where the protocol has its text.
    written = json.dumps(arguments) if isinstance(arguments, dict) else _text(arguments)
    return FunctionCall(_text(function["name"]), written)
