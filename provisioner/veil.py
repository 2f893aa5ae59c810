"""The veil: sensitive values are known to the service and to nobody else.

Everything on this side of a provider (plan, state, journal, diffs, output) holds placeholders with
a keyed hash instead. A Veil puts the values in their place on the way out, and takes them out
again on the way in.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from provisioner.json_texts import with_texts

PLACEHOLDER = re.compile(r"\(sensitive:([a-z][a-z0-9_]*):([0-9a-f]{16})\)")
_WHOLE = re.compile(r"\(sensitive text:[0-9a-f]{16}\)")
_ANY = re.compile(rf"{PLACEHOLDER.pattern}|{_WHOLE.pattern}")

SHORTEST_SEARCHED = 6
"""Shorter values are hidden only where they are known to stand: in any text they would be found."""

_COST, _BLOCK = 2**14, 8
"""scrypt's parameters: some 50 ms, so that guessing a value from its hash takes long."""


@cache
def keyed_hash(key: str, text: str) -> str:
    """Hash a text so that only who knows the key can compare, and guessing is slow."""
    made = hashlib.scrypt(text.encode(), salt=key.encode(), n=_COST, r=_BLOCK, p=1, dklen=8)
    return made.hex()


def is_veiled(value: Any) -> bool:
    """Say whether a text has a placeholder in it."""
    return isinstance(value, str) and _ANY.search(value) is not None


def is_hidden(value: Any) -> bool:
    """Say whether a text is hidden whole: nobody here can write it out again."""
    return isinstance(value, str) and _WHOLE.search(value) is not None


@dataclass
class Veil:
    """Hides the sensitive values of one project and environment."""

    key: str
    """Goes into every hash, so that equal values of two environments don't look equal."""
    values: dict[str, str] = field(default_factory=dict, repr=False)
    """By placeholder, what stands behind it."""

    def hide(self, name: str, value: str) -> str:
        """Give the placeholder for a variable's value, and remember it."""
        placeholder = f"(sensitive:{name}:{self._hash(name, value)})"
        self.values[placeholder] = value
        return placeholder

    def _hash(self, name: str, value: str) -> str:
        return keyed_hash(f"{self.key}/{name}", value)

    def reveal(self, value: Any) -> Any:
        """Put the values in the place of the placeholders; unknown ones stay."""
        return with_texts(value, self._revealed)

    def _revealed(self, text: str) -> str:
        return _ANY.sub(lambda found: self.values.get(found[0], found[0]), text)

    def knows(self, text: str) -> bool:
        """Say whether it is known what stands behind each placeholder in a text."""
        return all(found[0] in self.values for found in _ANY.finditer(text))

    def covered(self, text: str) -> str:
        """Hide every known value that is long enough to be told from ordinary words."""
        for placeholder, value in sorted(self.values.items(), key=lambda item: -len(item[1])):
            if len(value) >= SHORTEST_SEARCHED:
                text = text.replace(value, placeholder)
        return text

    def conceal(self, live: Any, forms: Iterable[Any]) -> Any:
        """Hide sensitive values in what the service gave back.

        The forms are what is known of the same object with placeholders: declared, recorded or
        sent. Where one of them, revealed, is what is live, its text stands for it. A text that has
        changed elsewhere is hidden whole unless everything in it that may be sensitive is known.
        """
        forms = [form for form in forms if form is not None]
        if isinstance(live, str):
            return self._concealed(live, [form for form in forms if isinstance(form, str)])
        if isinstance(live, Mapping):
            maps = [form for form in forms if isinstance(form, Mapping)]
            return {
                key: self.conceal(each, [form.get(key) for form in maps])
                for key, each in live.items()
            }
        if isinstance(live, list):
            # Lists may be ordered otherwise: any member may be the same as any other.
            members = [each for form in forms if isinstance(form, list) for each in form]
            return [self.conceal(each, _alike(each, members)) for each in live]
        return live

    def _concealed(self, live: str, forms: list[str]) -> str:
        veiled = [form for form in forms if is_veiled(form)]
        for form in veiled:
            if self._revealed(form) == live or self._is_same(form, live):
                return form
        if not veiled and live in forms:
            return live
        return self.covered(live) if all(map(self.knows, veiled)) else self._whole(live)

    def _whole(self, text: str) -> str:
        placeholder = f"(sensitive text:{self._hash('', text)})"
        self.values[placeholder] = text
        return placeholder

    def _is_same(self, form: str, live: str) -> bool:
        """Say whether a text is what a form stands for, by the hashes alone."""
        if _ANY.search(PLACEHOLDER.sub("", form)):
            return keyed_hash(f"{self.key}/", live) in form and _ANY.fullmatch(form) is not None
        pieces = [re.escape(each) for each in PLACEHOLDER.split(form)[::3]]
        found = re.fullmatch("(.*?)".join(pieces), live, re.DOTALL)
        wanted = PLACEHOLDER.findall(form)
        return found is not None and all(
            self._hash(name, value) == digest
            for (name, digest), value in zip(wanted, found.groups(), strict=True)
        )


def _alike(value: Any, members: list[Any]) -> list[Any]:
    """List the members that may stand for the same: those of one type, and of one tool name."""
    return [each for each in members if type(each) is type(value) and _name(each) == _name(value)]


def _name(value: Any) -> object:
    if not isinstance(value, Mapping):
        return None
    inside = value.get("function")
    return value.get("type"), inside.get("name") if isinstance(inside, Mapping) else None
