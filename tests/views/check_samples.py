"""Verdicts to show: one check that passed, one that failed, one that could not be held."""

from __future__ import annotations

from provisioner.address import Address
from provisioner.check import Check
from provisioner.conversation import Call, Code, LiveFile
from provisioner.conversations.turn import Footnote, Produced, Turn
from provisioner.conversations.verdict import Held, TurnVerdict, Verdict
from provisioner.diagnostics import Position, error

BOT = Address("assistant", "bot")
DRAWN = Turn(
    said="Draw a sine wave,\nplease",
    thread="thread_1",
    run="run_1",
    status="completed",
    error="",
    request_id="request-1",
    answer="Here it is [0].\n\nAnything else?",
    raw="Here it is【1†source】.\n\nAnything else?",
    footnotes=(Footnote(0, "f1", "facts.txt", is_path=False, quote="It is so."),),
    files=(
        Produced(LiveFile("f2", "a1b2", is_output=True), b"\x89PNG\r\n\x1a\n"),
        Produced(LiveFile("f3", "a.csv", is_output=True), None),
    ),
    code=(Code("plt.plot(x, y)\nplt.show()", ("drawn",), ("f2",)),),
    calls=(Call("c1", "get_weather", '{"city": "Paris"}', "21"),),
    steps=3,
    seconds=1.25,
)
HOSTILE = Turn(
    said="::error::<x>&]]> \x1b[2J\uffff",
    thread="thread_2",
    run="run_2",
    status="failed",
    error="rate_limit_exceeded: Rate limit is exceeded",
    request_id="request-2",
    answer="\x1b[31mred\n##[error]x",
    raw="",
    footnotes=(Footnote(0, "f9", None, is_path=True, quote=""),),
    files=(),
    code=(),
    calls=(Call("c2", "f", "{oops", None),),
    steps=1,
    seconds=0.5,
)


def check(name: str, *said: str, **more: object) -> Check:
    """Make a check with these turns."""
    turns = [{"user": each} for each in said]
    return Check(name, BOT, {"assistant": "bot", "turns": turns, **more}, Position("c.yaml", 1, 1))


WELL = Held((TurnVerdict(DRAWN, ()),), (), timed_out=False, seconds=1.5)
WRONG = Held(
    (
        TurnVerdict(DRAWN, ()),
        TurnVerdict(HOSTILE, ("status is failed, expected completed", 'answer contains "::x"')),
    ),
    (),
    timed_out=False,
    seconds=2.0,
)
LATE = Held(
    (TurnVerdict(DRAWN, ()),),
    (error("R027", "Conversation takes too long", "It was not over after 2 s.", address=BOT),),
    timed_out=True,
    seconds=2.01,
)
UNHELD = Held(
    (),
    (error("S010", "Nothing is recorded there", "It has no assistant.bot: apply.", address=BOT),),
    timed_out=False,
    seconds=0.0,
)
DRAW = "Draw a sine wave,\nplease"
VERDICTS = [
    Verdict(check("draws", DRAW), (WELL,)),
    Verdict(check("flaky", DRAW, repeat=3, at_least=2), (WELL, LATE, WELL)),
    Verdict(check("fails", DRAW, HOSTILE.said, "More", repeat=2), (WRONG, LATE)),
    Verdict(check("unheld", DRAW, "More"), (UNHELD,)),
]
