"""The files of what is exported: what a manifest can say of each, and their bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from provisioner.address import Address
from provisioner.export import files
from provisioner.export.files import Attached, unmanaged
from provisioner.export.names import document_name
from provisioner.operations.surroundings import Surroundings
from provisioner.providers.base import Provider
from provisioner.resource import Attributes, RemoteObject, Resource, ResourceState


@dataclass
class Attaching:
    """The files of one export; lives no longer than that."""

    provider: Provider
    surroundings: Surroundings
    recorded: Mapping[Address, ResourceState]
    live: Mapping[str, RemoteObject]
    """The live files, by id."""
    manage: bool
    """Files that aren't ours are to become so."""
    environments: tuple[str, ...]
    """What new File documents are for; none: all."""
    searched: frozenset[str]
    """Those that vector stores hold."""
    notes: list[str]
    """What is known of files that the manifests only refer to."""

    def __post_init__(self) -> None:
        self._by_id = {
            each.id: each for address, each in self.recorded.items() if address.kind == "file"
        }
        self._taken = {
            each.name
            for each in (*self.surroundings.declared, *self.recorded)
            if each.kind == "file"
        }

    def attach(self, ids: Iterable[str]) -> Mapping[str, Attached]:
        """Find what a manifest writes for each of these files."""
        return {id_: self._attach(id_) for id_ in dict.fromkeys(ids)}

    def _attach(self, id_: str) -> Attached:
        state = self._by_id.get(id_)
        resource = self.surroundings.resources.get(state.address) if state else None
        if state and resource and _same_bytes(state.attributes, resource.attributes):
            return self.surroundings.reference(id_, resource)
        if resource:
            return self._unmanaged(id_, "the project's file is another by now")
        if not self.surroundings.inside:
            return self._unmanaged(id_, "without the state its bytes would be uploaded again")
        if state or self.manage:
            return self._downloaded(id_, state)
        return self._unmanaged(id_, "with --import it would become the project's own")

    def _downloaded(self, id_: str, state: ResourceState | None) -> Attached:
        live = self.live.get(id_)
        content = self.provider.content(id_) if live else None
        if live is None or content is None:
            return self._unmanaged(id_, "the service doesn't give out its bytes")
        reason = files.refusal(live, content, searched=id_ in self.searched)
        if state and not _same_bytes(state.attributes, {"sha256": files.sha256(content)}):
            reason = "its bytes are not those that were recorded"
        if reason:
            return self._unmanaged(id_, reason)
        same = self._declared(live, content)
        if same and not state:
            self._taken.add(same.address.name)
            return self.surroundings.reference(id_, same)
        return self._managed(live, content, state)

    def _managed(self, live: RemoteObject, content: bytes, state: ResourceState | None) -> Attached:
        filename = str(live.attributes["filename"])
        shown = filename.rpartition(".")[0] or filename
        name = state.address.name if state else document_name(shown, live.id, self._taken)
        self._taken.add(name)
        return files.managed(live.id, name, filename, content, self.environments)

    def _declared(self, live: RemoteObject, content: bytes) -> Resource | None:
        """Find what declares just this file, and isn't recorded: an import that was cut short."""
        wanted = {"filename": live.attributes["filename"], "sha256": files.sha256(content)}
        for address, each in sorted(self.surroundings.resources.items()):
            found = {key: each.attributes.get(key) for key in wanted}
            if address.kind == "file" and address not in self.recorded and found == wanted:
                return each
        return None

    def _unmanaged(self, id_: str, why: str) -> Attached:
        live = self.live.get(id_)
        filename = live.attributes.get("filename") if live else None
        self.notes.append(f"{id_} ({filename or 'name not known'}) stays a live id: {why}.")
        return unmanaged(id_, filename)


def _same_bytes(one: Attributes, other: Attributes) -> bool:
    return one.get("sha256") == other.get("sha256")
