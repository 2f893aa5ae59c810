"""One project of fifty assistants from shared parts, in three environments of three sorts."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from projects import ROOT, V1, V2, Project, command

MakeProject = Callable[..., Project]
COUNT = 50


def documents(*written: Any) -> str:
    """Write documents, as JSON: that is YAML too."""
    return "\n---\n".join(json.dumps({"apiVersion": "provisioner/v1", **each}) for each in written)


def provider(url: str, api_version: str) -> dict[str, Any]:
    """Say where an environment is."""
    auth = {"type": "api_key", "env": "AZURE_OPENAI_API_KEY"}
    return {
        "type": "azure-openai",
        "endpoint": url,
        "api_version": api_version,
        "auth": auth,
    }


def project_document(url: str) -> dict[str, Any]:
    """Declare three environments: what v1 doesn't know is patched away there."""
    tepid = {f"assistant.bot-{n}": {"spec": {"temperature": None}} for n in range(COUNT)}
    return {
        "kind": "Project",
        "metadata": {"name": "fleet", "uid": "f1ee7"},
        "spec": {
            "default_environment": "local",
            "variables": {"audience": {}, "heat": {"type": "number", "default": 0.5}},
            "defaults": {"assistant": {"model": "chat", "metadata": {"cost_center": "9"}}},
            "environments": {
                "local": {
                    "provider": {"type": "emulator"},
                    "models": {"chat": "gpt-4o"},
                    "variables": {"audience": "testers"},
                },
                "old": {
                    "provider": provider(url, V1),
                    "models": {"chat": "gpt-4-old"},
                    "variables": {"audience": "veterans"},
                    "patches": tepid,
                },
                "new": {
                    "provider": provider(url, V2),
                    "models": {"chat": "gpt-4o-eu"},
                    "variables": {"audience": "customers"},
                },
            },
        },
    }


def assistant(number: int) -> dict[str, Any]:
    """Declare an assistant that is all shared parts but for its number."""
    return {
        "kind": "Assistant",
        "metadata": {"name": f"bot-{number}", "labels": {"half": str(number % 2)}},
        "spec": {
            "description": f"Number {number} for ${{var.audience}}",
            "instructions": [{"ref": "tone"}, {"file": "shared/safety.md"}, f"You are {number}."],
            "temperature": "${var.heat}",
            "tools": [
                {"type": "code_interpreter", "files": ["sales", {"path": "data/regions.csv"}]},
                {"ref": "weather"},
            ],
        },
    }


@pytest.fixture
def fleet(make_project: MakeProject) -> Project:
    """Write the project."""
    project = make_project(V2)
    project.write("provisioner.yaml", documents(project_document(project.service.url)))
    project.write("bots.yaml", documents(*(assistant(number) for number in range(COUNT))))
    weather = {"type": "function", "function": {"name": "weather", "parameters": {}}}
    shared = [
        {"kind": "Instructions", "metadata": {"name": "tone"}, "spec": {"text": "Be kind."}},
        {"kind": "Tool", "metadata": {"name": "weather"}, "spec": weather},
        {"kind": "File", "metadata": {"name": "sales"}, "spec": {"path": "data/sales.csv"}},
    ]
    project.write("shared.yaml", documents(*shared))
    project.write("shared/safety.md", "Never lie to ${var.audience}.\n")
    project.write("data/sales.csv", "a\n1\n")
    project.write("data/regions.csv", "b\n2\n")
    return project


def test_a_fleet_applies_everywhere(fleet: Project) -> None:
    """It validates, applies in each environment, and then plans empty in each."""
    validated = fleet.run("validate")
    assert (validated.code, validated.err) == (0, "")

    for environment in ("local", "old", "new"):
        fleet.apply("-e", environment)
        assert fleet.plan("-e", environment).code == 0, environment

    live = fleet.service.assistants()
    assert len(live) == 2 * COUNT
    assert {each["model"] for each in live} == {"gpt-4-old", "gpt-4o-eu"}
    assert "Be kind.\n\nNever lie to customers.\n\nYou are 7." in [
        each["instructions"] for each in live
    ]
    assert len(fleet.service.files()) == 2 * 2  # shared by all, once for each environment


@pytest.mark.parametrize("environment", ["local", "v1"])
def test_the_example_applies_on_the_built_in_emulator(tmp_path: Path, environment: str) -> None:
    """As its README says; what v1 doesn't know is patched away there."""
    folder = tmp_path / "environments"
    shutil.copytree(ROOT / "examples" / "environments", folder)
    here = ("-C", str(folder), "-e", environment)

    applied = command("apply", *here, "--auto-approve")
    assert applied.code == 0, applied.err
    assert command("plan", *here, "--detailed-exitcode").code == 0
    assert command("plan", *here, "--detailed-exitcode", "--var", "answer_sentences=5").code == 2
    told = command("explain", *here, "assistant.analyst").out
    assert ("temperature = 0.4" in told) is (environment == "local")
