"""Trying: a conversation with an assistant as it was last applied."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from provisioner.address import Address
from provisioner.conversation import REQUIRES_ACTION, Call, Run
from provisioner.conversations.file_names import safe_name, save
from provisioner.conversations.outputs import answered_by
from provisioner.conversations.patience import EndedError, Patience
from provisioner.conversations.thread import conversation
from provisioner.conversations.traces import Leftovers
from provisioner.conversations.troubles import ended, incomplete, left_over, named, unanswered
from provisioner.conversations.turn import Produced, Turn
from provisioner.diagnostics import Diagnostic, error
from provisioner.errors import PlanError, ProviderError, ProvisionerError, StateError
from provisioner.kinds.file_types import can_be_searched
from provisioner.manifest.suggestions import did_you_mean
from provisioner.operations.connection import Connection
from provisioner.operations.current_state import current_state
from provisioner.operations.keeping import kept_state
from provisioner.operations.workspace import Workspace
from provisioner.providers.talk import Talk
from provisioner.providers.veiled_talk import VeiledTalk
from provisioner.resource import ResourceState
from provisioner.state.model import State
from provisioner.veil import Veil

_SEARCHES = ("file_search", "retrieval")
"""What the tool is called by v2 and by v1."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is said to whom, and how calls of functions are answered."""

    address: Address
    messages: Sequence[str]
    files: Sequence[Path] = ()
    """Sent with the first message."""
    instructions: str | None = None
    """In the place of the assistant's own."""
    outputs: Mapping[str, Any] = field(default_factory=dict)
    """By the name of a function, what it answers; the assistant has to have each."""
    check_outputs: Mapping[str, Any] = field(default_factory=dict)
    """What functions answer in a Check, where no output is given."""
    timeout: float = 600.0
    keep: bool = False

    @property
    def answers(self) -> Mapping[str, Any]:
        """By the name of a function, what it answers, wherever that is said."""
        return {**self.check_outputs, **self.outputs}


@dataclass(frozen=True, slots=True)
class Audience:
    """Who sees what happens, and answers what no output is given for."""

    seen: Callable[[Run], None] = lambda _run: None
    by_hand: Callable[[Call], str | None] = lambda _call: None
    """Gives None where nobody is there."""
    left: Callable[[Diagnostic], None] = lambda _warning: None
    """Told what could not be deleted at the service."""
    kept: Callable[[str], None] = lambda _thread: None
    """Told once, when it is over, which thread stays because that is wanted."""


def state_there(workspace: Workspace, connection: Connection) -> State:
    """Read the state of this very service; raises StateError for that of another."""
    project, environment = workspace.project, workspace.environment
    recorded = kept_state(project, environment).read()
    return current_state(project, environment, recorded, connection.service)


def talk_there(workspace: Workspace, connection: Connection) -> Talk:
    """Give the service's conversations; where something is sensitive, behind a veil."""
    veil = workspace.environment.values.veil
    return VeiledTalk(connection.talk, veil.covered_for_show) if veil.values else connection.talk


def read_address(text: str) -> Address:
    """Read the address of an assistant; raises StateError for anything else."""
    try:
        address = Address.parse(text if "." in text else f"assistant.{text}")
    except ValueError as trouble:
        raise StateError(error("S010", "Nothing is recorded there", f"{trouble}.")) from trouble
    if address.kind != "assistant":
        detail = f"{address} is no assistant, and answers nothing. Name one: assistant.NAME."
        raise StateError(error("S010", "Nothing is recorded there", detail))
    return address


def find_assistant(state: State, address: Address) -> ResourceState:
    """Find what is recorded of an assistant; raises StateError where it was never applied."""
    found = state.resources.get(address)
    if found is None:
        known = [str(each) for each in state.resources if each.kind == "assistant"]
        raise StateError(
            error(
                "S010",
                "Nothing is recorded there",
                f"The state of {state.environment} has no {address}: apply first."
                f"{did_you_mean(address, known)}",
                address=address,
            )
        )
    return found


def converse(
    workspace: Workspace,
    connection: Connection,
    question: Question,
    patience: Patience,
    audience: Audience,
) -> Generator[Turn, None, None]:
    """Hold a conversation; gives each turn when it is over, the last one whatever came of it.

    Raises ProvisionerError for what went wrong: all of it names the assistant.
    """
    state = state_there(workspace, connection)
    assistant = find_assistant(state, question.address)
    talk, veil = talk_there(workspace, connection), workspace.environment.values.veil
    _refuse_unusable(question, assistant, veil)
    try:
        with closing(_turns(talk, assistant, question, patience, audience)) as turns:
            for turn in turns:
                yield replace(turn, said=veil.covered_for_show(turn.said))
                _refuse_incomplete(turn, question)
    except EndedError as why:
        raise ProvisionerError(ended(question.address, why.reason, question.timeout)) from None
    except ProviderError as trouble:
        trouble.diagnostics = named(trouble, question.address)
        raise


def _turns(
    talk: Talk,
    assistant: ResourceState,
    question: Question,
    patience: Patience,
    audience: Audience,
) -> Generator[Turn, None, None]:
    answers = answered_by(question.answers, audience.by_hand)
    until = time.monotonic() + question.timeout
    kept = audience.kept if question.keep else None

    def left(leftovers: Leftovers) -> None:
        audience.left(left_over(leftovers, question.address))

    with conversation(talk, assistant.id, patience, until, left, kept) as held:
        attached = held.attach(question.files, lambda path: _tools(path, assistant))
        for text in question.messages:
            turn = held.turn(
                text,
                answers,
                attached=attached,
                instructions=question.instructions,
                seen=audience.seen,
            )
            attached = []
            yield turn


def _refuse_incomplete(turn: Turn, question: Question) -> None:
    if turn.is_complete:
        return
    unsaid = (each for each in turn.calls if each.output is None)
    open_ = next((each for each in unsaid if each.name not in question.answers), None)
    if turn.status == REQUIRES_ACTION and open_:
        raise ProvisionerError(unanswered(open_, question.address))
    raise ProvisionerError(incomplete(turn, question.address))


def _refuse_unusable(question: Question, assistant: ResourceState, veil: Veil) -> None:
    """Refuse files that nobody can read, and outputs of functions that aren't there; all at once.

    Nothing was sent by then.
    """
    problems = [
        *_unreadable_files(question, assistant),
        *_unknown_functions(question, assistant, veil),
    ]
    if problems:
        raise PlanError(*problems)


def _unreadable_files(question: Question, assistant: ResourceState) -> Iterator[Diagnostic]:
    for path in question.files:
        if why := _unreadable(path, assistant):
            detail = f"{path}: {why}"
            yield error("P068", "File can't be attached", detail, address=question.address)


def _unknown_functions(
    question: Question, assistant: ResourceState, veil: Veil
) -> Iterator[Diagnostic]:
    tools = assistant.attributes.get("tools", ())
    known = [each["function"]["name"] for each in tools if each.get("type") == "function"]
    # What is recorded of a name is covered where it holds a sensitive value.
    for name in map(veil.covered, question.outputs):
        if name not in known:
            cure = did_you_mean(name, known) or " It has none."
            detail = f"{question.address} was applied without a function {name!r}.{cure}"
            yield error("P071", "Unknown function", detail, address=question.address)


def _unreadable(path: Path, assistant: ResourceState) -> str | None:
    try:
        with path.open("rb") as stream:
            if not stream.read(1):
                return "it is empty, and the service refuses empty files."
    except OSError as trouble:
        return f"{trouble.strerror or trouble}. Name a file that can be read."
    if not _tools(path, assistant):
        return "no tool of the assistant reads it. It has to have code_interpreter or file_search."
    return None


def _tools(path: Path, assistant: ResourceState) -> list[str]:
    """Choose the tools that may read a file: those that the assistant has, and that can."""
    types = [each.get("type") for each in assistant.attributes.get("tools", ())]
    code = ["code_interpreter"] if "code_interpreter" in types else []
    searched = any(each in types for each in _SEARCHES) and can_be_searched(path.name)
    return [*code, *(["file_search"] if searched else [])]


@dataclass(frozen=True, slots=True)
class Saved:
    """What has become of a file that an assistant has made."""

    file: str
    """The id."""
    name: str
    path: Path | None
    """None where it can't be had."""


def save_files(folder: Path, turn: Turn) -> Iterator[Saved]:
    """Save what a turn has produced, and overwrite nothing.

    Raises PlanError in the end for all that can't be saved.
    """
    problems: list[Diagnostic] = []
    for each in turn.files:
        saved = _saved(folder, each)
        if isinstance(saved, Saved):
            yield saved
        else:
            problems.append(saved)
    if problems:
        raise PlanError(*problems)


def _saved(folder: Path, produced: Produced) -> Saved | Diagnostic:
    file, path = produced.file, None
    if produced.content is not None:
        name = safe_name(file.name, file.id, produced.content)
        try:
            path = save(folder, name, produced.content)
        except OSError as trouble:
            why = f"{trouble.strerror or trouble}. Name another folder with --out."
            return error("P069", "Answer's file can't be saved", f"{folder / name}: {why}")
    return Saved(file.id, file.name, path)
