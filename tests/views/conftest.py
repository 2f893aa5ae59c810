"""Golden files: what views gave when somebody last looked at it and was content."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from provisioner import __version__

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Give a function that compares a text with a golden file, or renews the file."""

    def check(name: str, text: str) -> None:
        path = GOLDEN / name
        text = text.replace(f'ersion": "{__version__}"', 'ersion": "VERSION"')
        if os.environ.get("RENEW_GOLDEN"):
            path.write_text(text, encoding="utf-8", newline="\n")
        assert text == path.read_text(encoding="utf-8"), "see tests/views/golden/README.md"

    return check
