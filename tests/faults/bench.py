"""What a case is run on: an emulator, a proxy before it, and a warm process that forks commands."""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import threading
import time
import urllib.request
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import injection
from azurite_process import KEY as ACCOUNT_KEY
from blob_projects import Container
from emulator_process import start_emulator
from fault_proxy import Faults, fault_proxy
from projects import KEY, Service
from storage_proxy import Depot, depot
from zygote import Running, Zygote, zygote

NEXT = "Traceback (most recent call last)"
CODE = re.compile(r"\b[A-Z]\d{3}\b")
LONGEST_SECONDS = 90.0
KILLED = -9


class LostError(AssertionError):
    """Something that is promised did not hold."""


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    arguments: tuple[str, ...]
    code: int
    out: str
    err: str

    @property
    def refused(self) -> set[str]:
        """The codes in what it said."""
        return set(CODE.findall(self.err))


@dataclass(frozen=True)
class Bench:
    """One worker's emulator, proxy and zygote, which serve case after case."""

    folder: Path
    emulator: str
    faults: Faults
    zygote: Zygote
    standing: dict[str, set[str]] = field(default_factory=dict)
    """What somebody else has had at the service since before the first case."""
    _later: ExitStack = field(default_factory=ExitStack)
    _depots: list[Depot] = field(default_factory=list)

    @property
    def depot(self) -> Depot:
        """The storage, which begins with the first case that needs it."""
        if not self._depots:
            self._depots.append(self._later.enter_context(depot()))
        return self._depots[0]


LOOKALIKES = ("rates", "table", "notes", "terms")
OLD_SECONDS = 5.0
"""So old a file is certainly not taken for an upload that was lost just now."""


@contextmanager
def bench(folder: Path, *, standing: bool = False) -> Iterator[Bench]:
    """Set up a bench whose cases work below this folder.

    `standing`: files of others have stood at the service for some seconds, which nothing uses, and
    which have the names and the sizes of ours.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (
        start_emulator("--api-key", KEY, "--indexing-seconds", "0.05", "--file-downloads") as url,
        fault_proxy(url) as faults,
        ExitStack() as later,
    ):
        began = time.monotonic()
        others = _lookalikes(url) if standing else {}
        with zygote(folder) as warm:
            if standing:
                time.sleep(max(0.0, OLD_SECONDS - (time.monotonic() - began)))
            yield Bench(folder, url, faults, warm, others, later)


def _lookalikes(url: str) -> dict[str, set[str]]:
    """Upload files that look like those of the cases; give their ids."""
    made = set()
    for name in LOOKALIKES:
        for suffix in ("md", "txt"):
            body, kind = _form(f"{name}.{suffix}", "x" * 18 + "\n")
            request = urllib.request.Request(
                f"{url}/openai/files?api-version=2024-05-01-preview",
                data=body,
                headers={"api-key": KEY, "Content-Type": kind},
            )
            with urllib.request.urlopen(request) as answer:
                made.add(json.loads(answer.read())["id"])
    return {"files": made}


def _form(name: str, text: str) -> tuple[bytes, str]:
    parts = (
        '--x\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nassistants\r\n',
        f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n',
        f"Content-Type: text/plain\r\n\r\n{text}\r\n--x--\r\n",
    )
    return "".join(parts).encode(), "multipart/form-data; boundary=x"


@dataclass
class Site:
    """One case's project folder, and the commands that were run in it."""

    bench: Bench
    seed: int
    api_version: str
    secrets: dict[str, str] = field(default_factory=dict)
    """Values of sensitive variables, by the variables' names."""
    story: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    """All that any command has said."""
    hurt: Counter[str] = field(default_factory=Counter)
    """Which faults really came, and how often each."""
    runs: int = 0
    """How many undisturbed runs the last command took."""
    broken_off: list[Ended] = field(default_factory=list)
    """Commands that were killed, or could not go on writing what they record."""
    checkout: str = "project"
    """The folder of the project that commands work in."""
    container: Container | None = None
    """Where the state is; None: in local files."""

    def __post_init__(self) -> None:
        self.folder = self.bench.folder / f"case-{self.seed}"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.project.mkdir(parents=True)

    @property
    def project(self) -> Path:
        """The project's folder; what commands say is kept beside it."""
        return self.folder / self.checkout

    @property
    def checkouts(self) -> list[Path]:
        """All folders of the project."""
        return sorted(each for each in self.folder.iterdir() if each.is_dir())

    @property
    def hits(self) -> str:
        """A file that gets a line for each injection that really came."""
        return str(self.folder / "hits")

    @property
    def service(self) -> Service:
        """The service, past the proxy."""
        return Service(self.bench.emulator, self.api_version)

    @property
    def faults(self) -> Faults:
        """The proxy before the service."""
        return self.bench.faults

    @property
    def stored(self) -> Faults:
        """The proxy before the storage."""
        return self.bench.depot.faults

    def store_remotely(self) -> dict[str, Any]:
        """Give the state a container; say where, as manifests do."""
        self.container = Container.made(self.bench.depot.account)
        url = self.bench.depot.url
        return {"type": "azure-blob", "account_url": url, "container": self.container.name}

    def checked_out(self) -> Site:
        """Check the project out once more; what is said and done there belongs to the case."""
        other = copy.copy(self)
        other.checkout = f"project-{uuid.uuid4().hex[:6]}"
        leave = shutil.ignore_patterns(".provisioner")
        shutil.copytree(self.project, other.project, ignore=leave)
        return other

    def calm(self) -> None:
        """Let the proxies do no harm."""
        self.faults.begin()
        if self.container:
            self.stored.begin()

    def tell(self, line: str) -> None:
        """Add to the story."""
        self.story.append(line)

    def start(self, *arguments: str, **injected: Any) -> Running:
        """Start a command; the proxy kills it, if any."""
        number = len(self.said)
        self.said.append("")
        if self.container:
            # No request of a former holder is waited for: those of the cases come when they may.
            injected = {"takeover": 0.0, **injected}
        variables = {f"PROVISIONER_VAR_{name.upper()}": each for name, each in self.secrets.items()}
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            **variables,
            "NO_COLOR": "1",
            "AZURE_OPENAI_API_KEY": KEY,
            "AZURE_STORAGE_KEY": ACCOUNT_KEY,
        }
        running = self.bench.zygote.start(
            {
                "arguments": ["-C", str(self.project), *arguments],
                "environment": environment,
                "out": str(self.folder / f"{number}.out"),
                "err": str(self.folder / f"{number}.err"),
                "injection": injection.of(self.project, hits=self.hits, **injected)
                if injected
                else {},
            }
        )
        running.number = number
        self.faults.aim(running.pid)
        if self.container:
            self.stored.aim(running.pid)
        return running

    def end(self, running: Running, arguments: Sequence[str], note: str = "") -> Ended:
        """Wait for a command's end, and hold it to what every command promises."""
        watch = threading.Timer(LONGEST_SECONDS, os.kill, (running.pid, 15))
        watch.start()
        began = time.monotonic()
        code = running.wait()
        watch.cancel()
        texts = [
            (self.folder / f"{running.number}.{each}").read_text("utf-8", "replace")
            for each in ("out", "err")
        ]
        ended = Ended(tuple(arguments), code, *texts)
        self.said[running.number] = "".join(texts)
        if code == KILLED or ended.refused & {"S003", "S031"}:
            self.broken_off.append(ended)
        self.tell(f"$ provisioner {' '.join(arguments)}{note}  -> {code}")
        self.story += [f"    {each}" for each in self.faults.requests]
        if self.container:
            self.story += [f"    storage: {each}" for each in self.stored.requests]
        self.story += [f"    | {each}" for each in ended.err.splitlines()[-12:]]
        if time.monotonic() - began > LONGEST_SECONDS:
            raise LostError("a command did not end")
        _hold(ended)
        return ended

    def run(self, *arguments: str, note: str = "", **injected: Any) -> Ended:
        """Run a command to its end."""
        return self.end(self.start(*arguments, **injected), arguments, note)

    def undisturbed(self, *arguments: str) -> Ended:
        """Run a command that nothing is done to."""
        self.calm()
        return self.run(*arguments)

    def clear(self) -> None:
        """Delete the case's folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _hold(ended: Ended) -> None:
    """Hold a command to its exit codes, and to errors that have a code."""
    if NEXT in ended.out + ended.err:
        raise LostError("a traceback")
    if ended.code not in (0, 1, 2, KILLED):
        raise LostError(f"exit code {ended.code}")
    if ended.code == 2 and ended.arguments[0] not in ("plan", "drift"):
        raise LostError("exit code 2 of a command that has none")
    if ended.code == 1 and not ended.refused:
        raise LostError("a refusal without a code")
