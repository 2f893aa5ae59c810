"""An export put together: the documents of all that was chosen, and their files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from provisioner.address import Address
from provisioner.export import assistants, tools
from provisioner.export.assistants import Subject, Wording
from provisioner.export.documents import Source
from provisioner.export.names import document_name
from provisioner.export.selection import Found
from provisioner.kinds import KINDS
from provisioner.situation import live_form


@dataclass(frozen=True, slots=True)
class Tree:
    """Everything that is to be written."""

    sources: tuple[Source, ...]
    subjects: Mapping[Address, Subject]
    problems: Mapping[Address, Sequence[str]]
    """What of an assistant no manifest can say, in words."""

    @property
    def files(self) -> Mapping[str, bytes]:
        """Every file by its path; what manifests name comes before them."""
        whole = {path: each for source in self.sources for path, each in source.files.items()}
        manifests = {source.manifest for source in self.sources}
        return dict(sorted(whole.items(), key=lambda each: (each[0] in manifests, each[0])))


def name_subjects(
    found: Iterable[Found], taken: Iterable[Address], *, recorded: bool
) -> list[Subject]:
    """Name what is exported: ours keeps its address, the others get the name that they show.

    `recorded`: the manifests go where the state is, so what the service filled in is left out.
    """
    found = list(found)
    names = {each.name for each in taken if each.kind == "assistant"}
    names |= {each.address.name for each in found if each.address}
    subjects: list[Subject] = []
    for each in found:
        name = each.address.name if each.address else _new_name(each, names)
        names.add(name)
        subjects.append(_subject(each, name, recorded=recorded))
    return subjects


def _new_name(found: Found, taken: set[str]) -> str:
    shown = str(found.live.attributes.get("name", ""))
    return document_name(shown, found.live.id, taken)


def _subject(found: Found, name: str, *, recorded: bool) -> Subject:
    state = found.state
    form = live_form(KINDS["assistant"], found.live, state if recorded else None)
    subject = Subject(found.live.id, name, form)
    return replace(subject, labels=state.labels, lifecycle=state.lifecycle) if state else subject


def build(
    subjects: Iterable[Subject],
    wording: Wording,
    taken: Iterable[Address] = (),
    *,
    share: bool,
) -> Tree:
    """Write the documents of assistants, of the functions that they share, and of their files."""
    subjects = list(subjects)
    several = tools.shared(each.form for each in subjects) if share else {}
    new = {key: each for key, each in several.items() if key not in wording.tools}
    names = tools.name_tools(new, (each.name for each in taken if each.kind == "tool"))
    wording = replace(wording, tools={**wording.tools, **names})
    written = {each.address: assistants.write(each, wording) for each in subjects}
    used = {id_ for each in subjects for id_ in KINDS["assistant"].references(each.form)}
    sources = [
        *(tools.write(names[key], each) for key, each in new.items()),
        *(each.source for id_, each in wording.files.items() if each.source and id_ in used),
        *(source for source, _ in written.values()),
    ]
    return Tree(
        tuple(sources),
        {each.address: each for each in subjects},
        {address: problems for address, (_, problems) in written.items() if problems},
    )
