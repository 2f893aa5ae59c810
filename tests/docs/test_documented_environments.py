"""The environment of docs/conversations.md that a transcript answers in."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

from provisioner.cli import run

PAGE = (Path(__file__).parents[2] / "docs/conversations.md").read_text(encoding="utf-8")
SCRIPTED = re.search(r"^```yaml\n(    scripted:\n.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def command(*arguments: str) -> tuple[int, str]:
    """Run a command in this process; give its exit code and all that it said."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = run(list(arguments))
    return int(code), said.getvalue()


def test_the_scripted_environment_fits_a_new_project(tmp_path: Path) -> None:
    """As it stands on the page, below the environments of what `init` has written."""
    folder = tmp_path / "new"
    assert command("init", str(folder))[0] == 0
    assert SCRIPTED
    path = folder / "provisioner.yaml"
    text = path.read_text(encoding="utf-8")
    pasted = text.replace("  environments:\n", f"  environments:\n{SCRIPTED[1]}")
    path.write_text(pasted, encoding="utf-8")

    code, said = command("-C", str(folder), "validate")

    assert code == 0, said
    assert "scripted" in pasted
