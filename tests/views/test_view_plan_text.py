"""A plan for people: golden files, and the rules behind them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from view_samples import ANALYST, PLANS, SALES, assistant, change, create, file, plan, update

from provisioner.address import Address
from provisioner.plan import Action, Difference
from provisioner.views import plan_text

Golden = Callable[[str, str], None]
HOSTILE = "\x1b[2J\u202eevil\x9b\r"


@pytest.mark.parametrize("name", PLANS)
def test_plans_read_as_they_should(name: str, golden: Golden) -> None:
    """Every plan among the samples looks as somebody once found good."""
    golden(f"plan-{name}.txt", plan_text.render(PLANS[name], color=False))


@pytest.mark.parametrize("name", PLANS)
def test_colours_add_nothing_but_colours(name: str) -> None:
    """Without its escape sequences a coloured plan is the plain one."""
    colored = plan_text.render(PLANS[name], color=True)
    assert "\x1b[" in colored
    assert click.unstyle(colored) == plan_text.render(PLANS[name], color=False)


def test_changed_words_stand_out_in_colour() -> None:
    """Removed and added words are bold, underlined and of their colours."""
    before = {"instructions": "Answer briefly, politely and in English.\n"}
    after = {"instructions": "Answer briefly, politely and in French.\n"}
    text = plan_text.render(plan(update(before, after)), color=True)
    assert click.style("[-English-]", fg="red", bold=True, underline=True) in text
    assert click.style("{+French+}", fg="green", bold=True, underline=True) in text


@pytest.mark.parametrize("color", [True, False])
def test_nothing_untrusted_controls_the_terminal(color: bool) -> None:
    """Names, keys, texts, ids, reasons and endpoints come out escaped."""
    hostile = assistant(
        name=HOSTILE,
        instructions=f"{HOSTILE}\n{HOSTILE}",
        metadata={HOSTILE: HOSTILE},
        tools=[{"type": HOSTILE, "function": {"name": HOSTILE, "parameters": {"a": [HOSTILE]}}}],
    )
    text = plan_text.render(
        plan(
            change(Action.CREATE, after=hostile, reason=HOSTILE),
            change(Action.UPDATE, assistant(), hostile, id=HOSTILE),
            change(Action.DELETE, hostile, id=HOSTILE, deposed=True),
            drift=(change(Action.UPDATE, hostile, assistant()),),
            project=HOSTILE,
            environment=HOSTILE,
            endpoint=HOSTILE,
        ),
        color=color,
    )
    plain = click.unstyle(text)
    assert all(each not in plain for each in "\x1b\u202e\x9b\r")


def test_the_legend_lists_only_what_is_used() -> None:
    """A symbol that doesn't occur isn't explained."""
    text = plan_text.render(plan(create()), color=False)
    assert "  + create\n" in text
    assert "update in-place" not in text


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("create", "Plan: 2 to add, 0 to change, 0 to destroy."),
        ("replace", "Plan: 1 to add, 1 to change, 2 to destroy."),
        ("no-changes", "No changes. There is nothing to do."),
    ],
)
def test_the_last_line_says_it_all(name: str, last: str) -> None:
    """The sum of a plan stands on its last line, alone."""
    assert plan_text.render(PLANS[name], color=False).endswith(f"\n\n{last}\n")


def test_a_kept_predecessor_is_spoken_of() -> None:
    """A replacement that leaves the old object says so."""
    kept = change(Action.REPLACE, file(), file("f" * 64), address=SALES, keep_old=True)
    assert "# (the old object stays for now: " in plan_text.render(plan(kept), color=False)


def test_only_differences_of_the_planner_are_shown() -> None:
    """What differs but was left out by the planner (ignored) is no difference here."""
    both = assistant(temperature=0.1), assistant(temperature=0.9, model="other")
    ignoring = change(
        Action.UPDATE, *both, differences=(Difference(("model",), "gpt-4o-eu", "other"),)
    )
    text = plan_text.render(plan(ignoring), color=False)
    assert '~ model = "gpt-4o-eu" -> "other"' in text
    assert "temperature" not in text


def test_whole_and_single_differences_look_the_same() -> None:
    """A mapping given as one difference is taken apart to what differs in it."""
    before, after = (
        assistant(metadata={"a": "1", "b": "2"}),
        assistant(metadata={"a": "1", "b": "3"}),
    )
    single = change(Action.UPDATE, before, after)
    whole = replace(
        single, differences=(Difference(("metadata",), before["metadata"], after["metadata"]),)
    )
    texts = [plan_text.render(plan(each), color=False) for each in (single, whole)]
    assert texts[0] == texts[1]
    assert '~ b = "2" -> "3"' in texts[0]


def test_functions_are_matched_by_name() -> None:
    """A function that changed inside a list given as a whole is shown as changed, not as new."""
    tools = assistant()["tools"]
    changed = [{"type": "function", "function": {"name": "get_weather", "strict": True}}]
    difference = (Difference(("tools",), tools, changed),)
    both = assistant(), assistant(tools=changed)
    text = plan_text.render(plan(change(Action.UPDATE, *both, differences=difference)), color=False)
    assert '    name        = "get_weather"' in text
    assert '- { type = "code_interpreter" },' in text
    assert "+ strict      = true" in text


def test_elements_of_a_list_given_as_a_whole_come_and_go() -> None:
    """Plain elements are added and removed; what stays is counted."""
    found = Difference(("tags",), ["a", "b", "c"], ["a", "x", "c"])
    made = change(Action.UPDATE, assistant(), assistant(), differences=(found,))
    text = plan_text.render(plan(made), color=False)
    assert '          - "b",\n          + "x",\n            # (2 unchanged elements' in text


@pytest.mark.parametrize(
    ("size", "written"),
    [
        (512, "512"),
        (12_345, "12345 (12.1 KiB)"),
        (5_000_000, "5000000 (4.8 MiB)"),
        (2**30, "1073741824 (1.0 GiB)"),
    ],
)
def test_sizes_are_exact_and_readable(size: int, written: str) -> None:
    """Bytes are given as they are and, from a kibibyte on, in a unit that people read."""
    made = change(Action.CREATE, after=file(size=size), address=SALES)
    assert f"+ bytes    = {written}\n" in plan_text.render(plan(made), color=False)


def test_what_comes_into_an_absent_mapping_is_added() -> None:
    """The first entries of a mapping are added with it."""
    text = plan_text.render(plan(update({"metadata": None}, {"metadata": {"a": "1"}})), color=False)
    assert '+ metadata = { a = "1" }' in text


def test_values_of_another_type_are_set_against_each_other() -> None:
    """A scalar that becomes a mapping is shown as removed and added."""
    formats = {"response_format": "auto"}, {"response_format": {"type": "json_object"}}
    text = plan_text.render(plan(update(*formats)), color=False)
    assert '- response_format = "auto"' in text
    assert '+ response_format = { type = "json_object" }' in text


def test_order_does_not_depend_on_the_manifest() -> None:
    """Attributes come in one order, whatever order they were given in."""
    attributes = assistant()
    turned = dict(reversed(attributes.items()))
    texts = [
        plan_text.render(plan(change(Action.CREATE, after=each)), color=False)
        for each in (attributes, turned)
    ]
    assert texts[0] == texts[1]


def test_long_texts_in_lists_keep_their_comma() -> None:
    """A text in a list is a block too."""
    text = plan_text.render(plan(create(tools=["one\ntwo", "short"])), color=False)
    assert "EOT,\n" in text


def test_a_thousand_creates_are_quick() -> None:
    """Rendering is linear in the number of changes."""
    many = [create(Address("assistant", f"bot-{number}")) for number in range(1000)]
    began = time.process_time()
    plan_text.render(plan(*many), color=True)
    assert time.process_time() - began < 2


def test_differences_inside_of_shown_ones_are_not_repeated() -> None:
    """A path below another difference is part of it already."""
    both = assistant(metadata={"a": "1"}), assistant(metadata={"a": "2"})
    nested = (
        Difference(("metadata",), {"a": "1"}, {"a": "2"}),
        Difference(("metadata", "a"), "1", "2"),
    )
    text = plan_text.render(plan(change(Action.UPDATE, *both, differences=nested)), color=False)
    assert text.count('~ a = "1" -> "2"') == 1


def test_an_update_of_bookkeeping_has_a_block_all_the_same() -> None:
    """An update without differences shows which object it is."""
    text = plan_text.render(plan(change(Action.UPDATE, assistant(), assistant())), color=False)
    assert f'  ~ assistant "{ANALYST.name}" {{\n        id   = "asst_7Kd2"\n' in text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=90) | st.just(SALES),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["id", "type", "name", "a b", "metadata"]), inner)
    ),
    max_leaves=12,
)
ATTRIBUTES = st.dictionaries(st.sampled_from(["name", "instructions", "raw", "metadata"]), JSON)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ATTRIBUTES, ATTRIBUTES, st.booleans())
def test_whatever_differs_can_be_shown(
    before: dict[str, Any], after: dict[str, Any], whole: bool
) -> None:
    """No pair of attributes is beyond the view, whether it is compared by leaves or as a whole."""
    made = change(Action.UPDATE, before, after)
    if whole:
        names = dict.fromkeys(str(each.path[0]) for each in made.differences)
        pairs = (Difference((name,), before.get(name), after.get(name)) for name in names)
        made = replace(made, differences=tuple(pairs))
    colored = plan_text.render(plan(made), color=True)
    assert click.unstyle(colored) == plan_text.render(plan(made), color=False)
