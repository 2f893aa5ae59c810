"""Files that manifests name: inside the project, readable, read once."""

from __future__ import annotations

import errno
import os
import posixpath
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath, PureWindowsPath

from provisioner.content import Content
from provisioner.diagnostics import Diagnostic
from provisioner.manifest.document import Document
from provisioner.manifest.document import Path as NodePath
from provisioner.manifest.globs import expand
from provisioner.manifest.quoting import shown_path
from provisioner.manifest.suggestions import closest

MAX_TEXT_BYTES = 8 * 1024 * 1024
"""Larger texts are not read: no API version takes instructions of even a quarter of that."""


_FROM_HERE = " Paths go from the folder of this manifest on."
_MEANT = {
    "*": " Patterns are not followed here: name each file.",
    "~": f" `~` is no folder here.{_FROM_HERE}",
    "\\": " Write `/` between folders.",
    "://": " Save it in the project: addresses are not fetched.",
}
"""What people write where a path stands, and what to write instead."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why a written path names no file of the project."""

    code: str
    summary: str
    detail: str


@dataclass
class ProjectFiles:
    """The files of one project; remembers what was found and read, for the run of one command."""

    folder: Path
    instead: Mapping[str, str] = field(default_factory=dict)
    """Texts, by paths in the project, that stand for those of files."""
    _found: dict[tuple[str, str], Path | _Refusal] = field(default_factory=dict)
    _globs: dict[tuple[str, str], list[Path] | _Refusal] = field(default_factory=dict)
    _contents: dict[Path, Content] = field(default_factory=dict)
    _texts: dict[Path, str] = field(default_factory=dict)

    @cached_property
    def root(self) -> Path:
        """The project folder, without symbolic links."""
        return self.folder.resolve()

    def find(self, document: Document, path: NodePath, written: str) -> Path | Diagnostic:
        """Find the file that a PATH of a document names, relative to the manifest it stands in."""
        folder = document.folder(path)
        if (folder, written) not in self._found:
            self._found[folder, written] = self._find(folder, written)
        found = self._found[folder, written]
        if isinstance(found, _Refusal):
            return document.error(path, found.code, found.summary, found.detail)
        return found

    def glob(self, document: Document, path: NodePath, written: str) -> list[Path] | Diagnostic:
        """Find the files that a glob of a document means, in the order of their paths."""
        folder = document.folder(path)
        if (folder, written) not in self._globs:
            self._globs[folder, written] = self._glob(folder, written)
        found = self._globs[folder, written]
        if isinstance(found, _Refusal):
            return document.error(path, found.code, found.summary, found.detail)
        return found

    def _glob(self, folder: str, written: str) -> list[Path] | _Refusal:
        whole = posixpath.normpath(posixpath.join(folder, written))
        if "\0" in written or posixpath.isabs(written) or whole.startswith(".."):
            # Not relative, or out of the project: as a path it is refused for the same reason.
            return _refused(self._find(folder, written))
        try:
            names = expand(self.root, whole)
        except OSError as trouble:
            return _Refusal(
                "M308", "File can't be read", f"{shown_path(written)}: {trouble.strerror}."
            )
        if not names:
            detail = (
                f"No file matches {shown_path(written)}. `*` stands for any characters of one name,"
                " `**/` for any folders; what begins with a dot is left out."
            )
            return _Refusal("M310", "Glob matches no file", detail)
        found = [self._find("", name) for name in names]
        refused = [each for each in found if isinstance(each, _Refusal)]
        return refused[0] if refused else [each for each in found if isinstance(each, Path)]

    def _find(self, folder: str, written: str) -> Path | _Refusal:
        if "\0" in written or any(
            each(written).is_absolute() for each in (PurePosixPath, PureWindowsPath)
        ):
            detail = f"{shown_path(written)}: write the path from the folder of this manifest on."
            return _Refusal("M307", "Path is not relative", detail)
        target = Path(os.path.realpath(self.root / folder / written))
        if not target.is_relative_to(self.root):
            detail = (
                f"{shown_path(written)} is outside {self.folder}, or a symbolic link leads there."
                " Copy the file into the project."
            )
            return _Refusal("M301", "Path leads out of the project", detail)
        try:
            mode = target.stat().st_mode
        except FileNotFoundError:
            return self._missing(target, folder, written)
        except OSError as trouble:
            return _Refusal(
                "M308", "File can't be read", f"{shown_path(written)}: {trouble.strerror}."
            )
        if stat.S_ISREG(mode):
            return target
        what = "is a folder: name a file in it" if stat.S_ISDIR(mode) else "is no regular file"
        return _Refusal("M302", "File is missing", f"{shown_path(written)} {what}.")

    def _missing(self, target: Path, folder: str, written: str) -> _Refusal:
        try:
            close = closest(target.name, (each.name for each in target.parent.iterdir()))
        except OSError:
            close = None
        meant = f" Did you mean {close}?" if close else _FROM_HERE
        if (self.root / written).is_file():
            meant = f"{_FROM_HERE} Write {'../' * len(PurePosixPath(folder).parts)}{written}."
        for sign, cure in _MEANT.items():
            meant = cure if sign in written else meant
        return _Refusal("M302", "File is missing", f"{shown_path(written)} doesn't exist.{meant}")

    def relative(self, file: Path) -> str:
        """Write a file's path from the project folder on, with forward slashes."""
        return file.relative_to(self.root).as_posix()

    def _instead(self, file: Path) -> str | None:
        return self.instead.get(self.relative(file)) if self.instead else None

    def content(self, file: Path) -> Content:
        """Digest a file; raises OSError."""
        if file not in self._contents:
            text = self._instead(file)
            self._contents[file] = Content.of(file) if text is None else Content.of_text(text)
        return self._contents[file]

    def text(self, file: Path) -> str:
        """Read a text file, byte for byte; raises OSError and UnicodeDecodeError."""
        if file not in self._texts:
            text = self._instead(file)
            if text is not None:
                return text
            if file.stat().st_size > MAX_TEXT_BYTES:
                raise OSError(errno.EFBIG, f"it has more than {MAX_TEXT_BYTES:,} bytes. Shorten it")
            self._texts[file] = file.read_bytes().decode("utf-8")
        return self._texts[file]


def _refused(found: Path | _Refusal) -> _Refusal:
    if isinstance(found, _Refusal):
        return found
    return _Refusal("M301", "Path leads out of the project", f"{found} is no part of it.")
