"""Checks of many assistants at once, against one alone: how much longer they take together.

    python benchmarks/checks.py [--size 50] [--seconds 8]

Every model takes so many seconds to answer.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from emulator_process import start_emulator
from run import write_project

TRANSCRIPT = "turns: [{when: {any: true}, then: [{delay: {seconds: SECONDS}}, {say: Hello.}]}]\n"
CHECK = """\
---
apiVersion: provisioner/v1
kind: Check
metadata: {{name: {name}}}
spec: {{assistant: {name}, turns: [{{user: Hello, expect: {{contains: Hello}}}}]}}
"""


def run(folder: Path, *arguments: str) -> float:
    """Run a command, which must go well; give the seconds that it took."""
    command = [sys.executable, "-m", "provisioner", "-C", str(folder), *arguments]
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=8)
    options = parser.parse_args()
    os.environ["BENCH_KEY"] = "any"
    with tempfile.TemporaryDirectory() as place:
        transcript, folder = Path(place) / "t.yaml", Path(place) / "p"
        text = TRANSCRIPT.replace("SECONDS", f"{options.seconds:g}")
        transcript.write_text(text, encoding="utf-8")
        with start_emulator("--transcript", str(transcript)) as url:
            write_project(folder, options.size, url)
            run(folder, "apply", "--auto-approve")
            names = recorded(folder)
            checks = "".join(CHECK.format(name=each) for each in names)
            (folder / "checks.yaml").write_text(checks, encoding="utf-8")
            alone, together = run(folder, "check", names[0]), run(folder, "check")
    said = f"one check {alone:.1f} s, {len(names)} checks {together:.1f} s"
    print(f"{said}: {together / alone:.2f} times as long")


def recorded(folder: Path) -> list[str]:
    """Name the assistants that were applied."""
    command = [sys.executable, "-m", "provisioner", "-C", str(folder), "output"]
    told = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return [each.split(".")[1] for each in told if each.startswith("assistant.")]


if __name__ == "__main__":
    main()
