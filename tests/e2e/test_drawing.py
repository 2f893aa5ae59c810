"""Commands that write for other programs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from projects import ROOT, command

needs_bash = pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash here")


def test_graph_draws_an_environment_offline() -> None:
    """No service is asked: the manifests say what depends on what."""
    drawn = command("-C", str(ROOT / "examples" / "handbook"), "graph", "--format", "dot")
    assert drawn.code == 0
    assert '"assistant.newcomers" -> "vectorstore.handbook"' in drawn.out


@pytest.mark.parametrize("shell", ["bash", "fish", "zsh"])
def test_every_shell_gets_its_script(shell: str) -> None:
    """Each script asks this program for what may follow."""
    written = command("completion", shell)
    assert written.code == 0
    assert f"_PROVISIONER_COMPLETE={shell}_complete" in written.out


@needs_bash
def test_bash_completes_commands_and_options(tmp_path: Path) -> None:
    """A real bash that has read the script offers what fits."""
    program = tmp_path / "provisioner"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m provisioner "$@"\n')
    program.chmod(0o755)
    script = f"""
        source <("{program}" completion bash)
        COMP_WORDS=("{program}" plan --det) COMP_CWORD=2
        _provisioner_completion "{program}"
        echo "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["--detailed-exitcode"]
