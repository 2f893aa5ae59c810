"""What is recorded, and the ids that applications need."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

from provisioner.resource import ResourceState
from provisioner.views import escape
from provisioner.views.attributes import draw
from provisioner.views.comparison import Group, Value, whole
from provisioner.views.style import Paint, painter

FORMAT_VERSION = "1.0"


def text(resources: Sequence[ResourceState], *, color: bool) -> str:
    """Show each resource with its id and attributes."""
    paint = painter(color)
    blocks = [_block(resource, paint) for resource in resources]
    return "\n\n".join(blocks or ["Nothing is recorded."]) + "\n"


def as_json(resources: Sequence[ResourceState]) -> str:
    """Write each resource with its id and attributes."""
    values = {"resources": [_as_value(resource) for resource in resources]}
    return escape.document({"format_version": FORMAT_VERSION, "values": values})


def outputs_json(resources: Sequence[ResourceState]) -> str:
    """Write the ids in the shape of Terraform's `output -json`."""
    return escape.document(outputs(resources))


def outputs(resources: Sequence[ResourceState]) -> dict[str, dict[str, Any]]:
    """Give the ids by their addresses."""
    return {
        str(resource.address): {"sensitive": False, "type": "string", "value": resource.id}
        for resource in resources
    }


def outputs_env(resources: Sequence[ResourceState]) -> str:
    """Write the ids as lines that a shell can read."""
    return "".join(
        f"{_variable(resource)}={shlex.quote(escape.line(resource.id))}\n" for resource in resources
    )


def output_raw(resource: ResourceState) -> str:
    """Give the bare id."""
    return escape.line(resource.id)


def _block(resource: ResourceState, paint: Paint) -> str:
    """Show one resource."""
    attributes = whole(resource.attributes, " ")
    entries = (("id", Value(" ", resource.id)), *attributes.entries)
    group = Group(" ", entries, 0, is_list=False)
    head = f'{resource.address.kind} "{resource.address.name}" {{'
    comments = [paint("strong", f"# {resource.address}"), *_remarks(resource)]
    return "\n".join([*comments, head, *draw(group, paint), "}"])


def _remarks(resource: ResourceState) -> list[str]:
    """Say what is recorded beside the attributes."""
    labels = [f"{escape.line(name)}={escape.line(it)}" for name, it in resource.labels.items()]
    remarks = {
        "depends on": [str(address) for address in resource.depends_on],
        "labels": sorted(labels),
        "replaced, still to be destroyed": [escape.line(each) for each in resource.deposed],
    }
    return [f"# {word}: {', '.join(each)}" for word, each in remarks.items() if each]


def _as_value(resource: ResourceState) -> dict[str, Any]:
    """Give one resource as a JSON value."""
    return {
        "address": str(resource.address),
        "type": resource.address.kind,
        "name": resource.address.name,
        "id": resource.id,
        "values": {name: resource.attributes[name] for name in sorted(resource.attributes)},
        "depends_on": [str(address) for address in resource.depends_on],
    }


def _variable(resource: ResourceState) -> str:
    """Name an environment variable after the resource."""
    return f"{resource.address}_id".upper().replace(".", "_").replace("-", "_")
