"""A saved plan's form on disk, version 1: what it holds, and a digest of that against damage."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, TypeVar

from provisioner import __version__
from provisioner.diagnostics import error
from provisioner.errors import PlanError
from provisioner.json_reading import read_json
from provisioner.saved_plan.values import decode, encode

VERSION = 1
KEY = "provisioner_plan"
"""The first member of every such file; its value is the version of the format."""
BEGINNING = 64
"""So many bytes tell whether a file is one of ours, whatever its version and however damaged."""

_OURS = re.compile(rb'\{\s*"' + KEY.encode() + rb'":')

Content = TypeVar("Content")


def is_ours(beginning: bytes) -> bool:
    """Say whether a file that begins so is a saved plan."""
    return _OURS.match(beginning) is not None


def dump(content: object) -> str:
    """Write a dataclass as a saved plan, the same text for the same content."""
    body = encode(content)
    document = {
        KEY: VERSION,
        "provisioner_version": __version__,
        "sha256": _digest(body),
        "content": body,
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def load(kind: type[Content], data: bytes, path: str) -> Content:
    """Read a saved plan; raise PlanError for what is damaged or newer, never guess."""
    if not is_ours(data[:BEGINNING]):
        raise unreadable(path, "it is no plan that `provisioner plan --out` has written")
    try:
        document = read_json(data.decode("utf-8", errors="surrogatepass"))
        _refuse_newer(document, path)
        content: Content = decode(kind, _undamaged(document))
    except KeyError as trouble:
        raise unreadable(path, f"{trouble} is missing") from trouble
    except (ValueError, RecursionError) as trouble:
        raise unreadable(path, f"it is damaged: {trouble}") from trouble
    return content


def unreadable(path: str, what: str) -> PlanError:
    """Refuse a file that can't be taken for what was planned."""
    return PlanError(
        error(
            "P050",
            "Saved plan can't be read",
            f"{path}: {what}. Write the plan again with `provisioner plan --out FILE`, or name"
            " another file.",
        )
    )


def _refuse_newer(document: dict[str, Any], path: str) -> None:
    version = document[KEY]
    if type(version) is not int or version < 1:
        raise ValueError(f"its format version is {version!r}")
    if version > VERSION:
        raise PlanError(
            error(
                "P051",
                "Saved plan is newer than this program",
                f"{path}: its format version is {version}; this program reads {VERSION}."
                " Update provisioner, or plan again with this one.",
            )
        )


def _undamaged(document: dict[str, Any]) -> Any:
    body = document["content"]
    if document["sha256"] != _digest(body):
        raise ValueError("its content doesn't have the digest that stands in it")
    return body


def _digest(body: Any) -> str:
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()
