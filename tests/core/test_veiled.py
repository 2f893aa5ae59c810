"""A provider behind a veil."""

from __future__ import annotations

import pytest
from factories import BOT, owner
from fake_provider import FakeProvider

from provisioner.errors import ProviderError
from provisioner.providers.base import Tag
from provisioner.providers.veiled import Veiled
from provisioner.veil import Veil


def test_values_are_sent_and_placeholders_come_back() -> None:
    """The service has the value; whoever asks sees what was sent."""
    veil, service = Veil("key"), FakeProvider()
    sent = {"name": "bot", "instructions": f"Use {veil.hide('token', 'hunter2')}."}
    veiled = Veiled(service, veil, {}, {})

    made = veiled.create("assistant", sent, Tag(owner(BOT)), None)

    assert made.attributes == sent
    assert service.objects[made.id].attributes["instructions"] == "Use hunter2."


def test_an_unknown_placeholder_is_never_sent() -> None:
    """It would stand at the service as if it were the text."""
    stranger = Veil("key").hide("token", "hunter2")
    service = FakeProvider()
    veiled = Veiled(service, Veil("key"), {}, {})
    sent = {"name": "bot", "metadata": {"a": f"Use {stranger}."}}

    with pytest.raises(ProviderError, match="Sensitive value is unknown") as trouble:
        veiled.create("assistant", sent, Tag(owner(BOT)), None)
    with pytest.raises(ProviderError, match="Sensitive value is unknown"):
        veiled.update("assistant", "asst_1", sent, Tag(owner(BOT)), lambda _done, _total: None)

    assert "metadata.a" in trouble.value.diagnostics[0].detail
    assert not trouble.value.unsettled
    assert service.writes == []
