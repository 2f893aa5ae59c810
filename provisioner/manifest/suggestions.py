"""Suggestions for what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(word: object, known: Iterable[object]) -> str:
    """Write a sentence that names the closest known word, else what is known; "" for nothing."""
    words = sorted({str(each) for each in known})
    close = get_close_matches(str(word).lower(), words, n=1, cutoff=0.6)
    if close:
        return f" Did you mean {close[0]}?"
    return f" Known here: {', '.join(words)}." if words else ""
