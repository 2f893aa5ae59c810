"""Edits of instructions: in the text, the file or the part of a list that they come from."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate
from typing import Any

from provisioner.accepting.fields import in_its_words, value_at, variable_in_the_way
from provisioner.accepting.ground import Ground, ObstacleError, Proposal
from provisioner.accepting.spots import ABSENT, spots
from provisioner.accepting.wording import UnwordableError, worded_text
from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, Position
from provisioner.manifest.document import Document, Path
from provisioner.manifest.places import at
from provisioner.manifest.texts import Texts
from provisioner.manifest.variables import escape, fill, fill_text
from provisioner.plan import Difference

PATH: Path = ("spec", "instructions")


@dataclass(frozen=True, slots=True)
class Part:
    """One text that instructions are composed of."""

    text: str
    """As it is composed, without the newlines at its end."""
    document: Document
    path: Path
    written: Any


def instructions(ground: Ground, document: Document, edit: Difference) -> Iterator[Proposal]:
    """Propose where edited instructions are written."""
    whole, live = ground.whole(document), edit.before
    written = at(whole.data, PATH)
    if live is None:
        yield from spots(ground, document, PATH, ABSENT)
    elif isinstance(written, list):
        yield _in_parts(ground, document, written, str(live))
    elif isinstance(written, Mapping):
        yield from _one(ground, document, PATH, written, str(live))
        if "file" in written:
            yield from _as_patch(ground, document, str(live))
    else:
        yield from value_at(ground, document, PATH, live)


def _as_patch(ground: Ground, document: Document, live: str) -> Iterator[Proposal]:
    proposals = spots(ground, document, PATH, escape(live))
    yield from (each for each in proposals if each.is_patch)


def _one(
    ground: Ground, document: Document, path: Path, written: Any, live: str
) -> Iterator[Proposal]:
    """Propose where the text of one part is written, however the part refers to it."""
    if isinstance(written, str):
        yield from value_at(ground, document, path, live)
    elif "ref" in written:
        shared = ground.written.documents[Address("instructions", str(written["ref"]))]
        spec = ground.whole(shared).spec
        place: Path = ("spec", "text") if "text" in spec else ("spec",)
        yield from _one(ground, shared, place, spec.get("text", spec), live)
    else:
        yield _in_file(ground, ground.whole(document), path, written, live)


def _in_file(
    ground: Ground, document: Document, path: Path, written: Mapping[str, Any], live: str
) -> Proposal:
    target = ground.files.find(document, (*path, "file"), str(fill(written["file"], ground.values)))
    if isinstance(target, Diagnostic):
        raise ObstacleError(target.detail, target.position)
    name, now = ground.files.relative(target), ground.files.text(target)
    literal = bool(written.get("literal"))
    says = now if literal else fill_text(now, ground.values)
    position = Position(name, _line(says, live), 1)
    try:
        text = worded_text(now, live, ground.values, literal=literal)
    except UnwordableError as trouble:
        raise ObstacleError(str(variable_in_the_way(document, path)), position) from trouble
    return Proposal(texts={name: text}, position=position)


def _line(before: str, after: str) -> int:
    """Tell at which line, counted from 1, two texts begin to differ."""
    pairs = enumerate(zip(before.split("\n"), after.split("\n"), strict=False), start=1)
    last = before.count("\n") + 1
    return next((number for number, (old, new) in pairs if old != new), last)


def _in_parts(ground: Ground, document: Document, written: Sequence[Any], live: str) -> Proposal:
    """Propose where edits of single parts are written; raises ObstacleError."""
    parts = [_part(ground, document, (*PATH, at), each) for at, each in enumerate(written)]
    texts = _shared_out([each.text for each in parts], live)
    if texts is None:
        where = ", ".join(str(_position(ground, each)) for each in parts)
        why = f"the edit can't be told apart into the parts that stand at {where}"
        raise ObstacleError(why, ground.whole(document).position(*PATH))
    proposal, own = Proposal(), list(written)
    for index, (part, text) in enumerate(zip(parts, texts, strict=True)):
        if text == part.text:
            continue
        # What the part has at its end, and composing leaves out, stays.
        said = text + _ending(ground, part)
        if isinstance(part.written, str):
            own[index] = in_its_words(ground, part.document, part.path, said)
        else:
            one = next(_one(ground, part.document, part.path, part.written, said))
            proposal = _both(proposal, one)
    if own != list(written):
        proposal = _both(proposal, next(spots(ground, document, PATH, own, patch=False)))
    return proposal


def _both(one: Proposal, other: Proposal) -> Proposal:
    twice = {each.document.address for each in one.documents} & {
        each.document.address for each in other.documents
    }
    if twice or set(one.texts) & set(other.texts):
        why = "a text that is several of the parts was edited in one of them"
        raise ObstacleError(why, other.position)
    documents = (*one.documents, *other.documents)
    return Proposal(documents, {**one.texts, **other.texts}, one.position or other.position)


def _part(ground: Ground, document: Document, path: Path, written: Any) -> Part:
    return Part(_composed(ground, document, path).rstrip("\r\n"), document, path, written)


def _composed(ground: Ground, document: Document, path: Path) -> str:
    """Give the text of one part with what it has at its end."""
    effective = ground.effective.documents[document.address]
    texts = Texts(ground.effective, ground.files, ground.environment, [])
    return texts.compose(effective, path, at(effective.data, path)) or ""


def _ending(ground: Ground, part: Part) -> str:
    return _composed(ground, part.document, part.path)[len(part.text) :]


def _position(ground: Ground, part: Part) -> Position:
    return ground.whole(part.document).position(*part.path)


def _shared_out(parts: Sequence[str], live: str) -> list[str] | None:
    """Tell what each part says in an edited text; None where an edit goes beyond one part.

    Parts stand apart by one blank line.
    """
    lines, joined = live.split("\n"), "\n\n".join(parts).split("\n")
    behind = list(accumulate(part.count("\n") + 2 for part in parts))
    found: list[list[str]] = [[] for _ in parts]
    matcher = SequenceMatcher(None, joined, lines, autojunk=False)
    for verb, low, high, start, end in matcher.get_opcodes():
        if verb != "equal":
            part = bisect(behind, low)
            if high >= behind[part]:
                return None
            found[part].extend(lines[start:end])
            continue
        for number, line in enumerate(lines[start:end], start=low):
            part = bisect(behind, number)
            if number != behind[part] - 1:
                found[part].append(line)
    texts = ["\n".join(each) for each in found]
    return texts if "\n\n".join(texts) == live else None
