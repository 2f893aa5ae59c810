"""Answers: Markdown as a terminal shows it best, and as it stands everywhere else."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from provisioner.cli.terminal import color, result

if TYPE_CHECKING:
    from rich.markdown import Markdown

    from provisioner.conversations.turn import Turn
    from provisioner.operations.conversing import Saved


def show_turn(turn: Turn, saved: Iterable[Saved], *, said: bool) -> None:
    """Print an answer, its footnotes, the code that was run, and then where files are.

    `said`: with the message that it answers in front, where there are several.
    """
    from provisioner.views import conversation as view
    from provisioner.views import escape

    if said:
        result("\n".join(f"> {each}" for each in escape.text(turn.said).split("\n")) + "\n")
    if turn.answer:
        _show_markdown(turn.answer)
    blocks = [view.footnotes(turn), *([each] for each in view.code(turn))]
    for each in blocks:
        if each:
            result("\n" + "\n".join(each))
    for number, file in enumerate(saved):
        result(_file(file) if number else f"\n{_file(file)}")
    if said:
        result("")


def _file(saved: Saved) -> str:
    from provisioner.views import escape

    if saved.path:
        return f"Saved {escape.line(str(saved.path))}"
    name = escape.line(saved.name or saved.file)
    return f"Not saved: {name}: the service doesn't give it out."


def _show_markdown(text: str) -> None:
    """Print Markdown: rendered where there is a terminal with styles.

    Control characters of the model's are made visible first; a link's address is shown beside it.
    """
    from provisioner.views import escape

    if not color(sys.stdout):
        result(escape.text(text))
        return
    from rich.console import Console

    console = Console(file=sys.stdout, color_system="standard", highlight=False)
    console.print(as_markdown(escape.controls(text)))


def as_markdown(text: str) -> Markdown:
    """Read Markdown so that all of it is shown.

    What looks like HTML, `List<String>`, or like where a link leads would be left out.
    """
    from markdown_it import MarkdownIt
    from rich.markdown import Markdown

    made = Markdown(text, hyperlinks=False)
    parser = MarkdownIt("commonmark", {"html": False}).enable(["strikethrough", "table"])
    made.parsed = parser.disable("reference").parse(text)
    return made
