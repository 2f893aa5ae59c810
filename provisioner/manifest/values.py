"""Variables: what a Project declares, and the value that each has in an environment."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from provisioner.diagnostics import Diagnostic, Position, error
from provisioner.manifest.document import Document, Path
from provisioner.manifest.inputs import ENVIRONMENT_PREFIX, Given
from provisioner.manifest.pasted import looks_so, pasted
from provisioner.manifest.suggestions import did_you_mean
from provisioner.manifest.variables import Scalar
from provisioner.veil import Veil

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "boolean": (bool,),
}
_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of a Project."""

    name: str
    type: str
    """string, number or boolean."""
    default: Scalar | None
    sensitive: bool


@dataclass(frozen=True, slots=True)
class Value:
    """The value of a variable in one environment."""

    value: Scalar = field(repr=False)
    """Of a sensitive variable the placeholder."""
    source: str
    """Where it comes from, as people read it: `--var`, `default` …"""
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Values:
    """Every variable's value in one environment."""

    declared: Mapping[str, Variable]
    given: Mapping[str, Value]
    veil: Veil = field(repr=False)

    @property
    def scalars(self) -> Mapping[str, Scalar]:
        """The values by name, as they are put into texts."""
        return {name: each.value for name, each in self.given.items()}

    @property
    def absent(self) -> frozenset[str]:
        """The declared variables that have no value: `missing` reports each of them."""
        return frozenset(self.declared) - frozenset(self.given)

    def is_sensitive(self, name: str) -> bool:
        """Say whether a variable's value must not be seen."""
        return name in self.declared and self.declared[name].sensitive


NO_VALUES = Values({}, {}, Veil(""))
"""Of a project without variables."""


def variables(document: Document) -> dict[str, Variable]:
    """Take the variables that a Project declares."""
    return {
        name: Variable(
            name,
            each.get("type", "string"),
            each.get("default"),
            each.get("sensitive", False),
        )
        for name, each in document.spec.get("variables", {}).items()
    }


def check_declarations(
    document: Document, declared: Mapping[str, Variable]
) -> Iterator[Diagnostic]:
    """Report declarations whose default or type can't be, and values of unknown variables."""
    for name, each in declared.items():
        path: Path = ("spec", "variables", name)
        if each.sensitive and each.type != "string":
            detail = f"`{name}` is sensitive, so it is a string. Leave `type` out."
            yield document.error((*path, "type"), "M207", "Value doesn't fit the variable", detail)
        if each.default is not None:
            yield from _check(document, (*path, "default"), each, each.default)
    for environment, data in document.spec["environments"].items():
        path = ("spec", "environments", environment, "variables")
        for name, value in data.get("variables", {}).items():
            if name in declared:
                yield from _check(document, (*path, name), declared[name], value)
            else:
                yield _unknown(name, declared, document.position(*path, name, key=True))


def _check(
    document: Document, path: Path, variable: Variable, value: object
) -> Iterator[Diagnostic]:
    position = document.position(*path)
    if variable.sensitive:
        yield _exposed(variable.name, position)
    elif not _fits(variable, value):
        yield _misfit(variable, position)


def check_given(given: Sequence[Given], declared: Mapping[str, Variable]) -> Iterator[Diagnostic]:
    """Report values from outside that fit no variable; the environment may hold foreign ones."""
    for each in given:
        if each.name not in declared:
            if not each.source.startswith(ENVIRONMENT_PREFIX):
                yield _unknown(each.name, declared, each.position, each.source)
            continue
        variable = declared[each.name]
        if variable.sensitive and not each.is_secret_safe:
            yield _exposed(each.name, each.position)
        elif _converted(each, variable) is None or (variable.sensitive and not each.value):
            yield _misfit(variable, each.position, each.source)
        elif not variable.sensitive and isinstance(each.value, str):
            yield from _revealing(each)


def _revealing(given: Given) -> Iterator[Diagnostic]:
    """Warn of a value that looks like a key, and would be shown like any other."""
    for found in pasted(given.value if isinstance(given.value, str) else ""):
        what = f"`{given.name}`, given by {given.source}, holds {found.what}, or what looks so."
        yield looks_so(f"{what} The variable isn't `sensitive`.", given.position)
        return


def values(
    document: Document,
    environment: str,
    declared: Mapping[str, Variable],
    given: Sequence[Given],
    veil: Veil,
) -> Values:
    """Choose each variable's value: from outside, of the environment, or its default."""
    found: dict[str, Value] = {}
    for name, variable in declared.items():
        value = next(_candidates(document, environment, variable, given), None)
        if value is None:
            continue
        if variable.sensitive:
            value = Value(veil.hide(name, str(value.value)), value.source)
        found[name] = value
    return Values(declared, found, veil)


def _candidates(
    document: Document, environment: str, variable: Variable, given: Sequence[Given]
) -> Iterator[Value]:
    """Go through the values that a variable could have, the strongest first."""
    name = variable.name
    for each in given:
        converted = _converted(each, variable) if each.name == name else None
        if converted is not None and not (variable.sensitive and not each.is_secret_safe):
            yield Value(converted, each.source, each.position)
    if variable.sensitive:
        return
    own: Mapping[str, Any] = document.spec["environments"][environment].get("variables", {})
    if name in own and _fits(variable, own[name]):
        path: Path = ("spec", "environments", environment, "variables", name)
        yield Value(own[name], f"environment {environment}", document.position(*path))
    if variable.default is not None and _fits(variable, variable.default):
        path = ("spec", "variables", name, "default")
        yield Value(variable.default, "default", document.position(*path))


def missing(document: Document, environment: str, known: Values) -> Iterator[Diagnostic]:
    """Report the variables that have no value in an environment."""
    for name, variable in known.declared.items():
        own = document.spec["environments"][environment].get("variables", {})
        if name in known.given or name in own or variable.default is not None:
            continue  # what is given and doesn't fit has been reported
        places = f"--var {name}=… or {ENVIRONMENT_PREFIX}{name.upper()}"
        if not variable.sensitive:
            places += ", or in the environment's `variables`, or with a `default`"
        yield document.error(
            ("spec", "variables", name),
            "M206",
            "Variable has no value",
            f"`{name}` has none. Give it with {places}.",
        )


def _fits(variable: Variable, value: object) -> bool:
    wanted = _TYPES[variable.type]
    if isinstance(value, bool) and variable.type != "boolean":
        return False
    return isinstance(value, wanted)


def _converted(given: Given, variable: Variable) -> Scalar | None:
    """Make a value of the variable's type; None where that can't be."""
    value = given.value
    if isinstance(value, str) and not _is_utf8(value):
        return None
    if not given.is_text or variable.type == "string":
        return value if isinstance(value, (str, int, float)) and _fits(variable, value) else None
    text = str(value)
    if variable.type == "boolean":
        return {"true": True, "false": False}.get(text)
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    whole = re.fullmatch(r"[-+]?[0-9]+", text)
    return (int(text) if whole else number) if math.isfinite(number) else None


def _is_utf8(text: str) -> bool:
    """Say whether a text can be sent: other bytes of the environment come as lone surrogates."""
    return not any("\ud800" <= each <= "\udfff" for each in text)


def _unknown(
    name: str, declared: Mapping[str, Variable], position: Position | None, source: str = ""
) -> Diagnostic:
    given = f" It is given by {source}." if source and position is None else ""
    detail = f"The project declares no variable `{name}`.{given}{did_you_mean(name, declared)}"
    return error("M205", "Unknown variable", detail, position)


def _misfit(variable: Variable, position: Position | None, source: str = "") -> Diagnostic:
    wanted = {"string": "a text in UTF-8", "number": "a number", "boolean": "true or false"}
    given = f" It is given by {source}." if source and position is None else ""
    what = "a text in UTF-8 that is not empty" if variable.sensitive else wanted[variable.type]
    cure = " Put it in quotes." if variable.type == "string" and position else ""
    detail = f"`{variable.name}` must be {what}.{given}{cure}"
    return error("M207", "Value doesn't fit the variable", detail, position)


def _exposed(name: str, position: Position | None) -> Diagnostic:
    detail = (
        f"`{name}` is sensitive, so no file may hold its value. Remove it here, and give it with"
        f" --var {name}=… or {ENVIRONMENT_PREFIX}{name.upper()}."
    )
    return error("M210", "Sensitive value stands in a file", detail, position)
