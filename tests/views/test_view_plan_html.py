"""The HTML page of a plan, read as text: the browser's part is in tests/browser."""

from __future__ import annotations

import hashlib
import itertools
import re
import subprocess
import sys
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from page_samples import CONTROLS, FULL, HOSTILE, OTHER_TOKEN, SCRIPTS, TOKEN, many, update
from view_samples import PLANS, SALES, assistant, change, plan

from provisioner import __version__
from provisioner.address import Address
from provisioner.plan import Action, Plan
from provisioner.views import plan_html

Golden = Callable[[str, str], None]
SAMPLES = {**PLANS, "full": FULL, "hostile": HOSTILE}
VOID = {"meta", "link", "input"}


class Outline(HTMLParser):
    """What stands in a page: its elements with their attributes, all of them closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Elements end in the order in which they began, the last first."""
        assert self.open.pop() == tag

    def values(self, attribute: str) -> list[str]:
        """List what an attribute is, wherever it stands."""
        return [found[attribute] for _, found in self.elements if attribute in found]

    def all(self, tag: str) -> list[dict[str, str]]:
        """List the attributes of each element of a name."""
        return [found for name, found in self.elements if name == tag]


def page(*changes: object) -> str:
    """Write the page of a plan of these changes."""
    return plan_html.render(plan(*changes))  # type: ignore[arg-type]


@pytest.fixture(scope="module", params=SAMPLES)
def outline(request: pytest.FixtureRequest) -> Outline:
    """Read the page of each sample."""
    return Outline(plan_html.render(SAMPLES[request.param]))


def test_the_page_is_as_somebody_found_it_good(golden: Golden) -> None:
    """A plan that shows all that a page can show; style and script are looked at as files."""
    text = plan_html.render(FULL).replace(f"provisioner {__version__}", "provisioner VERSION")
    text = re.sub(r"(<(style|script)>).*?(</\2>)", r"\1\3", text, flags=re.DOTALL)
    golden("plan-full.html", re.sub(r"'sha256-[^']+'", "'sha256-HASH'", text))


def test_equal_plans_give_equal_pages() -> None:
    """Nothing comes from the clock, from chance or from the order of keys."""
    turned = dict(reversed(assistant().items()))
    pages = [page(change(Action.CREATE, after=each)) for each in (assistant(), turned)]

    assert pages[0] == pages[1]
    assert plan_html.render(FULL) == plan_html.render(FULL)


def test_every_element_is_closed(outline: Outline) -> None:
    """The markup is whole, whatever stands in the plan."""
    assert outline.open == []


def test_every_id_is_unique_and_every_link_leads_to_one(outline: Outline) -> None:
    """Links stay on the page."""
    ids = Counter(outline.values("id"))
    targets = {each["href"] for each in outline.all("a")}

    assert [name for name, count in ids.items() if count > 1] == []
    assert targets <= {f"#{name}" for name in ids}
    assert not any(re.search(r"\s", name) for name in ids)


def test_headings_leave_no_level_out(outline: Outline) -> None:
    """Each is at most one deeper than the one before; there is one at the top."""
    levels = [int(tag[1]) for tag, _ in outline.elements if re.fullmatch("h[1-6]", tag)]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_nothing_on_the_page_is_loaded_or_runs_but_its_own(outline: Outline) -> None:
    """One style, one script, no attribute that styles, runs or fetches."""
    assert len(outline.all("script")) == len(outline.all("style")) == 1
    assert not outline.values("src")
    assert not outline.values("style")
    assert not [name for _, found in outline.elements for name in found if name.startswith("on")]
    assert [each["href"] for each in outline.all("link")] == ["data:,"]
    assert {tag for tag, _ in outline.elements}.isdisjoint({"img", "svg", "iframe", "base"})


def test_the_policy_allows_exactly_this_style_and_script() -> None:
    """Their hashes stand in it, and everything else is forbidden."""
    text = plan_html.render(FULL)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', text)
    policy = policy.replace("&#39;", "'").replace("&#43;", "+")

    assert policy.startswith("default-src 'none'; ")
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        (inline,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, flags=re.DOTALL)
        digest = b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy


@pytest.mark.parametrize("text", SCRIPTS)
def test_markup_in_the_plan_is_text(text: str) -> None:
    """It is there to be read, and nothing of it is an element."""
    pages = [
        Outline(page(change(Action.CREATE, after=assistant(name=each))))
        for each in (text, "x" * len(text))
    ]

    assert pages[0].elements == pages[1].elements


def test_control_characters_are_made_visible() -> None:
    """Nothing reorders, hides or ends a line, wherever it stands."""
    text = plan_html.render(HOSTILE)

    assert not set(CONTROLS) & set(text) - set("evil[2J")
    assert "\\u202eevil\\u2066\\u2028" in text


def test_sensitive_values_are_badges() -> None:
    """A placeholder is never shown raw, and two values can be told apart."""
    texts = {"instructions": f"Use {TOKEN}."}, {"instructions": f"Use {OTHER_TOKEN}."}
    text = page(update(*texts))

    assert "(sensitive:" not in plan_html.render(FULL)
    assert '<del><span class="sensitive">sensitive token 012345</span></del>' in text
    assert '<ins><span class="sensitive">sensitive token fedcba</span></ins>' in text


def test_ids_are_shown_with_the_address_behind_them() -> None:
    """Files are known by name: what an id is the id of is said wherever the plan knows it."""
    text = plan_html.render(FULL)

    assert 'assistant-A1b2C3 (<a href="#file.sales">file.sales</a>)' in text
    assert '<a href="#file.sales">id of file.sales, known after apply</a>' in text


def test_only_ids_are_shown_without_the_key_that_repeats_them() -> None:
    """A pair of metadata keeps its key, even where its value reads alike."""
    before, after = {"metadata": {"a": "b"}}, {"metadata": {"a": "b", "alike": "alike"}}

    assert '>metadata<span class="step"> \u203a </span>alike</th>' in page(update(before, after))
    assert "</span>file_ids <span" in plan_html.render(FULL)


def test_a_change_says_what_it_is() -> None:
    """The filter and the reader find action, kind, severity and who made the differences."""
    found = Outline(plan_html.render(FULL)).all("article")
    analyst = next(each for each in found if each["data-cause"] == "you live both")
    gone = next(each for each in found if each["class"] == "card forget")

    assert (analyst["data-action"], analyst["data-kind"]) == ("update", "assistant")
    assert analyst["data-severity"] == "capability"
    assert (gone["data-severity"], gone["data-cause"]) == ("", "")


def test_the_overview_counts_and_warns() -> None:
    """Counts, severities, impact and warnings stand at the top."""
    text = re.sub(r"<[^>]+>|\s+", " ", plan_html.render(FULL))
    text = re.sub(r"\s+", " ", text)

    for words in ("2 to add", "2 to change", "3 to destroy", "1 unchanged", "4 capability"):
        assert words in text
    assert "1 new assistant: assistant.second" in text
    assert "1 file is uploaded, 1.2 MiB: file.sales" in text
    assert "P102: Kept file.sales The assistant “Portal” still uses it." in text
    assert "M999: Odd bots/analyst.yaml:8:3 First line." in text


def test_an_idle_plan_is_calm() -> None:
    """Without changes there is no filter, and the page says that there is nothing to do."""
    text = plan_html.render(PLANS["empty"])

    assert "<strong>No changes.</strong> There is nothing to do." in text
    assert not Outline(text).all("form")


def test_what_stands_at_an_address_keeps_its_link() -> None:
    """Deposed objects of the same address, and drift, get ids of their own."""
    ids = Outline(plan_html.render(FULL)).values("id")

    assert {"file.sales", "file.sales:2", "drift:file.sales"} <= set(ids)
    assert len([each for each in ids if each.startswith("assistant.analyst")]) == 1


def test_a_link_leads_to_a_card_only() -> None:
    """An address without a change is only named."""
    one = change(Action.NO_OP, assistant(), address=SALES, id="assistant-A1b2C3")
    other = change(Action.CREATE, after=assistant(), address=Address("assistant", "new"))

    text = page(one, other)

    assert "assistant-A1b2C3&#34; (file.sales)" in text


def test_many_changes_are_quick() -> None:
    """A thousand changes, half of them with long prompts, are written within seconds."""
    began = time.process_time()
    plan_html.render(many(1000))
    assert time.process_time() - began < 15


def test_templates_are_loaded_for_pages_only() -> None:
    """Other formats don't pay for them."""
    code = (
        "import sys; from provisioner.views import plan_html; "
        "print('jinja2' in sys.modules, 'markupsafe' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_the_plan_type_is_what_is_rendered() -> None:
    """Every sample plan gives a page, whatever it holds."""
    for name, sample in SAMPLES.items():
        assert isinstance(sample, Plan)
        assert plan_html.render(sample).startswith("<!DOCTYPE html>\n"), name
