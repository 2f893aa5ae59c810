"""The seam between runs and whatever stands for the model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from provisioner.emulator.models.acts import Act


@dataclass(frozen=True)
class Said:
    """A message of the thread: `user` or `assistant`, and its text."""

    role: str
    text: str


@dataclass(frozen=True)
class Called:
    """A function that was called in this run, and what the client said came of it."""

    id: str
    name: str
    arguments: str
    output: str


@dataclass(frozen=True)
class Exchange:
    """What a run has said in one round, and the functions that it called then."""

    said: tuple[str, ...]
    called: tuple[Called, ...]


@dataclass(frozen=True)
class Conversation:
    """All that a model gets to see."""

    assistant: str | None
    """The assistant's name."""
    model: str
    instructions: str
    messages: tuple[Said, ...]
    """The thread as it was when the run began."""
    tools: tuple[Mapping[str, Any], ...] = ()
    tool_choice: Any = "auto"
    settings: Mapping[str, Any] = field(default_factory=dict)
    """`temperature`, `top_p`, `response_format`, `parallel_tool_calls`, where the API has them."""
    most_tokens: int | None = None
    """How many tokens the answer may have, if there is a limit."""
    rounds: tuple[Exchange, ...] = ()
    """What the run has done so far, up to the last functions called."""
    turn: str | None = None
    """What the model named its choice in the first round."""
    turns_before: tuple[str, ...] = ()
    """The same of the earlier runs in the thread, oldest first."""


@dataclass(frozen=True)
class Round:
    """What the model does until functions are to be called, or until the run is over."""

    acts: tuple[Act, ...]
    turn: str | None = None
    """A name for what was chosen, told again in the next rounds."""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    """What it took, where the model knows; otherwise it is estimated."""


class Model(Protocol):
    """Whatever answers."""

    def ask(self, conversation: Conversation, tell: Callable[[Round], None]) -> None:
        """Have `tell` called with the next round, at once or later in the same event loop.

        It is called exactly once, whatever goes wrong: trouble is a round that fails.
        """
