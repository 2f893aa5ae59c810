"""The store of objects: bytes by their digests, whole or not at all."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from provisioner.history.objects import Objects
from provisioner.history.revision import Revision
from provisioner.history.store import retained
from provisioner.state.folder import Folder


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    """Give a store."""
    return Objects(Folder(tmp_path / "history"), "objects")


def names(objects: Objects) -> list[str]:
    """List whatever is in its folder."""
    return [each.name.removeprefix("objects/") for each in objects.storage.entries("objects")]


def digest(data: bytes) -> str:
    """Name bytes."""
    return hashlib.sha256(data).hexdigest()


def test_bytes_come_back(objects: Objects) -> None:
    """By the name that they were given."""
    assert objects.read(objects.keep(b"a,b\n", ())) == b"a,b\n"
    assert objects.sizes() == {digest(b"a,b\n"): 4}


def test_a_file_is_kept_if_it_is_that(objects: Objects, tmp_path: Path) -> None:
    """Other bytes, or none, are not taken for it, and leave nothing behind."""
    source = tmp_path / "data.csv"
    source.write_bytes(b"a,b\n")

    objects.keep_file(source, digest(b"a,b\n"))
    objects.keep_file(source, digest(b"c,d\n"))
    objects.keep_file(tmp_path / "nowhere", digest(b"c,d\n"))
    assert names(objects) == [digest(b"a,b\n")]


def test_what_is_kept_already_is_not_written_again(objects: Objects) -> None:
    """The bytes are known."""
    name = objects.keep(b"a,b\n", ())
    objects.path(name).write_bytes(b"as it was")

    assert objects.keep(b"a,b\n", {name}) == name
    assert objects.path(name).read_bytes() == b"as it was"


def test_damaged_bytes_are_refused(objects: Objects) -> None:
    """They don't have the digest that is their name."""
    name = objects.keep(b"a,b\n", ())
    objects.path(name).write_bytes(b"a,c\n")

    with pytest.raises(ValueError, match="digest"):
        objects.read(name)


def test_what_a_killed_run_left_is_dropped(objects: Objects) -> None:
    """With everything else that nobody needs."""
    kept = objects.keep(b"a,b\n", ())
    objects.keep(b"c,d\n", ())
    objects.path(f".{kept}.x7").write_bytes(b"a,")
    objects.drop_all_but({kept})

    assert names(objects) == [kept]


def test_other_names_are_no_objects(objects: Objects) -> None:
    """They count for nothing."""
    objects.keep(b"a,b\n", ())
    objects.path("notes.txt").write_text("mine")

    assert objects.sizes() == {digest(b"a,b\n"): 4}


def test_the_oldest_have_no_room(revision: Revision) -> None:
    """What is shared with a newer one stays; after a gap nothing does."""
    newest, middle, oldest = (
        replace(revision, content=f"c{n}", files=files)
        for n, files in ((3, ("big",)), (2, ("big", "mid")), (1, ("small",)))
    )
    sizes = {"c1": 1, "c2": 1, "c3": 1, "big": 100, "mid": 50, "small": 1}
    chain = [newest, middle, oldest]

    assert retained(chain, sizes, 1000) == sizes.keys()
    assert retained(chain, sizes, 152) == {"c3", "big", "c2", "mid"}
    assert retained(chain, sizes, 151) == {"c3", "big"}
    assert retained(chain, sizes, 0) == {"c3", "big"}
    assert retained([], sizes, 0) == set()
