"""What all cases do: run commands under faults, finish undisturbed, and clear the service."""

from __future__ import annotations

import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import oracle
from bench import Ended, LostError, Site
from evolution import Foreign
from fault_proxy import Spot
from invention import V2_LATER, Declared, words
from projects import Service

APPLY = ("apply", "--auto-approve", "--max-delete", "100%")
DESTROY = ("destroy", "--auto-approve")
MOST_RUNS = 2
"""So many undisturbed runs at most lead from any fault to an empty plan."""


def disturbed(
    site: Site,
    command: tuple[str, ...],
    seed: float = 0,
    due: dict[Spot, str] | None = None,
    lag: int = 0,
    late_by: tuple[int, int] = (1, 2),
    stored: dict[Spot, str] | None = None,
    **injected: Any,
) -> Ended:
    """Run a command under these faults, and count those that really came.

    `stored`: those of the requests to the storage.
    """
    before = site.faults.met.copy()
    site.calm()
    site.faults.begin(due, int(seed * 1e9), lag, late_by)
    met = site.stored.met.copy() if site.container else Counter()
    if stored:
        site.stored.begin(stored, int(seed * 1e9))
    ended = site.run(*command, note=f"  under {injected or ''}", **injected)
    site.hurt.update(site.faults.met - before)
    if site.container:
        site.hurt.update({f"storage {key}": each for key, each in (site.stored.met - met).items()})
    hits = Path(site.hits)
    if hits.exists():
        site.hurt.update(f"{each} (file)" for each in hits.read_text().splitlines())
        hits.unlink()
    if injected.get("clock"):
        site.hurt["clock"] += 1
    return ended


def converge(site: Site, command: tuple[str, ...]) -> None:
    """Run undisturbed until there is nothing left to do: twice at most."""
    site.runs = 0
    for _ in range(MOST_RUNS):
        site.runs += 1
        ended = cured(site, site.undisturbed(*command), command)
        # What was still under way has arrived by now; the next run has to find out.
        site.faults.drain()
        if ended.code == 0 and _is_done(site, command[0]):
            return
    raise LostError(f"{command[0]} does not come to an end")


def _is_done(site: Site, command: str) -> bool:
    if command == "apply":
        return site.undisturbed("plan", "--detailed-exitcode").code == 0
    return command != "destroy" or not oracle.read_state(site)["resources"]


def cured(site: Site, ended: Ended, command: tuple[str, ...]) -> Ended:
    """Do what the message asks a person to do, where only a person can decide; then run again."""
    if ended.code and "P006" in ended.refused:
        for id_ in sorted(
            set(re.findall(r"\bassistant-[A-Za-z0-9]+|\bfile-[A-Za-z0-9]+", ended.err))
        ):
            if id_ in oracle.everything(site.bench.emulator)["files"]:
                site.service.call("DELETE", f"/files/{id_}")
        return site.undisturbed(*command)
    return ended


def expect(ended: Ended) -> None:
    """Expect that a command to which nothing was done went well."""
    if ended.code != 0:
        raise LostError("an undisturbed command failed")


def applied(site: Site, foreign: Foreign) -> None:
    """Apply until the plan is empty and says nothing of leftovers."""
    converge(site, APPLY)
    if "[P101]" in site.said[-1] and not foreign.copies:
        raise LostError("something of ours is left over")


def plant(chance: random.Random, site: Site, declared: Declared) -> Foreign:
    """Put objects of others beside ours, some of which look just like them."""
    foreign = Foreign()
    service = Service(site.bench.emulator, V2_LATER)
    for name in sorted(declared.assistants):
        if chance.random() < 0.5:
            tag = chance.choice(
                (
                    {},
                    {"provisioner": f"other/test/assistant.{name}"},
                    {"provisioner": f"{declared.uid}/prod/assistant.{name}/0123456789abcdef"},
                )
            )
            body = {"model": "gpt-4o", "name": name, "metadata": tag, "instructions": words(chance)}
            foreign.assistants.add(service.call("POST", "/assistants", body)["id"])
    for name in sorted(declared.stores):
        if chance.random() < 0.5:
            tag = {"provisioner": f"other/test/vectorstore.{name}"}
            made = service.call("POST", "/vector_stores", {"name": name, "metadata": tag})
            foreign.vector_stores.add(made["id"])
    return foreign


def clear(site: Site) -> None:
    """Delete all that the case has left at the service, whoever made it, and its container."""
    if site.container:
        site.container.client.delete_container()
        site.container.client.close()
    standing = site.bench.standing
    service = Service(site.bench.emulator, V2_LATER)
    for path, objects in oracle.everything(site.bench.emulator).items():
        for id_ in set(objects) - set(standing.get(path, ())):
            service.call("DELETE", f"/{path}/{id_}")
