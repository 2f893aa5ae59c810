"""Composition: one environment's resources, made of a project's documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from provisioner.address import Address
from provisioner.check import Check
from provisioner.diagnostics import Diagnostic
from provisioner.kinds import KINDS
from provisioner.manifest import limits
from provisioner.manifest.attachments import file_resource
from provisioner.manifest.catalog import (
    Catalog,
    attached_files,
    attachments,
    for_environment,
    inline_files,
    is_for,
)
from provisioner.manifest.checks import compose_checks
from provisioner.manifest.document import Document, Path
from provisioner.manifest.environments import Environment
from provisioner.manifest.ignored import check_ignored
from provisioner.manifest.paths import ProjectFiles
from provisioner.manifest.project import Project
from provisioner.manifest.quoting import shown
from provisioner.manifest.stores import check_store, store_attributes
from provisioner.manifest.suggestions import closest, did_you_mean
from provisioner.manifest.texts import Texts, unknown
from provisioner.resource import Lifecycle, Resource

AS_WRITTEN = ("description", "temperature", "top_p", "response_format", "metadata")
"""Fields of a spec that are attributes as they stand."""


@dataclass(frozen=True, slots=True)
class Composition:
    """What is declared for one environment, and what is wrong with it."""

    resources: Mapping[Address, Resource]
    checks: tuple[Check, ...]
    diagnostics: tuple[Diagnostic, ...]
    catalog: Catalog
    """The documents as they hold there."""


def compose(
    project: Project, environment: Environment, everything: Catalog, files: ProjectFiles
) -> Composition:
    """Compose the resources of one environment; problems become diagnostics, all at once."""
    catalog, problems = for_environment(everything, project, environment, files)
    composing = _Composing(project, environment, catalog, files, problems)
    resources = {each.address: each for each in composing.resources()}
    checks, found = compose_checks(catalog, environment.name)
    return Composition(resources, tuple(checks), (*composing.problems, *found), catalog)


@dataclass
class _Composing:
    """One environment while it is composed."""

    project: Project
    environment: Environment
    catalog: Catalog
    files: ProjectFiles
    problems: list[Diagnostic]
    filenames: dict[Address, str] = field(default_factory=dict)
    """The names that files are sent with, as far as they are composed."""

    def resources(self) -> Iterator[Resource]:
        for document in self.catalog.of_kind("file", self.environment.name):
            path = ("spec", "path")
            target = self.files.find(document, path, document.spec["path"])
            if not isinstance(target, Diagnostic):  # the catalog has reported it
                yield from self._file(document, path, target)
        for document in self.catalog.of_kind("instructions", self.environment.name):
            self._texts().shared(document)
        attached: set[Address] = set()
        for document in self.catalog.of_kind("assistant", self.environment.name):
            yield from self._inline_files(document, attached)
            yield self._assistant(document)
        for document in self.catalog.of_kind("vectorstore", self.environment.name):
            yield from self._inline_files(document, attached)
            yield self._vector_store(document)

    def _file(self, document: Document, path: Path, target: FilePath) -> Iterator[Resource]:
        address = self.catalog.files[target]
        made = file_resource(self.files, address, document, path, target, self.problems)
        if made:
            self.filenames[address] = made.attributes["filename"]
            yield made

    def _inline_files(self, document: Document, attached: set[Address]) -> Iterator[Resource]:
        for path, target in inline_files(document, self.files):
            if isinstance(target, Diagnostic):
                self.problems.append(target)
                continue
            address = self.catalog.files[target]
            declared = self.catalog.documents.get(address)
            if declared and not is_for(declared, self.environment.name):
                self._unknown(document, path, address)
            elif declared is None and address not in attached:
                attached.add(address)
                yield from self._file(document, path, target)

    def _texts(self) -> Texts:
        return Texts(self.catalog, self.files, self.environment, self.problems)

    def _assistant(self, document: Document) -> Resource:
        spec = document.spec
        tools = [self._tool(document, n, tool) for n, tool in enumerate(spec.get("tools", ()))]
        attributes: dict[str, Any] = {
            "name": spec.get("name", document.name),
            "model": self._model(document),
            "instructions": self._texts().compose(
                document, ("spec", "instructions"), spec.get("instructions", "")
            ),
            "tools": [tool for tool in tools if tool],
            "tool_resources": self._tool_resources(document),
            **{key: spec[key] for key in AS_WRITTEN if key in spec},
        }
        api_version = self.environment.provider.api_version
        sized = self.environment.values.veil.blanked(attributes)
        self.problems.extend(limits.check(document, sized, tools, api_version))
        self.problems.extend(check_ignored(document))
        return _resource(document, attributes)

    def _vector_store(self, document: Document) -> Resource:
        listed = attachments(document)
        files = [
            each for path, written in listed for each in self._attached(document, path, written)
        ]
        filenames = [(path, self.filenames[id_]) for path, id_ in files if id_ in self.filenames]
        attributes = store_attributes(document, (id_ for _, id_ in files))
        api_version = self.environment.provider.api_version
        self.problems.extend(check_store(document, filenames, attributes, api_version))
        self.problems.extend(check_ignored(document))
        return _resource(document, attributes)

    def _model(self, document: Document) -> str:
        """Replace an alias by the deployment of this environment."""
        written: str = document.spec.get("model", "")
        if not written:
            detail = "`spec` needs `model`. Write it here, or into the Project's `defaults`."
            self.problems.append(document.error(("spec",), "M102", "Field is missing", detail))
        models = self.environment.models
        elsewhere = sorted(
            name for name, each in self.project.environments.items() if written in each.models
        )
        if written not in models and elsewhere:
            self.problems.append(
                document.error(
                    ("spec", "model"),
                    "M204",
                    "Model alias is missing",
                    f"{shown(written)} is an alias in {', '.join(elsewhere)}, but not in this"
                    f" environment. Add it to its `models`.{did_you_mean(written, models)}",
                )
            )
        elif written not in models:
            self._like_an_alias(document, written)
        return models.get(written, written)

    def _like_an_alias(self, document: Document, written: str) -> None:
        """Warn of a model that is nearly an alias; names of deployments mostly hold a digit."""
        aliases = {name for each in self.project.environments.values() for name in each.models}
        meant = closest(written, aliases)
        if meant and not any(each.isdigit() for each in written):
            detail = (
                f"{shown(written)} is no alias, and is taken for the name of a deployment."
                f" Did you mean {meant}? If not, add it to `models`."
            )
            path = ("spec", "model")
            self.problems.append(document.warning(path, "M152", "Model is nearly an alias", detail))

    def _tool(self, document: Document, index: int, tool: Mapping[str, Any]) -> Any:
        if "ref" in tool:
            return self._shared_tool(document, ("spec", "tools", index, "ref"), tool["ref"])
        if tool["type"] == "function":
            return tool
        if "max_num_results" in tool:
            options = {"max_num_results": tool["max_num_results"]}
            return {"type": tool["type"], tool["type"]: options}
        return {"type": tool["type"]}

    def _shared_tool(self, document: Document, path: Path, name: str) -> Any:
        address = Address("tool", name)
        shared = self.catalog.documents.get(address)
        if shared and is_for(shared, self.environment.name):
            return shared.spec
        self._unknown(document, path, address)
        return None

    def _tool_resources(self, document: Document) -> dict[str, Any]:
        file_ids: list[object] = []
        for path, listed in attachments(document):
            file_ids.extend(id_ for _, id_ in self._attached(document, path, listed))
        stores: list[object] = []
        for index, tool in enumerate(document.spec.get("tools", ())):
            stores.extend(self._store(document, ("spec", "tools", index, "vector_store"), tool))
        return {
            "code_interpreter": {"file_ids": file_ids},
            "file_search": {"vector_store_ids": stores},
        }

    def _attached(
        self, document: Document, path: Path, files: Iterable[Any]
    ) -> Iterator[tuple[Path, Any]]:
        """Go through a list of files: where each is written, and its address or id."""
        for number, each in enumerate(files):
            if isinstance(each, str):
                yield (*path, number), self._declared(document, (*path, number), "file", each)
            elif "id" in each:
                yield (*path, number, "id"), each["id"]
            else:
                for place, target in attached_files(document, (*path, number), each, self.files):
                    if not isinstance(target, Diagnostic):
                        yield place, self.catalog.files[target]

    def _store(self, document: Document, path: Path, tool: Mapping[str, Any]) -> Iterator[object]:
        store = tool.get("vector_store")
        if isinstance(store, str):
            yield self._declared(document, path, "vectorstore", store)
        elif store:
            yield store["id"]

    def _declared(self, document: Document, path: Path, kind: str, name: str) -> Address:
        """Give the address that a name stands for, and report it where nothing declares it."""
        address = Address(kind, name)
        declared = self.catalog.documents.get(address)
        if declared is None or not is_for(declared, self.environment.name):
            self._unknown(document, path, address)
        return address

    def _unknown(self, document: Document, path: Path, address: Address) -> None:
        if address in self.catalog.declared and address not in self.catalog.documents:
            return  # its own document has been refused
        self.problems.append(unknown(document, path, address, self.catalog))


def _resource(document: Document, attributes: Mapping[str, Any]) -> Resource:
    references = KINDS[document.address.kind].references(attributes)
    return Resource(
        document.address,
        attributes,
        tuple(sorted({each for each in references if isinstance(each, Address)})),
        document.position("metadata", "name"),
        document.data["metadata"].get("labels", {}),
        lifecycle=_lifecycle(document),
    )


def _lifecycle(document: Document) -> Lifecycle:
    written = document.data["metadata"].get("lifecycle", {})
    return Lifecycle(
        written.get("prevent_destroy", False), tuple(written.get("ignore_changes", ()))
    )
