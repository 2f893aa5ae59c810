"""Addresses: declared once, referred to by name, made of paths."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from manifest_factories import (
    LOCAL,
    assistant,
    attributes,
    code_interpreter,
    codes,
    document,
    found,
    function,
    only,
    places,
    project,
    resources,
    write,
)

from provisioner.address import Address

TWO = project({"dev": LOCAL, "prod": LOCAL})


def hashed(path: str) -> str:
    """Digest a path as slugs do."""
    return hashlib.sha256(path.encode()).hexdigest()[:8]


def inline_names(folder: Path, *paths: str, **files: str) -> list[str]:
    """Attach paths inline; give the names that they get, in that order."""
    tool = code_interpreter(*({"path": path} for path in paths))
    contents = {path: path for path in paths}
    write(folder, {"a.yaml": assistant(tools=[tool]), **contents, **files})
    by_source = {each.source: address.name for address, each in resources(folder).items()}
    return [by_source[str((folder / path).resolve())] for path in paths]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("team/data/limits.json", "team-data-limits-json"),
        ("a.csv", "a-csv"),
        ("Data/Some File (2).CSV", "data-some-file-2-csv"),
        ("_a__b_.txt", "a-b-txt"),
        ("größe.csv", "gr-e-csv"),
        ("x" * 59 + ".csv", "x" * 59 + "-csv"),
        ("x" * 60 + ".csv", "x" * 54 + "-" + hashed("x" * 60 + ".csv")),
        ("a" * 53 + "/b" * 9 + ".md", "a" * 53 + "-" + hashed("a" * 53 + "/b" * 9 + ".md")),
        ("日本/語", hashed("日本/語")),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_an_inline_file_is_named_by_its_path(path: str, name: str, tmp_path: Path) -> None:
    """Lower-cased, one hyphen for every run of other characters; cut and hashed beyond 63."""
    assert inline_names(tmp_path, path) == [name]
    assert len(name) <= 63


def test_paths_that_make_one_slug_are_hashed(tmp_path: Path) -> None:
    """Both of them: neither depends on which came first."""
    names = inline_names(tmp_path, "a-b.csv", "a/b.csv", "c.csv")

    assert names == [f"a-b-csv-{hashed('a-b.csv')}", f"a-b-csv-{hashed('a/b.csv')}", "c-csv"]


def test_a_slug_that_a_file_document_has_is_hashed(tmp_path: Path) -> None:
    """The document's name stands."""
    declared = document("File", "a-csv", {"path": "other.csv"})
    names = inline_names(tmp_path, "a.csv", **{"f.yaml": declared, "other.csv": "x"})

    assert names == [f"a-csv-{hashed('a.csv')}"]
    assert Address("file", "a-csv") in resources(tmp_path)


def test_one_path_is_one_resource(tmp_path: Path) -> None:
    """However many attach it, and however they write it."""
    write(
        tmp_path,
        {
            "a.yaml": assistant("a", tools=[code_interpreter({"path": "data/x.csv"})]),
            "b/b.yaml": assistant("b", tools=[code_interpreter({"path": "../data/./x.csv"})]),
            "data/x.csv": "x",
        },
    )

    assert [str(each) for each in resources(tmp_path) if each.kind == "file"] == ["file.data-x-csv"]


def test_a_file_document_declares_its_path_for_all(tmp_path: Path) -> None:
    """Attached by path or by name: one address."""
    tool = code_interpreter({"path": "x.csv"})
    write(
        tmp_path,
        {
            "a.yaml": assistant(tools=[tool]),
            "f.yaml": document("File", "sales", {"path": "x.csv"}),
            "x.csv": "x",
        },
    )

    ids = attributes(tmp_path)["tool_resources"]["code_interpreter"]["file_ids"]
    assert ids == [Address("file", "sales")]
    assert [str(each) for each in resources(tmp_path)] == ["file.sales", "assistant.bot"]


def test_a_path_is_declared_once(tmp_path: Path) -> None:
    """Two File documents for it would be two uploads."""
    files = [document("File", name, {"path": "x.csv"}) for name in ("one", "two")]
    write(tmp_path, {"f.yaml": "---\n".join(files), "x.csv": "x"})

    assert "file.one already" in only(tmp_path, "M201")


def test_a_name_is_declared_once_in_its_kind(tmp_path: Path) -> None:
    """Told at both places, each naming the other."""
    write(tmp_path, {"a.yaml": assistant("x"), "b.yaml": assistant("x")})

    first, second = found(tmp_path)
    assert [first.code, second.code] == ["M201", "M201"]
    assert str(second.position) in first.detail
    assert str(first.position) in second.detail


def test_kinds_have_names_of_their_own(tmp_path: Path) -> None:
    """An Assistant and a Tool may share one."""
    write(tmp_path, {"a.yaml": assistant("x"), "b.yaml": document("Tool", "x", function("f"))})

    assert not found(tmp_path)


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ({"tools": [{"ref": "x"}]}, "tool"),
        ({"tools": [{"type": "code_interpreter", "files": ["x"]}]}, "file"),
        ({"instructions": {"ref": "x"}}, "instructions"),
        ({"instructions": ["a", {"ref": "x"}]}, "instructions"),
        ({"tools": [{"type": "file_search", "vector_store": "x"}]}, "vectorstore"),
    ],
)
def test_an_unknown_reference_is_told(spec: dict[str, Any], kind: str, tmp_path: Path) -> None:
    """With file, line and column."""
    assert f"{kind}.x" in only(write(tmp_path, {"a.yaml": assistant(**spec)}), "M202")


def test_a_close_name_is_suggested(tmp_path: Path) -> None:
    """Of the same kind only."""
    write(
        tmp_path,
        {
            "a.yaml": assistant(tools=[{"ref": "get-wether"}]),
            "t.yaml": document("Tool", "get-weather", function("f")),
            "i.yaml": document("Instructions", "get-wether", {"text": "x"}),
        },
    )

    assert only(tmp_path, "M202").endswith("Did you mean get-weather?")


def test_many_known_names_are_not_all_listed(tmp_path: Path) -> None:
    """Ten are enough."""
    tools = [document("Tool", f"t{n:03}", function(f"f{n}")) for n in range(300)]
    write(
        tmp_path, {"a.yaml": assistant(tools=[{"ref": "weather"}]), "t.yaml": "---\n".join(tools)}
    )

    assert only(tmp_path, "M202").endswith("t009 and 290 more.")


REFUSED = {
    "tool": document("Tool", "x", {"type": "funktion"}),
    "later": document("Tool", "x", function("f")).replace("provisioner/v1", "provisioner/v2"),
    "store": document("VectorStore", "x", {"name": 1}),
}


@pytest.mark.parametrize(
    ("refused", "tool"),
    [
        ("tool", {"ref": "x"}),
        ("later", {"ref": "x"}),
        ("store", {"type": "file_search", "vector_store": "x"}),
    ],
)
def test_a_reference_to_a_refused_document_is_no_second_error(
    refused: str, tool: dict[str, Any], tmp_path: Path
) -> None:
    """It is declared, only wrongly."""
    write(tmp_path, {"a.yaml": assistant(tools=[tool]), "x.yaml": REFUSED[refused]})

    assert {each.position.path for each in found(tmp_path) if each.position} == {"x.yaml"}


def test_a_document_is_for_its_environments(tmp_path: Path) -> None:
    """Elsewhere it isn't declared."""
    write(
        tmp_path,
        {
            "provisioner.yaml": TWO,
            "a.yaml": assistant("a", about={"environments": ["dev"]}),
            "b.yaml": assistant("b"),
        },
    )

    assert [str(each) for each in resources(tmp_path, "dev")] == ["assistant.a", "assistant.b"]
    assert [str(each) for each in resources(tmp_path, "prod")] == ["assistant.b"]


def test_an_unknown_environment_is_told(tmp_path: Path) -> None:
    """At its own place in the list."""
    text = (
        "apiVersion: provisioner/v1\nkind: Assistant\nmetadata:\n  name: a\n"
        "  environments: [dev, prd]\nspec: {model: chat}\n"
    )
    write(tmp_path, {"provisioner.yaml": TWO, "a.yaml": text})

    assert places(tmp_path) == ["a.yaml:5:23 M203"]
    assert "Did you mean prod?" in found(tmp_path)[0].detail


@pytest.mark.parametrize(
    ("kind", "declared", "spec"),
    [
        ("Tool", function("f"), {"tools": [{"ref": "x"}]}),
        ("Instructions", {"text": "x"}, {"instructions": {"ref": "x"}}),
        ("File", {"path": "x.csv"}, {"tools": [code_interpreter("x")]}),
        ("File", {"path": "x.csv"}, {"tools": [code_interpreter({"path": "x.csv"})]}),
    ],
)
def test_a_reference_holds_in_every_environment(
    kind: str, declared: dict[str, Any], spec: dict[str, Any], tmp_path: Path
) -> None:
    """What is only for dev can't be used in prod."""
    write(
        tmp_path,
        {
            "provisioner.yaml": TWO,
            "a.yaml": assistant(**spec),
            "x.yaml": document(kind, "x", declared, environments=["dev"]),
            "x.csv": "x",
        },
    )

    detail = only(tmp_path, "M202")
    assert detail.startswith("In prod: ")
    assert "is not for this environment" in detail
    assert not codes(tmp_path, "dev")


def test_labels_come_along(tmp_path: Path) -> None:
    """For selecting; escapes in them are written out."""
    labels = {"team": "x", "price": "$${var.x}"}
    write(tmp_path, {"a.yaml": assistant(about={"labels": labels})})

    assert resources(tmp_path)[Address("assistant", "bot")].labels == {
        **labels,
        "price": "${var.x}",
    }
