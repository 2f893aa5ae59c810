"""The Project's `moved`, `removed` and `imports`: what is wrong with them, offline, and where."""

from __future__ import annotations

from pathlib import Path

import pytest
from manifest_factories import (
    assistant,
    code_interpreter,
    codes,
    document,
    found,
    only,
    places,
    write,
)

from provisioner.address import Address
from provisioner.operations.workspace import open_workspace
from provisioner.refactoring import Import, Moved, Removed

PROJECT = """\
apiVersion: provisioner/v1
kind: Project
metadata: {name: demo}
spec:
  environments:
    local: {provider: {type: emulator}, models: {chat: gpt-4o}}
    prod: {provider: {type: emulator}, models: {chat: gpt-4o}}
"""


def blocks(folder: Path, text: str, **files: str) -> Path:
    """Write a project with blocks, and an assistant `bot` for `local` only."""
    bot = assistant("bot", about={"environments": ["local"]})
    given = {"provisioner.yaml": PROJECT + text, "bot.yaml": bot}
    return write(folder, {**given, **{f"{name}.yaml": each for name, each in files.items()}})


def test_blocks_are_read_with_their_places(tmp_path: Path) -> None:
    """`destroy` left out is the safe one, and an import without environment is for all."""
    text = """\
  moved:
    - {from: assistant.old, to: assistant.bot}
  removed:
    - {from: assistant.gone}
    - {from: assistant.doomed, destroy: true}
  imports:
    - {to: assistant.bot, id: asst_1, environment: local}
"""
    project = open_workspace(blocks(tmp_path, text), "local").project
    old, bot, gone, doomed = (
        Address("assistant", each) for each in ("old", "bot", "gone", "doomed")
    )
    (moved,), (kept, destroyed), (imported,) = (
        project.refactoring.moved,
        project.refactoring.removed,
        project.refactoring.imports,
    )

    assert moved == Moved(old, bot, moved.position)
    assert str(moved.position) == "provisioner.yaml:9:7"
    assert kept == Removed(gone, destroy=False, position=kept.position)
    assert destroyed == Removed(doomed, destroy=True, position=destroyed.position)
    assert str(destroyed.position) == "provisioner.yaml:12:7"
    assert imported == Import(bot, "asst_1", "local", imported.position)
    assert list(project.refactoring.imports_for("prod")) == []


WRONG: dict[str, tuple[str, list[str]]] = {
    "to itself": ("  moved: [{from: assistant.a, to: assistant.a}]\n", ["8:11 M220"]),
    "circle": (
        (
            "  moved:\n    - {from: assistant.a, to: assistant.b}\n"
            "    - {from: assistant.b, to: assistant.a}\n"
        ),
        ["9:7 M220", "10:7 M220"],
    ),
    "from twice": (
        (
            "  moved:\n    - {from: assistant.a, to: assistant.bot}\n"
            "    - {from: assistant.a, to: assistant.bot}\n"
        ),
        ["10:14 M221", "10:31 M221"],
    ),
    "moved and removed": (
        "  moved: [{from: assistant.a, to: assistant.bot}]\n  removed: [{from: assistant.a}]\n",
        ["9:20 M221"],
    ),
    "removed twice": (
        "  removed: [{from: assistant.a}, {from: assistant.a, destroy: true}]\n",
        ["8:41 M221"],
    ),
    "to twice": (
        (
            "  moved:\n    - {from: assistant.a, to: assistant.bot}\n"
            "    - {from: assistant.b, to: assistant.bot}\n"
        ),
        ["10:31 M221"],
    ),
    "imported twice": (
        (
            "  imports:\n    - {to: assistant.bot, id: asst_1}\n"
            "    - {to: assistant.bot, id: asst_1, environment: local}\n"
        ),
        ["10:12 M221", "10:31 M221"],
    ),
    "renamed, still declared": (
        "  moved: [{from: assistant.bot, to: assistant.bot2}]\n",
        ["8:18 M222", "8:37 M223"],
    ),
    "removed, still declared": ("  removed: [{from: assistant.bot}]\n", ["8:20 M222"]),
    "to nothing": ("  moved: [{from: assistant.a, to: assistant.bto}]\n", ["8:35 M223"]),
    "import to nothing": ("  imports: [{to: assistant.bto, id: asst_1}]\n", ["8:18 M223"]),
    "no object": ("  moved: [{from: tool.a, to: tool.b}]\n", ["8:18 M224", "8:30 M224"]),
    "no kind": ("  removed: [{from: asistant.a}]\n", ["8:20 M224"]),
    "kinds differ": ("  moved: [{from: file.a, to: assistant.bot}]\n", ["8:30 M225"]),
    "unknown environment": (
        "  imports: [{to: assistant.bot, id: asst_1, environment: locl}]\n",
        ["8:58 M203"],
    ),
    "not for the environment": (
        "  imports: [{to: assistant.bot, id: asst_1, environment: prod}]\n",
        ["8:58 M226"],
    ),
    "id of another kind": (
        "  imports: [{to: assistant.bot, id: assistant-1}]\n",
        ["8:37 M227"],
    ),
    "malformed address": ("  removed: [{from: bot}]\n", ["8:20 M104"]),
    "malformed id": ("  imports: [{to: assistant.bot, id: ../files}]\n", ["8:37 M104"]),
    "misspelled field": ("  removed: [{from: assistant.a, destory: true}]\n", ["8:33 M101"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_blocks_are_told_where_they_stand(name: str, tmp_path: Path) -> None:
    """Every mistake is one problem, at the value that is wrong."""
    text, wanted = WRONG[name]
    told = [each.removeprefix("provisioner.yaml:") for each in places(blocks(tmp_path, text))]
    assert sorted(told) == sorted(wanted)


@pytest.mark.parametrize(
    "text",
    [
        "  moved: [{from: assistant.a, to: assistant.b}, {from: assistant.b, to: assistant.bot}]\n",
        (
            "  imports:\n    - {to: assistant.bot, id: asst_1, environment: local}\n"
            "    - {to: assistant.all, id: asst_1, environment: prod}\n"
        ),
        "  moved: [{from: Assistant.a, to: assistant.bot}]\n",
        "  moved: []\n  removed: []\n  imports: []\n",
    ],
)
def test_blocks_that_agree(text: str, tmp_path: Path) -> None:
    """Chains, and one import for each environment."""
    assert codes(blocks(tmp_path, text, all=assistant("all"))) == []


def test_an_inline_file_is_declared(tmp_path: Path) -> None:
    """A file that is attached by its path may be what another one was renamed to."""
    bot = assistant("other", tools=[code_interpreter({"path": "data.csv"})])
    text = "  moved: [{from: file.old, to: file.data-csv}]\n"
    folder = blocks(tmp_path, text, other=bot)
    (folder / "data.csv").write_text("a,b\n")
    assert codes(folder) == []
    (folder / "provisioner.yaml").write_text(PROJECT + "  removed: [{from: file.data-csv}]\n")
    assert codes(folder) == ["M222"]


def test_what_its_schema_refused_is_declared_all_the_same(tmp_path: Path) -> None:
    """A mistake in a manifest is no second one in the block that leads to it."""
    broken = document("Assistant", "broken", {"model": 7})
    folder = blocks(
        tmp_path, "  moved: [{from: assistant.a, to: assistant.broken}]\n", broken=broken
    )
    assert codes(folder) == ["M103"]


def test_a_misspelled_address_is_guessed(tmp_path: Path) -> None:
    """Only addresses of its kind are proposed."""
    folder = blocks(tmp_path, "  imports: [{to: assistant.bto, id: asst_1}]\n")
    assert "Did you mean assistant.bot?" in only(folder, "M223")


def test_how_to_swap_is_told(tmp_path: Path) -> None:
    """Two names are swapped through a third one."""
    folder = blocks(tmp_path, WRONG["circle"][0])
    assert all("third name" in each.detail for each in found(folder))
