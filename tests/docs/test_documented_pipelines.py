"""The pipelines of docs/ci.md: what they run goes well, one command after the other."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from provisioner.cli import run

PAGE = (Path(__file__).parents[2] / "docs/ci.md").read_text(encoding="utf-8")
CHECKS = PAGE.partition("\n## Checks\n")[2].partition("\n## ")[0]
PIPELINES = re.findall(r"^```yaml\n(.*?)^```$", CHECKS, re.MULTILINE | re.DOTALL)
MANIFESTS = """\
apiVersion: provisioner/v1
kind: Project
metadata: {name: documented}
spec:
  environments: {prod: {provider: {type: emulator}, models: {chat: gpt-4o}}}
---
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: greeter}
spec: {model: chat}
---
apiVersion: provisioner/v1
kind: Check
metadata: {name: greets}
spec:
  assistant: greeter
  turns: [{user: Hello, expect: {contains: Hello}}]
"""


def commands(written: Any) -> Iterator[str]:
    """Go through what a pipeline runs, in its order."""
    if isinstance(written, list):
        for each in written:
            yield from commands(each)
    elif isinstance(written, dict):
        for key, value in written.items():
            if key in ("run", "script"):
                yield str(value)
            else:
                yield from commands(value)


@pytest.mark.parametrize("pipeline", PIPELINES, ids=["github", "azure"])
def test_a_documented_pipeline_goes_well(
    pipeline: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a check that passes; the report lies where it is uploaded from."""
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "provisioner.yaml").write_text(MANIFESTS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    ran = [each for each in commands(yaml.safe_load(pipeline)) if each.startswith("provisioner ")]

    for each in ran:
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = run(shlex.split(each.partition(" >")[0])[1:])
        assert code == 0, f"{each}: {said.getvalue()}"
    assert len(ran) == 4
    assert "infra/checks.xml" in pipeline
    assert "greets" in (tmp_path / "infra" / "checks.xml").read_text(encoding="utf-8")


def test_there_is_one_for_each_service() -> None:
    """GitHub Actions, and Azure Pipelines."""
    assert len(PIPELINES) == 2
