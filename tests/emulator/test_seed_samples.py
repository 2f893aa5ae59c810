"""The samples of Azure's page on Assistants of February 2024 run with endpoint and key changed.

They are cells of a notebook: between two of them a reader lets time pass, here until the run ends.
"""

import sys
import time
import types
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from emulator_process import start_emulator

SEED = Path(__file__).parents[3] / "shared" / "seed"
SCRIPT = Path(__file__).parent / "transcripts" / "page.yaml"

# The first and the last line of each cell, in the order of the page.
CELLS = [
    ("import os", "    )"),
    ("# Create an assistant", ")"),
    ("print(assistant.model_dump_json(indent=2))",) * 2,
    ("# Create a thread", "print(thread)"),
    ("# Add a user question to the thread", ")"),
    ("thread_messages = ", "print(thread_messages"),
    ("run = client.beta.threads.runs.create(", ")"),
    ("# Retrieve the status of the run", "print(status)"),
    ("import time", "print(messages"),
    ("messages = client.beta.threads.messages.list(", "print(messages"),
    ("data = json.loads", "print(image_file_id)"),
    ("content = client.files.content", 'image= content.write_to_file("sinewave.png")'),
    ("from PIL import Image", "image.show()"),
    ("# Add a new user question to the thread", ")"),
    ("run = client.beta.threads.runs.create(", ")"),
    ("# Retrieve the status of the run", "print(status)"),
    ("messages = client.beta.threads.messages.list(", "print(messages"),
    ("data = json.loads", "print(code)"),
    ("# Add a user question to the thread", ")"),
    ("# Run the thread", ")"),
    ("# Retrieve the status of the run", "print(status)"),
    ("messages = client.beta.threads.messages.list(", "print(messages"),
    ("data = json.loads", "print(image_file_id)"),
    ("content = client.files.content", 'image= content.write_to_file("dark_sine.png")'),
    ("# Display the image", "image.show()"),
    ("from openai import AzureOpenAI", "message_content.value +="),
]

pytestmark = pytest.mark.skipif(not SEED.exists(), reason="the page is not at hand")


def cells() -> Iterator[str]:
    """Cut the cells out of the page."""
    (page,) = SEED.glob("*.txt")
    lines, at = page.read_text(encoding="utf-8").splitlines(), 0
    for first, last in CELLS:
        start = next(i for i in range(at, len(lines)) if lines[i].startswith(first))
        end = next(i for i in range(start, len(lines)) if lines[i].startswith(last))
        at = end + 1
        yield "\n".join(lines[start:at])


def shown(name: str, **members: Any) -> types.ModuleType:
    """Make a stand-in for a module that shows things on a screen."""
    module = types.ModuleType(name)
    vars(module).update(members)
    return module


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Give the variables that the cells share, beside an emulator that has the page's answers."""
    image = types.SimpleNamespace(open=lambda name: shown(name, show=Path(name).read_bytes))
    ipython = shown("IPython.display", clear_output=lambda wait: wait)
    for module in (shown("IPython"), ipython, shown("PIL", Image=image)):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    with start_emulator("--transcript", str(SCRIPT)) as url:
        monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", url)
        monkeypatch.setenv("AZURE_OPENAI_API_KEY", "any")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield {}


def wait(names: dict[str, Any]) -> None:
    """Let a reader's time pass."""
    run = names.get("run")
    while run is not None and run.status in ("queued", "in_progress"):
        run = names["client"].beta.threads.runs.retrieve(thread_id=run.thread_id, run_id=run.id)


def test_every_sample_of_the_page_runs(
    page: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is changed but endpoint and key, and the ids of the last cell."""
    for cell in cells():
        code = cell.replace('thread_id="..."', "thread_id=cited[0]").replace(
            'message_id="..."', "message_id=cited[1]"
        )
        if "cited" in code:
            page["cited"] = cited(page)
        exec(compile(code, "cell", "exec"), page)  # noqa: S102 - that is what a notebook does
        if "print(status)" not in cell:
            wait(page)

    for picture in ("sinewave.png", "dark_sine.png"):
        assert (tmp_path / picture).read_bytes().startswith(b"\x89PNG")
    assert page["code"].startswith("Certainly, here is the code")
    assert page["message_content"].value.splitlines() == [
        "Look [0] and  [1].",
        "[0] It is so. from facts.txt",
        "[1] Click <here> to download a.csv",
    ]
    assert "Status: completed" in capsys.readouterr().out


def cited(page: dict[str, Any]) -> tuple[str, str]:
    """Make a message with annotations, of which the page shows no example; give its ids."""
    client: Any = page["client"]
    file = client.files.create(file=("facts.txt", b"It is so."), purpose="assistants")
    tools = [{"type": "retrieval"}, {"type": "code_interpreter"}]
    assistant = client.beta.assistants.create(
        model="gpt-4", tools=tools, extra_body={"file_ids": [file.id]}
    )
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Cite."}])
    run = client.beta.threads.runs.create_and_poll(
        thread_id=thread.id, assistant_id=assistant.id, poll_interval_ms=1
    )
    assert run.status == "completed"
    return thread.id, client.beta.threads.messages.list(thread.id).data[0].id
