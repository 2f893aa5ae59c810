"""Every boundary of every operation: which there are is found out by running each unhurt.

A case's number says it all: one digit for the operation, three for the boundary, two for what
happens there. So each can be run again alone.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import oracle
from bench import Bench, Site
from evolution import Foreign
from fault_proxy import HANDLED, LATE, UNHANDLED
from injection import AFTER, BEFORE, BROKEN, FULL, TEAR
from invention import V2_LATER, Declared, write
from playing import APPLY, DESTROY, applied, clear, converge, disturbed, expect, plant

IN_FILES = (BEFORE, AFTER, TEAR, FULL, BROKEN)
IN_REQUESTS = (*UNHANDLED, *HANDLED, *LATE)
WHATS = (*IN_FILES, *IN_REQUESTS)
FIRST = 100_000
"""From here on seeds are numbers of this matrix."""
ONE_BY_ONE = ("--parallelism", "1")


def begun(uid: str) -> Declared:
    """Declare what each operation begins with, or leads to."""
    declared = Declared(uid, V2_LATER, sensitive=("token",))
    plain = {"labels": {}, "shared": False, "secret": False, "function": None, "owner": None}
    other = {"name": None, "description": None, "model": "chat"}
    for name in ("rates", "table"):
        text = f"{name} of today....\n"
        declared.files[name] = {"path": f"data/{name}.md", "text": text, "labels": {}}
    declared.stores["shelf"] = {"files": ["rates"], "chunk": None, "days": None, "labels": {}}
    declared.assistants = {
        "ada": {**plain, **other, "text": "Draw.", "files": ["rates"], "store": "shelf"},
        "bea": {**plain, **other, "text": "Add.", "files": ["table"], "store": None},
    }
    declared.assistants["ada"] |= {"secret": True, "function": "inline", "owner": "amber"}
    return declared


def _create(_declared: Declared) -> None:
    """Nothing was ever applied."""


def _update(declared: Declared) -> None:
    declared.assistants["ada"] |= {"text": "Draw well.", "labels": {"team": "a"}, "owner": None}
    declared.assistants["bea"] |= {"model": "fast", "function": "shared"}


def _replace(declared: Declared) -> None:
    declared.files["table"]["text"] = "table of tomorrow.\n"
    declared.stores["shelf"]["chunk"] = 400


def _delete(declared: Declared) -> None:
    del declared.assistants["bea"], declared.files["table"], declared.stores["shelf"]
    declared.assistants["ada"]["store"] = None


def _rename(declared: Declared) -> None:
    declared.assistants["cyd"] = {**declared.assistants.pop("bea"), "name": "bea"}
    declared.files["notes"] = declared.files.pop("table")
    declared.assistants["cyd"]["files"] = ["notes"]
    declared.moved = [
        {"from": "assistant.bea", "to": "assistant.cyd"},
        {"from": "file.table", "to": "file.notes"},
    ]


def _import(declared: Declared) -> None:
    declared.assistants["dot"] = {**declared.assistants["bea"], "files": None}


@dataclass(frozen=True)
class Operation:
    """What is done to a project, and with which command."""

    name: str
    edit: Callable[[Declared], None]
    command: tuple[str, ...] = (*APPLY, *ONE_BY_ONE)
    fresh: bool = False
    """Nothing was applied before."""


OPERATIONS = (
    Operation("create", _create, fresh=True),
    Operation("update", _update),
    Operation("replace", _replace),
    Operation("delete", _delete),
    Operation("rename", _rename),
    Operation("destroy", _create, (*DESTROY, *ONE_BY_ONE)),
    Operation("import", _import, ("import", "assistant.dot")),
)


@dataclass(frozen=True)
class Spot:
    """One cell of the matrix."""

    operation: Operation
    at: int
    what: str

    @classmethod
    def of(cls, seed: int) -> Spot:
        """Read a case's number; raises LookupError where there is none such."""
        operation, rest = divmod(seed, FIRST)
        at, what = divmod(rest, 100)
        return cls(OPERATIONS[operation - 1], at, WHATS[what])

    @property
    def seed(self) -> int:
        """Write the case's number."""
        number = OPERATIONS.index(self.operation) + 1
        return number * FIRST + self.at * 100 + WHATS.index(self.what)

    @property
    def kind(self) -> str:
        """Name what is tested."""
        where = "files" if self.what in IN_FILES else "requests"
        return f"{self.operation.name}: {where}"


def spots(bench: Bench) -> Iterator[Spot]:
    """Go through the whole matrix, as long as the operations are now."""
    for number, operation in enumerate(OPERATIONS, 1):
        site = Site(bench, number * FIRST + FIRST - 1, V2_LATER)
        trace = site.folder / "trace"
        _, command, _, _ = _prepared(site, operation)
        site.faults.begin()
        expect(site.run(*command, trace=str(trace)))
        requests = list(site.faults.requests)
        for at, name in enumerate(trace.read_text().splitlines()):
            for what in IN_FILES:
                if what != TEAR or name == "write":
                    yield Spot(operation, at, what)
        for at, line in enumerate(requests):
            for what in IN_REQUESTS:
                if what not in LATE or not line.startswith("GET"):
                    yield Spot(operation, at, what)
        clear(site)
        site.clear()


def _prepared(site: Site, operation: Operation) -> tuple[Declared, tuple[str, ...], Foreign, str]:
    """Bring a project to where the operation begins; give what is foreign, and how it looks."""
    declared = begun(f"m{site.seed}")
    site.secrets = {"token": f'hush-{site.seed}-hush" \\ end'}
    foreign = plant(random.Random(site.seed), site, declared)  # noqa: S311
    write(declared, site.project, site.faults.url)
    if not operation.fresh:
        expect(site.undisturbed(*APPLY))
    operation.edit(declared)
    write(declared, site.project, site.faults.url)
    command = operation.command
    if command[0] == "import":
        body = {"model": "gpt-4o", "name": "found", "instructions": "Be rude."}
        command = (*command, site.service.call("POST", "/assistants", body)["id"])
    return declared, command, foreign, oracle.foreign_now(site, foreign)


def play(site: Site, spot: Spot) -> None:
    """Hurt the operation there, finish it, and see that nothing is lost."""
    declared, command, foreign, before = _prepared(site, spot.operation)
    if spot.what in IN_FILES:
        lasting = spot.what in (FULL, BROKEN)
        disturbed(site, command, at=spot.at, what=spot.what, lasting=lasting)
    else:
        disturbed(site, command, spot.seed, {("any", spot.at): spot.what})
    if command[0] != "apply":
        converge(site, command)
    if command[0] == "destroy":
        oracle.nothing_left(site, foreign)
    else:
        applied(site, foreign)
        oracle.whole(site, declared, foreign)
    oracle.hold(site, foreign, before)
