"""Vector stores in manifests: what they are made of, and what is wrong with them offline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from manifest_factories import (
    LOCAL,
    OLD,
    assistant,
    attributes,
    code_interpreter,
    codes,
    document,
    found,
    only,
    places,
    project,
    resources,
    write,
)

from provisioner.address import Address

STORE, FAQ = Address("vectorstore", "handbook"), Address("file", "faq")
LATE = {"provider": {"type": "emulator", "api_version": "2024-07-01-preview"}}
SMALL = {"max_chunk_size_tokens": 400, "chunk_overlap_tokens": 100}


def store(*files: Any, about: dict[str, Any] | None = None, **spec: Any) -> str:
    """Write a VectorStore that holds these files."""
    return document("VectorStore", "handbook", {"files": list(files), **spec}, **(about or {}))


def search(name: Any = "handbook") -> dict[str, Any]:
    """Write the tool that searches a store."""
    return {"type": "file_search", "vector_store": name}


def handbook(folder: Path, **files: str) -> Path:
    """Write a File `faq` and whatever else."""
    faq = document("File", "faq", {"path": "faq.md"})
    return write(folder, {"faq.yaml": faq, "faq.md": "x", **files})


def test_a_store_is_composed_of_its_files(tmp_path: Path) -> None:
    """By name, inline and by id; what is written stays as it is."""
    more = {
        "name": "Handbook",
        "expires_after": {"anchor": "last_active_at", "days": 30},
        "metadata": {"owner": "me"},
    }
    labels = {"labels": {"team": "people"}, "lifecycle": {"prevent_destroy": True}}
    files = ("faq", {"path": "a.md"}, {"id": "assistant-1"})
    handbook(tmp_path, **{"s.yaml": store(*files, about=labels, **more), "a.md": "y"})
    made = resources(tmp_path)[STORE]

    inline = Address("file", "a-md")
    assert made.attributes == {"file_ids": [FAQ, inline, "assistant-1"], **more}
    assert made.depends_on == (inline, FAQ)
    assert made.labels == {"team": "people"}
    assert made.lifecycle.prevent_destroy
    assert inline in resources(tmp_path)


def test_the_name_is_that_of_the_document_if_nothing_else_is_said(tmp_path: Path) -> None:
    """As for assistants."""
    write(tmp_path, {"s.yaml": document("VectorStore", "handbook", {})})
    assert attributes(tmp_path, "vectorstore.handbook")["name"] == "handbook"


def test_an_assistant_depends_on_the_store_that_it_searches(tmp_path: Path) -> None:
    """Its id is known only after the store is made."""
    write(tmp_path, {"s.yaml": store(), "a.yaml": assistant(tools=[search()])})
    made = resources(tmp_path)[Address("assistant", "bot")]

    assert made.attributes["tool_resources"]["file_search"]["vector_store_ids"] == [STORE]
    assert made.depends_on == (STORE,)


def test_one_path_is_one_file_however_it_is_attached(tmp_path: Path) -> None:
    """To a store, to a code interpreter, or to both."""
    write(
        tmp_path,
        {
            "s.yaml": store({"path": "a.md"}),
            "a.yaml": assistant(tools=[code_interpreter({"path": "a.md"}), search()]),
            "a.md": "x",
        },
    )
    assert [str(each) for each in resources(tmp_path) if each.kind == "file"] == ["file.a-md"]


def test_an_unknown_store_is_told_where_it_is_named(tmp_path: Path) -> None:
    """And the close one is suggested."""
    text = (
        "apiVersion: provisioner/v1\nkind: Assistant\nmetadata: {name: bot}\nspec:\n  model: chat\n"
        "  tools:\n    - {type: file_search, vector_store: handbok}\n"
    )
    write(tmp_path, {"a.yaml": text, "s.yaml": store()})

    assert places(tmp_path) == ["a.yaml:7:41 M202"]
    assert only(tmp_path, "M202").endswith("Did you mean handbook?")


def test_a_store_of_another_environment_is_no_store(tmp_path: Path) -> None:
    """The assistant needs it where it is itself."""
    write(
        tmp_path,
        {
            "provisioner.yaml": project({"a": LOCAL, "b": LOCAL}),
            "a.yaml": assistant(tools=[search()]),
            "s.yaml": store(about={"environments": ["a"]}),
        },
    )
    assert "In b: vectorstore.handbook is not for this environment" in only(tmp_path, "M202")


def test_v1_has_no_stores(tmp_path: Path) -> None:
    """Told once at the document, and at the tool that would search it."""
    write(
        tmp_path,
        {
            "provisioner.yaml": project({"old": OLD}),
            "a.yaml": assistant(tools=[search()]),
            "s.yaml": f"---\n{store(chunking_strategy={'type': 'auto'})}",
        },
    )
    assert [each.code for each in found(tmp_path)] == ["M405", "M405"]
    told = [each.detail for each in found(tmp_path)]
    assert "`file_search` came with v2, 2024-05-01-preview" in told[0]
    assert "`VectorStore` came with v2, 2024-05-01-preview" in told[1]


def test_a_store_that_is_kept_out_of_v1_is_fine(tmp_path: Path) -> None:
    """As the error says."""
    environments = {"old": OLD, "new": LOCAL}
    only_new = {"environments": ["new"]}
    write(
        tmp_path,
        {"provisioner.yaml": project(environments), "s.yaml": store(about=only_new)},
    )
    assert codes(tmp_path) == []


@pytest.mark.parametrize("strategy", [{"type": "auto"}, {"type": "static", "static": SMALL}])
def test_chunking_came_later(strategy: dict[str, Any], tmp_path: Path) -> None:
    """From 2024-07-01-preview on."""
    write(
        tmp_path,
        {
            "provisioner.yaml": project({"first": LOCAL, "late": LATE}),
            "s.yaml": store(chunking_strategy=strategy),
        },
    )
    assert "came with 2024-07-01-preview" in only(tmp_path, "M405", "first")
    assert codes(tmp_path, "late") == []


@pytest.mark.parametrize(("overlap", "expected"), [(200, []), (201, ["M411"])])
def test_chunks_overlap_by_half_at_most(overlap: int, expected: list[str], tmp_path: Path) -> None:
    """The service refuses more."""
    sizes = {"max_chunk_size_tokens": 400, "chunk_overlap_tokens": overlap}
    write(
        tmp_path,
        {
            "provisioner.yaml": project({"late": LATE}),
            "s.yaml": store(chunking_strategy={"type": "static", "static": sizes}),
        },
    )
    assert codes(tmp_path) == expected


@pytest.mark.parametrize(("count", "expected"), [(10_000, []), (10_001, ["M404"])])
def test_a_store_has_ten_thousand_files_at_most(
    count: int, expected: list[str], tmp_path: Path
) -> None:
    """However they are attached."""
    write(tmp_path, {"s.yaml": store(*({"id": f"assistant-{n}"} for n in range(count)))})
    assert codes(tmp_path) == expected


@pytest.mark.parametrize("name", ["a.csv", "a.PNG", "a.xlsx", "a.xml", "a.zip", "a.parquet"])
def test_what_file_search_refuses_is_an_error_where_it_is_attached(
    name: str, tmp_path: Path
) -> None:
    """Uploading and indexing it would take time, and fail."""
    text = (
        "apiVersion: provisioner/v1\nkind: VectorStore\nmetadata: {name: handbook}\nspec:\n"
        f"  files:\n    - {{path: {name}}}\n"
    )
    write(tmp_path, {"s.yaml": text, name: "x"})

    assert places(tmp_path) == ["s.yaml:6:14 M410"]
    assert f".{name[2:]} files" in only(tmp_path, "M410")


def test_a_declared_file_is_judged_by_the_name_that_is_sent(tmp_path: Path) -> None:
    """The error stands at the name in the store."""
    renamed = document("File", "faq", {"path": "faq.md", "filename": "faq.csv"})
    write(tmp_path, {"faq.yaml": renamed, "faq.md": "x", "s.yaml": store("faq")})

    assert codes(tmp_path) == ["M410"]


@pytest.mark.parametrize("name", ["a.md", "A.PDF", "a.doc", "a.cs", "a.sh", "a.go", "README"])
def test_what_file_search_takes_needs_no_code_interpreter(name: str, tmp_path: Path) -> None:
    """No warning that the other tool doesn't list it."""
    write(tmp_path, {"s.yaml": store({"path": name}), name: "x"})
    assert codes(tmp_path) == []


def test_a_file_for_search_is_still_unlisted_for_the_code_interpreter(tmp_path: Path) -> None:
    """Attached to both, it is told for the one."""
    tools = [code_interpreter({"path": "a.doc"}), search()]
    write(
        tmp_path,
        {"s.yaml": store({"path": "a.doc"}), "a.yaml": assistant(tools=tools), "a.doc": "x"},
    )
    assert codes(tmp_path) == ["M305"]


def test_a_missing_file_is_told_at_its_path(tmp_path: Path) -> None:
    """Once."""
    write(tmp_path, {"s.yaml": store({"path": "nowhere.md"})})
    assert codes(tmp_path) == ["M302"]
