"""Tokens as the emulator counts them: words and signs, near enough to test limits with."""

import re

_TOKEN = re.compile(r"\s*\w+|\s*[^\w\s]|\s+")


def split(text: str) -> list[str]:
    """Cut a text into its tokens, which joined are the text again."""
    return _TOKEN.findall(text)


def count(text: str) -> int:
    """Count the tokens of a text."""
    return len(split(text))
