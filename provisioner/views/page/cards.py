"""A change as a card: what happens, what it means, who made it so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from provisioner.address import Address
from provisioner.impact import replaced, severity
from provisioner.plan import Action, Cause, Change, ChangeSeverity, Plan
from provisioner.views.page.attributes import Attribute, attributes
from provisioner.views.page.values import Links

_WORDS = {
    Action.CREATE: "create",
    Action.UPDATE: "update",
    Action.REPLACE: "replace",
    Action.DELETE: "destroy",
    Action.FORGET: "forget",
}
_ACTION_NOTES = {
    Action.REPLACE: "It can't be changed in place: a new object is made, everything that refers "
    "to it is updated, and then the old one is destroyed.",
    Action.FORGET: "It will no longer be managed, but it will not be destroyed.",
}
_KEPT = "The old object stays for now: something outside of this plan still refers to it."


@dataclass(frozen=True, slots=True)
class Card:
    """One change as the page shows it."""

    anchor: str
    """The id of the card, unique on the page."""
    address: Address
    symbol: str
    action: str
    """One word: what the symbol says, or `move` or `import` where the object stays as it is."""
    severity: str
    """Empty where nothing changes at the service."""
    causes: tuple[str, ...]
    """Who made its differences."""
    identity: str | None
    """The id of the object, where it has one."""
    notes: tuple[str, ...]
    sides: tuple[str, ...]
    """What the columns of its attributes are called: before and after, or one of them."""
    attributes: tuple[Attribute, ...]

    @property
    def small(self) -> list[Attribute]:
        """Give what stands in a table."""
        return [each for each in self.attributes if not each.is_large]

    @property
    def large(self) -> list[Attribute]:
        """Give what stands below the table, at full width."""
        return [each for each in self.attributes if each.is_large]

    @property
    def topics(self) -> list[str]:
        """Name what the attributes are about, each once."""
        return list(dict.fromkeys(each.path[0] for each in self.attributes))


def planned(plan: Plan) -> tuple[Card, ...]:
    """Make a card of each change that isn't idle."""
    shown = [each for each in plan.changes if not each.is_idle]
    links, renewed = links_to(plan), replaced(plan)
    pairs = zip(shown, _anchors(shown, ""), strict=True)
    return tuple(_card(each, anchor, links, severity(each, renewed)) for each, anchor in pairs)


def drifted(plan: Plan) -> tuple[Card, ...]:
    """Make a card of each live object that is no longer as last applied."""
    links = links_to(plan)
    pairs = zip(plan.drift, _anchors(plan.drift, "drift:"), strict=True)
    return tuple(_drifted(_card(each, anchor, links, None)) for each, anchor in pairs)


def links_to(plan: Plan) -> Links:
    """Find the cards of addresses, and the addresses of ids."""
    present = {each.address: str(each.address) for each in plan.changes if not each.is_idle}
    standing = (each for each in plan.changes if each.id and not each.deposed)
    return Links(present, {str(each.id): each.address for each in standing})


def _anchors(changes: Iterable[Change], prefix: str) -> list[str]:
    """Name the cards by their addresses; what stands at an address comes before the deposed."""
    shown = list(changes)
    seen: Counter[Address] = Counter()
    found: dict[int, str] = {}
    for at in sorted(range(len(shown)), key=lambda at: shown[at].deposed):
        address = shown[at].address
        seen[address] += 1
        # No address has a colon.
        number = f":{seen[address]}" if seen[address] > 1 else ""
        found[at] = f"{prefix}{address}{number}"
    return [found[at] for at in range(len(shown))]


def _card(change: Change, anchor: str, links: Links, meaning: ChangeSeverity | None) -> Card:
    stays = change.only_address
    moved = "import" if change.importing else "move"
    return Card(
        anchor,
        change.address,
        "→" if stays else change.action.value,
        moved if stays else _WORDS[change.action],
        meaning.value if meaning else "",
        _causes(change),
        change.id,
        tuple(_notes(change)),
        _sides(change.action),
        tuple(attributes(change, links)),
    )


def _causes(change: Change) -> tuple[str, ...]:
    found = {each.cause for each in change.differences}
    return tuple(each.value for each in Cause if each in found)


def _notes(change: Change) -> Iterable[str]:
    """Say what the attributes don't."""
    if change.deposed:
        yield "This is a replaced predecessor, not what stands at the address."
    if change.reason:
        yield f"Reason: {change.reason}."
    if change.importing:
        yield "The live object is imported: it gets the ownership tag of this environment."
    if change.previous_address:
        yield f"It has moved here from {change.previous_address}."
    if change.keep_old:
        yield _KEPT
    elif change.action in _ACTION_NOTES:
        yield _ACTION_NOTES[change.action]


def _sides(action: Action) -> tuple[str, ...]:
    if action is Action.CREATE:
        return ("After",)
    return ("Before",) if action in (Action.DELETE, Action.FORGET) else ("Before", "After")


def _drifted(card: Card) -> Card:
    """Speak of what has happened instead of what will."""
    if card.action == "destroy":
        return replace(card, action="deleted", sides=("Last applied",))
    return replace(card, action="changed", sides=("Last applied", "Live"))
