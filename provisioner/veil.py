"""The veil: sensitive values are known to the service and to nobody else.

Everything on this side of a provider (plan, state, journal, diffs, output) holds placeholders with
a keyed hash instead. A Veil puts the values in their place on the way out, and takes them out
again on the way in.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import Any, TypeAlias

from provisioner.json_texts import with_texts

PLACEHOLDER = re.compile(r"\(sensitive:([a-z][a-z0-9_]*):([0-9a-f]{16})\)")
_WHOLE = re.compile(r"\(sensitive text:[0-9a-f]{16}\)")
VEILED = re.compile(rf"{PLACEHOLDER.pattern}|{_WHOLE.pattern}")
"""A placeholder of either form; the first group is the variable's name, if that is known."""

SHORTEST_SEARCHED = 6
"""Shorter values are hidden only where they are known to stand: in any text they would be found."""

MOST_TRIED = 50
"""So many ends of an unknown value are tried where another one follows."""

_COST, _BLOCK = 2**14, 8
"""scrypt's parameters: some 50 ms, so that guessing a value from its hash takes long."""


_Choose: TypeAlias = Callable[[str, list[str]], str]


@cache
def keyed_hash(key: str, text: str) -> str:
    """Hash a text so that only who knows the key can compare, and guessing is slow."""
    made = hashlib.scrypt(text.encode(), salt=key.encode(), n=_COST, r=_BLOCK, p=1, dklen=8)
    return made.hex()


def is_veiled(value: Any) -> bool:
    """Say whether a text has a placeholder in it."""
    return isinstance(value, str) and VEILED.search(value) is not None


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
    former: dict[str, str] = field(default_factory=dict, repr=False)
    """The same of values that variables no longer have, as far as hashes have told them."""

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
        known = dict(self._known())
        return VEILED.sub(lambda found: known.get(found[0], found[0]), text)

    def knows(self, text: str) -> bool:
        """Say whether it is known what stands behind each placeholder in a text."""
        return all(found[0] in self.values for found in VEILED.finditer(text))

    def blanked(self, value: Any) -> Any:
        """Put as many `*` in the place of each placeholder as its value has characters.

        So sizes are those of what is sent.
        """
        blank = {each: "*" * len(known) for each, known in self._known()}
        return with_texts(value, lambda text: VEILED.sub(lambda it: blank.get(it[0], it[0]), text))

    def covered(self, text: str) -> str:
        """Hide every known value that is long enough to be told from ordinary words."""
        return self._replaced(text, lambda value: {value})

    def covered_for_show(self, text: str) -> str:
        """Hide them also where they are written between quotes, as in JSON and in code.

        Nobody can put the values in their place again.
        """
        return self._replaced(text, _spellings)

    def _replaced(self, text: str, spellings: Callable[[str], set[str]]) -> str:
        known = [(value, each) for each, value in self._known() if _is_searched(value)]
        long = {spelled: each for value, each in known for spelled in spellings(value)}
        if not long:
            return text
        # In one pass, the longest first: one value may be part of another, or of a placeholder.
        wanted = "|".join(re.escape(each) for each in sorted(long, key=len, reverse=True))
        return re.sub(wanted, lambda found: long[found[0]], text)

    def conceal(self, live: Any, forms: Iterable[Any]) -> Any:
        """Hide sensitive values in what the service gave back.

        The forms are what is known of the same object with placeholders: sent, declared or
        recorded, the first first. Where one of them, revealed, is what is live, its text stands
        for it. A text that has changed elsewhere is hidden whole where something sensitive stood,
        unless all of that is known and still in it.
        """
        forms, known = list(forms), len(self.former)
        concealed = self._walk(live, forms, self._concealed)
        if len(self.former) == known:
            return concealed
        # A former value may also stand before the place at which its hash has told it.
        return self._walk(live, forms, self._concealed)

    def conceal_record(self, recorded: Any, declared: Any) -> Any:
        """Hide in what was recorded in clear what is sensitive by now."""
        return self._walk(recorded, [declared], self._form)

    def _walk(self, value: Any, forms: Iterable[Any], choose: _Choose) -> Any:
        """Choose for each text, of the forms that stand at its place, what stands for it."""
        forms = [form for form in forms if form is not None]
        if isinstance(value, str):
            return choose(value, [form for form in forms if isinstance(form, str)])
        if isinstance(value, Mapping):
            maps = [form for form in forms if isinstance(form, Mapping)]
            return {
                key: self._walk(each, [form.get(key) for form in maps], choose)
                for key, each in value.items()
            }
        if isinstance(value, list):
            members = [each for form in forms if isinstance(form, list) for each in form]
            return [self._member(each, _alike(each, members), choose) for each in value]
        return value

    def _member(self, value: Any, members: list[Any], choose: _Choose) -> Any:
        """Take for a member of a list, which may be ordered otherwise, the form that it can be.

        Where it is none of them, its texts may stand in any.
        """
        for member in members:
            if self._walk(value, [member], choose) == member:
                return member
        return self._walk(value, members, choose)

    def _form(self, text: str, forms: list[str]) -> str:
        return next((form for form in forms if self._stands_for(form, text)), text)

    def _concealed(self, live: str, forms: list[str]) -> str:
        form = next((each for each in forms if self._stands_for(each, live)), None)
        if form is not None:
            return form
        covered = self.covered(live)
        kept = set(_placeholders(covered))
        veiled = [found for form in forms if (found := set(_placeholders(form)))]
        is_known = not veiled or any(found <= kept for found in veiled)
        return covered if is_known else self._whole(live)

    def _known(self) -> list[tuple[str, str]]:
        """List the placeholders with their values; others may be found at the same time."""
        return [*list(self.former.items()), *list(self.values.items())]

    def _whole(self, text: str) -> str:
        placeholder = f"(sensitive text:{self._hash('', text)})"
        self.values[placeholder] = text
        return placeholder

    def _stands_for(self, form: str, live: str) -> bool:
        """Say whether a text is what a form stands for, by the values or by the hashes alone.

        What is found by the hashes is remembered: it may have to be sent back.
        """
        if not is_veiled(form) or self._revealed(form) == live:
            return self._revealed(form) == live
        if is_hidden(form):
            return self._hash("", live) in form and self._whole(live) == form
        pieces = PLACEHOLDER.split(form)
        if not live.startswith(pieces[0]) or not live.endswith(pieces[-1]):
            return False
        return self._fits(pieces[1:], live[len(pieces[0]) :], {})

    def _fits(self, pieces: list[str], live: str, found: dict[str, str]) -> bool:
        """Say whether a text is made of values and pieces: name, hash, piece, name, hash ….

        `found` has the values by their names. The hashes settle where a value ends, and of so many
        ends only that nobody waits for long.
        """
        if not pieces:
            for each, value in found.items() if not live else ():
                self.former[f"(sensitive:{each}:{self._hash(each, value)})"] = value
            return not live
        name, digest, literal, *rest = pieces
        if name in found:
            start = found[name] + literal
            return live.startswith(start) and self._fits(rest, live[len(start) :], found)
        for value in islice(_values(live, literal, rest, name), MOST_TRIED):
            if self._hash(name, value) == digest:
                after = live[len(value) + len(literal) :]
                return self._fits(rest, after, {**found, name: value})
        return False


def _is_searched(value: str) -> bool:
    return len(value) >= SHORTEST_SEARCHED


def _spellings(value: str) -> set[str]:
    return {value, *(json.dumps(value, ensure_ascii=each)[1:-1] for each in (True, False))}


def _placeholders(text: str) -> list[str]:
    return [found[0] for found in VEILED.finditer(text)]


def _values(live: str, literal: str, rest: list[str], name: str) -> Iterator[str]:
    """Go through what may stand before a literal, the shortest first.

    Where no other value follows, its length is what the literals leave.
    """
    if set(rest[::3]) <= {name}:
        size, times = len(live) - len(literal) - sum(map(len, rest[2::3])), len(rest[::3]) + 1
        if size >= 0 and size % times == 0 and live.startswith(literal, size // times):
            yield live[: size // times]
        return
    end = live.find(literal)
    while end >= 0:
        yield live[:end]
        end = live.find(literal, end + 1)


def _alike(value: Any, members: list[Any]) -> list[Any]:
    """List the members that may stand for the same: those of one type, and of one tool name."""
    return [each for each in members if type(each) is type(value) and _name(each) == _name(value)]


def _name(value: Any) -> object:
    if not isinstance(value, Mapping):
        return None
    inside = value.get("function")
    return value.get("type"), inside.get("name") if isinstance(inside, Mapping) else None
