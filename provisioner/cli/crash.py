"""What nobody foresaw: told without any value.

The message of an exception may quote a secret, and so may what stands in its variables: all that is
told is which exceptions came, and where in which modules.
"""

from __future__ import annotations

import logging
import platform
import sys
import threading
import traceback
from collections.abc import Iterator
from types import TracebackType

from provisioner import __version__

FIRST, LAST = 10, 20
"""So many frames of a long chain of calls are told."""


def text(trouble: BaseException) -> str:
    """Say that this is a bug, where it is, and what to do."""
    system = f"Python {platform.python_version()}, {sys.platform}"
    return "\n".join(
        (
            f"Error: {summary(trouble)}",
            "  What was done is recorded; run the command again to go on. Please report this with",
            "  the lines below. They name places in the program only: messages are left out, for",
            "  they may hold values of yours.",
            f"  provisioner {__version__}, {system}",
            *places(trouble),
        )
    )


def summary(trouble: BaseException) -> str:
    """Say in a sentence that this is a bug."""
    return f"This is a bug in provisioner ({_name(trouble)})."


def places(trouble: BaseException) -> Iterator[str]:
    """Go through the calls that led to an exception, and to those that it came of."""
    seen: set[int] = set()
    current: BaseException | None = trouble
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield f"  {_name(current)} at"
        yield from (f"    {each}" for each in _shortened(list(_calls(current.__traceback__))))
        before = None if current.__suppress_context__ else current.__context__
        current = current.__cause__ or before


def _name(trouble: BaseException) -> str:
    kind = type(trouble)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def _calls(trace: TracebackType | None) -> Iterator[str]:
    for frame, line in traceback.walk_tb(trace):
        yield f"{frame.f_globals.get('__name__', '?')}:{line} {frame.f_code.co_name}"


def _shortened(calls: list[str]) -> list[str]:
    left_out = len(calls) - FIRST - LAST
    if left_out <= 0:
        return calls
    return [*calls[:FIRST], f"… {left_out} more", *calls[-LAST:]]


class _Formatter(logging.Formatter):
    """Writes what libraries log, exceptions without their messages."""

    def formatException(self, ei: object) -> str:  # noqa: N802 — logging's name
        trouble = ei[1] if isinstance(ei, tuple) else None
        return "\n".join(places(trouble)) if isinstance(trouble, BaseException) else ""


def tell_nothing_more() -> None:
    """Let no other way out of this process tell values: threads, libraries' logs, Python itself."""
    handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    handler.setFormatter(_Formatter())
    logging.getLogger().addHandler(handler)
    threading.excepthook = lambda which: _tell(which.exc_value)
    sys.unraisablehook = lambda which: _tell(which.exc_value)
    sys.excepthook = lambda _kind, trouble, _trace: _tell(trouble)


def _tell(trouble: BaseException | None) -> None:
    if trouble is not None and sys.stderr is not None:
        sys.stderr.write(text(trouble) + "\n")
