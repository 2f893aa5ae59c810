"""An export put together: the documents of all that was chosen, and their files."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from provisioner.address import Address
from provisioner.export import assistants, stores, tools
from provisioner.export.documents import Source
from provisioner.export.files import Attached
from provisioner.export.names import document_name
from provisioner.export.selection import Found
from provisioner.export.subjects import Subject, Wording
from provisioner.kinds import KINDS
from provisioner.manifest.modeline import modeline
from provisioner.manifest.variables import escape
from provisioner.resource import RemoteObject
from provisioner.situation import live_form


@dataclass(frozen=True, slots=True)
class Tree:
    """Everything that is to be written."""

    sources: tuple[Source, ...]
    subjects: Mapping[Address, Subject]
    problems: Mapping[Address, Sequence[str]]
    """What of an object no manifest can say, in words."""

    @property
    def files(self) -> Mapping[str, bytes]:
        """Every file by its path; what manifests name comes before them."""
        whole = {path: each for source in self.sources for path, each in source.files.items()}
        manifests = {source.manifest for source in self.sources}
        return dict(sorted(whole.items(), key=lambda each: (each[0] in manifests, each[0])))

    def for_editors(self, prefix: str) -> Mapping[str, bytes]:
        """Begin every manifest with the line for editors; `prefix` is the place in the project."""
        manifests = {source.manifest for source in self.sources}
        return {
            path: _modeline(f"{prefix}{path}") + each if path in manifests else each
            for path, each in self.files.items()
        }


def _modeline(path: str) -> bytes:
    return modeline(Path(), Path(path)).encode()


def name_subjects(
    found: Iterable[Found], taken: Iterable[Address], *, recorded: bool, known: Container[str]
) -> list[Subject]:
    """Name what is exported: ours keeps its address, the others get the name that they show.

    `recorded`: the manifests go where the state is, so what the service filled in is left out;
    `known`: the ids of what the next plan knows.
    """
    found = list(found)
    addresses = {*taken, *(each.address for each in found if each.address)}
    subjects: list[Subject] = []
    for each in found:
        address = each.address or _new_address(each.live, addresses)
        addresses.add(address)
        subjects.append(_subject(each, address, known, recorded=recorded))
    return subjects


def _new_address(live: RemoteObject, taken: set[Address]) -> Address:
    shown = escape(str(live.attributes.get("name", "")))
    names = {each.name for each in taken if each.kind == live.kind}
    return Address(live.kind, document_name(shown, live.id, names))


def _subject(found: Found, address: Address, known: Container[str], *, recorded: bool) -> Subject:
    state, id_ = found.state, found.live.id
    form = live_form(KINDS[address.kind], found.live, state if recorded else None)
    subject = Subject(id_, address.name, form, address.kind, id_ in known)
    return replace(subject, labels=state.labels, lifecycle=state.lifecycle) if state else subject


def build(
    subjects: Iterable[Subject],
    wording: Wording,
    taken: Iterable[Address] = (),
    *,
    share: bool,
) -> Tree:
    """Write the documents of all subjects, of the functions that they share, and of their files."""
    subjects = list(subjects)
    several = tools.shared(each.form for each in subjects) if share else {}
    new = {key: each for key, each in several.items() if key not in wording.tools}
    names = tools.name_tools(new, (each.name for each in taken if each.kind == "tool"))
    wording = replace(wording, tools={**wording.tools, **names})
    written = {each.address: _write(each, wording, subjects) for each in subjects}
    used = {id_ for each in subjects for id_ in KINDS[each.kind].references(each.form)}
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


def _write(
    subject: Subject, wording: Wording, subjects: Iterable[Subject]
) -> tuple[Source, list[str]]:
    if subject.kind == "vectorstore":
        return stores.write(subject, wording), []
    held = {
        each.id: Attached(each.id, each.name, each.address)
        for each in subjects
        if each.kind == "vectorstore" and (each.is_known or not subject.is_known)
    }
    return assistants.write(subject, replace(wording, stores={**wording.stores, **held}))
