"""What goes wrong in conversations, as diagnostics."""

from __future__ import annotations

import re
from dataclasses import replace

from provisioner.address import Address
from provisioner.conversation import Call
from provisioner.conversations.traces import Leftovers
from provisioner.conversations.turn import Turn
from provisioner.diagnostics import Diagnostic, error, warning
from provisioner.errors import ProvisionerError
from provisioner.halt import Reason

_FINDS_OUT = re.compile(r"again: it finds out first(?: what was done)?\.")
"""What an apply does after a lost answer, and its refusals promise."""
_AGAIN = "Run the command again; if it stays, ask Azure with the id."


def incomplete(turn: Turn, address: Address) -> Diagnostic:
    """Say why a run didn't complete; the HTTP status was 200 all along."""
    traced = f", request id {turn.request_id}" if turn.request_id else ""
    why = f": {turn.error}" if turn.error else ""
    said = f"{turn.run} in {turn.thread} (HTTP 200{traced}) is {turn.status}{why}."
    if turn.status == "failed":
        return error("R022", "Run failed", f"{said} {_cure(turn.error)}", address=address)
    if turn.status == "expired":
        cure = "Its time was over, functions' outputs included. Ask for less at once."
        return error("R023", "Run has expired", f"{said} {cure}", address=address)
    if turn.status == "incomplete":
        cure = "It reached a limit of tokens, or a filter ended it. Ask for a shorter answer."
        return error("R024", "Run is incomplete", f"{said} {cure}", address=address)
    cure = f"Somebody else has cancelled it, or nobody answered it. {_AGAIN}"
    return error("R025", "Run was cancelled", f"{said} {cure}", address=address)


def _cure(why: str) -> str:
    if why.startswith("rate_limit_exceeded"):
        return "Wait as long as the service says, or ask Azure for a higher limit."
    return _AGAIN


def ended(address: Address, reason: Reason, seconds: float) -> Diagnostic:
    """Say that a conversation was not waited for any longer."""
    if reason is Reason.INTERRUPTED:
        detail = "What was under way was cancelled. Run the command again."
        return error("R026", "Conversation was interrupted", detail, address=address)
    detail = (
        f"It was not over after {seconds:g} s, and its run was cancelled. Allow more seconds, or"
        " ask for less at once."
    )
    return error("R027", "Conversation takes too long", detail, address=address)


def unanswered(call: Call, address: Address) -> Diagnostic:
    """Say that nobody answers a call of a function."""
    return error(
        "R028",
        "Function call has no output",
        f"{call.name}({call.arguments}) was called, nothing says what it answers, and there is no"
        f" terminal to ask at. Give it with --tool-output {call.name}=TEXT, or in the"
        " `tool_outputs` of a Check that talks to the assistant. The run was cancelled.",
        address=address,
    )


def left_over(leftovers: Leftovers, address: Address) -> Diagnostic:
    """Say what of a conversation could not be deleted."""
    certain = f"Not deleted: {', '.join(leftovers.certain)}. " if leftovers.certain else ""
    doubtful = f"Perhaps there: {', '.join(leftovers.doubtful)}. " if leftovers.doubtful else ""
    detail = (
        f"{certain}{doubtful}Nothing else uses it: delete it at the service, by its id or name."
    )
    return warning("R120", "Conversation has left something", detail, address=address)


def named(trouble: ProvisionerError, address: Address) -> tuple[Diagnostic, ...]:
    """Name the assistant that something went wrong with, where it isn't named.

    The next conversation begins anew, and finds nothing out of this one.
    """
    return tuple(
        replace(each, address=each.address or address, detail=_FINDS_OUT.sub("again.", each.detail))
        for each in trouble.diagnostics
    )
