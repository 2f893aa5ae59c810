"""What validate writes for code scanning, checked against the schema of SARIF itself."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from provisioner.cli import run

SCHEMA = (
    Path(__file__).parent / "node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"
)
BROKEN = Path(__file__).parents[1] / "manifest" / "broken"
PROJECT = """\
apiVersion: provisioner/v1
kind: Project
metadata: {name: demo}
spec: {environments: {local: {provider: {type: emulator}}}}
"""

pytestmark = pytest.mark.skipif(
    not SCHEMA.exists(),
    reason="no schema of SARIF: script/node-tools installs it, and needs Node.js with npm",
)


@pytest.mark.parametrize("project", [PROJECT, "", None], ids=["broken", "empty", "none"])
def test_every_problem_is_sarif(
    project: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of all broken manifests at once, of a project without a Project, and of no project."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    if project is not None:
        shutil.copytree(BROKEN, tmp_path / "broken manifests")
        (tmp_path / "provisioner.yaml").write_text(project, encoding="utf-8")

    assert run(["-C", str(tmp_path), "validate", "--format", "sarif"]) == 1

    written = json.loads(capsys.readouterr().out)
    assert not list(Draft7Validator(schema).iter_errors(written))
    assert len(written["runs"][0]["results"]) > (40 if project else 0)
