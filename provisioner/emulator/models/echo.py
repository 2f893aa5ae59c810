"""The answer where no model is: an echo that says what it is."""

import json
from collections.abc import Callable

from provisioner.emulator.models.acts import Act, Call, FunctionCall, Say
from provisioner.emulator.models.ask import Conversation, Round


class Echo:
    """Says that it is the emulator, and what it was told; calls a function only if it must."""

    def ask(self, conversation: Conversation, tell: Callable[[Round], None]) -> None:
        """See `Model`."""
        tell(Round((_answer(conversation),)))


def _answer(conversation: Conversation) -> Act:
    forced = conversation.tool_choice
    # A named function has to be called, and then answered about.
    if isinstance(forced, dict) and forced["type"] == "function" and not conversation.rounds:
        return Call((FunctionCall(forced["function"]["name"]),))
    return Say(_text(conversation))


def _text(conversation: Conversation) -> str:
    said = next((each.text for each in conversation.messages[::-1] if each.role == "user"), "")
    text = f"This is the emulator, not a model. You said: {said}"
    outputs = [called.output for each in conversation.rounds[-1:] for called in each.called]
    text += f" The functions answered: {', '.join(outputs)}" if outputs else ""
    wanted = conversation.settings.get("response_format", "auto")
    # Who asked for JSON gets JSON, though of no schema but the emulator's own.
    structured = isinstance(wanted, dict) and wanted["type"] != "text"
    return json.dumps({"emulator": text}, ensure_ascii=False) if structured else text
