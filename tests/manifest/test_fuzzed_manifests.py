"""Sound manifests, changed at random: whatever comes out, `validate` answers with diagnostics."""

from __future__ import annotations

import json
import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from manifest_factories import codes, found, write

from provisioner.manifest.yaml_nodes import parse

SOUND = """\
apiVersion: provisioner/v1
kind: Project
metadata: {name: demo, uid: abc}
spec:
  default_environment: local
  manifests: ["**/*.yaml"]
  variables: {audience: {default: all}, limit: {type: number, default: 5}, token: {sensitive: true}}
  defaults: {assistant: {model: chat, metadata: {cost_center: "9"}}}
  environments:
    local: {provider: {type: emulator}, models: {chat: gpt-4o}, variables: {audience: testers}}
    prod:
      provider:
        type: azure-openai
        endpoint: https://contoso.openai.azure.com
        api_version: 2024-08-01-preview
        auth: {type: api_key, env: AZURE_OPENAI_API_KEY}
      models: {chat: gpt-4o-eu}
      patches: {assistant.orders: {spec: {temperature: 0, description: null}}}
---
apiVersion: provisioner/v1
kind: Assistant
metadata:
  name: orders
  labels: {team: analytics}
  environments: [local, prod]
  lifecycle: {prevent_destroy: true, ignore_changes: [metadata.owner]}
spec:
  name: Orders
  description: For ${var.audience}
  model: chat
  instructions: [{file: orders.md}, {ref: tone}, "At most ${var.limit}."]
  tools:
    - {type: code_interpreter, files: [sales, {path: regions.csv}, {id: assistant-abc}]}
    - {ref: get-weather}
    - {type: function, function: {name: convert, parameters: {type: object, properties: {}}}}
    - {type: file_search, vector_store: {id: vs_abc}}
  temperature: 0.2
  response_format: {type: text}
  metadata: {owner: me}
---
apiVersion: provisioner/v1
kind: Instructions
metadata: {name: tone}
spec: {text: Be brief.}
---
apiVersion: provisioner/v1
kind: Tool
metadata: {name: get-weather}
spec: {type: function, function: {name: get_weather}}
---
apiVersion: provisioner/v1
kind: File
metadata: {name: sales}
spec: {path: sales.csv, filename: sales.csv}
"""

ODD = [
    "",
    " ",
    "a",
    "\t",
    "\0",
    "\r",
    "\x85",
    "\u2028",
    "\ufeff",
    "é",
    "😀",
    "${var.limit}",
    "${var.",
]
ODD += [
    ": ",
    "- ",
    "#",
    "'",
    '"',
    "{",
    "}",
    "[",
    "]",
    "&a ",
    "*a",
    "!!int ",
    "<<: ",
    "---\n",
    "|",
    ">",
    "%",
]
VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    "",
    "a",
    "a b",
    "/",
    "..",
    "\0",
    "sales",
    "chat",
]
VALUES += ["${var.token}", "${var.nothing}", "$${var.limit}", [], {}, [[]], {"": {}}, {"type": []}]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List the paths of everything inside a JSON value."""
    members = value.items() if isinstance(value, dict) else ()
    members = enumerate(value) if isinstance(value, list) else members
    return [each for key, one in members for each in [(*path, key), *places(one, (*path, key))]]


def mutate(documents: list[Any], choice: random.Random) -> None:
    """Take out, replace, rename or move one value."""
    *path, last = choice.choice(places(documents))
    holder: Any = documents
    for part in path:
        holder = holder[part]
    action = choice.randrange(4)
    value = holder.pop(last) if action != 1 else None
    if action == 1:
        holder[last] = choice.choice(VALUES)
    elif isinstance(holder, dict) and action > 1:
        holder[choice.choice([f"{last}s", str(last).upper(), "type", "ref", "spec"])] = value
    elif action == 2:
        holder.extend([value, value])


def check(text: str | bytes) -> None:
    """Validate a text as provisioner.yaml and as another manifest; every position lies inside."""
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    rows = len(raw.decode("utf-8", "replace").splitlines()) + 1
    with TemporaryDirectory() as name:
        folder = Path(name)
        files = {"orders.md": "Orders.\n", "sales.csv": "a,b\n", "regions.csv": "a,b\n"}
        for manifest in ("provisioner.yaml", "a.yaml"):
            write(folder, {**files, "provisioner.yaml": SOUND, manifest: raw})
            for each in found(folder):
                assert each.detail
                assert each.code
                if each.position and each.position.path == manifest:
                    assert 1 <= each.position.line <= rows
                    assert each.position.column >= 1


def test_it_begins_with_what_is_sound(tmp_path: Path) -> None:
    """But for warnings: the sensitive variable has no value."""
    files = {"orders.md": "Orders.\n", "sales.csv": "a,b\n", "regions.csv": "a,b\n"}

    assert codes(write(tmp_path, {**files, "provisioner.yaml": SOUND})) == ["M206"]


QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@QUICK
@given(seed=st.integers(0, 2**32), count=st.integers(1, 4))
def test_values_of_any_sort_anywhere(seed: int, count: int) -> None:
    """Taken out, doubled, renamed, of another type."""
    documents = [each.data for each in parse(SOUND)[0]]
    choice = random.Random(seed)  # noqa: S311 — nothing secret
    for _ in range(count):
        mutate(documents, choice)

    check("---\n".join(json.dumps(each) + "\n" for each in documents))


@QUICK
@given(data=st.data())
def test_texts_cut_and_with_odd_characters(data: st.DataObject) -> None:
    """As half-saved files and slips of the hand leave them."""
    begin = data.draw(st.integers(0, len(SOUND)))
    end = data.draw(st.integers(begin, min(len(SOUND), begin + 40)))
    odd = "".join(data.draw(st.lists(st.sampled_from(ODD), max_size=3)))

    check(SOUND[:begin] + odd + (SOUND[end:] if data.draw(st.booleans()) else ""))


@QUICK
@given(at=st.integers(0, len(SOUND)), odd=st.binary(min_size=1, max_size=4))
def test_bytes_of_any_sort(at: int, odd: bytes) -> None:
    """As damaged disks and other encodings leave them."""
    check(SOUND[:at].encode() + odd + SOUND[at:].encode())
