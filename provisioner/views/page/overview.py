"""The page as a whole: what the plan is for, how much it does, and what that means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timezone

from provisioner.diagnostics import Diagnostic
from provisioner.plan import Cause, ChangeSeverity, Counts, Plan
from provisioner.views.page.cards import Card, drifted, links_to, planned
from provisioner.views.page.effects import Effect, effects
from provisioner.views.page.values import Links

_MEANINGS = {
    ChangeSeverity.CAPABILITY: "can do more or less than before",
    ChangeSeverity.BEHAVIOURAL: "answers differently",
    ChangeSeverity.COSMETIC: "nothing that a model sees",
}
_CAUSES = {
    Cause.YOU: "the manifest was changed since the last apply",
    Cause.LIVE: "the object was changed outside of provisioner",
    Cause.BOTH: "both were, to different values",
}
MOST_OPEN = 20
"""With more cards than these, all are closed at first: their heads are the list of changes."""


@dataclass(frozen=True, slots=True)
class SeverityCount:
    """How many changes mean this much at most."""

    name: str
    count: int
    meaning: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filter offers: only what occurs."""

    actions: tuple[str, ...]
    kinds: tuple[str, ...]
    severities: tuple[str, ...]
    causes: Mapping[str, str]
    """With what each means."""


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that the page shows."""

    project: str
    environment: str
    endpoint: str
    created: str
    """In universal time, as RFC 3339 writes it."""
    serial: int
    counts: Counts
    has_changes: bool
    command: str
    """What made the plan, without the program's name."""
    selection: str
    """The options that choose a part of the project; empty where it is for all."""
    unchanged: int
    severities: tuple[SeverityCount, ...]
    effects: tuple[Effect, ...]
    warnings: tuple[Diagnostic, ...]
    drift: tuple[Card, ...]
    cards: tuple[Card, ...]
    choices: Choices
    links: Links

    @property
    def is_open(self) -> bool:
        """Say whether the cards are open at first."""
        return len(self.cards) <= MOST_OPEN


def _command(plan: Plan) -> str:
    if plan.rollback is not None:
        return f"rollback {plan.rollback}"
    return "plan --destroy" if plan.destroy else "plan"


def page(plan: Plan) -> Page:
    """Arrange a plan for the page."""
    cards = planned(plan)
    return Page(
        project=plan.project,
        environment=plan.environment,
        endpoint=plan.endpoint,
        created=plan.created.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        serial=plan.serial,
        counts=Counts.of(plan),
        has_changes=plan.has_changes,
        command=_command(plan),
        selection=" ".join(plan.selection),
        unchanged=len(plan.changes) - len(cards),
        severities=tuple(_severities(cards)),
        effects=effects(plan),
        warnings=plan.warnings,
        drift=drifted(plan),
        cards=cards,
        choices=_choices(cards),
        links=links_to(plan),
    )


def _severities(cards: Iterable[Card]) -> Iterable[SeverityCount]:
    """Count the changes by severity, the most severe first."""
    counted = Counter(each.severity for each in cards)
    for each, meaning in _MEANINGS.items():
        if counted[each.value]:
            yield SeverityCount(each.value, counted[each.value], meaning)


def _choices(cards: tuple[Card, ...]) -> Choices:
    found = {cause for each in cards for cause in each.causes}
    return Choices(
        tuple(sorted({each.action for each in cards})),
        tuple(sorted({each.address.kind for each in cards})),
        tuple(each.name for each in _severities(cards)),
        {each.value: meaning for each, meaning in _CAUSES.items() if each.value in found},
    )
