"""What a model can't do: use a tool that its run doesn't have."""

from collections.abc import Iterator

from provisioner.emulator.conversations.run import Run
from provisioner.emulator.models.acts import Act, Call, Code, Fail, Search

_CODE, _SEARCH = {"code_interpreter"}, {"file_search", "retrieval"}


def within_tools(run: Run, acts: tuple[Act, ...]) -> tuple[Act, ...]:
    """Give the acts up to the first for which the run lacks the tool; there it fails, and says so.

    A model of the service sees no other tools. A transcript may be written for an assistant that
    has changed since.
    """
    kept: list[Act] = []
    for act in acts:
        missing = next(_missing(run, act), None)
        if missing is not None:
            return (
                *kept,
                Fail("server_error", f"The model used {missing}, a tool not given to it."),
            )
        kept.append(act)
    return tuple(kept)


def _missing(run: Run, act: Act) -> Iterator[str]:
    tools = [] if run.request["tool_choice"] == "none" else run.request["tools"]
    kinds = {tool["type"] for tool in tools}
    functions = {tool["function"]["name"] for tool in tools if tool["type"] == "function"}
    if isinstance(act, Call):
        yield from (f"'{each.name}'" for each in act.calls if each.name not in functions)
    elif isinstance(act, Code) and not kinds & _CODE:
        yield "'code_interpreter'"
    elif isinstance(act, Search) and not kinds & _SEARCH:
        yield "'file_search'"
