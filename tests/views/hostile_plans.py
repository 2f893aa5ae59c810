"""Plans whose texts try to break out of every format, and what breaking out would be."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from view_samples import assistant, change, plan

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, Position, warning
from provisioner.plan import Action, Cause, Change, Plan

TEXTS = (
    "\x1b[2J\x1b]8;;http://evil.example\x07click\x9b31m",
    "\u202eevil\u2066\u200f\ufeff\U000e0041",
    "a\u2028b\u2029c\x85d\re\x0bf\x0cg",
    "::error file=a.py,line=1::pwned",
    "  \u00a0\t::stop-commands::x",
    "first\n::add-mask::x\n   ::set-output name=a::b",
    "see ##vso[task.setvariable variable=a]b",
    "##[group]x ##[add-path]y",
    "</details></summary><script>alert(1)</script><img src=x onerror=alert(1)>",
    "<!-- hidden -->\n\n<details open>",
    "`" * 3 + "\nout\n" + "`" * 7 + "\n# heading",
    "~~~\nout\n~~~~~~",
    "![image](http://evil.example/a.png) [link](javascript:alert) <http://evil.example>",
    "@everyone @org/team closes #123 GH-4 org/repo#5 http://evil.example www.evil.example a@b.c",
    "| a | b |\n|---|---|\n| c | d |",
    "[ref]: http://evil.example 'title'\n\n[ref]",
    "- [ ] task\n> quote\n***\n1. list",
    "\\` \\\\` `` ` &lt;script&gt; &#96;",
    "🌈" * 50,
    "$\\href{javascript:alert(1)}{x}$",
)

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)


def is_command(line: str) -> bool:
    """Say whether a pipeline's runner would take a line of the log for a command."""
    return line.lstrip().startswith("::") or re.search(r"##\w*\[", line) is not None


def harms(text: str) -> list[str]:
    """List the lines that would control a terminal, turn text around, or command a pipeline."""
    return [line for line in text.split("\n") if _UNSAFE.search(line) or is_command(line)]


def hostile_plan(*texts: str) -> Plan:
    """Make a plan in which whatever anybody may write is one of these texts."""
    changes = [made for at, text in enumerate(texts) for made in _changes(at, text)]
    everything = " ".join(texts)
    return plan(
        *changes,
        drift=tuple(each for each in changes if each.action is Action.UPDATE),
        warnings=tuple(_warning(text) for text in texts),
        project=everything,
        environment=everything,
        endpoint=everything,
    )


def _changes(at: int, text: str) -> list[Change]:
    bot = Address("assistant", f"bot-{at}")
    before, after = _attributes(text), _attributes(f"{text}\nand more {text} of it")
    updated = change(Action.UPDATE, before, after, address=bot, id=text, reason=text)
    told = tuple(replace(each, cause=Cause.LIVE) for each in updated.differences)
    return [
        replace(updated, differences=told),
        change(Action.CREATE, after=before, address=Address("assistant", f"new-{at}"), reason=text),
        change(Action.DELETE, before, id=text, deposed=True, address=bot),
        change(Action.UPDATE, before, before, id=text, importing=True, address=bot),
    ]


def _attributes(text: str) -> dict[str, Any]:
    function = {"name": text, "description": text, "parameters": {"a": [text, {text: text}]}}
    return assistant(
        name=text,
        description=f"{text} {text * 3}",
        instructions=f"{text}\nsame\n  {text}\n",
        metadata={text: text},
        tools=[{"type": text}, {"type": "function", "function": function}],
    )


def _warning(text: str) -> Diagnostic:
    return warning("P199", text, f"{text} and then {text} " * 3, Position(text, 1, 2))
