"""One document of a manifest edited, and the proof that nothing else of the manifest changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.editing.extents import Unplaceable, find, members, parent
from provisioner.editing.places import replaced, with_key, with_member, without
from provisioner.editing.steps import Step, Verb, carried_out, same, steps
from provisioner.manifest.yaml_nodes import Parsed, parse


def edited(text: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Edit the document of a manifest that says `before` so that it says `after`.

    Everything that isn't part of an edited value stays byte for byte: comments, quotes, order,
    other documents, line ends. Raises Unplaceable, with an offset in the text, where that can't
    be, or where the result would say anything else.
    """
    if not _is_uniform(text):
        raise Unplaceable("Some lines end in CR LF and some don't", 0)
    plain = text.replace("\r\n", "\n")
    data: Any = before
    for step in steps(before, after):
        becomes = carried_out(data, step)
        plain, data = _proved(plain, data, becomes, step), becomes
    return plain.replace("\n", "\r\n") if "\r" in text else plain


def _is_uniform(text: str) -> bool:
    return text.count("\r") in (0, text.count("\n")) and text.count("\r") == text.count("\r\n")


def _proved(text: str, before: Any, after: Any, step: Step) -> str:
    """Carry out one step; the result is read again as strictly as every command does."""
    documents = _read(text)
    place = _place(documents, before)
    root = documents[place].node
    expected = [each.data for each in documents]
    expected[place] = after
    for made in _ways(text, root, step):
        if _says(made, expected):
            return made
    why = "Written here, it would change something else too, such as what an alias repeats"
    found = find(text, root, step.path)
    raise Unplaceable(why, found.first if found else root.start_mark.index)


def _ways(text: str, root: Any, step: Step) -> Iterator[str]:
    """Carry out a step in each way that there is, the one that people would take first.

    A block text that ends a file may need the newline that the file lacks. Blank lines and deeper
    comments behind a block text would become part of it: then it is written in one line.
    """
    made = _carried_out(text, root, step)
    yield made
    if not text.endswith("\n"):
        yield f"{made}\n"
    if step.verb is not Verb.DROP:
        yield _carried_out(text, root, step, in_line=True)


def _says(text: str, expected: list[Any]) -> bool:
    try:
        return same([each.data for each in _read(text)], expected)
    except Unplaceable:
        return False


def _read(text: str) -> list[Parsed]:
    documents, problem = parse(text)
    if problem or any(each.problems for each in documents):
        raise Unplaceable("The text is no YAML without problems", 0)
    return documents


def _place(documents: list[Parsed], data: Any) -> int:
    found = [index for index, each in enumerate(documents) if same(each.data, data)]
    if len(found) != 1:
        raise Unplaceable("The document isn't there any more", 0)
    return found[0]


def _carried_out(text: str, root: Any, step: Step, *, in_line: bool = False) -> str:
    if step.verb is Verb.PUT:
        return _put(text, root, step, in_line=in_line)
    node, brackets = parent(text, root, step.path)
    if step.verb is Verb.INSERT:
        at, value = int(step.path[-1]), step.value
        return with_member(text, node, at, value, brackets=brackets, in_line=in_line)
    found = find(text, root, step.path)
    if found is None:
        raise Unplaceable("A merge brings in what would have to go", node.start_mark.index)
    return without(text, members(text, node, in_brackets=brackets), found.index)


def _put(text: str, root: Any, step: Step, *, in_line: bool) -> str:
    found = find(text, root, step.path)
    if found:
        return replaced(text, found, step.value, in_line=in_line)
    node, brackets = parent(text, root, step.path)
    key, value = str(step.path[-1]), step.value
    return with_key(text, node, key, value, brackets=brackets, in_line=in_line)
