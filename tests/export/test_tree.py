"""What is exported composes to just what was live, whatever it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.api_version import ApiVersion
from provisioner.errors import PlanError
from provisioner.export.projects import new_project
from provisioner.export.subjects import Subject, Wording
from provisioner.export.tree import Tree, build
from provisioner.kinds import KINDS
from provisioner.manifest.environments import Environment
from provisioner.manifest.provider_config import ProviderConfig
from provisioner.operations import proving
from provisioner.operations.formatting import format_project
from provisioner.operations.proving import Proof, proved
from provisioner.resource import Attributes, Lifecycle

PROVIDER = {"type": "emulator", "api_version": "2025-03-01-preview"}
ENVIRONMENT = Environment(
    "local", ProviderConfig("emulator", ApiVersion(PROVIDER["api_version"])), {}
)
WORDING = Wording.of(ENVIRONMENT, {"local": ENVIRONMENT})
PROOF = Proof(new_project("demo", "u1", "local", PROVIDER), "local", "", {})

characters = st.characters(exclude_categories=["Cs"])
special = st.sampled_from(["${var.a}", "$${var.b}", "$", "$$", "{var.c}", "\r\n", "\n", "\0", ": "])
texts = st.lists(special | st.text(characters, max_size=5), max_size=6).map("".join)
long_keys = st.sampled_from(["k" * 130, "ä: " * 200])
objects = st.dictionaries(
    texts | long_keys, texts | st.booleans() | st.lists(texts, max_size=2), max_size=3
)
functions = st.fixed_dictionaries(
    {"name": st.from_regex(r"[a-zA-Z0-9_-]{1,64}", fullmatch=True)},
    optional={"description": texts, "parameters": objects, "strict": st.booleans()},
)
assistants = st.fixed_dictionaries(
    {"model": texts.filter(bool)},
    optional={
        "name": texts,
        "description": texts,
        "instructions": texts,
        "temperature": st.floats(0, 2),
        "metadata": st.dictionaries(
            texts.filter(lambda key: key and not key.startswith("provisioner")), texts, max_size=3
        ),
        "tools": st.lists(
            functions.map(lambda each: {"type": "function", "function": each}),
            max_size=3,
            unique_by=lambda each: each["function"]["name"],
        ),
    },
)


stores = st.fixed_dictionaries(
    {},
    optional={
        "name": texts,
        "expires_after": st.fixed_dictionaries(
            {"anchor": st.just("last_active_at"), "days": st.integers(1, 365)}
        ),
        "metadata": st.dictionaries(
            texts.filter(lambda key: key and not key.startswith("provisioner")), texts, max_size=3
        ),
        "file_ids": st.lists(st.sampled_from(["assistant-1", "assistant-2"]), unique=True),
    },
)


def subject(attributes: Attributes, name: str = "bot", **more: Any) -> Subject:
    """Make an assistant to export."""
    return Subject(f"asst_{name}", name, KINDS["assistant"].normal_form(attributes), **more)


def store(attributes: Attributes, name: str = "docs", **more: Any) -> Subject:
    """Make a vector store to export."""
    form = KINDS["vectorstore"].normal_form(attributes)
    return Subject(f"vs_{name}", name, form, "vectorstore", **more)


def searcher(*names: str, **more: Any) -> Subject:
    """Make an assistant that searches stores."""
    resources = {"file_search": {"vector_store_ids": [f"vs_{name}" for name in names]}}
    attributes = {"model": "m", "tools": [{"type": "file_search"}], "tool_resources": resources}
    return subject(attributes, "clerk", **more)


def export(*subjects: Subject, wording: Wording = WORDING, strict: bool = True) -> Tree:
    """Build a proved export."""
    proof = replace(PROOF, ids={each.address: each.id for each in subjects})
    return proved(subjects, wording, (), proof, strict=strict)[0]


def text(tree: Tree, name: str = "assistants/bot.yaml") -> str:
    """Give the text of a manifest."""
    return tree.files[name].decode()


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(assistants)
def test_what_is_written_composes_to_what_was_live(attributes: dict[str, Any]) -> None:
    """For any texts, at any place: the proof reads the export with the program's own eyes."""
    tree = export(subject(attributes), subject({**attributes, "name": "twin"}, "twin"))

    assert len(tree.subjects) == 2


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(stores)
def test_stores_are_written_as_they_were_live(attributes: dict[str, Any]) -> None:
    """For any texts, and the assistant says the name of its store."""
    tree = export(store(attributes), searcher("docs"))

    assert len(tree.subjects) == 2
    assert "vector_store: docs\n" in text(tree, "assistants/clerk.yaml")


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(assistants, stores)
def test_nothing_is_left_to_format(
    tmp_path_factory: pytest.TempPathFactory, attributes: dict[str, Any], held: dict[str, Any]
) -> None:
    """What is written is what the formatter would write, for any texts."""
    folder = tmp_path_factory.mktemp("formatted")
    tree = export(subject(attributes), subject({**attributes, "name": "b"}, "b"), store(held))
    files = {**tree.for_editors(""), "provisioner.yaml": PROOF.project.encode()}
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    formatted = format_project(folder, write=False)

    assert formatted.changed == ()
    assert formatted.diagnostics == ()


@pytest.mark.parametrize(
    ("assistant", "store_", "named"),
    [(True, True, True), (True, False, False), (False, True, True), (False, False, True)],
)
def test_a_store_that_would_be_made_anew_is_not_named(
    assistant: bool, store_: bool, named: bool
) -> None:
    """An assistant that the next plan knows would be led to the new one."""
    tree = export(store({}, is_known=store_), searcher("docs", is_known=assistant))

    written = text(tree, "assistants/clerk.yaml")
    assert ("vector_store: docs\n" in written) == named
    assert ("id: vs_docs\n" in written) != named


@pytest.mark.parametrize(
    "written", ["a\r\nb\n\n", "${var.a}", "$${var.a}", "\ufeffx\0", "\n", "no end"]
)
def test_instructions_are_a_file_byte_for_byte(written: str) -> None:
    """Only where a text would be read otherwise is it said to be literal."""
    tree = export(subject({"model": "m", "instructions": written}))

    assert tree.files["instructions/bot.md"] == written.encode()
    assert ("literal: true" in text(tree)) == ("{var.a}" in written)


def test_a_manifest_has_the_fields_in_the_order_of_the_schema() -> None:
    """And says nothing that the service fills in by itself."""
    attributes = {
        "metadata": {"owner": "me"},
        "temperature": 1.0,
        "top_p": 0.5,
        "tools": [{"type": "file_search", "file_search": {"max_num_results": 8}}],
        "tool_resources": {"file_search": {"vector_store_ids": ["vs_1"]}},
        "instructions": "Be brief.",
        "model": "gpt-4o",
        "name": "Bot",
    }
    lifecycle = Lifecycle(prevent_destroy=True, ignore_changes=("metadata.owner",))
    tree = export(subject(attributes, labels={"team": "a"}, lifecycle=lifecycle))

    assert text(tree) == (
        "apiVersion: provisioner/v1\n"
        "kind: Assistant\n"
        "metadata:\n"
        "  name: bot\n"
        "  labels:\n"
        "    team: a\n"
        "  lifecycle:\n"
        "    prevent_destroy: true\n"
        "    ignore_changes:\n"
        "      - metadata.owner\n"
        "spec:\n"
        "  name: Bot\n"
        "  model: gpt-4o\n"
        "  instructions:\n"
        "    file: ../instructions/bot.md\n"
        "  tools:\n"
        "    - type: file_search\n"
        "      vector_store:\n"
        "        id: vs_1\n"
        "      max_num_results: 8\n"
        "  top_p: 0.5\n"
        "  metadata:\n"
        "    owner: me\n"
    )


ODD: list[tuple[Mapping[str, Any], str]] = [
    ({"tools": [{"type": "bing"}]}, "its tool of the type 'bing'"),
    (
        {"tools": [{"type": "file_search", "file_search": {"ranking_options": {"a": 1}}}]},
        "`ranking_options` of its file_search",
    ),
    ({"tools": [{"type": "code_interpreter", "code_interpreter": 5}]}, "of its code_interpreter"),
    (
        {"tool_resources": {"code_interpreter": {"file_ids": ["assistant-1"]}}},
        "files or stores of code_interpreter, but not the tool",
    ),
    (
        {
            "tools": [{"type": "file_search"}],
            "tool_resources": {"file_search": {"vector_store_ids": ["vs_1", "vs_2"]}},
        },
        "several vector stores",
    ),
]
REFUSED: list[tuple[Mapping[str, Any], str]] = [
    ({"tools": [{"type": "function", "function": {"name": "a b"}}]}, "function"),
    ({"metadata": {str(number): "v" for number in range(15)}}, "14"),
    ({"instructions": "half \ud800"}, "half a character"),
    ({"response_format": {"type": "grammar"}}, "response_format"),
    ({"model": ""}, "model"),
]


@pytest.mark.parametrize(("attributes", "reason"), [*ODD, *REFUSED])
def test_what_no_manifest_can_say_is_left_out_as_a_whole(
    attributes: Mapping[str, Any], reason: str
) -> None:
    """A part of it would make the next apply take away the rest; the others are exported."""
    odd = subject({"model": "m", **attributes}, "odd")
    tree, (found,) = proved([odd, subject({"model": "m"})], WORDING, (), PROOF, strict=True)

    assert [each.name for each in tree.subjects.values()] == ["bot"]
    assert found.code == "M751"
    assert "asst_odd" in found.detail
    assert reason in found.detail


@pytest.mark.parametrize(("attributes", "reason"), ODD)
def test_from_saved_answers_the_rest_is_written(attributes: Mapping[str, Any], reason: str) -> None:
    """Nothing live can lose by it, and the warning names what has to be added."""
    odd = subject({"model": "m", "name": "kept", **attributes})
    tree, (found,) = proved([odd], WORDING, (), PROOF, strict=False)

    assert "name: kept" in text(tree)
    assert found.code == "M752"
    assert reason in found.detail


def test_a_function_that_is_refused_spoils_no_shared_tool() -> None:
    """Both that have it are left out, and the Tool of the others stands."""
    good, bad = ({"type": "function", "function": {"name": name}} for name in ("good", "b d"))
    subjects = [
        subject({"model": "m", "tools": tools}, name)
        for name, tools in (("a", [good]), ("b", [good]), ("c", [bad]), ("d", [good, bad]))
    ]
    tree, found = proved(subjects, WORDING, (), PROOF, strict=True)

    assert [each.name for each in tree.subjects.values()] == ["a", "b"]
    assert "tools/good.yaml" in tree.files
    assert len(found) == 2


def test_an_alias_is_written_where_it_says_just_that() -> None:
    """Of two aliases for one deployment none is chosen; a deployment with an alias's name is."""
    models = {"chat": "gpt-4o", "one": "same", "two": "same", "swap": "one"}
    wording = Wording.of(
        replace(ENVIRONMENT, models=models), {"e": replace(ENVIRONMENT, models=models)}
    )
    written = [
        text(build([subject({"model": model})], wording, share=False))
        for model in ("gpt-4o", "same", "one", "other")
    ]

    for word, each in zip(("chat", "same", "swap", "other"), written, strict=True):
        assert f"  model: {word}\n" in each


def test_an_export_that_contradicts_itself_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake of this program's own is an error, not a wrong manifest."""
    wrong = subject({"model": "m", "name": "another"})

    def confused(*_: Any, **__: Any) -> Tree:
        return replace(export_once, subjects={wrong.address: wrong})

    export_once = export(subject({"model": "m", "name": "one"}))
    monkeypatch.setattr(proving, "build", confused)

    with pytest.raises(PlanError) as caught:
        proved([], WORDING, (), PROOF, strict=True)
    assert caught.value.diagnostics[0].code == "M755"
    assert "at name" in caught.value.diagnostics[0].detail
