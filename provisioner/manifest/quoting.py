"""What a manifest says, written so that it fits into a sentence."""

from __future__ import annotations

from provisioner.manifest.pasted import without_pasted

LONGEST_SHOWN = 60
LONGEST_PATH = 300
LONGEST_KEY = 400
"""So many characters behind what is shown are looked at, so that no key is shown in part."""


def shown(value: object, most: int = LONGEST_SHOWN) -> str:
    """Write a value in quotes, cut after so many characters; of maps and lists only what it is.

    What looks like a key or a token is not written.
    """
    if isinstance(value, (dict, list)):
        return "a map" if isinstance(value, dict) else "a list"
    text = str(value)
    looked_at = text[: most + LONGEST_KEY]
    covered = without_pasted(looked_at)
    if len(text) <= most:
        return repr(value if covered == text else covered)
    return repr(f"{covered[:most]}…")


def shown_path(written: str) -> str:
    """Write the path of a file, which is cut only where no file has so long a one."""
    return shown(written, LONGEST_PATH)
