"""Values for variables that are given from outside: options, files of them, the environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from provisioner.diagnostics import Diagnostic, Position, error
from provisioner.manifest.document import Document
from provisioner.manifest.reading import Unreadable, read_text
from provisioner.manifest.yaml_nodes import Parsed, parse

ENVIRONMENT_PREFIX = "PROVISIONER_VAR_"


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a command was given, as it was given."""

    options: tuple[str, ...] = field(default=(), repr=False)
    """`NAME=VALUE`, each."""
    files: tuple[Path, ...] = ()
    """YAML or JSON maps of names to values; a later one wins."""
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The process's environment, or the part of it that matters here."""


@dataclass(frozen=True, slots=True)
class Given:
    """One value from outside, not yet of its variable's type."""

    name: str
    value: object = field(repr=False)
    source: str
    """Where it comes from, as people read it."""
    is_text: bool
    """Given as a text, whatever type is meant."""
    position: Position | None = None
    is_secret_safe: bool = True
    """Whether a sensitive value may come from there."""


def read_inputs(inputs: Inputs) -> tuple[list[Given], list[Diagnostic]]:
    """Read what was given, the strongest first; problems become diagnostics."""
    problems: list[Diagnostic] = []
    given = list(_options(inputs.options, problems))
    for path in reversed(inputs.files):
        given.extend(_file(path, problems))
    given.extend(
        Given(name.removeprefix(ENVIRONMENT_PREFIX).lower(), value, name, is_text=True)
        for name, value in inputs.environ.items()
        if name.startswith(ENVIRONMENT_PREFIX) and name == name.upper()
    )
    return given, problems


def _options(options: tuple[str, ...], problems: list[Diagnostic]) -> Iterator[Given]:
    for each in reversed(options):
        name, separator, value = each.partition("=")
        if separator:
            yield Given(name, value, "--var", is_text=True)
        else:
            # The text isn't shown: it may be a secret whose name was forgotten.
            detail = "After --var stands NAME=VALUE; the `=` is missing."
            problems.append(error("M211", "Option is no NAME=VALUE", detail))


def _file(path: Path, problems: list[Diagnostic]) -> list[Given]:
    name = path.as_posix()
    try:
        parsed, problem = parse(read_text(path))
    except Unreadable as trouble:
        where = Position(name, trouble.line, trouble.column)
        problems.append(_unreadable(f"{trouble}", where))
        return []
    flaws = [*([problem] if problem else ()), *(each for one in parsed for each in one.problems)]
    problems.extend(
        _unreadable(each.detail, Position(name, each.line, each.column)) for each in flaws
    )
    if flaws:
        return []
    if len(parsed) != 1 or not isinstance(parsed[0].data, Mapping):
        problems.append(_unreadable("It holds no map", Position(name, 1, 1)))
        return []
    return _entries(name, parsed[0])


def _entries(name: str, parsed: Parsed) -> list[Given]:
    document = Document(name, parsed.data, parsed.node)
    return [
        Given(key, value, name, False, document.position(key), is_secret_safe=False)
        for key, value in parsed.data.items()
    ]


def _unreadable(why: str, where: Position) -> Diagnostic:
    detail = f"{why.rstrip('.')}. A file of variables is a map of names to values."
    return error("M212", "Variables can't be read", detail, where)
