"""Clearing: what was recorded before a variable became sensitive must not outlive that."""

from __future__ import annotations

from collections import Counter
from typing import Any

from provisioner.json_texts import texts
from provisioner.state.model import State
from provisioner.veil import VEILED


def reveals(former: State, now: State) -> bool:
    """Say whether a former state may hold in clear what the present one hides.

    That is so where an attribute of the same object has placeholders now that it hadn't then.
    """
    before = {each.id: each.attributes for each in former.resources.values()}
    return any(
        name in before.get(each.id, {}) and _hidden(value) - _hidden(before[each.id][name])
        for each in now.resources.values()
        for name, value in each.attributes.items()
    )


def _hidden(value: Any) -> Counter[str]:
    """Count the placeholders in a value, whatever stands behind them."""
    found = (each[0] for _, text in texts(value) for each in VEILED.finditer(text))
    return Counter(each.rpartition(":")[0] for each in found)
