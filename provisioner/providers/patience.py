"""How long to wait before a request is sent again.

After a 429 Azure's answers say it in a header, in another header, only in the message, or not at
all (openai-python#937, azure-sdk-for-net#48187).
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping

_IN_MESSAGE = re.compile(r"again in (\d+(?:\.\d+)?) ?seconds?", re.IGNORECASE)
_FIRST_GUESS, _DOUBLINGS = 0.5, 5


def seconds_to_wait(headers: Mapping[str, str], text: str, refusals: int) -> float:
    """Tell how long to wait after so many refusals before this one."""
    said = _IN_MESSAGE.search(text)
    milliseconds = _number(headers.get("retry-after-ms"))
    for seconds in (
        None if milliseconds is None else milliseconds / 1000,
        _number(headers.get("retry-after")),
        float(said[1]) if said else None,
    ):
        if seconds is not None:
            # Those who were refused together don't come back together.
            return seconds + random.uniform(0, 0.25)  # noqa: S311
    return guess(refusals)


def guess(attempt: int) -> float:
    """Where nothing says how long: twice as long each time, and not in step."""
    longest = _FIRST_GUESS * 2 ** min(attempt, _DOUBLINGS)
    return random.uniform(longest / 2, longest)  # noqa: S311


def _number(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        return None
