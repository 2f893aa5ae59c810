"""The wheel, installed in a clean environment outside of the repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from projects import ROOT

LEFT_OUT = shutil.ignore_patterns(".*", "build", "*.egg-info", "node_modules", "__pycache__")


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and install it into an environment that knows nothing of the repository.

    What it depends on is taken from the environment of the tests, so that nothing is downloaded.
    """
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, folder / "source", ignore=LEFT_OUT)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    build = ["wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(folder), "."]
    subprocess.run([*pip, *build], cwd=folder / "source", check=True, capture_output=True)
    venv.create(folder / "env", with_pip=False, symlinks=True)
    (wheel,) = folder.glob("*.whl")
    python = folder / "env" / "bin" / "python"
    install = [*pip, "--python", str(python), "install", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    (site,) = (folder / "env").glob("lib/python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    shutil.rmtree(folder / "source")
    return folder


def run(clean: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed program in the example's copy."""
    project = clean / "project"
    if not project.exists():
        shutil.copytree(ROOT / "examples" / "data-visualization", project, ignore=LEFT_OUT)
    program = clean / "env" / "bin" / "provisioner"
    return subprocess.run(
        [program, *arguments],
        cwd=project,
        env={"PATH": os.environ["PATH"], "HOME": str(clean)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_wheel_validates_an_example(clean: Path) -> None:
    """The schemas are in the wheel, and are found."""
    done = run(clean, "validate")

    assert (done.returncode, done.stdout[:8]) == (0, "Success!"), done.stderr


def test_the_wheel_plans_and_applies_an_example(clean: Path) -> None:
    """Planning needs the emulator and the provider; both are in the wheel."""
    planned = run(clean, "plan", "--detailed-exitcode")
    applied = run(clean, "apply", "--auto-approve")

    assert planned.returncode == 2, planned.stderr
    assert "Plan: 2 to add" in planned.stdout
    assert "Apply complete! Resources: 2 added" in applied.stdout, applied.stderr


def test_the_wheel_writes_a_page(clean: Path) -> None:
    """The template, its style and its script are in the wheel, and are found."""
    done = run(clean, "plan", "--format", "html")

    assert done.returncode == 0, done.stderr
    assert "<style>:root" in done.stdout
    assert "<script>" in done.stdout


def test_the_wheel_is_what_runs(clean: Path) -> None:
    """It is the installed package that these tests run, not the repository's."""
    python = clean / "env" / "bin" / "python"
    code = "import provisioner, provisioner_schemas as s; print(provisioner.__file__, s.__file__)"
    found = subprocess.run(
        [python, "-c", code], cwd=clean, env={}, capture_output=True, text=True, check=True
    )

    assert all(each.startswith(str(clean)) for each in found.stdout.split())
