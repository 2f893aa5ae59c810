"""Instructions composed of texts, files and shared Instructions documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic
from provisioner.manifest.catalog import Catalog, is_for
from provisioner.manifest.document import Document, Path
from provisioner.manifest.environments import Environment
from provisioner.manifest.pasted import in_file
from provisioner.manifest.paths import ProjectFiles
from provisioner.manifest.quoting import shown_path
from provisioner.manifest.substitution import check_text
from provisioner.manifest.suggestions import did_you_mean
from provisioner.manifest.variables import fill_text


@dataclass
class Texts:
    """Composes the instructions of one environment; collects what is wrong with them."""

    catalog: Catalog
    files: ProjectFiles
    environment: Environment
    problems: list[Diagnostic]

    def compose(self, document: Document, path: Path, written: Any) -> str | None:
        """Make one text of what a manifest says; None after a problem.

        A lone part is taken as it is, a file byte for byte. In a list each part loses its trailing
        newlines, and the parts are joined by one blank line.
        """
        if not isinstance(written, list):
            return self._part(document, path, written)
        parts = [self._part(document, (*path, n), each) for n, each in enumerate(written)]
        if any(part is None for part in parts):
            return None
        return "\n\n".join(part.rstrip("\r\n") for part in parts if part is not None)

    def _part(self, document: Document, path: Path, written: Any) -> str | None:
        if isinstance(written, str):
            return written
        if "ref" in written:
            return self._referred(document, (*path, "ref"), written["ref"])
        return self._file(document, path, written)

    def _referred(self, document: Document, path: Path, name: str) -> str | None:
        address = Address("instructions", name)
        shared = self.catalog.documents.get(address)
        if shared is None or not is_for(shared, self.environment.name):
            if shared is not None or address not in self.catalog.declared:
                self.problems.append(unknown(document, path, address, self.catalog))
            return None
        return self.shared(shared)

    def shared(self, document: Document) -> str | None:
        """Read the text of an Instructions document; None after a problem."""
        if "text" in document.spec:
            text: str = document.spec["text"]
            return text
        return self._file(document, ("spec",), document.spec)

    def _file(self, document: Document, path: Path, written: Mapping[str, Any]) -> str | None:
        where = (*path, "file")
        target = self.files.find(document, where, written["file"])
        if isinstance(target, Diagnostic):
            self.problems.append(target)
            return None
        try:
            text = self.files.text(target)
        except (OSError, UnicodeDecodeError) as trouble:
            self.problems.append(_unreadable(document, where, written["file"], trouble))
            return None
        position = document.position(*where)
        self.problems.extend(in_file(shown_path(written["file"]), text, position))
        if written.get("literal"):
            return text
        return self._filled(document, where, text, repr(written["file"]))

    def _filled(self, document: Document, path: Path, text: str, where: str) -> str:
        values = self.environment.values
        found = check_text(document, path, text, values, is_sent=True, where=where)
        self.problems.extend(found)
        return fill_text(text, values.scalars)


def _unreadable(document: Document, path: Path, written: str, trouble: Exception) -> Diagnostic:
    why = (
        f"it is no UTF-8 (byte {trouble.start}). Save it as UTF-8"
        if isinstance(trouble, UnicodeDecodeError)
        else getattr(trouble, "strerror", "")
    )
    return document.error(
        path, "M306", "File can't be read as text", f"{shown_path(written)}: {why}."
    )


def unknown(document: Document, path: Path, address: Address, catalog: Catalog) -> Diagnostic:
    """Say that a reference leads to nothing in an environment."""
    if address in catalog.declared:
        detail = f"{address} is not for this environment: see its `environments`."
    else:
        known = catalog.names(address.kind)
        others = [str(each) for each in catalog.declared if each.name == address.name]
        also = f" {min(others)} is of another kind." if others else ""
        detail = f"Nothing declares {address}.{also}{did_you_mean(address.name, known)}"
    return document.error(path, "M202", "Unknown reference", detail)
