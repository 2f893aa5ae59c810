"""Selecting: the part of a project that --target and -l choose, and what --replace names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, error
from provisioner.errors import PlanError
from provisioner.manifest.suggestions import did_you_mean
from provisioner.plan import Change, touched
from provisioner.resource import Resource
from provisioner.situation import Situation

Labels = Mapping[Address, Mapping[str, str]]


def written(targets: Iterable[str], selectors: Iterable[str]) -> tuple[str, ...]:
    """Write a selection as it is typed."""
    return (*(f"--target {each}" for each in targets), *(f"-l {each}" for each in selectors))


def selected(
    targets: Collection[str],
    selectors: Collection[str],
    situation: Situation,
    declared: Mapping[Address, Resource],
    *,
    destroy: bool,
) -> frozenset[Address] | None:
    """Take what is chosen, and what it can't do without; None where everything is.

    For a plan these are its dependencies, for a destroy its dependents. Several targets add up,
    several labels must all be there; where both are given, only what both choose is taken. Labels
    are those that are `declared`, and where an address isn't, those that are recorded. Raises
    PlanError for what is unknown, malformed or matches nothing.
    """
    if not targets and not selectors:
        return None
    known = {*situation.desired, *situation.recorded}
    chosen = known
    if targets:
        chosen = set(addresses(targets, situation))
    if selectors:
        wanted = set(_pairs(selectors))
        labels = {each: _labels(each, situation, declared) for each in known}
        chosen = {each for each in chosen if wanted <= labels[each].items()}
        if not chosen:
            raise PlanError(_nothing(targets, selectors, labels))
    return closure(chosen, _edges(situation, destroy=destroy))


def addresses(texts: Iterable[str], situation: Situation) -> list[Address]:
    """Find what is declared or recorded; raises PlanError for what isn't."""
    by_text = {str(each): each for each in (*situation.desired, *situation.recorded)}
    renamed = situation.refactoring.destinations
    now = {str(origin): f" It has moved to {to}: name that." for origin, to in renamed.items()}
    problems: list[Diagnostic] = [
        error(
            "P005",
            "Unknown target",
            f"Neither manifests nor state know {each!r}."
            f"{now.get(each) or did_you_mean(each, by_text)}",
        )
        for each in texts
        if each not in by_text
    ]
    if problems:
        raise PlanError(*problems)
    return [by_text[each] for each in texts]


def replaceable(
    texts: Iterable[str], situation: Situation, scope: frozenset[Address] | None
) -> frozenset[Address]:
    """Find what --replace names; raises PlanError where nothing stands that could be replaced."""
    found = addresses(texts, situation)
    problems = [
        error(
            "P063",
            "Nothing to replace",
            f"{each} {why} Take --replace {each} out.",
            address=each,
        )
        for each in found
        if (why := _irreplaceable(each, situation, scope))
    ]
    if problems:
        raise PlanError(*problems)
    return frozenset(found)


def _irreplaceable(
    address: Address, situation: Situation, scope: frozenset[Address] | None
) -> str | None:
    if address not in situation.desired:
        return "would not be made anew: it is no longer declared, or to be destroyed."
    if address not in situation.recorded:
        return "is not recorded yet: apply makes it, or adopts it, without being asked."
    if scope is not None and address not in scope:
        return "is not among what --target and -l choose."
    return None


def _pairs(selectors: Iterable[str]) -> Iterator[tuple[str, str]]:
    problems = [
        error(
            "P061",
            "Selector is malformed",
            f"{each!r} is not of the form LABEL=VALUE. Write for example `-l team=analytics`; for"
            " several labels, all of which must be there, write -l several times.",
        )
        for each in selectors
        if not each.partition("=")[0] or "=" not in each
    ]
    if problems:
        raise PlanError(*problems)
    for key, _, value in (each.partition("=") for each in selectors):
        yield key, value


def _labels(
    address: Address, situation: Situation, declared: Mapping[Address, Resource]
) -> Mapping[str, str]:
    if address in declared:
        return declared[address].labels
    state = situation.recorded.get(address)
    return state.labels if state else {}


def _nothing(targets: Iterable[str], selectors: Iterable[str], labels: Labels) -> Diagnostic:
    there = sorted({f"{key}={value}" for each in labels.values() for key, value in each.items()})
    hint = f"There are: {', '.join(there)}." if there else "Nothing has any label."
    return error(
        "P062",
        "Selection matches nothing",
        f"Nothing that is declared or recorded matches {' '.join(written(targets, selectors))}."
        f" {hint} Correct the selection.",
    )


def _edges(situation: Situation, *, destroy: bool) -> Mapping[Address, set[Address]]:
    known = {*situation.desired, *situation.recorded}
    edges: dict[Address, set[Address]] = {each: set() for each in known}
    for address, resource in situation.desired.items():
        edges[address].update(resource.depends_on)
    if destroy:
        for address, state in situation.recorded.items():
            for each in state.depends_on:
                edges.setdefault(each, set()).add(address)
    return edges


def reach(changes: Iterable[Change]) -> frozenset[Address]:
    """Take what has to be planned anew to carry out changes: what they touch, and its dependencies.

    Those are looked at for their ids, which stand in what is sent.
    """
    changes = tuple(changes)
    edges = {each.address: each.depends_on for each in changes if not each.deposed}
    return closure(touched(changes), edges)


def closure(
    begin: Iterable[Address], edges: Mapping[Address, Iterable[Address]]
) -> frozenset[Address]:
    """Take everything that can be reached from some addresses, these included."""
    reached: set[Address] = set()
    waiting = list(begin)
    while waiting:
        address = waiting.pop()
        if address not in reached:
            reached.add(address)
            waiting.extend(edges.get(address, ()))
    return frozenset(reached)
