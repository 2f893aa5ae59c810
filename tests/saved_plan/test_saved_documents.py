"""The saved plan's form on disk: checked before it is believed."""

from __future__ import annotations

import contextlib
import copy
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "core"))

from factories import (
    BLOCK,
    BOT,
    DATA,
    OTHER,
    SERVICE,
    UID,
    codes,
    holding,
    make_assistant,
    make_change,
    make_file,
)
from jsonschema import Draft202012Validator

from provisioner.diagnostics import warning
from provisioner.errors import PlanError
from provisioner.operations.planning import Request
from provisioner.operations.saving import SavedPlan, read_plan
from provisioner.plan import Action, Cause, Difference, Plan
from provisioner.refactoring import Import, Moved, Refactoring, Removed
from provisioner.resource import Lifecycle
from provisioner.saved_plan.document import _digest, dump

FOLDER = Path(__file__).parent
GOLDEN = FOLDER / "golden" / "saved.plan"
SCHEMA = Draft202012Validator(
    json.loads((FOLDER / "saved_plan.schema.json").read_text(encoding="utf-8"))
)


def sample() -> SavedPlan:
    """Make a saved plan with everything that one can hold."""
    protected = Lifecycle(prevent_destroy=True, ignore_changes=("metadata.owner",))
    bot = make_assistant(
        **holding(DATA),
        instructions="Antworte höflich. ☃\n",
        labels={"team": "analytics"},
        lifecycle=protected,
    )
    file = replace(make_file(source="data/data.csv"), origin=BLOCK)
    update = make_change(
        BOT,
        Action.UPDATE,
        "asst_1",
        before={"name": "bot", "model": "gpt-4o"},
        after=bot.attributes,
        differences=(Difference(("instructions",), None, "Antworte höflich. ☃\n", Cause.YOU),),
        depends_on=(DATA,),
        labels=bot.labels,
        lifecycle=protected,
        previous_address=OTHER,
    )
    upload = make_change(DATA, Action.REPLACE, "assistant-1", source=file.source, keep_old=True)
    gone = make_change(OTHER, Action.DELETE, "asst_2", released_by=(BOT,), deposed=True)
    plan = Plan(
        changes=(update, gone, upload),
        drift=(make_change(OTHER, Action.DELETE, "asst_3"),),
        warnings=(warning("P102", "Object is still in use", "It stays.", BLOCK, DATA),),
        project="demo",
        environment="test",
        endpoint=SERVICE.endpoint,
        lineage="l1",
        serial=7,
        created=datetime(2025, 1, 2, 3, 4, 5, tzinfo=timezone.utc),
    )
    blocks = Refactoring(
        (Moved(OTHER, BOT, BLOCK),), (Removed(OTHER, True, BLOCK),), (Import(BOT, "asst_1"),)
    )
    request = Request(("assistant.bot",), recreate_missing=True)
    return SavedPlan(UID, SERVICE, "l1", request, (bot, file), blocks, plan)


def written(tmp_path: Path, document: Any, *, digested: bool = True) -> Path:
    """Write a document, with the digest of its content or with the former one."""
    if digested:
        document = {**document, "sha256": _digest(document["content"])}
    path = tmp_path / "saved.plan"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def document() -> Any:
    """Give the sample as it is on disk."""
    return json.loads(dump(sample()))


def test_a_plan_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    """Every field of it, Addresses among attributes and positions included."""
    assert read_plan(written(tmp_path, document(), digested=False)) == sample()


def test_what_is_written_follows_its_schema() -> None:
    """As programs may rely on."""
    SCHEMA.validate(document())


def test_the_golden_plan_can_be_read() -> None:
    """So that what is waiting for its review can still be applied."""
    SCHEMA.validate(json.loads(GOLDEN.read_text(encoding="utf-8")))
    assert read_plan(GOLDEN) == sample()


def test_lone_surrogates_come_back(tmp_path: Path) -> None:
    """Texts of the service may hold what no UTF-8 does."""
    saved = replace(sample(), uid="\ud800\ud83d\ude00")
    path = tmp_path / "saved.plan"
    path.write_bytes(dump(saved).encode("utf-8", errors="surrogatepass"))

    assert read_plan(path) == saved


@pytest.mark.parametrize("version", [0, -1, "1", None, True, 1.5])
def test_a_version_that_never_was_is_damage(tmp_path: Path, version: object) -> None:
    """Nobody knows what such a file means."""
    with pytest.raises(PlanError) as refused:
        read_plan(written(tmp_path, {**document(), "provisioner_plan": version}))

    assert codes(refused.value) == ["P050"]


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Go through every member of a JSON value: its container, and where it is there."""
    pairs: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = list(enumerate(value))
    for key, each in pairs:
        yield value, key
        yield from places(each)


FOREIGN = (None, 5, True, "x", [], {}, [[]], {"$x": 1}, {"$address": "tool.x"}, 1e400)


def test_no_tampering_ends_in_a_traceback(tmp_path: Path) -> None:
    """Any member made something else, or left out, under a right digest: read, or refused."""
    chance = random.Random(5)  # noqa: S311
    for number, _ in enumerate(places(document()["content"])):
        edited = document()
        container, key = list(places(edited["content"]))[number]
        if isinstance(container, dict) and chance.random() < 0.2:
            del container[key]
        else:
            container[key] = copy.deepcopy(chance.choice(FOREIGN))
        with contextlib.suppress(PlanError):
            read_plan(written(tmp_path, edited))


def test_damage_anywhere_is_noticed(tmp_path: Path) -> None:
    """A byte more, less or other than what was written, but for blanks between members."""
    whole = dump(sample()).encode()
    path = tmp_path / "saved.plan"
    chance = random.Random(5)  # noqa: S311
    for place in chance.sample(range(whole.index(b'"sha256"'), len(whole) - 4), 200):
        if not whole[place : place + 1].isalnum():
            continue
        path.write_bytes(whole[:place] + b"~" + whole[place + 1 :])
        with pytest.raises(PlanError):
            read_plan(path)
        path.write_bytes(whole[:place])
        with pytest.raises(PlanError):
            read_plan(path)
