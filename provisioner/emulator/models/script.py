"""The scripted model: plays the first turn of a transcript that fits."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from provisioner.emulator.models.acts import Act, Call, Say
from provisioner.emulator.models.ask import Conversation, Model, Round


@dataclass(frozen=True)
class When:
    """When a turn is played: all that is set must hold of the user's last message."""

    contains: str | None = None
    matches: str | None = None
    assistant: str | None = None

    def holds(self, text: str, assistant: str | None) -> bool:
        """Tell whether it holds."""
        return (
            (self.contains is None or self.contains in text)
            and (self.matches is None or re.search(self.matches, text) is not None)
            and (self.assistant is None or self.assistant == assistant)
        )


@dataclass(frozen=True)
class Turn:
    """A condition, the acts that follow, and how often one thread may play it."""

    when: When
    acts: tuple[Act, ...]
    times: int | None = None


@dataclass(frozen=True)
class Script:
    """Turns in the order in which they are tried, and what answers where none fits."""

    turns: tuple[Turn, ...]
    otherwise: Model

    def ask(self, conversation: Conversation, tell: Callable[[Round], None]) -> None:
        """See `Model`."""
        name = conversation.turn or self._choose(conversation)
        if name == "none":
            self.otherwise.ask(conversation, lambda answer: tell(replace(answer, turn=name)))
            return
        # The transcript may be another one than when the run began: a turn gone has no more acts.
        index = int(name)
        acts = self.turns[index].acts if index < len(self.turns) else ()
        tell(Round(_filled(_after(acts, len(conversation.rounds)), conversation), name))

    def _choose(self, conversation: Conversation) -> str:
        said = next((each.text for each in conversation.messages[::-1] if each.role == "user"), "")
        played = Counter(conversation.turns_before)
        for index, turn in enumerate(self.turns):
            fits = turn.when.holds(said, conversation.assistant)
            if fits and (turn.times is None or played[str(index)] < turn.times):
                return str(index)
        return "none"


def _after(acts: tuple[Act, ...], rounds: int) -> Iterator[Act]:
    """Give the acts after so many calls, up to the next call."""
    for act in acts:
        if rounds == 0:
            yield act
        if isinstance(act, Call):
            if rounds == 0:
                return
            rounds -= 1


def _filled(acts: Iterator[Act], conversation: Conversation) -> tuple[Act, ...]:
    outputs = {called.name: called.output for each in conversation.rounds for called in each.called}
    return tuple(_fill(act, outputs) if isinstance(act, Say) else act for act in acts)


def _fill(act: Say, outputs: dict[str, str]) -> Say:
    def output(found: re.Match[str]) -> str:
        return outputs.get(found[1], found[0])

    return replace(act, text=re.sub(r"\$\{([\w-]+)\}", output, act.text))
