"""The whole suite, or a part of it: cases by their seeds, several at a time, counted.

script/faults                    2,200 cases, of which 2,000 and more meet their fault
script/faults --seed 1234        one case, with its story
script/faults --cases 10000      more: the whole matrix, and ever more of the random ones
"""

from __future__ import annotations

import argparse
import queue
import random
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, count, islice, zip_longest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))
sys.path.insert(0, str(Path(__file__).parents[1] / "blob"))

import pytest
from bench import Bench, LostError, bench
from case import FIRST_LATE, FIRST_LEASE, kind, run_case
from matrix import FIRST, spots

KILLS = ("before", "after", "tear", "kill-before", "kill-after", "kill-answered")


def main() -> int:
    """Run what is asked for; 1 where something is lost."""
    given = _arguments()
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        seeds = _seeds(given, Path(folder))
        suite = Suite(Path(folder), seeds, show=given.seed is not None)
        suite.run(given.jobs)
    sys.stdout.write(suite.report())
    return 1 if suite.lost or suite.broken else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/faults", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--cases", type=int, default=2200, help="how many (default: 2200)")
    parser.add_argument("--seed", type=int, help="only the case of this seed; shows its story")
    parser.add_argument("--first", type=int, default=0, help="the first random seed (default: 0)")
    parser.add_argument("--random", action="store_true", help="only random ones")
    parser.add_argument("--jobs", type=int, default=6, help="how many at a time (default: 6)")
    parser.add_argument("--late", action="store_true", help="only what comes later than waited for")
    parser.add_argument("--lease", action="store_true", help="only state in Azure Blob Storage")
    return parser.parse_args()


def _seeds(given: argparse.Namespace, folder: Path) -> list[int]:
    """Choose the cases: every kill, then in turn the rest of the matrix, and the other kinds."""
    if given.seed is not None:
        return [given.seed]
    for asked, first in ((given.late, FIRST_LATE), (given.lease, FIRST_LEASE), (given.random, 0)):
        if asked:
            return list(range(first + given.first, first + given.first + given.cases))
    with bench(folder / "measure") as measure:
        matrix = list(spots(measure))
    shuffle = random.Random(0).shuffle  # noqa: S311
    kills = [each.seed for each in matrix if each.what in KILLS]
    rest = [each.seed for each in matrix if each.what not in KILLS]
    shuffle(kills)
    shuffle(rest)
    late = (FIRST_LATE + each if each % 3 == 0 else None for each in count(given.first))
    lease = (FIRST_LEASE + each if each % 7 == 0 else None for each in count(given.first))
    others = zip_longest(rest, islice(count(given.first), FIRST - given.first), late, lease)
    both = (seed for pair in others for seed in pair if seed is not None)
    chosen = list(islice(chain(kills, both), given.cases))
    shuffle(chosen)
    return chosen


@dataclass
class Suite:
    """Cases that are run, and what came of them."""

    folder: Path
    seeds: list[int]
    show: bool = False
    cases: Counter[str] = field(default_factory=Counter)
    unhurt: Counter[str] = field(default_factory=Counter)
    """Cases whose fault never came: they count for nothing."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Cases that need what isn't installed here, by what that is."""
    hurt: Counter[str] = field(default_factory=Counter)
    runs: Counter[int] = field(default_factory=Counter)
    lost: list[int] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)
    """Cases that ended otherwise than by being lost: the suite's own trouble."""
    seconds: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, jobs: int) -> None:
        """Run all cases, so many at a time."""
        began = time.monotonic()
        waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
        for seed in self.seeds:
            waiting.put(seed)
        workers = [
            threading.Thread(target=self._work, args=(number, waiting))
            for number in range(min(jobs, len(self.seeds)))
        ]
        for each in workers:
            each.start()
        for each in workers:
            each.join()
        self.seconds = time.monotonic() - began

    def _work(self, number: int, waiting: queue.SimpleQueue[int]) -> None:
        with bench(self.folder / str(number), standing=True) as place:
            for seed in _until_empty(waiting):
                self._case(place, seed)

    def _case(self, place: Bench, seed: int) -> None:
        try:
            site = run_case(place, seed)
        except LostError as lost:
            self._note(self.lost, seed, str(lost))
            return
        except pytest.skip.Exception as why:
            with self._lock:
                self.skipped[str(why)] += 1
            return
        except Exception:  # noqa: BLE001 - one case's trouble must not end the others
            self._note(self.broken, seed, traceback.format_exc())
            return
        if self.show:
            sys.stdout.write("\n".join(site.story) + "\n")
        site.clear()
        with self._lock:
            (self.cases if site.hurt else self.unhurt)[kind(seed)] += 1
            self.hurt.update(site.hurt)
            self.runs[site.runs] += 1
            done = self.cases.total() + self.unhurt.total()
        if done % 100 == 0:
            sys.stderr.write(f"{done} of {len(self.seeds)}\n")

    def _note(self, where: list[int], seed: int, text: str) -> None:
        with self._lock:
            where.append(seed)
            sys.stdout.write(f"\n{text}\n\n")
            sys.stdout.flush()

    def report(self) -> str:
        """Sum up."""
        kinds = [f"  {name:<20} {number:>5}" for name, number in sorted(self.cases.items())]
        faults = [f"  {name:<20} {number:>5}" for name, number in sorted(self.hurt.items())]
        drawn = sorted(each for each in self.seeds if each < FIRST)
        late = [each for each in self.seeds if each >= FIRST_LATE]
        lease = [each for each in self.seeds if FIRST_LEASE <= each < FIRST_LATE]
        return "\n".join(
            (
                "Cases by kind:",
                *kinds,
                "Faults that came:",
                *faults,
                f"Random seeds: {drawn[0]} to {drawn[-1]}" if drawn else "Random seeds: none",
                f"Late seeds: {min(late)} to {max(late)}" if late else "Late seeds: none",
                f"Lease seeds: {min(lease)} to {max(lease)}" if lease else "Lease seeds: none",
                f"Matrix: {len(self.seeds) - len(drawn) - len(late) - len(lease)} cells",
                *(f"Skipped: {number} ({why})" for why, number in self.skipped.items()),
                f"Undisturbed runs until done: {dict(sorted(self.runs.items()))}",
                f"Cases: {self.cases.total()}; {self.unhurt.total()} more, whose fault never came",
                f"Lost: {len(self.lost)} {sorted(self.lost) or ''}",
                f"Broken: {len(self.broken)} {sorted(self.broken) or ''}",
                f"Seconds: {self.seconds:.0f}",
                "",
            )
        )


def _until_empty(waiting: queue.SimpleQueue[int]) -> Iterator[int]:
    with suppress(queue.Empty):
        while True:
            yield waiting.get_nowait()


if __name__ == "__main__":
    sys.exit(main())
