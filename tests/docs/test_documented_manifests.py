"""The manifests in README and docs: each is valid, applies on the emulator, and plans empty."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner.cli import run

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"\b(?:file|path|glob): ([^\s,}\]]+)")
LIVE = re.compile(r"\bid: (asst_|vs_|assistant-)")
PROJECT = """\
apiVersion: provisioner/v1
kind: Project
metadata: {name: documented}
spec:
  environments: {local: {provider: {type: emulator}, models: {chat: gpt-4o}}}
"""


def groups(page: Path) -> Iterator[tuple[str, list[str]]]:
    """Give a page's manifests, whole documents only; a Project begins a group of its own."""
    found: list[str] = []
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        if not re.match(r"(#.*\n)*apiVersion: provisioner/", block):
            continue
        if "kind: Project" in block and found:
            yield f"{page.name}-{len(found)}", found
            found = []
        found.append(block)
    if found:
        yield f"{page.name}-{len(found)}", found


CASES = [each for page in PAGES for each in groups(page)]


def write(folder: Path, blocks: list[str]) -> None:
    """Write a group's manifests, and something for every file that they name."""
    if "kind: Project" not in blocks[0]:
        blocks = [PROJECT, *blocks]
    for number, block in enumerate(blocks):
        # Below a folder, from which paths may go up.
        manifest = folder / (f"manifests/{number}.yaml" if number else "provisioner.yaml")
        manifest.parent.mkdir(parents=True, exist_ok=True)
        manifest.write_text(block, encoding="utf-8")
        for named in NAMED.findall(block):
            path = manifest.parent / named.strip("\"'").replace("**/", "").replace("*", "one")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("something\n", encoding="utf-8")


def command(*arguments: str) -> tuple[int, str]:
    """Run a command in this process; give its exit code and all that it said."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = run(list(arguments))
    return int(code), said.getvalue()


@pytest.mark.parametrize("blocks", [blocks for _, blocks in CASES], ids=[name for name, _ in CASES])
def test_documented_manifests_apply(
    blocks: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the first environment, with something in the place of the secrets.

    What names live objects that are not there is validated only.
    """
    monkeypatch.setenv("PROVISIONER_VAR_TOKEN", "not-a-secret")
    write(tmp_path, blocks)
    here = ("-C", str(tmp_path))

    assert command(*here, "validate")[0] == 0, command(*here, "validate")[1]
    if any(map(LIVE.search, blocks)):
        return
    code, said = command(*here, "apply", "--auto-approve")
    assert code == 0, said
    code, said = command(*here, "plan", "--detailed-exitcode")
    assert code == 0, said


def test_the_pages_have_manifests() -> None:
    """So that the test above doesn't pass by finding none."""
    assert len(CASES) >= 3
