"""Suggestions for what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

LONGEST = 300
"""Longer words resemble nothing."""
LISTED = 10
"""So many known words are shown at most."""


def closest(word: object, known: Iterable[object], cutoff: float = 0.8) -> str | None:
    """Find the known word that is nearly this one."""
    if len(str(word)) > LONGEST:
        return None
    words = sorted({str(each) for each in known if len(str(each)) <= LONGEST})
    close = get_close_matches(str(word).lower(), words, n=1, cutoff=cutoff)
    return close[0] if close else None


def did_you_mean(word: object, known: Iterable[object]) -> str:
    """Write a sentence that names the closest known word, else what is known; "" for nothing."""
    words = sorted({str(each) for each in known})
    close = closest(word, words, cutoff=0.6)
    if close:
        return f" Did you mean {close}?"
    more = f" and {len(words) - LISTED:,} more" if len(words) > LISTED else ""
    return f" Known here: {', '.join(words[:LISTED])}{more}." if words else ""
