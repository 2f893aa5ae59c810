"""Verdicts of checks as JUnit's XML: a testsuite for each check, a testcase for each turn.

Valid by the two schemas in use, Jenkins' and that of Ant's reports, which are stricter: every
testsuite has a host, a time, properties and outputs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timezone
from xml.etree import ElementTree as ET

from provisioner.conversations.verdict import Held, Outcome, Verdict
from provisioner.views import conversation, escape
from provisioner.views.checks_text import reasons

LONGEST = 80
"""So many characters of what the user says name a turn."""
_NO_XML = re.compile("[\ufffe\uffff]")
"""What no XML may hold, of what is left when control characters are made visible."""


def render(verdicts: Sequence[Verdict], environment: str, now: float) -> str:
    """Write the report; `now` in seconds since 1970."""
    root = ET.Element("testsuites")
    for number, each in enumerate(verdicts):
        root.append(_suite(number, each, environment, now))
    ET.indent(root)
    written = _NO_XML.sub("\ufffd", ET.tostring(root, encoding="unicode"))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{written}\n'


def _suite(number: int, verdict: Verdict, environment: str, now: float) -> ET.Element:
    cases = [_case(verdict, index) for index in range(len(verdict.check.spec["turns"]))]
    counted = {word: sum(each.find(word) is not None for each in cases) for word in _WORDS}
    suite = ET.Element(
        "testsuite",
        {
            "name": verdict.check.name,
            "package": environment,
            "id": str(number),
            "hostname": "localhost",
            "timestamp": datetime.fromtimestamp(now, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S"),
            "tests": str(len(cases)),
            "failures": str(counted["failure"]),
            "errors": str(counted["error"]),
            "skipped": str(counted["skipped"]),
            "time": f"{verdict.seconds:.3f}",
        },
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(verdict).items():
        ET.SubElement(properties, "property", {"name": name, "value": value})
    suite.extend(cases)
    ET.SubElement(suite, "system-out").text = _transcripts(verdict.conversations)
    ET.SubElement(suite, "system-err").text = ""
    return suite


_WORDS = ("failure", "error", "skipped")


def _properties(verdict: Verdict) -> dict[str, str]:
    return {
        "assistant": str(verdict.check.assistant),
        "conversations": str(verdict.repeat),
        "at_least": str(verdict.at_least),
        "went_well": str(verdict.went_well),
    }


def _case(verdict: Verdict, index: int) -> ET.Element:
    """Write a turn; what went wrong with it counts only where the check hasn't passed."""
    said = verdict.check.spec["turns"][index]["user"]
    short = said if len(said) <= LONGEST else f"{said[:LONGEST]}…"
    reached = [each for each in verdict.conversations if len(each.turns) > index]
    seconds = max((each.turns[index].turn.seconds for each in reached), default=0.0)
    case = ET.Element(
        "testcase",
        {
            "name": f"turn {index + 1}: {escape.line(short)}",
            "classname": verdict.check.name,
            "time": f"{seconds:.3f}",
        },
    )
    if verdict.outcome is not Outcome.PASSED:
        _add_trouble(case, verdict, index)
    return case


def _add_trouble(case: ET.Element, verdict: Verdict, index: int) -> None:
    """Say what went wrong in a turn; where none was, whether it was reached at all."""
    stopped = [each for each in verdict.conversations if _stops_at(each, index)]
    failed = [each for each in stopped if each.outcome is Outcome.FAILED]
    if stopped:
        told = failed or stopped
        word, kind = ("failure", "expectation") if failed else ("error", "conversation")
        message = "; ".join(dict.fromkeys(why for each in told for why in reasons(each)))
        trouble = ET.SubElement(case, word, {"message": escape.line(message), "type": kind})
        trouble.text = _transcripts(told)
    elif not any(len(each.turns) > index for each in verdict.conversations):
        ET.SubElement(case, "skipped")


def _stops_at(held: Held, index: int) -> bool:
    """Say whether a conversation came to an early end in this turn."""
    last = len(held.turns) - 1
    if held.turns and held.turns[-1].unmet:
        return index == last
    return bool(held.problems) and index == last + 1


def _transcripts(conversations: Sequence[Held]) -> str:
    return "\n".join(conversation.transcript(each) for each in conversations)
