"""Recognising files by the digests of their holders: proved, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from factories import BOT, OTHER, holding, make_assistant, make_file, owner

from provisioner.address import Address
from provisioner.files_digest import files_digest
from provisioner.recognition import Evidence, Recognition, recognise, unproved
from provisioner.resource import RemoteObject, Resource

ONE, TWO = Address("file", "one"), Address("file", "two")
A, B, C = ("a" * 64, "b" * 64, "c" * 64)


def file(id_: str, **attributes: Any) -> RemoteObject:
    """Make a live file."""
    given = {"filename": "data.csv", "bytes": 8, "purpose": "assistants", **attributes}
    return RemoteObject("file", id_, given)


def holder(pairs: Mapping[str, str], address: Address = BOT, **more: Any) -> RemoteObject:
    """Make a live assistant that was given these bytes under these ids."""
    digest = more.pop("digest", files_digest(pairs, pairs))
    attributes = holding(*more.pop("held", pairs))
    tag = owner(address)
    return RemoteObject("assistant", f"asst_{address.name}", attributes, tag, files_digest=digest)


def see(
    declared: Mapping[Address, Resource],
    holders: list[RemoteObject],
    files: list[RemoteObject],
    downloaded: Mapping[str, str] | None = None,
) -> Evidence:
    """Put evidence together."""
    live = {each.id: each for each in (*holders, *files)}
    return Evidence(holders, live, declared, downloaded or {})


def using(*files: object, address: Address = BOT) -> dict[Address, Resource]:
    """Declare an assistant that uses files."""
    return {address: make_assistant(address, **holding(*files))}


def test_a_digest_proves_which_of_two_contents_a_file_has() -> None:
    """Name and size are the same; only one order of the bytes comes out."""
    declared = {ONE: make_file(ONE, sha256=A), TWO: make_file(TWO, sha256=B), **using(ONE, TWO)}
    evidence = see(declared, [holder({"f-1": B, "f-2": A})], [file("f-1"), file("f-2")])
    assert recognise(evidence).found == {TWO: "f-1", ONE: "f-2"}
    assert unproved(evidence) == set()


def test_without_a_digest_nothing_is_recognised() -> None:
    """Name and size alone say nothing: somebody else may have uploaded it."""
    declared = {ONE: make_file(ONE, sha256=A), **using(ONE)}
    evidence = see(declared, [holder({"f-1": A}, digest=None)], [file("f-1")])
    assert recognise(evidence) == Recognition({}, {}, {})


def test_a_digest_that_does_not_come_out_proves_nothing() -> None:
    """Somebody has attached another file in the portal since."""
    declared = {ONE: make_file(ONE, sha256=A), **using(ONE)}
    holders = [holder({"f-1": A}, held=["f-1", "f-9"])]
    evidence = see(declared, holders, [file("f-1"), file("f-9", filename="other.csv")])
    assert recognise(evidence).found == {}
    assert unproved(evidence) == {"f-1", "f-9"}


def test_another_name_or_size_is_another_file() -> None:
    """Even where its digest would come out."""
    declared = {ONE: make_file(ONE, sha256=A), **using(ONE)}
    for other in ({"filename": "x.csv"}, {"bytes": 9}):
        evidence = see(declared, [holder({"f-1": A})], [file("f-1", **other)])
        assert recognise(evidence).found == {}


def test_a_size_that_the_service_leaves_out_is_no_hindrance() -> None:
    """Then the name chooses, and the digest proves."""
    declared = {ONE: make_file(ONE, sha256=A), **using(ONE)}
    evidence = see(declared, [holder({"f-1": A})], [file("f-1", bytes=None)])
    assert recognise(evidence).found == {ONE: "f-1"}


def test_a_file_that_a_manifest_names_by_its_id_is_not_ours() -> None:
    """Though it looks like a declared one."""
    declared = {ONE: make_file(ONE, sha256=A), **using("f-1")}
    evidence = see(declared, [holder({"f-1": ""})], [file("f-1")])
    assert recognise(evidence).found == {}
    assert unproved(evidence) == set()


def test_twins_are_told_by_their_holders() -> None:
    """The same bytes twice: each assistant is declared to have its own."""
    declared = {
        ONE: make_file(ONE, sha256=A),
        TWO: make_file(TWO, sha256=A),
        **using(ONE),
        **using(TWO, address=OTHER),
    }
    holders = [holder({"f-1": A}), holder({"f-2": A}, OTHER)]
    found = recognise(see(declared, holders, [file("f-1"), file("f-2")]))
    assert found.found == {ONE: "f-1", TWO: "f-2"}


def test_what_one_holder_leaves_open_follows_from_another() -> None:
    """One has both, the other only the first."""
    declared = {
        ONE: make_file(ONE, sha256=A),
        TWO: make_file(TWO, sha256=A),
        **using(ONE, TWO),
        **using(ONE, address=OTHER),
    }
    holders = [holder({"f-1": A, "f-2": A}), holder({"f-2": A}, OTHER)]
    found = recognise(see(declared, holders, [file("f-1"), file("f-2")]))
    assert found.found == {ONE: "f-2", TWO: "f-1"}


def test_twins_of_one_holder_are_rivals() -> None:
    """Nothing tells them from each other, so nothing is guessed."""
    declared = {ONE: make_file(ONE, sha256=A), TWO: make_file(TWO, sha256=A), **using(ONE, TWO)}
    evidence = see(declared, [holder({"f-1": A, "f-2": A})], [file("f-1"), file("f-2")])
    found = recognise(evidence)
    assert found.found == {}
    assert found.rivals == {ONE: ("f-1", "f-2"), TWO: ("f-1", "f-2")}


def test_downloaded_bytes_prove_the_former_content_of_a_file() -> None:
    """The file was edited here since: its record is that of the bytes that are live."""
    declared = {ONE: make_file(ONE, sha256=B, bytes=9), **using(ONE)}
    holders, files = [holder({"f-1": A})], [file("f-1")]
    assert unproved(see(declared, holders, files)) == {"f-1"}
    found = recognise(see(declared, holders, files, {"f-1": A}))
    assert found.found == {ONE: "f-1"}
    assert found.sha256 == {"f-1": A}


def test_downloaded_bytes_that_are_not_those_of_the_digest_prove_nothing() -> None:
    """Whatever the service gives out, the tag doesn't speak of it."""
    declared = {ONE: make_file(ONE, sha256=B, bytes=9), **using(ONE)}
    evidence = see(declared, [holder({"f-1": A})], [file("f-1")], {"f-1": C})
    assert recognise(evidence).found == {}


def test_the_bytes_count_before_the_name() -> None:
    """Of two files with one name, one is as declared: the other isn't taken for its former self."""
    declared = {ONE: make_file(ONE, sha256=A), **using(ONE)}
    holders = [holder({"f-1": A, "f-2": C})]
    found = recognise(see(declared, holders, [file("f-1"), file("f-2", bytes=3)], {"f-2": C}))
    assert found.found == {ONE: "f-1"}


def test_too_many_guesses_are_not_made() -> None:
    """Files that all look the same: proving them would take for ever, so it isn't tried."""
    files = [Address("file", f"f{number:02}") for number in range(12)]
    shas = [f"{number:064x}" for number in range(12)]
    declared = {
        address: make_file(address, sha256=sha) for address, sha in zip(files, shas, strict=True)
    }
    pairs = {f"f-{number:02}": sha for number, sha in enumerate(shas)}
    evidence = see({**declared, **using(*files)}, [holder(pairs)], [file(each) for each in pairs])
    assert recognise(evidence).found == {}
