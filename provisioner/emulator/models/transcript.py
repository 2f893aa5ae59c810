"""Transcripts: YAML files that say what the model answers; read once, and refused as a whole."""

import json
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provisioner.emulator.models.positioned_yaml import (
    Document,
    Trouble,
    UnreadableError,
    read_yaml,
)
from provisioner.emulator.models.script import Turn
from provisioner.emulator.models.transcript_turns import Reader

if TYPE_CHECKING:
    from jsonschema import ValidationError


class TranscriptError(ValueError):
    """A transcript that can't be played: all its problems, a line each (`FILE:LINE:COLUMN: …`)."""

    def __init__(self, path: Path, troubles: list[Trouble]) -> None:
        ordered = sorted(troubles, key=lambda each: each.place)
        lines = [f"{path}:{each.place[0]}:{each.place[1]}: {each.message}" for each in ordered]
        super().__init__("\n".join(lines))


def read_transcript(path: Path) -> tuple[Turn, ...]:
    """Read the turns of a transcript; raise TranscriptError, or OSError if there is no file."""
    content = path.read_bytes()
    try:
        document = read_yaml(content.decode())
    except UnicodeDecodeError as error:
        raise TranscriptError(path, [Trouble((1, 1), "not UTF-8")]) from error
    except UnreadableError as error:
        raise TranscriptError(path, [error.trouble]) from error
    troubles = _check(document)
    if troubles:
        raise TranscriptError(path, troubles)
    reader = Reader(document, path.parent)
    turns = reader.turns()
    if reader.troubles:
        raise TranscriptError(path, reader.troubles)
    return turns


def _check(document: Document) -> list[Trouble]:
    from jsonschema import Draft202012Validator

    file = resources.files("provisioner.emulator.models") / "transcript.schema.json"
    validator = Draft202012Validator(json.loads(file.read_text(encoding="utf-8")))
    return [
        trouble
        for error in validator.iter_errors(document.value)
        for trouble in _troubles(document, error)
    ]


def _troubles(document: Document, error: "ValidationError") -> list[Trouble]:
    path = tuple(error.absolute_path)
    schema: Any = error.schema
    known: dict[str, Any] = schema.get("properties", {})
    if error.validator == "additionalProperties":
        instance: Any = error.instance
        unknown = [key for key in instance if key not in known]
        what = f"expected {', '.join(known)}"
        return [
            Trouble(document.keys[(*path, key)], f"unknown key '{key}'; {what}") for key in unknown
        ]
    return [Trouble(document.place(path), _message(error, known))]


def _message(error: "ValidationError", known: dict[str, Any]) -> str:
    if error.validator in ("minProperties", "maxProperties"):
        number = error.validator_value
        count = "at least" if error.validator == "minProperties" else "at most"
        return f"expected {count} {number} of {', '.join(known)}"
    return str(error.message)
