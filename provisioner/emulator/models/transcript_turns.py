"""From a transcript that fits its schema to turns and acts, files read and marks checked."""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from math import isnan
from pathlib import Path as FilePath
from typing import Any

from provisioner.emulator.models.acts import (
    Act,
    Annotation,
    Call,
    Code,
    Delay,
    Expire,
    Fail,
    Found,
    FunctionCall,
    Incomplete,
    Produced,
    Say,
    Search,
)
from provisioner.emulator.models.positioned_yaml import Document, Path, Trouble
from provisioner.emulator.models.script import Turn, When

_PLAIN: dict[str, Callable[[Any], Act]] = {
    "fail": lambda value: Fail(value.get("code", "server_error"), value["message"]),
    "incomplete": Incomplete,
    "expire": lambda _: Expire(),
    "delay": lambda value: Delay(**value),
}
"""The acts that are what is written, with nothing to look up."""


@dataclass(frozen=True)
class Reader:
    """Makes turns of a document; what is wrong with them gathers in `troubles`."""

    document: Document
    folder: FilePath
    troubles: list[Trouble] = field(default_factory=list)

    def turns(self) -> tuple[Turn, ...]:
        """Make all turns."""
        written = enumerate(self.document.value["turns"])
        return tuple(self._turn(turn, ("turns", index)) for index, turn in written)

    def _blame(self, path: Path, message: str) -> None:
        self.troubles.append(Trouble(self.document.place(path), message))

    def _turn(self, turn: dict[str, Any], path: Path) -> Turn:
        when = turn["when"]
        try:
            re.compile(when.get("matches", ""))
        except (re.error, OverflowError, RecursionError) as error:
            self._blame((*path, "when", "matches"), f"no regular expression: {error}")
        acts = [self._act(act, (*path, "then", index)) for index, act in enumerate(turn["then"])]
        self._check_paths(acts, path)
        condition = When(when.get("contains"), when.get("matches"), when.get("assistant"))
        return Turn(condition, tuple(acts), turn.get("times"))

    def _check_paths(self, acts: list[Act], path: Path) -> None:
        made: set[str] = set()
        for index, act in enumerate(acts):
            if isinstance(act, Code):
                made |= {file.name for file in act.files}
            if isinstance(act, Say):
                missing = [each.path for each in act.annotations if each.path not in {*made, None}]
                for name in missing:
                    self._blame((*path, "then", index), f"no code before this makes '{name}'")

    def _act(self, act: dict[str, Any], path: Path) -> Act:
        ((kind, value),) = act.items()
        read: dict[str, Callable[[Any, Path], Act]]
        read = {
            "say": self._say,
            "call": self._calls,
            "code": self._code,
            "search": self._search,
        }
        if kind in read:
            return read[kind](value, (*path, kind))
        return _PLAIN[kind](value)

    def _calls(self, value: Any, path: Path) -> Call:
        if isinstance(value, dict):
            return Call((self._call(value, path),))
        return Call(tuple(self._call(each, (*path, index)) for index, each in enumerate(value)))

    def _say(self, value: Any, path: Path) -> Say:
        value = {"text": value} if isinstance(value, str) else value
        annotations: list[Annotation] = []
        for index, each in enumerate(value.get("annotations", ())):
            at = (*path, "annotations", index)
            before = sum(one.mark == each["mark"] for one in annotations)
            if value["text"].count(each["mark"]) <= before:
                often = "more " if before else ""
                self._blame((*at, "mark"), f"the text has no {often}'{each['mark']}'")
            if ("cites" in each) == ("path" in each):
                self._blame(at, "expected one of cites, path")
            annotations.append(Annotation(**each))
        return Say(value["text"], tuple(annotations))

    def _search(self, value: Any, path: Path) -> Search:
        results = [Found(**each) for each in value.get("results", ())]
        for index, found in enumerate(results):
            # A schema can't say so: nothing is greater than NaN, nor less.
            if isnan(found.score):
                self._blame((*path, "results", index, "score"), "holds what JSON can't say")
        return Search(tuple(results))

    def _call(self, value: dict[str, Any], path: Path) -> FunctionCall:
        try:
            written = json.dumps(value.get("arguments", {}), ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError):
            self._blame((*path, "arguments"), "holds what JSON can't say")
            written = "{}"
        return FunctionCall(value["name"], written)

    def _code(self, value: dict[str, Any], path: Path) -> Code:
        made = {
            kind: tuple(
                self._produced(each, (*path, kind, index))
                for index, each in enumerate(value.get(kind, ()))
            )
            for kind in ("images", "files")
        }
        return Code(value["input"], value.get("logs"), made["images"], made["files"])

    def _produced(self, value: dict[str, Any], path: Path) -> Produced:
        return Produced(value.get("name", ""), b64encode(self._content(value, path)).decode())

    def _content(self, value: dict[str, Any], path: Path) -> bytes:
        if "text" in value:
            return str(value["text"]).encode()
        kind = "base64" if "base64" in value else "path"
        try:
            if kind == "base64":
                return b64decode(value[kind], validate=True)
            return self.folder.joinpath(value[kind]).read_bytes()
        except OSError as error:
            self._blame((*path, kind), f"{value[kind]}: {error.strerror or error}")
        except ValueError as error:
            self._blame((*path, kind), f"no {kind}: {error}")
        return b""
