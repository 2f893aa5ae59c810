"""What may be asked for in a text: variables that are declared, sensitive ones only where sent."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from provisioner.diagnostics import Diagnostic
from provisioner.manifest.document import Document, Path
from provisioner.manifest.suggestions import did_you_mean
from provisioner.manifest.values import Values
from provisioner.manifest.variables import near_misses, references
from provisioner.manifest.yaml_nodes import MAX_PROBLEMS


def check_text(
    document: Document, path: Path, text: str, values: Values, *, is_sent: bool, where: str = ""
) -> Iterator[Diagnostic]:
    """Report the variables that a text can't ask for.

    `where` names a file whose text it is; a text that isn't sent to the service may hold nothing
    sensitive, and one that is sent is open to whoever may read the object there.
    """
    inside = f" It is asked for in {where}." if where else ""
    for each in islice(dict.fromkeys(near_misses(text)), MAX_PROBLEMS):
        detail = (
            f"{each} is no variable, and stays as it is.{inside} Names of variables have lower-case"
            " letters, digits and underscores."
        )
        yield document.warning(path, "M151", "Text looks like a variable", detail)
    for name in islice(_remarkable(text, values), MAX_PROBLEMS):
        if name not in values.declared:
            detail = (
                f"The project declares no variable `{name}`.{inside} For the literal text write"
                f" `$${{var.{name}}}`.{did_you_mean(name, values.declared)}"
            )
            yield document.error(path, "M205", "Unknown variable", detail)
        elif values.is_sensitive(name) and not is_sent:
            detail = (
                f"`{name}` is sensitive, and what stands here is kept or shown as it is. It may"
                " only stand in texts that become part of an object at the service."
            )
            yield document.error(path, "M209", "Sensitive value in the wrong place", detail)
        elif values.is_sensitive(name):
            detail = (
                f"`{name}` becomes part of the object:{inside} whoever may read it at the service"
                " sees the value. Here only a placeholder is kept and shown."
            )
            yield document.warning(path, "M208", "Sensitive value is readable", detail)


def _remarkable(text: str, values: Values) -> Iterator[str]:
    """Go through the variables of a text that are not declared, or sensitive."""
    for name in dict.fromkeys(references(text)):
        if name not in values.declared or values.is_sensitive(name):
            yield name
