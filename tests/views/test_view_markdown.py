"""A plan in Markdown: what GitHub would make of it, and that no text breaks out."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hostile_plans import TEXTS, harms, hostile_plan
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from view_samples import PLANS, SALES, assistant, change, create, plan, replace_file, update

from provisioner.address import Address
from provisioner.plan import Action, Cause, Plan
from provisioner.views import markdown
from provisioner.views.markdown_code import fence, span

Golden = Callable[[str, str], None]
PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
OURS = re.compile(
    r"<details><summary>(<code>[a-z]+\.[a-z0-9-]+</code>|<code>(\+|~|-|\+/-|\.)</code>|[a-z:() ])+"
    r"</summary>\n|</details>\n?"
)
"""The only tags that may come out."""
ALLOWED = {"paragraph", "heading", "table", "thead", "tbody", "tr", "th", "td", "fence", "inline"}
ALLOWED |= {"html_block", "bullet_list", "list_item", "text", "code_inline", "strong", "em"}
LIMIT = 65_000


def tokens(text: str) -> list[Token]:
    """Read Markdown as GitHub does; give every token, those inside of lines too."""
    return [each for block in PARSER.parse(text) for each in (block, *(block.children or ()))]


def kind(token: Token) -> str:
    """Name what a token is, whether it begins or ends it."""
    return token.type.removesuffix("_open").removesuffix("_close")


def assert_contained(text: str) -> list[Token]:
    """Nothing but our own words stands outside of code, and no tag but ours."""
    read = tokens(text)
    assert {kind(each) for each in read} <= ALLOWED
    for each in read:
        if each.type == "html_block":
            assert OURS.fullmatch(each.content), each.content
        if each.type == "text":
            assert not re.search(r"[@#<>]|https?:|www\.|evil|\$", each.content), each.content
    return read


def rows(read: list[Token]) -> list[list[str]]:
    """Give the cells of the table, row by row, its head left out."""
    cells = [each for each, before in zip(read[1:], read, strict=False) if before.type == "td_open"]
    words = [re.sub("`", "", each.content) for each in cells]
    return [words[at : at + 4] for at in range(0, len(words), 4)]


def diffs(read: list[Token]) -> list[str]:
    """Give the blocks of a diff."""
    return [each.content for each in read if each.type == "fence" and each.info == "diff"]


def shown(made: Plan) -> list[Token]:
    """Render a plan and read it."""
    return assert_contained(markdown.render(made))


def many(count: int) -> Iterator[Address]:
    """Give as many addresses as these."""
    return (Address("assistant", f"bot-{number}") for number in range(count))


@pytest.mark.parametrize("name", PLANS)
def test_plans_read_as_they_should(name: str, golden: Golden) -> None:
    """Every plan among the samples looks as somebody once found good, and is well-formed."""
    text = markdown.render(PLANS[name])
    assert_contained(text)
    golden(f"plan-{name}.md", text)


def test_the_table_says_what_happens_and_whose_it_is() -> None:
    """A row for each change: action, address, severity, and who made the differences."""
    made = update({"temperature": 0.9, "name": "A"}, {"temperature": 0.1, "name": "B"})
    live = replace(
        made, differences=tuple(replace(each, cause=Cause.LIVE) for each in made.differences)
    )
    causes = (Cause.YOU, Cause.LIVE)
    mixed = replace(
        made,
        differences=tuple(
            replace(each, cause=cause) for each, cause in zip(made.differences, causes, strict=True)
        ),
    )
    read = shown(plan(live, mixed, replace_file(), create(Address("assistant", "new"))))
    assert rows(read) == [
        ["~ update", "assistant.analyst", "behavioural", "live"],
        ["~ update", "assistant.analyst", "behavioural", "both"],
        ["+/- replace", "file.sales", "behavioural", "-"],
        ["+ create", "assistant.new", "capability", "-"],
    ]


def test_a_plan_of_a_part_or_to_destroy_says_so() -> None:
    """What was chosen is somebody's text, and so is code."""
    chosen = replace(PLANS["destroy"], destroy=True, selection=("-l team=`@all`",))
    text = markdown.render(chosen)
    assert text.startswith("### Plan to destroy for `analytics`, environment `prod`")
    assert "This plan is for a part of the project only: `` -l team=`@all` ``" in text


def test_the_summary_is_that_of_the_text() -> None:
    """With the impact below it, where there is one."""
    text = markdown.render(PLANS["replace"])
    assert "\n\n**Plan: 1 to add, 1 to change, 2 to destroy.**\n\nImpact: 1 assistant cha" in text
    assert "1 file to upload (1.2 MiB)." in text
    assert "Impact: no assistant answers otherwise." in markdown.render(PLANS["moved"])
    assert "Impact" not in markdown.render(PLANS["no-changes"])
    assert "**No changes. There is nothing to do.**" in markdown.render(PLANS["empty"])


def test_a_diff_has_its_signs_in_front() -> None:
    """Lists in instructions that begin with `-` or `+` aren't taken for removed or added lines."""
    before = {"instructions": "- one\n+ two\n~ three\n  - four\n- five, the same, but for me\n"}
    after = {"instructions": "- one\n+ two\n~ three\n  - four\n- five, the same, but for you\n"}
    [block] = diffs(shown(plan(update(before, after))))
    lines = [line for line in block.split("\n") if re.search("one|two|three|four|five", line)]
    signs = [(line[0], line[1:].strip()) for line in lines]
    assert signs[-2:] == [
        (" ", "- four"),
        ("!", "- five, the same, but for [-me-]{+you+}"),
    ]


def test_what_goes_on_keeps_its_sign() -> None:
    """The second row of a long added line is added too."""
    added = {"instructions": "short\n" + "word " * 40}
    [block] = diffs(shown(plan(update({"instructions": "short\n"}, added))))
    assert [line[0] for line in block.split("\n") if "word" in line] == ["+", "+", "+"]


@pytest.mark.parametrize("text", TEXTS)
def test_no_hostile_text_breaks_out(text: str) -> None:
    """Whatever anybody writes stays in code: no tag, link, image, mention, reference, or row."""
    made = hostile_plan(text)
    written = markdown.render(made)
    read = assert_contained(written)
    assert len(rows(read)) == len(made.changes)
    assert len(diffs(read)) == len(made.changes) + len(made.drift)
    assert len([each for each in read if each.type == "table_open"]) == 1
    assert not harms(written)


@pytest.mark.parametrize("text", TEXTS)
def test_a_span_and_a_block_hold_any_text(text: str) -> None:
    """What was put in is all that is in there."""
    [_, inline, _] = PARSER.parse(span(text))
    assert [each.type for each in inline.children or ()] == ["code_inline"]
    [block] = PARSER.parse(fence([f" {line}" for line in text.split("\n")], "text"))
    assert block.type == "fence"


@given(st.text(st.sampled_from("`\\ ~<>|*_[]()!@#\n:ab")))
def test_any_mixture_stays_in_its_span(text: str) -> None:
    """Backticks, blanks and backslashes don't end it."""
    [_, inline, _] = PARSER.parse(f"{span(text)}.")
    assert [each.type for each in inline.children or ()] == ["code_inline", "text"]


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=300))
def test_any_text_is_contained(text: str) -> None:
    """Also what nobody has thought of."""
    made = update({"instructions": "a", "metadata": {"b": "c"}}, {"instructions": text})
    read = tokens(markdown.render(plan(made, environment=text)))
    assert {kind(each) for each in read} <= ALLOWED
    assert len(diffs(read)) == 1


def test_a_long_plan_is_cut_between_resources() -> None:
    """The largest details go first; what is left is whole, and a note says how to see the rest."""
    small = [create(each) for each in many(20)]
    large = create(Address("assistant", "large"), instructions="word " * 20_000)
    text = markdown.render(plan(*small, large, environment="it's prod"))
    read = assert_contained(text)
    assert len(text) <= LIMIT
    assert len(diffs(read)) == 20
    assert "\n\n- `assistant.large`: `+` create, 1" in text
    assert "Left out: 1 sections below it." in text
    assert "`provisioner plan -e 'it'\"'\"'s prod'`" in text


def test_five_thousand_resources_fit() -> None:
    """Summary and table head always stay; the note counts what isn't shown."""
    made = plan(*(create(each) for each in many(5000)))
    began = time.process_time()
    text = markdown.render(made)
    assert time.process_time() - began < 20
    read = assert_contained(text)
    assert LIMIT - 2_000 < len(text) <= LIMIT
    assert "**Plan: 5000 to add, 0 to change, 0 to destroy.**" in text
    count = len(rows(read))
    assert f"Left out: {5000 - count:,} rows of the table and 5,000 sections" in text


def test_the_limit_holds_however_characters_are_counted() -> None:
    """Code points, UTF-16 and what UTF-8 takes: GitHub counts bytes in comments."""
    rainbow = [create(each, instructions="🌈" * 3_000) for each in many(30)]
    text = markdown.render(plan(*rainbow))
    assert len(text.encode("utf-16-le")) // 2 <= LIMIT
    assert len(text.encode()) <= 262_144
    assert diffs(assert_contained(text))


def test_details_that_cannot_be_shown_are_dropped_with_their_notes() -> None:
    """Long names can't make it longer either."""
    named = [create(Address("assistant", f"{number:063d}")) for number in range(1000)]
    gone = change(Action.DELETE, assistant(), address=SALES)
    text = markdown.render(plan(*named, gone, project="p" * 70_000, endpoint="\x1b" * 70_000))
    assert len(text) <= LIMIT
    assert_contained(text)
