"""The lock in Azure Blob Storage: a lease that is renewed as long as its holder lives."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import BlobLeaseClient

from provisioner.json_reading import read_json
from provisioner.state import holder
from provisioner.state.blob_refusals import NO_BLOB, code
from provisioner.state.blob_requests import Blobs
from provisioner.state.files import unwritable

if TYPE_CHECKING:
    from azure.storage.blob import BlobClient

    from provisioner.state.storage import Held

LOCK = "lock"
LEASE_SECONDS = 60
"""The longest that isn't endless: Lease Blob takes 15 to 60 s."""
RENEWED_EVERY_SECONDS = 15.0
ASKED_EVERY_SECONDS = 1.0
REQUEST_SECONDS = 60.0
"""So long after it was sent a request other than an upload is under way at most."""

_IF_DEAD = (
    " If it is dead, the lock ends by itself within a minute; `provisioner state unlock --force`"
    " ends it at once."
)


@contextmanager
def leased(
    blobs: Blobs, journal: Callable[[], bytes], operation: str, timeout: float, held: Held
) -> Iterator[None]:
    """Hold the lease; wait `timeout` seconds for it.

    It ends a minute after its holder has died. Raises LockError that names the holder. `journal`
    reads what a holder that died has left.
    """
    blob = blobs.blob(LOCK)
    place = blobs.url(LOCK)
    try:
        lease, left = _acquire(blob, place, timeout, held)
        blob.upload_blob(holder.note(operation), overwrite=True, lease=lease)
    except AzureError as trouble:
        raise unwritable(place, blobs.explained(trouble, LOCK)) from None
    ended = threading.Event()
    renewing = threading.Thread(target=_renew, args=(lease, ended), daemon=True)
    renewing.start()
    try:
        if left:
            _wait_for_requests(journal(), left, held)
        yield
    finally:
        ended.set()
        renewing.join()
        # What can't be given up ends by itself.
        with suppress(AzureError):
            blob.upload_blob(b"", overwrite=True, lease=lease)
            lease.release()


def abandoned(blobs: Blobs) -> str | None:
    """Tell whose lease has run out without being given up; None where there is none."""
    try:
        content, properties = blobs.read(LOCK)
    except FileNotFoundError:
        return None
    except OSError as trouble:
        raise unwritable(blobs.url(LOCK), trouble) from trouble
    if properties.lease.state == "leased" or not content:
        return None
    return holder.begun_by(content)


def break_lease(blobs: Blobs) -> str | None:
    """End a lease whose holder can't give it up; tell who it was, None where nobody held it."""
    try:
        content, properties = blobs.read(LOCK)
        if properties.lease.state != "leased":
            return None
        BlobLeaseClient(blobs.blob(LOCK)).break_lease(0)
    except FileNotFoundError:
        return None
    except AzureError as trouble:
        raise unwritable(blobs.url(LOCK), blobs.explained(trouble, LOCK)) from None
    return holder.begun_by(content)


def _acquire(
    blob: BlobClient, place: str, timeout: float, held: Held
) -> tuple[BlobLeaseClient, bytes]:
    """Take the lease; give what a former holder that never gave it up has noted."""
    # One id for all tries: where an answer is lost, the lease is had by asking once more.
    lease = BlobLeaseClient(blob)
    until, told = time.monotonic() + timeout, False
    while not _taken(lease, blob):
        by = holder.held_by(blob.download_blob().readall())
        left = until - time.monotonic()
        if left <= 0:
            raise holder.locked(place, by, _IF_DEAD)
        if not told:
            held(by, timeout)
            told = True
        time.sleep(min(left, ASKED_EVERY_SECONDS))
    return lease, blob.download_blob(lease=lease).readall()


def _taken(lease: BlobLeaseClient, blob: BlobClient) -> bool:
    try:
        lease.acquire(LEASE_SECONDS)
    except ResourceNotFoundError as trouble:
        if code(trouble) != NO_BLOB:
            raise
        with suppress(ResourceExistsError):
            blob.upload_blob(b"", overwrite=False)
        return _taken(lease, blob)
    except ResourceExistsError:
        return False
    return True


def _renew(lease: BlobLeaseClient, ended: threading.Event) -> None:
    """Renew until it is over; a lease that can't be renewed is lost, and writing tells so."""
    while not ended.wait(RENEWED_EVERY_SECONDS):
        with suppress(AzureError):
            lease.renew()


def _wait_for_requests(journal: bytes, left: bytes, held: Held) -> None:
    """Wait until no request of a holder that lost the lock can still be under way.

    It may live on somewhere, and see its lock's end only with its next intent.
    """
    seconds = min(_latest(journal) + REQUEST_SECONDS - time.time(), REQUEST_SECONDS)
    if seconds > 0:
        held(f"{holder.held_by(left)}, whose last request may be under way", seconds)
        time.sleep(seconds)


def _latest(journal: bytes) -> float:
    """Tell when the last intent was sent whose outcome is unknown."""
    sent: dict[str, float] = {}
    for line in journal.split(b"\n"):
        with suppress(ValueError, TypeError, KeyError, AttributeError):
            entry = read_json(line)
            if "intent" in entry:
                sent[entry["intent"]] = float(entry["sent_at"])
            sent.pop(entry.get("done") or entry.get("failed"), None)
    return max(sent.values(), default=0.0)
