"""Annotations: what nobody can read in a text becomes a number, and the number a footnote.

Azure's page on Assistants does it by replacing the text of each mark, wherever it stands, with
` [0]`, ` [1]` … and so it is here, but for what goes wrong that way: a mark that is part of a
longer one, one mark for two files, and the rest of a link whose target was a mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from provisioner.conversation import Annotation, Text
from provisioner.conversations.turn import Footnote


@dataclass(frozen=True, slots=True)
class _Claim:
    """A place in a text, and the footnote that stands for it."""

    start: int
    end: int
    number: int


def resolve(
    texts: Sequence[Text], names: Mapping[str, str | None]
) -> tuple[list[str], tuple[Footnote, ...]]:
    """Put numbers in the place of marks; gives the texts, and what the numbers stand for.

    `names` are those of the files, by id. What is cited twice has one number.
    """
    numbers: dict[tuple[str, bool, str], int] = {}
    for text in texts:
        for each in text.annotations:
            numbers.setdefault(_subject(each), len(numbers))
    footnotes = tuple(
        Footnote(number, file, names.get(file), is_path, quote)
        for (file, is_path, quote), number in numbers.items()
    )
    return [_numbered(each, numbers) for each in texts], footnotes


def _subject(annotation: Annotation) -> tuple[str, bool, str]:
    return annotation.file, annotation.is_path, annotation.quote


def _numbered(text: Text, numbers: Mapping[tuple[str, bool, str], int]) -> str:
    value, written, position = text.value, [], 0
    for start, end, found in _merged(_claims(text, numbers)):
        first, last = _without_link(value, start, end)
        written.append(value[position:first].rstrip(" "))
        written.extend(f" [{number}]" for number in found)
        position = last
    return "".join([*written, value[position:]])


def _claims(text: Text, numbers: Mapping[tuple[str, bool, str], int]) -> list[_Claim]:
    """Find where marks stand: first where they are said to, then wherever else they are found.

    The longest first, so that what is part of a longer mark isn't taken for a shorter one.
    """
    marked = [each for each in text.annotations if each.mark]
    claims = [
        _Claim(each.start, each.end, numbers[_subject(each)])
        for each in marked
        if text.value[each.start : each.end] == each.mark
    ]
    placed = {(each.start, each.end, each.number) for each in claims}
    searched: dict[str, int] = {}
    for each in sorted(marked, key=lambda each: len(each.mark), reverse=True):
        number = numbers[_subject(each)]
        if (each.start, each.end, number) in placed:
            continue
        begin = searched.get(each.mark, 0)
        place = next(_free(text.value, each.mark, claims, begin), None)
        if place is not None:
            claims.append(_Claim(place, place + len(each.mark), number))
        searched[each.mark] = len(text.value) if place is None else place + len(each.mark)
    first = {each.mark: numbers[_subject(each)] for each in reversed(marked)}
    for mark in sorted(first, key=len, reverse=True):
        free = list(_free(text.value, mark, claims))
        claims.extend(_Claim(place, place + len(mark), first[mark]) for place in free)
    return claims


def _free(value: str, mark: str, claims: Iterable[_Claim], begin: int = 0) -> Iterator[int]:
    """Go through the places of a mark that no claim overlaps, from one on."""
    taken = list(claims)
    place = value.find(mark, begin)
    while place >= 0:
        end = place + len(mark)
        if all(end <= each.start or place >= each.end for each in taken):
            yield place
        place = value.find(mark, end)


def _merged(claims: Iterable[_Claim]) -> list[tuple[int, int, list[int]]]:
    """Put claims that overlap together: all that they cover is marks, and makes way at once."""
    merged: list[tuple[int, int, list[int]]] = []
    for each in sorted(claims, key=lambda each: (each.start, each.end)):
        if merged and each.start < merged[-1][1]:
            start, end, numbers = merged[-1]
            more = [] if each.number in numbers else [each.number]
            merged[-1] = (start, max(end, each.end), [*numbers, *more])
        else:
            merged.append((each.start, each.end, [each.number]))
    return merged


def _without_link(value: str, start: int, end: int) -> tuple[int, int]:
    """Take along the brackets of a Markdown link that leads to the mark: `[Download](…)`."""
    if value[max(0, start - 2) : start] == "](" and value[end : end + 1] == ")":
        return start - 1, end + 1
    return start, end
