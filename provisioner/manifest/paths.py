"""Files that manifests name: inside the project, readable, read once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from provisioner.content import Content
from provisioner.diagnostics import Diagnostic
from provisioner.manifest.document import Document
from provisioner.manifest.document import Path as NodePath


@dataclass
class ProjectFiles:
    """The files of one project; remembers what was read, for the run of one command."""

    folder: Path
    _contents: dict[Path, Content] = field(default_factory=dict)
    _texts: dict[Path, str] = field(default_factory=dict)

    def find(self, document: Document, path: NodePath, written: str) -> Path | Diagnostic:
        """Find the file that a PATH of a document names, relative to the manifest it stands in."""
        if "\0" in written or PurePosixPath(written).is_absolute() or Path(written).is_absolute():
            return document.error(
                path,
                "M301",
                "Path is not relative",
                f"{written!r}: write the path from the folder of this manifest on.",
            )
        target = (self.folder / document.file).parent / written
        if not _is_inside(target, self.folder):
            return document.error(
                path,
                "M301",
                "Path leads out of the project",
                f"{written!r} is outside {self.folder}, or a symbolic link leads there. Copy the"
                " file into the project.",
            )
        if not target.is_file():
            what = "is a folder" if target.is_dir() else "doesn't exist"
            return document.error(path, "M302", "File is missing", f"{written!r} {what}.")
        return target.resolve()

    def relative(self, file: Path) -> str:
        """Write a file's path from the project folder on, with forward slashes."""
        return file.relative_to(self.folder.resolve()).as_posix()

    def content(self, file: Path) -> Content:
        """Digest a file; raises OSError."""
        if file not in self._contents:
            self._contents[file] = Content.of(file)
        return self._contents[file]

    def text(self, file: Path) -> str:
        """Read a text file, byte for byte; raises OSError and UnicodeDecodeError."""
        if file not in self._texts:
            self._texts[file] = file.read_bytes().decode("utf-8")
        return self._texts[file]


def _is_inside(target: Path, folder: Path) -> bool:
    try:
        return target.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # a loop of symbolic links
        return False
