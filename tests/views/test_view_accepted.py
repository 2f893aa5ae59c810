"""What `accept` shows of the files that it wrote."""

from __future__ import annotations

from provisioner.address import Address
from provisioner.views import accepted

BOT = Address("assistant", "bot")


def test_a_file_is_shown_as_a_unified_diff() -> None:
    """With what stands around the change."""
    shown = accepted.file("a.yaml", "a: 1\nb: 2\n", "a: 1\nb: 3\n", color=False)

    assert shown == "--- a/a.yaml\n+++ b/a.yaml\n@@ -1,2 +1,2 @@\n a: 1\n-b: 2\n+b: 3\n"


def test_a_missing_newline_at_the_end_is_told() -> None:
    """As `diff` does; line ends of Windows aren't shown."""
    shown = accepted.file("a.md", "One.\r\n", "One.\r\nTwo.", color=False)

    assert shown.endswith(" One.\n+Two.\n\\ No newline at end of file\n")


def test_a_live_text_can_not_harm_the_terminal() -> None:
    """Neither in lines nor in names."""
    shown = accepted.file("a\x1b[2J.md", "a\n", "\x1b[31mred\u202e\n", color=True)

    assert "\x1b[2J" not in shown
    assert "\x1b[31mred" not in shown
    assert r"\x1b[31mred\u202e" in shown


def test_the_summary_tells_what_was_written_and_what_is_left() -> None:
    """Or that there was nothing."""
    assert accepted.summary({BOT: ("name", "model")}, (BOT,), {BOT: ("tools",)}, {}) == (
        "Accepted assistant.bot: name, model.\n"
        "\nAccept complete! Fields written: 2. The service was not changed.\n"
        "assistant.bot was edited in the manifests, too: the next apply brings tools.\n"
    )
    assert "manifests say what is live" in accepted.summary({}, (BOT,), {}, {})
    assert accepted.summary({}, (), {}, {}).startswith("No edits to accept. Live")


def test_edits_that_nobody_asked_for_are_told() -> None:
    """Otherwise a mistyped field looks as if nothing was edited."""
    assert accepted.summary({}, (), {}, {BOT: ("model", "name")}) == (
        "No edits to accept where you asked for them.\n"
        "assistant.bot has other edits, which stay: model, name.\n"
    )
