"""What happens to a project between two runs: its manifests are edited, and its live objects."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bench import Site
from invention import (
    ASSISTANTS,
    FILES,
    MODELS,
    STORES,
    V2_LATER,
    Declared,
    add_assistant,
    add_file,
    add_store,
    free,
    labels,
    some,
    words,
)

TAG = "provisioner"


@dataclass
class Foreign:
    """What isn't ours, and has to stay as it is."""

    assistants: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    vector_stores: set[str] = field(default_factory=set)
    copies: bool = False
    """Something foreign carries a copy of our tag."""


Edit = Callable[[random.Random, Declared], str | None]


def evolve(chance: random.Random, declared: Declared) -> list[str]:
    """Edit the manifests in one to three places; tell what was done."""
    before = declared.addresses
    done = [chance.choice(EDITS)(chance, declared) for _ in range(chance.randint(1, 3))]
    # A rename of what is gone by now, from what is declared again, or to what is recorded under
    # that name would be refused.
    declared.moved = [
        each
        for each in declared.moved
        if each["to"] in declared.addresses - before and each["from"] not in declared.addresses
    ]
    return [each for each in done if each]


def _pick(chance: random.Random, things: dict[str, Any]) -> str | None:
    return chance.choice(sorted(things)) if things else None


def _edit_assistant(chance: random.Random, declared: Declared) -> str | None:
    name = _pick(chance, declared.assistants)
    if not name:
        return None
    key = chance.choice(("text", "description", "owner", "model", "name", "function", "shared"))
    new: dict[str, Callable[[], Any]] = {
        "text": lambda: words(chance),
        "description": lambda: chance.choice((None, words(chance).strip())),
        "owner": lambda: chance.choice((None, "amber", "birch")),
        "model": lambda: chance.choice(sorted(MODELS)),
        "name": lambda: chance.choice((None, "Helper", "Clerk")),
        "function": lambda: chance.choice((None, "inline", "shared")),
        "shared": lambda: chance.random() < 0.5,
    }
    declared.assistants[name][key] = new[key]()
    return f"edit {key} of assistant.{name}"


def _edit_file(chance: random.Random, declared: Declared) -> str | None:
    name = _pick(chance, declared.files)
    if name:
        declared.files[name]["text"] = words(chance)
    return f"edit file.{name}" if name else None


def _edit_store(chance: random.Random, declared: Declared) -> str | None:
    name = _pick(chance, declared.stores)
    if not name:
        return None
    store = declared.stores[name]
    if declared.api_version == V2_LATER and chance.random() < 0.5:
        store["chunk"] = None if store["chunk"] else 400
    else:
        store["files"] = some(chance, declared.files)
    return f"edit vectorstore.{name}"


def _edit_attached(chance: random.Random, declared: Declared) -> str | None:
    name = _pick(chance, declared.assistants)
    if name:
        declared.assistants[name]["files"] = chance.choice((None, some(chance, declared.files)))
    return f"edit the files of assistant.{name}" if name else None


def _edit_labels(chance: random.Random, declared: Declared) -> str | None:
    for each in (*declared.assistants.values(), *declared.files.values()):
        each["labels"] = labels(chance)
    return "edit labels"


def _edit_shared(chance: random.Random, declared: Declared) -> str | None:
    declared.shared = words(chance).strip()
    return "edit the shared instructions"


def _add(chance: random.Random, declared: Declared) -> str | None:
    add = chance.choice((add_assistant, add_file, *((add_store,) if declared.v2 else ())))
    add(chance, declared)
    return add.__name__


def _remove_assistant(chance: random.Random, declared: Declared) -> str | None:
    name = _pick(chance, declared.assistants)
    if not name or len(declared.assistants) == 1:
        return None
    del declared.assistants[name]
    return f"remove assistant.{name}"


def _remove_file(chance: random.Random, declared: Declared) -> str | None:
    name = _pick(chance, declared.files)
    if name:
        del declared.files[name]
        _rename_in(declared, "files", name, None)
    return f"remove file.{name}" if name else None


def _remove_store(chance: random.Random, declared: Declared) -> str | None:
    name = _pick(chance, declared.stores)
    if name:
        del declared.stores[name]
        for each in declared.assistants.values():
            each["store"] = None if each["store"] == name else each["store"]
    return f"remove vectorstore.{name}" if name else None


def _rename(chance: random.Random, declared: Declared) -> str | None:
    kind, names, things = chance.choice(
        (
            ("assistant", ASSISTANTS, declared.assistants),
            ("file", FILES, declared.files),
            ("vectorstore", STORES, declared.stores),
        )
    )
    old, new = _pick(chance, things), free(chance, names, things)
    taken = {each[end] for each in declared.moved for end in ("from", "to")}
    if not old or not new or {f"{kind}.{old}", f"{kind}.{new}"} & taken:
        return None
    things[new] = things.pop(old)
    if kind == "file":
        _rename_in(declared, "files", old, new)
    elif kind == "vectorstore":
        for each in declared.assistants.values():
            each["store"] = new if each["store"] == old else each["store"]
    declared.moved.append({"from": f"{kind}.{old}", "to": f"{kind}.{new}"})
    return f"rename {kind}.{old} to {kind}.{new}"


def _rename_in(declared: Declared, key: str, old: str, new: str | None) -> None:
    for holder in (*declared.assistants.values(), *declared.stores.values()):
        if holder[key]:
            renamed = [new if each == old else each for each in holder[key]]
            holder[key] = [each for each in renamed if each]


EDITS: tuple[Edit, ...] = (
    *(_edit_assistant, _edit_assistant, _edit_file, _edit_file, _edit_store, _edit_attached),
    *(_edit_labels, _edit_shared, _add, _add, _remove_assistant, _remove_file, _remove_store),
    _rename,
)


def drift(
    chance: random.Random, site: Site, recorded: dict[str, Any], foreign: Foreign
) -> list[str]:
    """Do to live objects what people do in portals and scripts; tell what was done."""
    done = []
    for _ in range(chance.randint(1, 2)):
        address = chance.choice(sorted(recorded)) if recorded else None
        if address:
            kind, id_ = address.split(".")[0], recorded[address]["id"]
            happens = chance.choice(DRIFTS[kind])
            if happens(chance, site, id_, foreign):
                done.append(f"{happens.__name__.strip('_')} {address}")
    return done


def _get(site: Site, path: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = site.service.call("GET", path)
    except OSError:
        return None
    return found


def _delete(path: str) -> Callable[[random.Random, Site, str, Foreign], bool]:
    def deleted(_chance: random.Random, site: Site, id_: str, foreign: Foreign) -> bool:
        # Where a copy of its tag is left, nobody can tell the two apart any more, and apply stops.
        if foreign.copies or not _get(site, f"/{path}/{id_}"):
            return False
        site.service.call("DELETE", f"/{path}/{id_}")
        return True

    return deleted


def _edited(path: str) -> Callable[[random.Random, Site, str, Foreign], bool]:
    def edited(chance: random.Random, site: Site, id_: str, _foreign: Foreign) -> bool:
        live = _get(site, f"/{path}/{id_}")
        if not live:
            return False
        keys = ("name", "metadata") if path == "vector_stores" else ("instructions", "description")
        key = chance.choice((*keys, "metadata"))
        value: Any = "changed by hand"
        if key == "metadata":
            value = {**live["metadata"], "by": "hand"}
        site.service.call("POST", f"/{path}/{id_}", {key: value})
        return True

    return edited


def _stripped(path: str) -> Callable[[random.Random, Site, str, Foreign], bool]:
    def stripped(_chance: random.Random, site: Site, id_: str, foreign: Foreign) -> bool:
        live = _get(site, f"/{path}/{id_}")
        if not live or foreign.copies:
            return False
        kept = {key: each for key, each in live["metadata"].items() if not key.startswith(TAG)}
        site.service.call("POST", f"/{path}/{id_}", {"metadata": kept})
        return True

    return stripped


def _copied(path: str) -> Callable[[random.Random, Site, str, Foreign], bool]:
    def copied(_chance: random.Random, site: Site, id_: str, foreign: Foreign) -> bool:
        live = _get(site, f"/{path}/{id_}")
        if not live:
            return False
        body = {"metadata": live["metadata"], "name": live["name"]}
        if path == "assistants":
            body["model"] = live["model"]
        made = site.service.call("POST", f"/{path}", body)
        getattr(foreign, path).add(made["id"])
        foreign.copies = True
        return True

    return copied


def _emptied(_chance: random.Random, site: Site, id_: str, _foreign: Foreign) -> bool:
    live = _get(site, f"/assistants/{id_}")
    if live:
        site.service.call("POST", f"/assistants/{id_}", {"tools": []})
    return bool(live)


Drift = Callable[[random.Random, Site, str, Foreign], bool]
DRIFTS: dict[str, tuple[Drift, ...]] = {
    "assistant": (
        *(_delete("assistants"), _edited("assistants"), _edited("assistants")),
        *(_stripped("assistants"), _copied("assistants"), _emptied),
    ),
    "file": (_delete("files"),),
    "vectorstore": (
        *(_delete("vector_stores"), _edited("vector_stores")),
        *(_stripped("vector_stores"), _copied("vector_stores")),
    ),
}
