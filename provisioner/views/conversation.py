"""What was said in a conversation, for people."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from provisioner.conversation import Call, Code
from provisioner.conversations.produced import mime_types
from provisioner.conversations.turn import Footnote, Produced, Turn
from provisioner.conversations.verdict import Held
from provisioner.views import escape

_INDENT = "    "


def footnotes(turn: Turn) -> list[str]:
    """Say what the numbers in an answer stand for, a line each."""
    return [_footnote(each) for each in turn.footnotes]


def _footnote(note: Footnote) -> str:
    name = escape.line(note.name or f"{note.file}, which is not to be found")
    quote = f"{escape.line(note.quote)} from " if note.quote else ""
    return f"[{note.number}] {quote}{name}"


def code(turn: Turn) -> list[str]:
    """Show each piece of code that was run, and what it printed."""
    return [_code(each) for each in turn.code]


def _code(ran: Code) -> str:
    printed = [f"{_INDENT}prints:", *(_indented(each, 2) for each in ran.logs)] if ran.logs else []
    return "\n".join(["Code that was run:", _indented(ran.input), *printed])


def _indented(text: str, levels: int = 1) -> str:
    return textwrap.indent(escape.text(text).rstrip("\n"), _INDENT * levels)


def call(made: Call) -> str:
    """Show the call of a function, and its output if there is one."""
    output = f" -> {escape.line(made.output)}" if made.output is not None else ""
    return f"{escape.line(made.name)}({escape.line(made.arguments)}){output}"


def transcript(held: Held) -> str:
    """Show a conversation of a check: what was said and done, and what isn't as it must be."""
    lines = [line for each in held.turns for line in _turn(each.turn, each.unmet)]
    told = [f"{each.code} {each.summary}: {each.detail}" for each in held.problems]
    return "\n".join([*lines, *(escape.text(each) for each in told)]) + "\n"


def _turn(turn: Turn, unmet: tuple[str, ...]) -> Iterator[str]:
    yield _said("user", turn.said)
    yield from (f"  calls {call(each)}" for each in turn.calls)
    yield from (textwrap.indent(each, "  ") for each in code(turn))
    yield from (f"  file {file(each)}" for each in turn.files)
    if turn.answer:
        yield _said("assistant", turn.answer)
    yield from (f"  {each}" for each in footnotes(turn))
    why = f" ({escape.line(turn.error)})" if turn.error else ""
    steps = f"{turn.steps} step{'' if turn.steps == 1 else 's'}"
    ran = f"{steps}, {turn.seconds:.1f} s; {turn.thread}, {turn.run}"
    yield f"  {turn.status}{why}, {ran}"
    yield from (f"  NOT MET: {escape.line(each)}" for each in unmet)


def _said(who: str, text: str) -> str:
    first, *rest = escape.text(text).split("\n")
    return "\n".join([f"{who}: {first}", *(f"  {each}" if each else "" for each in rest)])


def file(produced: Produced) -> str:
    """Name a file that was produced, with its type and size as far as they are known."""
    name = escape.line(produced.file.name or produced.file.id)
    size = f", {len(produced.content)} bytes" if produced.content is not None else ""
    return f"{name} ({mime_types(produced)[0]}{size})"
