"""Which model an emulator has."""

import os

from provisioner.emulator.models.ask import Model
from provisioner.emulator.models.echo import Echo
from provisioner.emulator.models.script import Script
from provisioner.emulator.models.transcript import read_transcript
from provisioner.emulator.settings import EmulatorSettings

MODEL_KEY = "PROVISIONER_EMULATOR_MODEL_KEY"
"""The environment variable that holds the key of the endpoint behind `--model-url`."""


def make_model(settings: EmulatorSettings) -> Model:
    """Make the model that the settings ask for; raise TranscriptError or OSError if it can't be.

    A transcript goes first; what it doesn't answer goes to the endpoint, or to the echo.
    """
    model: Model = Echo()
    if settings.model_url is not None:
        from provisioner.emulator.models.chat import Chat

        model = Chat(settings.model_url, os.environ.get(MODEL_KEY))
    if settings.transcript is None:
        return model
    return Script(read_transcript(settings.transcript), model)
