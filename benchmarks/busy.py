"""Apply at a service that refuses many requests: how long it takes, and how much is asked in vain.

    python benchmarks/busy.py [--size 300] [--rates 5,10,30]

First each third request is refused at random, with all of Azure's hints and without one; then the
emulator itself limits the rate.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from busy_proxy import Busy, Hint, busy_proxy
from emulator_process import start_emulator
from run import write_project

HINTS: tuple[Hint, ...] = (
    ({"Retry-After": "1"}, ""),
    ({"retry-after-ms": "40"}, ""),
    ({}, " Try again in 1 seconds."),
    ({}, ""),
)


def measure(name: str, size: int, proxy: Busy) -> None:
    """Apply for the first time, and print what that took."""
    with tempfile.TemporaryDirectory() as folder:
        write_project(Path(folder) / "p", size, proxy.url)
        command = [sys.executable, "-m", "provisioner", "-C", f"{folder}/p", "apply"]
        began = time.perf_counter()
        subprocess.run([*command, "--auto-approve"], check=True, capture_output=True)
        seconds = time.perf_counter() - began
    asked = len(proxy.refused) + len(proxy.passed)
    print(
        f"{name:<22} {size:>5} assistants {seconds:7.1f} s  {len(proxy.refused):>4} refused"
        f"  {asked / size:5.2f} requests for each"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=300)
    parser.add_argument("--rates", default="5,10,30")
    options = parser.parse_args()
    os.environ["BENCH_KEY"] = "any"
    with start_emulator() as url, busy_proxy(url, 0.3, HINTS) as proxy:
        measure("30 % refused", options.size, proxy)
    for rate in map(int, options.rates.split(",")):
        with start_emulator("--rate", str(rate)) as url, busy_proxy(url, 0) as proxy:
            measure(f"{rate} requests a second", 8 * rate, proxy)


if __name__ == "__main__":
    main()
