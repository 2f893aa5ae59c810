"""Time validate, a no-op plan and apply for growing numbers of assistants.

    python benchmarks/run.py [--sizes 100,1000] [--runs 3]

The emulator runs as a process of its own, so that its work isn't counted as ours; every command is
a fresh process, as users run it. The floor is `python -c "import openai"`: no command that talks to
the service can be faster. Prints medians, ratios to the floor, and the requests made.
"""

from __future__ import annotations

import argparse
import collections
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from emulator_process import start_emulator
from killing_proxy import killing_proxy

PROJECT = """\
apiVersion: provisioner/v1
kind: Project
metadata: {{name: bench, uid: bench}}
spec:
  environments:
    bench:
      provider:
        type: azure-openai
        endpoint: {url}
        api_version: 2024-05-01-preview
        auth: {{type: api_key, env: BENCH_KEY}}
      models: {{chat: gpt-4o}}
"""

ASSISTANT = """\
apiVersion: provisioner/v1
kind: Assistant
metadata: {{name: bot-{number}, labels: {{team: bench}}}}
spec:
  name: Bot {number}
  description: Assistant number {number} of a benchmark
  model: chat
  instructions:
    - You are assistant number {number}. Answer briefly.
    - {{file: ../tone.md}}
  tools:
    - {{type: code_interpreter}}
    - type: function
      function:
        name: get_weather
        description: Tell the weather of a city
        parameters: {{type: object, properties: {{city: {{type: string}}}}, required: [city]}}
  metadata: {{cost_center: "4711"}}
"""


def write_project(folder: Path, size: int, url: str) -> None:
    """Write a project of `size` assistants, ten to a file."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "bots").mkdir(parents=True)
    (folder / "provisioner.yaml").write_text(PROJECT.format(url=url))
    (folder / "tone.md").write_text("Answer in the language of the question.\n" * 20)
    for first in range(0, size, 10):
        numbers = range(first, min(first + 10, size))
        text = "---\n".join(ASSISTANT.format(number=number) for number in numbers)
        (folder / "bots" / f"{first}.yaml").write_text(text)


def timed(*command: str) -> float:
    """Run a command to its end; give its seconds."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def provisioner(folder: Path, *arguments: str) -> float:
    """Time one of our commands."""
    return timed(sys.executable, "-m", "provisioner", "-C", str(folder), *arguments)


def measure(folder: Path, size: int, runs: int) -> dict[str, list[float]]:
    """Time each command on one size; apply starts from nothing every time."""
    times: dict[str, list[float]] = collections.defaultdict(list)
    for _ in range(runs):
        with start_emulator() as url:
            write_project(folder, size, url)
            times["validate"].append(provisioner(folder, "validate"))
            times["apply"].append(provisioner(folder, "apply", "--auto-approve"))
            times["no-op plan"].append(provisioner(folder, "plan", "--detailed-exitcode"))
    return times


def count_requests(folder: Path, size: int) -> dict[str, collections.Counter[str]]:
    """Count what apply and a no-op plan ask the service, through a proxy that counts."""
    counted: dict[str, collections.Counter[str]] = {}
    with start_emulator() as url, killing_proxy(url) as proxy:
        write_project(folder, size, proxy.url)
        for name, arguments in (
            ("apply", ["apply", "--auto-approve"]),
            ("no-op plan", ["plan", "--detailed-exitcode"]),
        ):
            proxy.aim(None, "before")
            provisioner(folder, *arguments)
            counted[name] = collections.Counter(proxy.requests)
    return counted


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="100,1000")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    os.environ["BENCH_KEY"] = "any"
    floor = statistics.median(
        timed(sys.executable, "-c", "import openai") for _ in range(options.runs + 2)
    )
    print(f"floor: import openai {floor:.2f} s (median); {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as name:
        for size in map(int, options.sizes.split(",")):
            for command, times in measure(Path(name) / "p", size, options.runs).items():
                median = statistics.median(times)
                spread = f"{min(times):.2f}-{max(times):.2f}"
                print(
                    f"{size:>6} assistants  {command:<10} {median:7.2f} s ({spread})"
                    f"  {median / floor:5.1f} x floor  {1000 * median / size:6.2f} ms each"
                )
            for command, requests in count_requests(Path(name) / "p", size).items():
                print(f"{size:>6} assistants  {command:<10} requests: {dict(requests)}")


if __name__ == "__main__":
    main()
