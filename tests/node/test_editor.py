"""What an editor makes of manifests, by the language server that most of them run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from language_server import PROGRAM, LanguageServer, running

from provisioner.manifest.modeline import modeline, schema_text

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not PROGRAM.exists(),
    reason="no yaml-language-server: script/node-tools installs it, and needs Node.js with npm",
)

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PROJECTS = sorted(each.parent for each in EXAMPLES.rglob("provisioner.yaml"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a project folder that has the schema file."""
    made = tmp_path_factory.mktemp("project")
    (made / "provisioner.schema.json").write_text(schema_text(), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[LanguageServer]:
    """Run one server for all tests of this file."""
    with running(folder) as started:
        yield started


def document(kind: str, *spec: str) -> str:
    """Write a document whose spec has these lines; they begin at the sixth of the document."""
    body = "".join(f"  {line}\n" for line in spec)
    return f"apiVersion: provisioner/v1\nkind: {kind}\nmetadata: {{name: bot}}\nspec:\n{body}"


def write(folder: Path, name: str, *documents: str) -> Path:
    """Write a manifest of documents, each with the modeline above it."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    line = modeline(folder, path)
    path.write_text("---\n".join(line + each for each in documents), encoding="utf-8")
    return path


@pytest.mark.parametrize("project", PROJECTS, ids=lambda each: each.name)
def test_examples_have_no_problem(server: LanguageServer, folder: Path, project: Path) -> None:
    """Every document of the example projects is right in the editor too."""
    for manifest in sorted(project.rglob("*.yaml")):
        documents = manifest.read_text(encoding="utf-8").split("---\n")
        name = f"{project.name}/{manifest.relative_to(project)}"
        assert server.problems(write(folder, name, *documents)) == [], name


@pytest.mark.parametrize(
    ("kind", "spec", "wrong"),
    [
        ("Assistant", ("model: chat", "modell: chat"), "modell"),
        ("File", ("path: a.csv", "pth: a.csv"), "pth"),
        ("Instructions", ("text: Be brief.", "txt: x"), "txt"),
        ("Tool", ("type: function", "function: {name: f}", "strikt: true"), "strikt"),
        ("Project", ("environments: {local: {provider: {type: emulator}}}", "var: x"), "var"),
    ],
)
def test_a_misspelled_key_is_one_problem_in_every_kind(
    server: LanguageServer, folder: Path, kind: str, spec: tuple[str, ...], wrong: str
) -> None:
    """It stands at the key, in a first document as in a second one of another kind."""
    first = document("Assistant", "model: chat")
    other = document("File", "path: b.csv") if kind == "Assistant" else first
    alone = write(folder, f"{kind}-alone.yaml", document(kind, *spec))
    second = write(folder, f"{kind}-second.yaml", other, document(kind, *spec))

    ((line, message),) = server.problems(alone)
    ((line_of_second, same_message),) = server.problems(second)

    assert wrong in message
    assert message == same_message
    assert line == 5 + len(spec)
    assert line_of_second == line + 7


def test_an_unknown_kind_is_a_problem(server: LanguageServer, folder: Path) -> None:
    """The kinds there are come with it."""
    ((line, message),) = server.problems(
        write(folder, "kind.yaml", "apiVersion: provisioner/v1\nkind: Fil\n")
    )

    assert line == 3
    assert "Assistant" in message


def test_keys_are_completed_for_the_kind_of_the_document(
    server: LanguageServer, folder: Path
) -> None:
    """In the first document those of an Assistant, in the second those of a File."""
    path = write(
        folder,
        "keys.yaml",
        document("Assistant", "model: chat", ""),
        document("File", "path: a.csv", ""),
    )
    server.problems(path)

    assert server.completions(path, 7, 3) >= {"name", "instructions", "tools", "temperature"}
    assert server.completions(path, 15, 3) == {"filename"}


def test_values_are_completed(server: LanguageServer, folder: Path) -> None:
    """Kinds, and what a field takes."""
    tools = document("Assistant", "model: chat", "tools:", "  - type: ")
    path = write(folder, "values.yaml", tools, "apiVersion: provisioner/v1\nkind: \n")
    server.problems(path)

    found = server.completions(path, 8, 13)
    assert found == {"code_interpreter", "file_search", "function"}
    assert server.completions(path, 12, 7) >= {"Project", "Assistant", "Tool", "File"}


def test_parameters_are_completed_as_a_json_schema(server: LanguageServer, folder: Path) -> None:
    """Keywords and types, at any depth."""
    lines = (
        "function:",
        "  parameters:",
        "    properties:",
        "      a:",
        "        type: ",
        "        ",
    )
    path = write(folder, "parameters.yaml", document("Tool", *lines))
    server.problems(path)

    assert server.completions(path, 10, 17) >= {"object", "string", "number"}
    assert server.completions(path, 11, 11) >= {"description", "enum", "items", "properties"}


def test_a_field_is_described_where_it_stands(server: LanguageServer, folder: Path) -> None:
    """Hovering over a key tells what the schema says of it, in every document."""
    model = document("Assistant", "model: chat", "tools:", "  - type: code_interpreter")
    path = write(folder, "hover.yaml", model, document("File", "path: a.csv"))
    server.problems(path)

    assert "The model that answers" in server.hover(path, 6, 4)
    assert "runs Python in a sandbox" in server.hover(path, 8, 8)
    assert "What this document declares" in server.hover(path, 3, 2)
    assert "relative to the manifest" in server.hover(path, 15, 4)


def test_what_init_writes_leads_to_the_schema(tmp_path: Path) -> None:
    """A project just begun, opened in an editor, has completion and no problem."""
    command = [sys.executable, "-m", "provisioner", "init", str(tmp_path / "new")]
    subprocess.run(command, check=True, capture_output=True)
    with running(tmp_path / "new") as server:
        for name in ("provisioner.yaml", "hello.yaml"):
            assert server.problems(tmp_path / "new" / name) == []
        assert "The model that answers" in server.hover(tmp_path / "new" / "hello.yaml", 8, 4)
