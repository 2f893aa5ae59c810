"""Answers: Markdown as a terminal shows it best, and as it stands everywhere else."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.cli.terminal import color, result

if TYPE_CHECKING:
    from provisioner.conversations.turn import Turn
    from provisioner.operations.conversing import Saved


def show_turn(turn: Turn, saved: Sequence[Saved], *, said: bool) -> None:
    """Print an answer, its footnotes, the code that was run, and where files are.

    `said`: with the message that it answers in front, where there are several.
    """
    from provisioner.views import conversation as view
    from provisioner.views import escape

    if said:
        result("\n".join(f"> {each}" for each in escape.text(turn.said).split("\n")) + "\n")
    if turn.answer:
        _show_markdown(turn.answer)
    blocks = [view.footnotes(turn), *([each] for each in view.code(turn)), _files(saved)]
    for each in blocks:
        if each:
            result("\n" + "\n".join(each))
    if said:
        result("")


def _files(saved: Sequence[Saved]) -> list[str]:
    from provisioner.views import escape

    return [
        f"Saved {_shown(each.path)}"
        if each.path
        else f"Not saved: {escape.line(each.name or each.file)}: the service doesn't give it out."
        for each in saved
    ]


def _shown(path: Path) -> str:
    from provisioner.views import escape

    return escape.line(str(path))


def _show_markdown(text: str) -> None:
    """Print Markdown: rendered where there is a terminal with styles.

    Control characters of the model's are made visible first; a link's address is shown beside it.
    """
    from provisioner.views import escape

    if not color(sys.stdout):
        result(escape.text(text))
        return
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(file=sys.stdout, color_system="standard", highlight=False)
    console.print(Markdown(escape.controls(text), hyperlinks=False))
