"""The veil: sensitive values out, placeholders in, and no way to mistake one for the other."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.veil import Veil, is_hidden, is_veiled

SECRET = "correct horse"


@pytest.fixture
def veil() -> Veil:
    """Make a veil of one environment."""
    return Veil("5f0c2a/prod")


def test_what_is_hidden_can_be_revealed(veil: Veil) -> None:
    """In any text inside a JSON value."""
    hidden = veil.hide("token", SECRET)

    assert SECRET not in hidden
    assert is_veiled(f"a {hidden} b")
    assert veil.reveal({"a": [f"x {hidden} y {hidden}", 1, None]}) == {
        "a": [f"x {SECRET} y {SECRET}", 1, None]
    }


def test_other_placeholders_stay(veil: Veil) -> None:
    """One of another environment, or made up, reveals nothing."""
    other = Veil("5f0c2a/dev").hide("token", SECRET)
    veil.hide("token", SECRET)

    assert veil.reveal(other) == other
    assert veil.reveal("(sensitive:token:0000000000000000)").endswith("0000)")


def test_live_texts_take_the_form_that_is_known(veil: Veil) -> None:
    """Declared, recorded or sent: what is equal when revealed, is equal concealed."""
    form = {"instructions": f"Use {veil.hide('t', 'a')} as a key", "n": 1}
    live = veil.reveal(form)

    assert live["instructions"] == "Use a as a key"
    assert veil.conceal(live, [None, form]) == form


def test_without_the_value_the_hash_tells(veil: Veil) -> None:
    """Drift is found where no value is given."""
    one, two = veil.hide("one", "111"), veil.hide("two", "22")
    form = f"a {one} b {two} c"
    stranger = Veil(veil.key)

    assert stranger.conceal("a 111 b 22 c", [form]) == form
    assert stranger.conceal("a 112 b 22 c", [form]) != form


def test_what_the_hashes_tell_can_be_revealed(veil: Veil) -> None:
    """It may be sent back, where changes are ignored; then the value itself must be sent."""
    form = f"Uses {Veil(veil.key).hide('one', 'former')} and {veil.hide('two', 'other')}"

    assert veil.reveal(veil.conceal("Uses former and other", [form])) == "Uses former and other"


def test_a_former_value_is_hidden_in_every_text_of_its_object(veil: Veil) -> None:
    """Also in those that come before the one whose hash tells it."""
    former = Veil(veil.key).hide("token", SECRET)
    live = {"instructions": f"Pasted: {SECRET}", "metadata": {"key": SECRET}}
    form = {"instructions": "Be brief.", "metadata": {"key": former}}

    assert veil.conceal(live, [form]) == {
        "instructions": f"Pasted: {former}",
        "metadata": {"key": former},
    }


def test_a_text_that_changed_elsewhere_is_hidden_whole(veil: Veil) -> None:
    """It may still hold the former value, which nobody knows here."""
    former = Veil(veil.key).hide("token", "former secret")
    hidden = veil.conceal("Edited; uses former secret", [f"Uses {former}"])

    assert "former" not in hidden
    assert is_veiled(hidden)
    assert veil.reveal(hidden) == "Edited; uses former secret"
    assert Veil(veil.key).conceal("Edited; uses former secret", [hidden]) == hidden


def test_a_changed_text_whose_secrets_are_known_stays_readable(veil: Veil) -> None:
    """So that a diff of a prompt is worth reading."""
    hidden = veil.hide("token", SECRET)

    live = f"Edited; uses {SECRET}"
    assert veil.conceal(live, [f"Uses {hidden}"]) == f"Edited; uses {hidden}"


def test_texts_without_secrets_stay_as_they_are(veil: Veil) -> None:
    """Also where they happen to hold a short value."""
    veil.hide("t", "4")

    form = {"model": "gpt-4o", "name": "4"}
    assert veil.conceal(form, [form]) == form
    assert veil.conceal({"model": "gpt-4"}, []) == {"model": "gpt-4"}


def test_lists_may_come_back_in_another_order(veil: Veil) -> None:
    """Tools are compared with the tool of the same name."""
    form = [
        {"type": "function", "function": {"name": "a", "description": veil.hide("t", "xy")}},
        {"type": "function", "function": {"name": "b", "description": "xy"}},
    ]
    live = list(reversed(veil.reveal(form)))

    assert veil.conceal(live, [form]) == list(reversed(form))


def test_a_plain_member_of_a_list_stays_beside_a_hidden_one(veil: Veil) -> None:
    """Though any member may be any other, also where the former value is unknown here."""
    form = {
        "enum": [veil.hide("t", SECRET), "b"],
        "anyOf": [{"d": veil.hide("t", SECRET)}, {"d": "b"}],
    }
    live = veil.reveal(form)

    assert Veil(veil.key).conceal(live, [form]) == form


@pytest.mark.parametrize("written", ["{a}{b}", "{a} {a}", "{a} {b}", "x {a}, {b}, {a}"])
@pytest.mark.parametrize("secret", ["one, two", " a  b ", "x" * 40])
def test_hashes_tell_where_a_value_ends(written: str, secret: str) -> None:
    """Values may stand side by side, hold what stands between them, and recur."""
    veil = Veil("key")
    form = written.format(a=veil.hide("a", secret), b=veil.hide("b", "other, x"))
    live = veil.reveal(form)

    assert Veil("key").conceal(live, [form]) == form
    assert is_hidden(Veil("key").conceal(f"{live}!", [form]))


def test_a_long_text_that_changed_is_judged_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though what stands between the values recurs in all of it."""
    monkeypatch.setattr("provisioner.veil.MOST_TRIED", 3)
    veil = Veil("key")
    form = "{} {} {} {}".format(*(veil.hide(each, each) for each in "abcd"))
    text = form + " word" * 20_000
    changed = veil.reveal(text).replace("a b", "a bad")

    assert is_hidden(Veil("key").conceal(changed, [text]))


@pytest.mark.parametrize("value", ["4", SECRET])
def test_a_text_without_the_known_value_is_hidden_whole(veil: Veil, value: str) -> None:
    """It may hold a former value that nobody has recorded, as when an object is imported."""
    form = f"Use {veil.hide('token', value)}"

    assert is_hidden(veil.conceal("Use another secret", [form]))


def test_what_was_sent_counts_before_what_was_recorded(veil: Veil) -> None:
    """So a variable may stop being sensitive."""
    recorded = f"Use {veil.hide('token', SECRET)}"

    assert Veil(veil.key).conceal(f"Use {SECRET}", [f"Use {SECRET}", recorded]) == f"Use {SECRET}"


def test_blanks_are_as_long_as_the_values(veil: Veil) -> None:
    """Limits are those of what is sent."""
    assert veil.blanked([f"a {veil.hide('t', 'xyz')}", 1]) == ["a ***", 1]


def test_a_value_that_is_a_word_of_placeholders_leaves_them_whole(veil: Veil) -> None:
    """Else nobody could put the values in their places again."""
    word, token = veil.hide("word", "sensitive"), veil.hide("token", "a sensitive thing")

    text = "a sensitive thing is sensitive"
    assert veil.covered(text) == f"{token} is {word}"
    assert veil.reveal(veil.covered(text)) == text


def test_refusals_repeat_no_secret(veil: Veil) -> None:
    """A service may quote what it was sent; the longest value is hidden first."""
    short, long = veil.hide("a", "secret"), veil.hide("b", "secret and more")

    assert veil.covered("bad: secret and more, secret") == f"bad: {long}, {short}"


TEXTS = st.text(alphabet="ab(:) \n", max_size=8)


@settings(max_examples=50, deadline=None)
@given(TEXTS, TEXTS, st.text(alphabet="ab(:", min_size=1, max_size=3))
def test_concealing_is_the_reverse_of_revealing(before: str, after: str, secret: str) -> None:
    """Whatever the text, and however short the secret."""
    veil = Veil("key")
    form = f"{before}{veil.hide('t', secret)}{after}"

    assert veil.conceal(veil.reveal(form), [form]) == form
    assert Veil("key").conceal(veil.reveal(form), [form]) == form


def test_what_is_shown_hides_a_value_also_between_quotes(veil: Veil) -> None:
    """As JSON, and code, write it: lines of a key, quotes and letters that ASCII lacks."""
    secret = 'two\nlines, "quotes" and é'
    hidden = veil.hide("token", secret)

    for ascii_only in (True, False):
        written = json.dumps({"key": secret}, ensure_ascii=ascii_only)
        assert veil.covered_for_show(written) == f'{{"key": "{hidden}"}}'
    assert veil.covered_for_show(f"a {secret} b") == f"a {hidden} b"
