"""The architecture as a test: imports point one way."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "provisioner"

VALUES = {
    "address",
    "api_version",
    "check",
    "content",
    "contrast",
    "conversation",
    "diagnostics",
    "errors",
    "events",
    "halt",
    "json_reading",
    "json_texts",
    "lost_create",
    "outcome",
    "plan",
    "refactoring",
    "resource",
    "veil",
    "source",
    "files_digest",
}
LAYERS: list[set[str]] = [
    VALUES,
    {"kinds"},
    {"diff", "impact"},
    {"coverage", "situation"},
    {"brake", "candidates", "findings", "importing", "leftovers", "orphans", "recognition"}
    | {"sparing", "steps", "unindexed", "uploads"}
    | {"providers", "state"},
    {"planner", "settling", "calls", "manifest"},
    {"conversations", "executor", "export", "formatting", "saved_plan"},
    {"editing", "history"},
    {"accepting"},
    {"operations", "views"},
    {"cli"},
    {"__main__"},
]
"""A room may import from its own layer only itself, and from the layers before."""

ONLY_HERE = {
    "openai": {"providers/transport.py", "providers/sending.py", "emulator/models/chat.py"},
    "httpx2": {"providers/transport.py", "providers/sending.py"},
    "azure": {
        "providers/credentials.py",
        "state/blob.py",
        "state/blob_client.py",
        "state/blob_lease.py",
        "state/blob_refusals.py",
        "state/blob_requests.py",
    },
    "deepdiff": {"diff.py"},
    "jsonschema": {
        "conversations/json_answer.py",
        "emulator/models/transcript.py",
        "manifest/schema_check.py",
    },
    "filelock": {"state/lock.py"},
    "rich": {"cli/answers.py", "cli/live.py"},
    "markdown_it": {"cli/answers.py"},
    "click": {"cli/*", "views/style.py"},
    "wcwidth": {"views/excerpt.py"},
    "jinja2": {"views/page/template.py"},
    "markupsafe": {"views/page/template.py"},
    "starlette": {"emulator/*"},
    "uvicorn": {"emulator/*"},
    "sqlite3": {"emulator/*"},
}
"""Which modules may import a package."""

modules = pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix()
)


def imported(path: Path) -> set[str]:
    """List the full names of the modules that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            if node.module == "provisioner":
                names |= {f"provisioner.{each.name}" for each in node.names}
    return names


def rooms(path: Path) -> set[str]:
    """List the rooms of ours that a file imports from."""
    parts = (name.split(".") for name in imported(path) if name.startswith("provisioner."))
    return {each[1] for each in parts if not each[1].startswith("__")}


def room(path: Path) -> str:
    """Tell which room a file belongs to."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def layer(name: str) -> int:
    """Tell which layer a room is in."""
    return next(number for number, names in enumerate(LAYERS) if name in names)


@modules
def test_imports_point_one_way(path: Path) -> None:
    """A room imports only from the layers before its own; values import one another."""
    here = room(path)
    if here in ("emulator", "__init__"):
        return
    for other in rooms(path) - {here}:
        if here == "operations" and other == "emulator":
            continue  # runs it embedded, and knows nothing of its insides
        if here == "cli" and other == "emulator":
            continue  # serves it
        if here in VALUES and other in VALUES:
            continue
        assert layer(other) < layer(here), f"{here} imports {other}"


@modules
def test_a_package_is_imported_in_its_one_room(path: Path) -> None:
    """Each outside package has one room that knows it."""
    name = path.relative_to(PACKAGE).as_posix()
    for outside in {each.split(".")[0] for each in imported(path)} & ONLY_HERE.keys():
        allowed = ONLY_HERE[outside]
        assert name in allowed or f"{room(path)}/*" in allowed, f"{name} imports {outside}"


def test_the_planner_can_only_think() -> None:
    """The planner and what it is made of reach no client, no clock and no path."""
    thinking = ("planner", "situation", "findings", "importing", "sparing", "steps", "settling")
    thinking += ("brake", "orphans", "refactoring", "unindexed", "diff", "impact", "coverage")
    thinking += ("recognition",)
    for name in thinking:
        outside = imported(PACKAGE / f"{name}.py")
        assert not outside & {"time", "datetime", "pathlib", "os", "socket", "subprocess"}, name
        assert not any(each.startswith("provisioner.providers") for each in outside), name


def test_files_and_functions_stay_small() -> None:
    """No file has over 300 lines, and no function over fifty."""
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 300, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                assert (node.end_lineno or 0) - node.lineno < 50, f"{path}: {node.name}"
