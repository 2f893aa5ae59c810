"""Edits of single fields: names, models, temperatures, metadata."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from provisioner.accepting.ground import Ground, ObstacleError, Proposal
from provisioner.accepting.spots import ABSENT, spots
from provisioner.accepting.wording import UnwordableError, worded
from provisioner.manifest.document import Document, Path
from provisioner.manifest.places import at
from provisioner.manifest.variables import has_special
from provisioner.plan import Difference


def field(ground: Ground, document: Document, edit: Difference) -> Iterator[Proposal]:
    """Propose where a field, or a member of one, is written."""
    path: Path = ("spec", *edit.path)
    live = "" if edit.path == ("name",) and edit.before is None else edit.before
    yield from value_at(ground, document, path, live)


def value_at(ground: Ground, document: Document, path: Path, live: Any) -> Iterator[Proposal]:
    """Propose where a live value is written that a document says at a path."""
    if live is None:
        yield from spots(ground, document, path, ABSENT)
        return
    yield from spots(ground, document, path, in_its_words(ground, document, path, live))


def in_its_words(ground: Ground, document: Document, path: Path, live: Any) -> Any:
    """Say what is live in the words of what a document says at a path; raises ObstacleError."""
    whole = ground.whole(document)
    try:
        return worded(at(whole.data, path), live, ground.values)
    except UnwordableError as trouble:
        raise variable_in_the_way(whole, path) from trouble


def variable_in_the_way(document: Document, path: Path) -> ObstacleError:
    """Say that a variable fills in what was edited."""
    why = (
        "a variable fills in what was edited, or stands right beside it. Change the variable's"
        " value, or the text around it"
    )
    return ObstacleError(why, document.position(*path))


def model(ground: Ground, document: Document, edit: Difference) -> Iterator[Proposal]:
    """Propose what is written for a live deployment: its alias here, else its own name."""
    path: Path = ("spec", "model")
    whole = ground.whole(document)
    if has_special(at(whole.data, path)):
        raise variable_in_the_way(whole, path)
    deployment = str(edit.before)
    meaning = sorted(
        alias for alias, each in ground.environment.models.items() if each == deployment
    )
    aliases = {alias for each in ground.project.environments.values() for alias in each.models}
    if not meaning and deployment in aliases:
        why = f"{deployment!r} is the name of a deployment, and of an alias for another one, too"
        raise ObstacleError(f"{why}. Add an alias for it to `models`", whole.position(*path))
    for said in meaning or [deployment]:
        yield from spots(ground, document, path, said)
