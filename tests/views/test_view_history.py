"""The history and differences, as people and programs read them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from view_samples import assistant, change, file, update

from provisioner.contrast import Contrast
from provisioner.history.revision import Commit, Listed, Revision
from provisioner.plan import Action, Counts
from provisioner.state.actor import Actor
from provisioner.state.model import ServiceIdentity
from provisioner.views import contrast, history

Golden = Callable[[str, str], None]
FOLDER = Path(__file__).parent

PLAIN = Revision(
    serial=11,
    lineage="0b1c2d3e",
    operation="apply",
    created=datetime(2026, 11, 20, 9, 12, 1, tzinfo=timezone.utc),
    actor=Actor("maria", "desk-3"),
    counts=Counts(added=8),
    service=ServiceIdentity("azure-openai", "https://contoso.example", "2024-05-01-preview"),
    resources=8,
    content="c" * 64,
    files=(),
)
FULL = replace(
    PLAIN,
    serial=12,
    operation="rollback",
    rolled_back_to=9,
    actor=Actor("ci", "runner-7", "https://ci.example/runs/4711"),
    counts=Counts(1, 2, 3, 4),
    files=("f" * 64,),
    commit=Commit("9f1c2e7d0a5b4c3d", dirty=True),
    selection=("--target assistant.bot",),
)
LINES = [Listed(FULL, None), Listed(PLAIN, "its content is no longer kept")]
DIFFERING = Contrast(
    "analytics",
    "prod",
    "revision 11",
    "revision 12",
    (
        change(Action.CREATE, after=assistant(tool_resources=None, tools=None)),
        change(Action.DELETE, before=file()),
        update(assistant(), assistant(instructions="Draw clear charts.")),
    ),
)


def valid(name: str, text: str) -> None:
    """Expect a text to follow a schema."""
    schema = json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(json.loads(text))


@pytest.mark.parametrize("lines", [LINES, []])
def test_the_history_follows_its_schema(lines: list[Listed]) -> None:
    """With revisions and without."""
    valid("history", history.as_json("analytics", "prod", lines))


def test_the_history_is_written_as_before(golden: Golden) -> None:
    """Both forms stay what people and programs know."""
    golden("history.txt", history.text("analytics", "prod", LINES, color=False))
    golden("history.json", history.as_json("analytics", "prod", LINES))


def test_differences_are_written_as_before(golden: Golden) -> None:
    """Both forms, and the one for programs follows its schema."""
    valid("contrast", contrast.as_json(DIFFERING))
    golden("diff.txt", contrast.text(DIFFERING, color=False))
    golden("diff.json", contrast.as_json(DIFFERING))
    golden("diff.md", contrast.markdown(DIFFERING))


def test_a_comment_is_never_too_long() -> None:
    """What has no room is mentioned."""
    long = update(assistant(), assistant(instructions="Draw. " * 20_000))
    text = contrast.markdown(replace(DIFFERING, changes=(long, *DIFFERING.changes)))

    assert len(text) < 65_536
    assert "characters left out" in text
    assert "Draw clear charts." in text


def test_no_text_of_others_can_draw() -> None:
    """Escapes of a terminal are written out, wherever they come from."""
    evil = "\x1b[2J\n::error::"
    hostile = replace(
        FULL, actor=Actor(evil, evil, evil), commit=Commit(evil, dirty=False), selection=(evil,)
    )
    shown = history.text(evil, evil, [Listed(hostile, None)], color=False)
    named = contrast.text(replace(DIFFERING, project=evil, before=evil), color=False)

    in_markdown = contrast.markdown(replace(DIFFERING, project=evil, before=evil))
    for text in (shown, named, in_markdown):
        assert "\x1b" not in text
        assert "\n::error::" not in text
