"""The emulator shares nothing with the rest of the product."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "provisioner" / "emulator"


def imported(tree: ast.AST) -> Iterator[str]:
    """Give the modules that a file imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield ("." * node.level) + (node.module or "")


def test_no_module_imports_the_rest_of_the_product() -> None:
    """No import statement, at any depth, names another part of the package."""
    names = {
        name for path in PACKAGE.rglob("*.py") for name in imported(ast.parse(path.read_text()))
    }

    ours = {name for name in names if name.startswith((".", "provisioner"))}
    assert ours
    assert all(f"{name}.".startswith("provisioner.emulator.") for name in ours), sorted(ours)


def test_running_it_loads_nothing_else_of_the_product() -> None:
    """After an import of all entry points only the emulator's modules are loaded."""
    program = (
        "import sys, provisioner.emulator.embedded, provisioner.emulator.__main__\n"
        "print(*(name for name in sys.modules if name.startswith('provisioner.')))"
    )
    command = [sys.executable, "-c", program]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert all(f"{name}.".startswith("provisioner.emulator.") for name in output.split())
