"""What a model does in a run: one act after another, each of them a value that can be stored."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Annotation:
    """A mark within a text, and the file that it stands for.

    `cites` names a file that was searched (`file_citation`), `path` one that code has made in the
    same run (`file_path`); exactly one of them is set.
    """

    mark: str
    cites: str | None = None
    path: str | None = None
    quote: str = ""


@dataclass(frozen=True)
class Produced:
    """A file that code makes: its name, and its bytes in base64."""

    name: str
    base64: str


@dataclass(frozen=True)
class FunctionCall:
    """A function to be called by the client; `arguments` is JSON text as the model wrote it."""

    name: str
    arguments: str = "{}"


@dataclass(frozen=True)
class Found:
    """A hit of a search: the name of a file, a score from 0 to 1, the text found."""

    file: str
    score: float = 1.0
    text: str = ""


@dataclass(frozen=True)
class Say:
    """A message; images made since the last one stand before its text."""

    text: str
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True)
class Code:
    """Code that is run: what is shown of it, its logs, and what it makes."""

    input: str
    logs: str | None = None
    images: tuple[Produced, ...] = ()
    files: tuple[Produced, ...] = ()


@dataclass(frozen=True)
class Search:
    """A search in the files of the assistant and of the thread."""

    results: tuple[Found, ...] = ()


@dataclass(frozen=True)
class Call:
    """Functions called at the same time; what comes after waits for their outputs."""

    calls: tuple[FunctionCall, ...]


@dataclass(frozen=True)
class Fail:
    """The run fails, with this as its `last_error`."""

    code: str
    message: str


@dataclass(frozen=True)
class Incomplete:
    """The run ends incomplete: `max_completion_tokens` or `max_prompt_tokens`."""

    reason: str


@dataclass(frozen=True)
class Expire:
    """The run takes too long, and expires."""


@dataclass(frozen=True)
class Delay:
    """Nothing happens for some seconds of the clock, or until it was looked at some times."""

    seconds: float | None = None
    polls: int | None = None


Act = Say | Code | Search | Call | Fail | Incomplete | Expire | Delay

_KINDS: dict[str, type[Act]] = {
    kind.__name__: kind for kind in (Say, Code, Search, Call, Fail, Incomplete, Expire, Delay)
}
_PARTS: dict[str, type[Annotation | Produced | FunctionCall | Found]] = {
    "annotations": Annotation,
    "images": Produced,
    "files": Produced,
    "calls": FunctionCall,
    "results": Found,
}


def encode(act: Act) -> dict[str, Any]:
    """Write an act as JSON."""
    return {"act": type(act).__name__, **asdict(act)}


def decode(written: Mapping[str, Any]) -> Act:
    """Read an act that `encode` wrote."""
    fields = {name: _part(name, value) for name, value in written.items() if name != "act"}
    return _KINDS[written["act"]](**fields)


def _part(name: str, value: Any) -> Any:
    return tuple(_PARTS[name](**each) for each in value) if name in _PARTS else value
