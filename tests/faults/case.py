"""One case: what its seed says, run to its end, with its story where something is lost."""

from __future__ import annotations

import random

import cases
import leases
import matrix
from bench import Bench, LostError, Site
from invention import V2_LATER, VERSIONS, Declared, invent
from playing import clear

FIRST_LEASE = 800_000
"""From here on the state is in Azure Blob Storage."""
FIRST_LATE = 900_000
"""From here on answers come later than they are waited for."""


def kind(seed: int) -> str:
    """Name what a seed's case is about."""
    if seed >= FIRST_LATE:
        return "late"
    if seed >= FIRST_LEASE:
        return leases.kind(seed)
    if seed >= matrix.FIRST:
        return matrix.Spot.of(seed).kind
    return cases.KINDS[seed % len(cases.KINDS)].__name__.replace("_", " ")


def run_case(bench: Bench, seed: int) -> Site:
    """Run the case of this seed; raises LostError that tells its story."""
    chance = random.Random(seed)  # noqa: S311
    in_matrix = matrix.FIRST <= seed < FIRST_LEASE
    declared = invent(chance, f"u{seed}", chance.choice(VERSIONS))
    site = Site(bench, seed, V2_LATER if in_matrix else declared.api_version)
    try:
        if in_matrix:
            matrix.play(site, matrix.Spot.of(seed))
        else:
            if declared.sensitive:
                site.secrets = {"token": f'hush-{seed}-hush" \\ end'}
            _play(chance, site, declared)
    except LostError as lost:
        text = "\n".join([f"seed {seed} ({kind(seed)}): {lost}", *site.story])
        raise LostError(text) from lost
    finally:
        site.calm()
        site.faults.drain()
        clear(site)
    return site


def _play(chance: random.Random, site: Site, declared: Declared) -> None:
    if FIRST_LEASE <= site.seed < FIRST_LATE:
        leases.play(chance, site, declared)
        return
    hurt = cases.late if site.seed >= FIRST_LATE else cases.KINDS[site.seed % len(cases.KINDS)]
    cases.play(chance, site, declared, hurt)
