"""Where each edit of a resource is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias

from provisioner.accepting import fields, instructions, tools
from provisioner.accepting.ground import Ground, ObstacleError, Proposal
from provisioner.address import Address
from provisioner.manifest.document import Document
from provisioner.plan import Difference

_Placing: TypeAlias = Callable[[Ground, Document, Difference], Iterator[Proposal]]

_BY_FIELD: Mapping[str, _Placing] = {
    "instructions": instructions.instructions,
    "model": fields.model,
    "tools": tools.tool,
    "file_ids": tools.attached,
    "tool_resources": tools.attached,
}
"""Fields that are no values as they stand."""


def proposals(ground: Ground, address: Address, edit: Difference) -> Iterator[Proposal]:
    """Propose ways of writing an edit into the project, the best first.

    Raises ObstacleError where there is none.
    """
    document = ground.written.documents.get(address)
    if document is None:
        origin = ground.resources[address].origin
        raise ObstacleError("a file can't be edited at the service", origin)
    if edit.path[0] == "status":
        raise ObstacleError("it has expired; the next apply makes a new one", document.position())
    if edit.path[:2] == ("tool_resources", "file_search"):
        return tools.searched(ground, document, edit)
    return _BY_FIELD.get(str(edit.path[0]), fields.field)(ground, document, edit)


def in_order(edits: Iterable[Difference]) -> list[Difference]:
    """Order edits so that each can be made: files go before their tool goes, and come after it.

    What goes is last, so that a list or map doesn't end in between.
    """
    return sorted(edits, key=_rank)


def _rank(edit: Difference) -> int:
    uses = edit.path[0] == "tool_resources"
    goes = edit.before is None
    ranks = {(True, True): 0, (False, False): 1, (True, False): 2, (False, True): 3}
    return ranks[uses, goes]
