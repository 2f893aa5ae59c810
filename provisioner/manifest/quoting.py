"""What a manifest says, written so that it fits into a sentence."""

from __future__ import annotations

LONGEST_SHOWN = 60
LONGEST_PATH = 300


def shown(value: object, most: int = LONGEST_SHOWN) -> str:
    """Write a value in quotes, cut after so many characters; of maps and lists only what it is."""
    if isinstance(value, (dict, list)):
        return "a map" if isinstance(value, dict) else "a list"
    text = str(value)
    return repr(value if len(text) <= most else f"{text[:most]}…")


def shown_path(written: str) -> str:
    """Write the path of a file, which is cut only where no file has so long a one."""
    return shown(written, LONGEST_PATH)
