"""Plans for the HTML page: one that shows all it can, one that attacks it, and one of many."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

from view_samples import (
    ANALYST,
    NEW_PROMPT,
    PLANS,
    PROMPT,
    SALES,
    WEATHER,
    assistant,
    change,
    create,
    differences,
    file,
    plan,
    replace_file,
)

from provisioner.address import Address
from provisioner.diagnostics import Position, warning
from provisioner.kinds.assistant import ASSISTANT
from provisioner.plan import Action, Cause, Change, Plan

TOKEN, OTHER_TOKEN = "(sensitive:token:0123456789abcdef)", "(sensitive:token:fedcba9876543210)"
RULES = "".join(f"- Rule {number}: say it plainly, and only once.\n" for number in range(30))
LONG_PROMPT = f"{PROMPT}{RULES}Send {TOKEN} to the price service.\n"
NEW_LONG_PROMPT = f"{NEW_PROMPT}\n{RULES}Send {OTHER_TOKEN} to the price service.\n"


def caused(made: Change, *causes: Cause) -> Change:
    """Say who made the differences, in turn."""
    pairs = enumerate(made.differences)
    found = tuple(replace(each, cause=causes[at % len(causes)]) for at, each in pairs)
    return replace(made, differences=found)


def update(before: Any, after: Any, **overrides: Any) -> Change:
    """Make an update of an assistant, compared as the planner does."""
    old, new = assistant(**before), assistant(**after)
    found = differences(ASSISTANT.keyed_form(old), ASSISTANT.keyed_form(new))
    return change(Action.UPDATE, old, new, differences=tuple(found), **overrides)


def _everything() -> Change:
    """Make an update in which much differs."""
    weather = copy.deepcopy(WEATHER)
    weather["function"]["description"] = "Current weather of a city, anywhere on Earth"
    weather["function"]["parameters"]["properties"]["day"] = {"type": "string"}
    before = {
        "instructions": LONG_PROMPT,
        "temperature": 0.9,
        "tools": [{"type": "code_interpreter"}, WEATHER, {"type": "file_search"}],
    }
    after = {
        "name": "Data  Analyst",
        "instructions": NEW_LONG_PROMPT,
        "tools": [{"type": "code_interpreter"}, weather],
        "metadata": {"cost_center": "4711", "owner": "Ana"},
        "tool_resources": {"code_interpreter": {"file_ids": [SALES]}},
    }
    return caused(update(before, after), Cause.YOU, Cause.LIVE, Cause.BOTH)


FULL = plan(
    _everything(),
    change(Action.FORGET, assistant(), address=Address("assistant", "legacy"), id="asst_old"),
    change(Action.NO_OP, assistant(), address=Address("assistant", "same"), depends_on=(SALES,)),
    create(
        Address("assistant", "second"),
        instructions=PROMPT,
        metadata={"token": TOKEN},
        tool_resources={"code_interpreter": {"file_ids": [SALES]}},
    ),
    change(
        Action.DELETE,
        assistant(),
        address=Address("assistant", "third"),
        id="asst_3",
        reason="it is no longer in the manifests",
    ),
    caused(replace_file(), Cause.YOU),
    change(Action.DELETE, file("9" * 64), address=SALES, id="assistant-Z9", deposed=True),
    PLANS["stores"].changes[1],
    replace(PLANS["moved"].changes[1], address=Address("file", "renamed"), id="assistant-M1"),
    drift=PLANS["drift"].drift,
    warnings=(
        warning("P102", "Kept", "The assistant “Portal” still uses it. Detach it.", address=SALES),
        warning("M999", "Odd", "First line.\nSecond line.", Position("bots/analyst.yaml", 8, 3)),
    ),
)

SCRIPTS = (
    "</script><script>window.hacked = 1</script>",
    "</style><script>window.hacked = 1</script>",
    "\"><img src=x onerror='window.hacked = 1'>",
    "'><svg onload=window.hacked=1>",
    "--><iframe src='javascript:window.hacked=1'></iframe>",
    "</textarea></title></pre></template><script>window.hacked=1</script>",
    "<a href='javascript:window.hacked=1' autofocus onfocus=window.hacked=1>x</a>",
    "<meta http-equiv=refresh content='0;url=https://example.com/'>",
    "<base href='https://example.com/'><link rel=stylesheet href=//example.com/a.css>",
    "{{ 7 * 7 }}{% include 'page.css' %}",
    "javascript:window.hacked=1",
)
CONTROLS = "\u202eevil\u2066\u2028\u2029\x00\x1b[2J\x9b\ufeff\udc80\U000e0041"
ENDLESS = "W" * 5000
HOSTILE_TEXTS = (*SCRIPTS, CONTROLS, ENDLESS)
HOSTILE_TEXT = "\n".join(HOSTILE_TEXTS)


def _hostile_changes() -> list[Change]:
    made = []
    for number, text in enumerate(HOSTILE_TEXTS):
        attacked = assistant(
            name=text,
            instructions=HOSTILE_TEXT,
            metadata={text: text},
            tools=[{"type": "function", "function": {"name": text, "parameters": {text: [text]}}}],
        )
        where: dict[str, Any] = {"address": Address("assistant", f"bot-{number}"), "reason": text}
        before = {"name": f"{text} once", "instructions": f"{text}\n{HOSTILE_TEXT}\nend"}
        after = {key: attacked[key] for key in ("name", "instructions", "metadata", "tools")}
        made += [
            change(Action.CREATE, after=attacked, **where),
            update(before, after, id=text, **where),
            change(Action.DELETE, attacked, id=text, deposed=True, **where),
        ]
    return made


HOSTILE = plan(
    *_hostile_changes(),
    drift=tuple(_hostile_changes()[:3]),
    warnings=tuple(
        warning("P102", text, text, Position(text, 1, 1), ANALYST) for text in HOSTILE_TEXTS
    ),
    project=HOSTILE_TEXT,
    environment=SCRIPTS[0],
    endpoint=SCRIPTS[2],
)


def many(count: int) -> Plan:
    """Make a plan of so many changes, half of them with long prompts that differ."""
    kinds = (_everything(), create(instructions=LONG_PROMPT))
    return plan(
        *(
            replace(kinds[number % 2], address=Address("assistant", f"bot-{number}"))
            for number in range(count)
        )
    )
