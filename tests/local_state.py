"""The state of an environment in local files, with the paths of its files."""

from __future__ import annotations

from pathlib import Path

from provisioner.state.backend import JOURNAL, Backend
from provisioner.state.folder import Folder
from provisioner.state.writing import STATE


class LocalState(Backend):
    """State in a folder; what is at hand beside the product's own is only where its files are."""

    def __init__(self, folder: Path) -> None:
        """`folder` is that of the environment, and called like it."""
        super().__init__(Folder(folder), folder.name)

    @property
    def folder(self) -> Path:
        """The environment's folder."""
        return Path(self.storage.place())

    @property
    def path(self) -> Path:
        """The state."""
        return self.folder / STATE

    @property
    def journal_path(self) -> Path:
        """The journal."""
        return self.folder / JOURNAL
