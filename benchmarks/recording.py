"""What recording costs: an apply as it is, and one that writes nothing down; and state of many.

    python benchmarks/recording.py [--size 1000] [--runs 3]

The two are run in turn, so that a machine that gets slower doesn't count for one of them. An apply
that writes nothing down would forget what it made at the next crash: it exists here only.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from emulator_process import start_emulator
from run import write_project

AS_IT_IS = """
import sys
from provisioner.cli import run
sys.exit(run(sys.argv[1:]))
"""
UNWRITTEN = """
import sys
from provisioner.cli import run
from provisioner.state.journal_writer import JournalWriter
JournalWriter._append = lambda self, entry, sync: None
sys.exit(run(sys.argv[1:]))
"""
STATE = """
import sys, time
from dataclasses import replace
from pathlib import Path
from provisioner.address import Address
from provisioner.resource import ResourceState
from provisioner.state.backend import Backend
from provisioner.state.folder import Folder
from provisioner.state.model import ServiceIdentity, State
size, folder = int(sys.argv[1]), Path(sys.argv[2])
backend = Backend(Folder(folder / ".provisioner" / "bench"), "bench")
state = State("l", 1, "p", "u", "bench", ServiceIdentity("emulator", "emulator", None))
addresses = [Address("assistant", f"bot-{each}") for each in range(size)]
attributes = {"name": "Bot", "model": "gpt-4o", "instructions": "Answer briefly. " * 50}
records = {each: ResourceState(each, f"asst_{each.name}", attributes) for each in addresses}
began = time.perf_counter()
backend.write(replace(state, resources=records))
written = time.perf_counter()
backend.read()
print(written - began, time.perf_counter() - written)
"""


def apply_once(program: str, size: int) -> float:
    """Apply for the first time at a fresh emulator; give the seconds."""
    with tempfile.TemporaryDirectory() as name, start_emulator() as url:
        folder = Path(name) / "p"
        write_project(folder, size, url)
        command = [sys.executable, "-c", program, "-C", str(folder), "apply", "--auto-approve"]
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        return time.perf_counter() - began


def state_of(size: int) -> tuple[float, float]:
    """Write and read a state of so many resources; give the seconds of each."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", STATE, str(size), folder]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        written, read = map(float, done.stdout.split())
        return written, read


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    os.environ["BENCH_KEY"] = "any"
    pairs = [
        (apply_once(AS_IT_IS, options.size), apply_once(UNWRITTEN, options.size))
        for _ in range(options.runs)
    ]
    ratios = [with_journal / without for with_journal, without in pairs]
    print(f"apply of {options.size}: {statistics.median(each for each, _ in pairs):.2f} s", end="")
    print(
        f" with the journal, {statistics.median(each for _, each in pairs):.2f} s without;", end=""
    )
    print(f" ratio {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})")
    for size in (options.size, 4 * options.size):
        found = [state_of(size) for _ in range(options.runs)]
        written = statistics.median(each for each, _ in found)
        read = statistics.median(each for _, each in found)
        print(f"state of {size}: write {written:.2f} s, read {read:.2f} s")


if __name__ == "__main__":
    main()
