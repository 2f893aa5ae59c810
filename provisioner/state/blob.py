"""The storage of an environment in Azure Blob Storage.

Several machines may write here, and one whose lock has ended without its knowledge may still be
alive. So what decides what is recorded is replaced only as long as it is what was read (ETags), and
whoever begins to record changes it first (`claim`): nobody who read before can write any more.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provisioner.errors import StateError
from provisioner.state.blob_lease import abandoned, break_lease, leased
from provisioner.state.blob_log import BlobLog
from provisioner.state.blob_requests import Blobs, etag
from provisioner.state.folder import Folder
from provisioner.state.storage import JOURNAL, STATE, Entry, Held, Log, StorageError

if TYPE_CHECKING:
    from azure.storage.blob import BlobProperties

CLAIM, LOG, ORDER = "claim", "log", "order"
"""Metadata: whose run it is, which blob a journal goes on in, and a place in the order."""

READ_AGAIN = 5
"""So often a journal is read again whose other half was replaced meanwhile."""

DOWNLOADS = ".downloads-"
"""What the local folder for contents that are needed as files begins with; it goes at the end."""


@dataclass(frozen=True, slots=True)
class Half:
    """The append blob that a journal goes on in."""

    name: str
    etag: str
    length: int
    """In bytes."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read, or written last, that others may replace."""

    state: str | None = None
    """The ETag; None: there was none."""
    journal: str | None = None
    half: Half | None = None
    whole: bytes | None = None
    """The whole lines of the journal, where it ends in a torn one."""


@dataclass
class BlobStorage:
    """Blobs below one prefix of a container; used by one command.

    A journal is two blobs: one that is replaced whole, and an append blob, named by it, with what
    was added since. An append costs what it adds, and a journal can be begun anew in one step.
    """

    blobs: Blobs
    local: Folder
    _seen: Seen = field(default_factory=Seen)
    _known: set[str] = field(default_factory=set)
    """Which of state and journal were read here: later readings don't change what was seen."""
    _files: set[str] = field(default_factory=set)
    """What was downloaded."""
    _folder: Path | None = None
    """Where to."""

    def place(self, name: str = "") -> str:
        """Give the address of a blob, or of all of them."""
        return self.blobs.url(name)

    def prepare(self) -> None:
        """Do nothing: blobs need no folders."""

    def locked(self, operation: str, timeout: float, held: Held) -> AbstractContextManager[None]:
        """Hold a lease, which is renewed as long as the command runs."""
        return leased(self.blobs, self._left, operation, timeout, held)

    def abandoned(self) -> str | None:
        """Tell whose lease has run out without being given up."""
        return abandoned(self.blobs)

    def break_lock(self) -> str | None:
        """End the lease."""
        return break_lease(self.blobs)

    def _left(self) -> bytes:
        """Read the journal that a holder has left, and remember nothing of it."""
        try:
            return BlobStorage(self.blobs, self.local).read_log(JOURNAL)
        except OSError:
            return b""

    def read(self, name: str) -> bytes:
        """Read a blob."""
        try:
            content, properties = self.blobs.read(name)
        except FileNotFoundError:
            self._see(name)
            raise
        self._see(name, state=etag(properties))
        return content

    def _see(self, name: str, **found: Any) -> None:
        """Remember what was read first; contents of other names are never replaced by others."""
        if name in (STATE, JOURNAL) and name not in self._known:
            self._known.add(name)
            self._seen = replace(self._seen, **found)

    def file(self, name: str) -> Path:
        """Download a blob, once for each command."""
        kept = f"{self._downloads()}/{name.rpartition('/')[2]}"
        if name not in self._files:
            self.local.write(kept, self.blobs.chunks(name))
            self._files.add(name)
        return self.local.file(kept)

    def _downloads(self) -> str:
        """Make a folder of this command's own: what is kept in it may be sensitive one day."""
        if self._folder is None:
            self.local.prepare()
            self._folder = Path(tempfile.mkdtemp(prefix=DOWNLOADS, dir=self.local.path))
            # Not any sooner: whoever asked for a file needs it longer than this storage.
            atexit.register(shutil.rmtree, self._folder, ignore_errors=True)
        return self._folder.name

    def write(self, name: str, content: Iterable[bytes], order: int | None = None) -> None:
        """Replace a blob; the state only while it is as it was read."""
        if name != STATE:
            self.blobs.upload(name, content, {} if order is None else {ORDER: str(order)})
            return
        if STATE not in self._known:
            self._read_state()
        written = self.blobs.replace(STATE, b"".join(content), self._seen.state)
        self._seen = replace(self._seen, state=written)

    def _read_state(self) -> None:
        try:
            self.read(STATE)
        except FileNotFoundError:
            return

    def date(self, name: str, order: int) -> None:
        """Write down a blob's place in the order: times of blobs are whole seconds."""
        self.blobs.mark(name, {ORDER: str(order)})

    def delete(self, *names: str) -> None:
        """Delete blobs; a journal only while it is as it was read."""
        for name in names:
            if name == JOURNAL:
                self._delete_journal()
            else:
                self.blobs.delete(name)

    def _delete_journal(self) -> None:
        if JOURNAL not in self._known:
            self._left_alone()
        if self._seen.journal is not None:
            self.blobs.delete(JOURNAL, self._seen.journal)
        if self._seen.half:
            self.blobs.delete(self._seen.half.name)
        self._seen = replace(self._seen, journal=None, half=None, whole=None)

    def _left_alone(self) -> None:
        try:
            self.read_log(JOURNAL)
        except FileNotFoundError:
            return

    def entries(self, folder: str) -> list[Entry]:
        """List the blobs of a folder."""
        return [
            Entry(self.blobs.name(each), each.size or 0, _order(each))
            for each in self.blobs.listed(f"{folder}/")
        ]

    def read_log(self, name: str) -> bytes:
        """Read both blobs of a journal."""
        for base, half, journal in self._readings(name):
            try:
                added, properties = self.blobs.read(half)
            except FileNotFoundError:
                continue  # begun anew, and the former one deleted, just then
            content = base + added
            torn = bool(content) and not content.endswith(b"\n")
            self._see(
                name,
                journal=journal,
                half=Half(half, etag(properties), len(added)),
                whole=content[: content.rfind(b"\n") + 1] if torn else None,
            )
            return content
        raise StorageError(self.place(name), "the blob that it goes on in is missing")

    def _readings(self, name: str) -> Iterator[tuple[bytes, str, str]]:
        for _ in range(READ_AGAIN):
            try:
                base, properties = self.blobs.read(name)
            except FileNotFoundError:
                self._see(name)
                raise
            yield base, _metadata(properties).get(LOG, ""), etag(properties)

    def begin_log(self, name: str, content: bytes) -> None:
        """Replace a journal: an empty append blob first, then the blob that names it.

        Raises StateError where the state is no longer as it was seen.
        """
        former = self._seen.half
        log = f"{name.removesuffix('.jsonl')}-{uuid.uuid4().hex[:12]}.jsonl"
        half = Half(log, self.blobs.create_log(log), 0)
        try:
            journal = self.blobs.replace(name, content, self._seen.journal, {LOG: log})
        except StateError:
            self._withdraw(log)
            raise
        self._known.add(name)
        self._seen = replace(self._seen, journal=journal, half=half, whole=None)
        self._expect_state(name, journal, log)
        if former:
            self.blobs.delete(former.name)

    def _expect_state(self, name: str, journal: str, log: str) -> None:
        """Hold a journal that was just begun to the claim; take it back where that is lost.

        Whoever claimed the state meanwhile, and has ended, has left no journal to be refused by.
        """
        if self._seen.state is None:
            return
        try:
            self.blobs.expect(STATE, self._seen.state)
        except StateError:
            with suppress(OSError):
                self.blobs.delete(name, journal)
                self._withdraw(log)
            raise

    def _withdraw(self, log: str) -> None:
        """Delete an append blob that nothing names; one that stays does no harm."""
        with suppress(OSError):
            self.blobs.delete(log)

    def continue_log(self, name: str) -> Log:
        """Append to the append blob of a journal; one that ends torn is begun anew."""
        if self._seen.whole is not None:
            self.begin_log(name, self._seen.whole)
        if self._seen.half is None:
            raise FileNotFoundError(2, "there is no journal")
        return BlobLog(
            self.blobs, self._seen.half.name, self._seen.half.etag, self._seen.half.length
        )

    def seen(self) -> object:
        """Give the ETags of state and journal."""
        return self._seen

    def claim(self, seen: object, initial: bytes) -> None:
        """Change the metadata of what was read; a state that was not there is begun."""
        self._known |= {STATE, JOURNAL}
        found = seen if isinstance(seen, Seen) else self._seen
        mark = {CLAIM: uuid.uuid4().hex}
        half = found.half
        if half:
            half = replace(half, etag=self.blobs.mark(half.name, mark, half.etag))
        log = {LOG: half.name} if half else {}
        journal = found.journal and self.blobs.mark(JOURNAL, {**log, **mark}, found.journal)
        if found.state is None:
            state = self.blobs.replace(STATE, initial, None)
        else:
            state = self.blobs.mark(STATE, mark, found.state)
        self._seen = replace(found, state=state, journal=journal, half=half)


def _metadata(blob: BlobProperties) -> Mapping[str, str]:
    return blob.metadata or {}


def _order(blob: BlobProperties) -> int:
    order = _metadata(blob).get(ORDER, "")
    if order.isdecimal():
        return int(order)
    return int(blob.last_modified.timestamp() * 1e9) if blob.last_modified else 0
