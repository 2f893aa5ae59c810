"""Small projects made up at random: what a user would declare, as values that can be edited."""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

V1, V2, V2_LATER = "2024-02-15-preview", "2024-05-01-preview", "2025-03-01-preview"
VERSIONS = (V1, V2, V2, V2_LATER)
PROJECT, ENVIRONMENT = "faults", "test"
ASSISTANTS = ("ada", "bea", "cyd", "dot")
FILES = ("rates", "table", "notes", "terms")
STORES = ("shelf", "atlas")
WORDS = ("amber", "birch", "coral", "delta", "ember", "flint", "grove", "heron")
MOST = {"assistant": 4, "file": 4, "vectorstore": 2}
MODELS = {"chat": "gpt-4o", "fast": "gpt-4o-mini"}


@dataclass
class Declared:
    """A project as it stands in the manifests."""

    uid: str
    api_version: str
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By name: `path`, `text`, `labels`."""
    stores: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By name: `files`, `chunk`, `days`, `labels`."""
    assistants: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By name: `name`, `model`, `text`, `shared`, `secret`, `files`, `store`, `function`, `owner`,
    `labels`, `description`."""
    shared: str = "Answer in the language of the question."
    sensitive: tuple[str, ...] = ()
    moved: list[dict[str, str]] = field(default_factory=list)
    removed: list[dict[str, Any]] = field(default_factory=list)
    imports: list[dict[str, str]] = field(default_factory=list)
    state: dict[str, Any] | None = None
    """Where the state is, as the environment says it; None: in local files."""

    @property
    def v2(self) -> bool:
        """Say whether vector stores can be had."""
        return self.api_version != V1

    @property
    def addresses(self) -> set[str]:
        """List the addresses of everything that is declared."""
        return {
            *(f"assistant.{each}" for each in self.assistants),
            *(f"file.{each}" for each in self.files),
            *(f"vectorstore.{each}" for each in self.stores),
        }

    def copy(self) -> Declared:
        """Copy it, to compare with later."""
        return copy.deepcopy(self)


def words(chance: random.Random) -> str:
    """Make up a text; all have one length, so that sizes tell nothing."""
    return " ".join(chance.choice(WORDS) for _ in range(3)).ljust(18, ".") + "\n"


def invent(chance: random.Random, uid: str, api_version: str) -> Declared:
    """Make a project up."""
    declared = Declared(uid, api_version)
    if chance.random() < 0.4:
        declared.sensitive = ("token",)
    for _ in range(chance.randint(0, 3)):
        add_file(chance, declared)
    if declared.v2 and declared.files and chance.random() < 0.5:
        add_store(chance, declared)
    for _ in range(chance.randint(1, 3)):
        add_assistant(chance, declared)
    return declared


def free(chance: random.Random, names: tuple[str, ...], taken: dict[str, Any]) -> str | None:
    """Choose a name that nothing has yet."""
    left = [each for each in names if each not in taken]
    return chance.choice(left) if left else None


def some(chance: random.Random, names: Any) -> list[str]:
    """Choose some of these."""
    return [each for each in sorted(names) if chance.random() < 0.5]


def labels(chance: random.Random) -> dict[str, str]:
    """Make up labels, or none."""
    return {"team": chance.choice(WORDS)} if chance.random() < 0.3 else {}


def add_file(chance: random.Random, declared: Declared) -> None:
    """Declare one more file, if there is a name left."""
    if name := free(chance, FILES, declared.files):
        path = f"data/{name}.{chance.choice(('txt', 'md'))}"
        taken = {each["path"] for each in declared.files.values()}
        declared.files[name] = {
            # A file that was renamed in the manifests keeps its path.
            "path": path.replace(".", "-2.") if path in taken else path,
            "text": words(chance),
            "labels": labels(chance),
        }


def add_store(chance: random.Random, declared: Declared) -> None:
    """Declare one more vector store."""
    if name := free(chance, STORES, declared.stores):
        declared.stores[name] = {
            "files": some(chance, declared.files),
            "chunk": chance.choice((None, 400)) if declared.api_version == V2_LATER else None,
            "days": chance.choice((None, 7)),
            "labels": labels(chance),
        }


def add_assistant(chance: random.Random, declared: Declared) -> None:
    """Declare one more assistant."""
    if name := free(chance, ASSISTANTS, declared.assistants):
        declared.assistants[name] = {
            "name": chance.choice((None, "Helper")),
            "model": chance.choice(sorted(MODELS)),
            "text": words(chance),
            "shared": chance.random() < 0.3,
            "secret": bool(declared.sensitive) and chance.random() < 0.6,
            "files": some(chance, declared.files) if chance.random() < 0.6 else None,
            "store": chance.choice(sorted(declared.stores)) if declared.stores else None,
            "function": chance.choice((None, "inline", "shared")),
            "owner": chance.choice((None, *WORDS[:3])),
            "description": chance.choice((None, words(chance).strip())),
            "labels": labels(chance),
        }


def write(declared: Declared, folder: Path, endpoint: str) -> None:
    """Write the project's files."""
    documents = [_project(declared, endpoint), *_documents(declared)]
    text = yaml.safe_dump_all(documents[1:], sort_keys=False)
    (folder / "provisioner.yaml").write_text(yaml.safe_dump(documents[0], sort_keys=False))
    (folder / "all.yaml").write_text(text)
    (folder / "data").mkdir(exist_ok=True)
    for each in declared.files.values():
        (folder / each["path"]).write_text(each["text"])


def _document(kind: str, name: str, spec: Any, given: dict[str, str] | None = None) -> Any:
    metadata = {"name": name, **({"labels": given} if given else {})}
    return {"apiVersion": "provisioner/v1", "kind": kind, "metadata": metadata, "spec": spec}


def _project(declared: Declared, endpoint: str) -> Any:
    provider = {
        "type": "azure-openai",
        "endpoint": endpoint,
        "api_version": declared.api_version,
        "auth": {"type": "api_key", "env": "AZURE_OPENAI_API_KEY"},
    }
    environment = {"provider": provider, "models": MODELS}
    spec = {
        "environments": {
            ENVIRONMENT: {**environment, **({"state": declared.state} if declared.state else {})}
        },
        "variables": {each: {"sensitive": True} for each in declared.sensitive},
        "moved": declared.moved,
        "removed": declared.removed,
        "imports": declared.imports,
    }
    found = _document("Project", PROJECT, {key: each for key, each in spec.items() if each})
    found["metadata"]["uid"] = declared.uid
    return found


def _documents(declared: Declared) -> list[Any]:
    found = [
        _document("Instructions", "tone", {"text": declared.shared}),
        _document("Tool", "get-time", {"type": "function", "function": function("get_time", "")}),
    ]
    for name, each in declared.files.items():
        found.append(_document("File", name, {"path": each["path"]}, each["labels"]))
    for name, each in declared.stores.items():
        found.append(_document("VectorStore", name, _store(each), each["labels"]))
    for name, each in declared.assistants.items():
        found.append(_document("Assistant", name, _assistant(each), each["labels"]))
    return found


def function(name: str, description: str) -> Any:
    """Write a function's definition."""
    return {
        "name": name,
        **({"description": description} if description else {}),
        "parameters": {"type": "object", "properties": {"where": {"type": "string"}}},
    }


def _store(store: dict[str, Any]) -> Any:
    spec: dict[str, Any] = {"files": store["files"]}
    if store["days"]:
        spec["expires_after"] = {"anchor": "last_active_at", "days": store["days"]}
    if store["chunk"] and store["files"]:
        static = {"max_chunk_size_tokens": store["chunk"], "chunk_overlap_tokens": 100}
        spec["chunking_strategy"] = {"type": "static", "static": static}
    return spec


def _assistant(assistant: dict[str, Any]) -> Any:
    secret = " Use ${var.token}." if assistant["secret"] else ""
    text: Any = assistant["text"].strip() + secret
    spec: dict[str, Any] = {
        "model": assistant["model"],
        "instructions": [text, {"ref": "tone"}] if assistant["shared"] else text,
        "tools": _tools(assistant),
    }
    for key in ("name", "description"):
        if assistant[key]:
            spec[key] = assistant[key]
    if assistant["owner"]:
        spec["metadata"] = {"owner": assistant["owner"]}
    return spec


def _tools(assistant: dict[str, Any]) -> list[Any]:
    tools: list[Any] = []
    if assistant["files"] is not None:
        tools.append({"type": "code_interpreter", "files": assistant["files"]})
    if assistant["store"]:
        tools.append({"type": "file_search", "vector_store": assistant["store"]})
    if assistant["function"] == "shared":
        tools.append({"ref": "get-time"})
    elif assistant["function"]:
        description = "With ${var.token}" if assistant["secret"] else "Finds it"
        tools.append({"type": "function", "function": function("find", description)})
    return tools
