"""Shapes that a request body must have, and the service's words where it has not.

The wording and the codes are OpenAI's (`Unknown parameter: 'tool_resources'.`, `unknown_parameter`
was seen on Azure: openai-python#1449; `Invalid type for 'metadata.modified': …`, `invalid_type` on
OpenAI). The first fault found is the one reported.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from provisioner.emulator.errors import ServiceError, refused


class Shape(Protocol):
    """What a JSON value must look like."""

    def check(self, value: Any, at: str) -> None:
        """Raise the service's 400 unless `value`, found at the path `at`, has this shape."""


def check_body(shape: Shape, body: Any) -> dict[str, Any]:
    """Check a whole body and return it as the object that it then is."""
    if not isinstance(body, dict):
        raise refused(f"Invalid body: expected an object, but got {_kind(body)} instead.")
    shape.check(body, "")
    return body


_KINDS: dict[type, str] = {
    bool: "a boolean",
    int: "an integer",
    float: "a decimal",
    str: "a string",
    list: "an array",
    dict: "an object",
    type(None): "null",
}


def _kind(value: Any) -> str:
    return _KINDS[type(value)]


def _wrong_type(value: Any, at: str, expected: str) -> ServiceError:
    message = f"Invalid type for '{at}': expected {expected}, but got {_kind(value)} instead."
    return refused(message, param=at, code="invalid_type")


def wrong_value(value: Any, at: str, choices: Sequence[str]) -> ServiceError:
    """Make the 400 for a word that isn't among the choices."""
    *first, last = [f"'{choice}'" for choice in choices]
    comma = "," if len(first) > 1 else ""
    listed = f"{', '.join(first)}{comma} and {last}" if first else last
    message = f"Invalid value: '{value}'. Supported values are: {listed}."
    return refused(message, param=at, code="invalid_value")


def unknown_parameter(at: str) -> ServiceError:
    """Make the 400 for a key that there isn't."""
    return refused(f"Unknown parameter: '{at}'.", param=at, code="unknown_parameter")


def _check_length(value: Sequence[Any], at: str, low: int, high: int | None, noun: str) -> None:
    article = "an" if noun == "array" else "a"
    if len(value) < low:
        message = (
            f"Invalid '{at}': empty {noun}. Expected {article} {noun} with minimum length {low},"
            f" but got an empty {noun} instead."
        )
        raise refused(message, param=at, code=f"empty_{noun}")
    if high is not None and len(value) > high:
        message = (
            f"Invalid '{at}': {noun} too long. Expected {article} {noun} with maximum length"
            f" {high}, but got {article} {noun} with length {len(value)} instead."
        )
        raise refused(message, param=at, code=f"{noun}_above_max_length")


def check_range(value: float, at: str, low: float | None, high: float | None) -> None:
    """Raise the service's 400 unless `value` lies between `low` and `high`, both included."""
    noun = "integer" if isinstance(value, int) else "decimal"
    if low is not None and value < low:
        message = f"{noun} below minimum value. Expected a value >= {low}, but got {value} instead."
        raise refused(f"Invalid '{at}': {message}", param=at, code=f"{noun}_below_min_value")
    if high is not None and value > high:
        message = (
            f"{noun} above maximum value. Expected a value <= {high}, but got {value} instead."
        )
        raise refused(f"Invalid '{at}': {message}", param=at, code=f"{noun}_above_max_value")


@dataclass(frozen=True)
class Text:
    """A string within a length, of a pattern, or out of a few words."""

    high: int | None = None
    low: int = 0
    pattern: str | None = None
    choices: tuple[str, ...] = ()

    def check(self, value: Any, at: str) -> None:
        """See `Shape`."""
        if not isinstance(value, str):
            raise _wrong_type(value, at, "a string")
        if self.choices and value not in self.choices:
            raise wrong_value(value, at, self.choices)
        _check_length(value, at, self.low, self.high, "string")
        if self.pattern and not re.fullmatch(self.pattern, value):
            message = (
                f"Invalid '{at}': string does not match pattern. Expected a string that matches"
                f" the pattern '^{self.pattern}$'."
            )
            raise refused(message, param=at, code="invalid_value")


@dataclass(frozen=True)
class Number:
    """A number within a range; a whole one where `whole`."""

    low: float | None = None
    high: float | None = None
    whole: bool = False

    def check(self, value: Any, at: str) -> None:
        """See `Shape`."""
        good = (int,) if self.whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, good):
            raise _wrong_type(value, at, "an integer" if self.whole else "a decimal")
        check_range(value, at, self.low, self.high)


@dataclass(frozen=True)
class Flag:
    """True or false."""

    def check(self, value: Any, at: str) -> None:
        """See `Shape`."""
        if not isinstance(value, bool):
            raise _wrong_type(value, at, "a boolean")


@dataclass(frozen=True)
class Off:
    """False, of a switch that this version doesn't have: true is an unknown parameter."""

    def check(self, value: Any, at: str) -> None:
        """See `Shape`."""
        if value is not False:
            raise unknown_parameter(at)


@dataclass(frozen=True)
class Array:
    """A list of things of one shape."""

    of: Shape
    high: int | None = None
    low: int = 0

    def check(self, value: Any, at: str) -> None:
        """See `Shape`."""
        if not isinstance(value, list):
            raise _wrong_type(value, at, "an array")
        _check_length(value, at, self.low, self.high, "array")
        for index, element in enumerate(value):
            self.of.check(element, f"{at}[{index}]")


@dataclass(frozen=True)
class Record:
    """An object of these fields and no others: unknown keys are refused, not ignored.

    Nested ones too: Azure said `Unknown parameter: 'messages[0].file_ids'.` (LibreChat#3962).
    """

    fields: Mapping[str, Shape]
    required: tuple[str, ...] = ()

    def check(self, value: Any, at: str) -> None:
        """See `Shape`."""
        if not isinstance(value, dict):
            raise _wrong_type(value, at, "an object")
        prefix = f"{at}." if at else ""
        for name in value:
            if name not in self.fields:
                raise unknown_parameter(prefix + name)
        for name in self.required:
            if name not in value:
                path = prefix + name
                message = f"Missing required parameter: '{path}'."
                raise refused(message, param=path, code="missing_required_parameter")
        for name, held in value.items():
            self.fields[name].check(held, prefix + name)


@dataclass(frozen=True)
class Tagged:
    """An object whose `type` says which record it is."""

    kinds: Mapping[str, Record]

    def check(self, value: Any, at: str) -> None:
        """See `Shape`."""
        if not isinstance(value, dict):
            raise _wrong_type(value, at, "an object")
        path = f"{at}.type"
        if "type" not in value:
            message = f"Missing required parameter: '{path}'."
            raise refused(message, param=path, code="missing_required_parameter")
        Text(choices=tuple(self.kinds)).check(value["type"], path)
        self.kinds[value["type"]].check(value, at)


@dataclass(frozen=True)
class WordOr:
    """One of a few words, or else something of another shape."""

    words: tuple[str, ...]
    otherwise: Shape

    def check(self, value: Any, at: str) -> None:
        """See `Shape`."""
        shape = Text(choices=self.words) if isinstance(value, str) else self.otherwise
        shape.check(value, at)


@dataclass(frozen=True)
class TextOr:
    """A text, or else something of another shape."""

    text: Text
    otherwise: Shape

    def check(self, value: Any, at: str) -> None:
        """See `Shape`."""
        shape = self.text if isinstance(value, str) else self.otherwise
        shape.check(value, at)


@dataclass(frozen=True)
class Free:
    """Any object, such as a JSON schema."""

    def check(self, value: Any, at: str) -> None:
        """See `Shape`."""
        if not isinstance(value, dict):
            raise _wrong_type(value, at, "an object")


@dataclass(frozen=True)
class Nullable:
    """Null, or of a shape."""

    shape: Shape

    def check(self, value: Any, at: str) -> None:
        """See `Shape`."""
        if value is not None:
            self.shape.check(value, at)


@dataclass(frozen=True)
class Pairs:
    """`metadata`: at most 16 pairs, keys up to 64 characters, values strings up to 512."""

    def check(self, value: Any, at: str) -> None:
        """See `Shape`."""
        if not isinstance(value, dict):
            raise _wrong_type(value, at, "an object")
        if len(value) > 16:  # noqa: PLR2004 - the limit that the class promises
            message = (
                f"Invalid '{at}': too many properties. Expected an object with at most 16"
                f" properties, but got an object with {len(value)} properties instead."
            )
            raise refused(message, param=at, code="object_above_max_properties")
        for key, held in value.items():
            if len(key) > 64:  # noqa: PLR2004 - as above
                message = (
                    f"Invalid '{at}': property name too long. Expected a property name with"
                    f" maximum length 64, but got one with length {len(key)} instead."
                )
                raise refused(message, param=at, code="property_name_above_max_length")
            Text(512).check(held, f"{at}.{key}")
