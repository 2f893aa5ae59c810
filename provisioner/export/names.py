"""Names for documents and files, made of what the service shows: readable, safe, stable."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Container, Iterator
from pathlib import PurePosixPath

from provisioner.manifest.catalog import LONGEST_NAME

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"})
"""Latin letters that Unicode doesn't decompose, and whose case folding leaves them as they are."""
_DIGEST = 8
_EXTENSION = re.compile(r"\.[a-z0-9]{1,10}")
_MANIFESTS = (".yaml", ".yml")

_RESERVED = re.compile(r"provisioner|con|prn|aux|nul|(com|lpt)[0-9]")
"""File names that mean something else: a nested project, and the devices of Windows."""


def document_name(shown: str, id_: str, taken: Container[str]) -> str:
    """Make a `metadata.name` of a shown name; of the id where no letters of the name are left.

    A name that is taken gets a digest of the id.
    """
    slug = _slug(shown)
    if not slug or (_has_letters(shown) and not re.search("[a-z]", slug)):
        slug = _slug(id_) or "unnamed"
    return next(each for each in _candidates(slug, id_) if each not in taken)


def _slug(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
    letters = "".join(each for each in folded if not unicodedata.combining(each))
    slug = re.sub(r"[^a-z0-9]+", "-", letters.casefold()).strip("-")
    return slug[:LONGEST_NAME].rstrip("-")


def _has_letters(text: str) -> bool:
    return any(each.isalpha() for each in text)


def _candidates(slug: str, id_: str) -> Iterator[str]:
    yield slug
    digest = hashlib.sha256(id_.encode("utf-8", "surrogatepass")).hexdigest()
    for length in range(_DIGEST, len(digest) // 2):
        yield f"{slug[: LONGEST_NAME - length - 1].rstrip('-')}-{digest[:length]}"


def stem(kind: str, name: str) -> str:
    """Make the first part of a file name out of a document's name."""
    return f"{kind}.{name}" if _RESERVED.fullmatch(name) else name


def extension(filename: str) -> str:
    """Take the extension for the bytes of a file; none that would make a manifest of them."""
    found = PurePosixPath(filename).suffix.lower()
    return found if _EXTENSION.fullmatch(found) and found not in _MANIFESTS else ".txt"
