"""The example projects, as far as that can be seen without running the program."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PROJECTS = sorted(each.parent for each in EXAMPLES.rglob("provisioner.yaml"))
MANIFESTS = sorted(EXAMPLES.rglob("*.yaml"))
V2_ONLY = {"temperature", "top_p", "response_format"}
SEARCHING = "handbook"
"""The example with a vector store, which v1 doesn't have."""
DIFFERING = "environments"
"""The example whose environments differ: what v1 doesn't have is patched away there."""
FOR_BOTH = [each for each in PROJECTS if each.name != SEARCHING]
ALIKE = [each for each in FOR_BOTH if each.name != DIFFERING]


def documents(project: Path, kind: str) -> dict[str, Any]:
    """Read a project's documents of one kind, by name."""
    return {
        document["metadata"]["name"]: document
        for manifest in sorted(project.rglob("*.yaml"))
        for document in yaml.safe_load_all(manifest.read_text(encoding="utf-8"))
        if document["kind"] == kind
    }


def fields(value: Any, name: str) -> Iterator[Any]:
    """Give every value that stands under this name, at any depth."""
    if isinstance(value, list):
        for inner in value:
            yield from fields(inner, name)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == name:
                yield inner
            yield from fields(inner, name)


def test_the_instructions_are_the_published_ones() -> None:
    """The joined pieces of Azure's own example, with nothing between or after them."""
    text = (EXAMPLES / "data-visualization/instructions/data-visualization.md").read_bytes()
    assert text.decode() == (
        "You are a helpful AI assistant who makes interesting visualizations based on data."
        "You have access to a sandboxed environment for writing and testing code."
        "When you are asked to create a visualization you should follow these steps:"
        "1. Write the code."
        "2. Anytime you write new code display a preview of the code to show your work."
        "3. Run the code to confirm that it runs."
        "4. If the code is successful display the visualization."
        "5. If the code is unsuccessful display the error message and try to revise the code and "
        "rerun going through the steps from above again."
    )


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda each: str(each.relative_to(EXAMPLES)))
def test_paths_lead_to_files_of_the_project(manifest: Path) -> None:
    """Every path is relative to its manifest, exists, and stays inside the project."""
    (project,) = (each for each in PROJECTS if manifest.is_relative_to(each))
    for document in yaml.safe_load_all(manifest.read_text(encoding="utf-8")):
        for name in ("path", "file"):
            for path in fields(document["spec"], name):
                target = (manifest.parent / path).resolve()
                assert target.is_file()
                assert target.is_relative_to(project)


@pytest.mark.parametrize("project", PROJECTS, ids=lambda each: each.name)
def test_references_are_declared_and_used(project: Path) -> None:
    """Every name that is referred to is declared, and nothing is declared for no one."""
    assistants = documents(project, "Assistant")
    tools = [tool for each in assistants.values() for tool in each["spec"].get("tools", [])]
    texts = list(fields([each["spec"]["instructions"] for each in assistants.values()], "ref"))
    stores = documents(project, "VectorStore")
    holders = [tools, list(stores.values())]
    files = [file for each in fields(holders, "files") for file in each if isinstance(file, str)]
    assert set(texts) == documents(project, "Instructions").keys()
    assert {tool["ref"] for tool in tools if "ref" in tool} == documents(project, "Tool").keys()
    assert set(files) == documents(project, "File").keys()
    assert set(fields(tools, "vector_store")) == stores.keys()


@pytest.mark.parametrize("project", PROJECTS, ids=lambda each: each.name)
def test_every_environment_has_every_alias(project: Path) -> None:
    """An example applies to all of its environments, of which the first is local."""
    (document,) = documents(project, "Project").values()
    environments = document["spec"]["environments"]
    assert document["spec"]["default_environment"] == "local"
    v1 = ["v1"] if project in FOR_BOTH else []
    assert list(environments) == ["local", *v1, "prod"]
    default = document["spec"].get("defaults", {}).get("assistant", {}).get("model")
    used = {each["spec"].get("model", default) for each in documents(project, "Assistant").values()}
    for environment in environments.values():
        assert environment["models"].keys() == used


@pytest.mark.parametrize("project", ALIKE, ids=lambda each: each.name)
def test_assistants_work_on_v1_too(project: Path) -> None:
    """No other example uses what v1 doesn't know, and functions say all that Azure requires."""
    for assistant in documents(project, "Assistant").values():
        assert not V2_ONLY & assistant["spec"].keys()
        assert "file_search" not in list(fields(assistant["spec"], "type"))
    functions = [
        *fields(list(documents(project, "Tool").values()), "function"),
        *fields(list(documents(project, "Assistant").values()), "function"),
    ]
    for function in functions:
        assert function.keys() == {"name", "description", "parameters"}


@pytest.mark.parametrize("project", PROJECTS, ids=lambda each: each.name)
def test_no_check_asks_the_emulator_for_what_an_echo_cannot_do(project: Path) -> None:
    """It makes no files and calls no functions: such checks are for other environments."""
    (document,) = documents(project, "Project").values()
    environments = document["spec"]["environments"]
    echoes = {name for name, each in environments.items() if each["provider"]["type"] == "emulator"}
    for check in documents(project, "Check").values():
        expected = list(fields(check["spec"]["turns"], "expect"))
        if any({"files", "tool_calls"} & each.keys() for each in expected):
            assert not echoes & set(check["metadata"].get("environments", environments))


def test_support_desk_shares_what_it_can() -> None:
    """Texts, functions, files and a path are each used by more than one assistant."""
    assistants = documents(EXAMPLES / "support-desk", "Assistant").values()
    assert len(assistants) >= 3
    shared = ["tone", "safety", "get-order", "create-ticket", "products", "return-policy"]
    for name in shared:
        users = [each for each in assistants if name in uses(each)]
        assert len(users) >= 2, name
    paths = [path for each in assistants for path in fields(each["spec"].get("tools"), "path")]
    assert len(paths) == 2
    assert len(set(paths)) == 1


def uses(assistant: Any) -> set[str]:
    """Give the names that an assistant refers to."""
    listed = [each for files in fields(assistant["spec"], "files") for each in files]
    names = [*fields(assistant["spec"], "ref"), *listed]
    return {each for each in names if isinstance(each, str)}
