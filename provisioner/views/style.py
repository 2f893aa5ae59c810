"""Colours: by role, so that no view knows one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

Paint: TypeAlias = Callable[[str, str], str]
"""Takes a role and a text; gives the text as that role looks."""

_STYLES: dict[str, dict[str, Any]] = {
    "+": {"fg": "green"},
    "~": {"fg": "yellow"},
    "-": {"fg": "red"},
    "+/-": {"fg": "magenta"},
    ".": {"fg": "cyan"},
    "added": {"fg": "green", "bold": True, "underline": True},
    "removed": {"fg": "red", "bold": True, "underline": True},
    "strong": {"bold": True},
    "faint": {"dim": True},
    "error": {"fg": "red", "bold": True},
    "warning": {"fg": "yellow", "bold": True},
    "good": {"fg": "green", "bold": True},
}


def painter(color: bool) -> Paint:
    """Give what paints a text, or what leaves it as it is."""
    return _colored if color else _plain


def _plain(_role: str, text: str) -> str:
    """Leave the text as it is."""
    return text


def _colored(role: str, text: str) -> str:
    """Wrap the text in the escape sequences of its role."""
    import click  # here: only whoever wants colours pays for it

    style = _STYLES.get(role)
    return click.style(text, **style) if style and text else text
