"""What a revision holds: the resources that stood declared when it was applied."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from provisioner.address import Address
from provisioner.content import is_sha256
from provisioner.json_reading import read_json
from provisioner.json_texts import with_texts
from provisioner.kinds import KINDS
from provisioner.kinds.forms import check_form
from provisioner.resource import Attributes, Resource, ResourceState
from provisioner.saved_plan.values import decode, encode
from provisioner.state.model import State

MOST_BYTES = 256 << 20
"""A larger content is refused."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A resource as it was applied."""

    resource: Resource
    """Without the place of a file's bytes: these are an object."""
    id: str
    """Of its object, by which it is found when its address is another."""


@dataclass(frozen=True, slots=True)
class RevisionContent:
    """All that was declared, in the order of addresses. Sensitive values are placeholders."""

    kept: tuple[Kept, ...] = ()

    @property
    def files(self) -> Iterator[str]:
        """Go through the SHA-256 of each file's bytes."""
        for each in self.kept:
            if sha256 := each.resource.attributes.get("sha256"):
                yield str(sha256)


def content_of(state: State) -> RevisionContent:
    """Take what is recorded for what was declared: each as it was last applied.

    So a part that was applied by itself stands beside all the rest as it was.
    """
    recorded = state.resources
    return RevisionContent(
        tuple(Kept(_declared(each, recorded), each.id) for _, each in sorted(recorded.items()))
    )


def dump(content: RevisionContent) -> bytes:
    """Write a content, compressed: the same bytes for the same content."""
    text = json.dumps(encode(content), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return zlib.compress(text.encode("utf-8", errors="surrogatepass"))


def load(data: bytes) -> RevisionContent:
    """Read a content; raises ValueError for what can't be one."""
    try:
        text = _decompressed(data).decode("utf-8", errors="surrogatepass")
        content: RevisionContent = decode(RevisionContent, read_json(text))
        for each in content.kept:
            check_form(KINDS[each.resource.address.kind], each.resource.attributes)
            _check_files(each.resource.attributes)
    except (zlib.error, RecursionError, KeyError, TypeError, AttributeError) as trouble:
        raise ValueError(str(trouble)) from trouble
    return content


def _decompressed(data: bytes) -> bytes:
    """Decompress as much as a content may have: a few bytes can stand for any number of them."""
    decompressor = zlib.decompressobj()
    text = decompressor.decompress(data, MOST_BYTES)
    if not decompressor.eof:
        raise ValueError("it is cut off, or too large")
    return text


def _declared(state: ResourceState, recorded: Mapping[Address, ResourceState]) -> Resource:
    addresses = {recorded[each].id: each for each in state.depends_on if each in recorded}
    attributes = with_texts(state.attributes, lambda text: addresses.get(text, text))
    return Resource(
        state.address,
        KINDS[state.address.kind].normal_form(attributes),
        state.depends_on,
        labels=state.labels,
        lifecycle=state.lifecycle,
    )


def _check_files(attributes: Attributes) -> None:
    """Refuse what names an object by something else than a digest: the name leads to a file."""
    if not is_sha256(str(attributes.get("sha256", "0" * 64))):
        raise ValueError("it names an object by what is no SHA-256")
