"""Projects whose assistant talks as a transcript says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from altering import Altering, altering_proxy
from emulator_process import start_emulator
from projects import KEY, PROJECT, Project, Service

TRANSCRIPT = """\
turns:
  - when: {contains: Create a visualization}
    then:
      - code: {input: "plt.plot(x, y)", logs: "drawn", images: [{base64: iVBORw0KGgo=}]}
      - say: Here is **the sine wave**.
  - when: {contains: Cite}
    then:
      - code: {input: write(), files: [{name: a.csv, text: "a,b"}]}
      - say:
          text: Look【13†source】 and [here](sandbox:/mnt/data/a.csv).
          annotations:
            - {mark: 【13†source】, cites: facts.txt, quote: It is so.}
            - {mark: "sandbox:/mnt/data/a.csv", path: a.csv}
  - when: {contains: Overlap}
    then:
      - say:
          text: So it is【1†a】【2】, and so【3】.
          annotations:
            - {mark: 【1†a】【, cites: facts.txt, quote: One}
            - {mark: 】【2】, cites: facts.txt, quote: Two}
            - {mark: 【3】, cites: facts.txt, quote: Three}
  - when: {contains: weather}
    then:
      - call: [{name: get_weather, arguments: {city: Paris}}, {name: get_time, arguments: {}}]
      - say: "In Paris: ${get_weather} at ${get_time}."
  - when: {contains: Fail}
    then: [{fail: {code: rate_limit_exceeded, message: Rate limit is exceeded. Wait 34 seconds.}}]
  - when: {contains: Expire}
    then: [{expire: true}]
  - when: {contains: Forever}
    then: [{delay: {seconds: 500}}, {say: Done.}]
  - when: {contains: Draw and wait}
    then:
      - code: {input: draw(), images: [{base64: iVBORw0KGgo=}]}
      - delay: {seconds: 500}
      - say: Done.
  - when: {contains: Sometimes}
    times: 1
    then: [{say: Yes.}]
"""
V2_ONLY = """\
  - when: {contains: Long}
    then: [{say: It was}, {incomplete: max_completion_tokens}]
"""
BOT = """\
apiVersion: provisioner/v1
kind: Assistant
metadata: {{name: bot}}
spec:
  model: chat
  tools:
    - {{type: code_interpreter, files: [{{path: facts.txt}}]}}{search}
    - {{type: function, function: {{name: get_weather, description: x, parameters: {{}}}}}}
    - {{type: function, function: {{name: get_time, description: x, parameters: {{}}}}}}
"""


mostly_v2 = pytest.mark.parametrize(
    "talker",
    ["talker_v2", pytest.param("talker_v1", marks=pytest.mark.thorough)],
    indirect=True,
)
"""For what is much the same with v1."""


@contextmanager
def talkative(folder: Path, api_version: str) -> Iterator[Project]:
    """Give a project whose assistant is applied at an emulator with the transcript."""
    with _emulator(folder, api_version) as url, _applied(folder, url, url, api_version) as project:
        yield project


@contextmanager
def talkative_through_proxy(folder: Path, api_version: str) -> Iterator[tuple[Project, Altering]]:
    """Give the same with a proxy in between, which only hands on until it is told more."""
    with (
        _emulator(folder, api_version) as url,
        altering_proxy(url) as proxy,
        _applied(folder, url, proxy.url, api_version) as project,
    ):
        proxy.clear()
        yield project, proxy


@contextmanager
def _emulator(folder: Path, api_version: str) -> Iterator[str]:
    transcript = folder / "transcript.yaml"
    more = V2_ONLY if _is_v2(api_version) else ""
    transcript.write_text(TRANSCRIPT + more, encoding="utf-8")
    with start_emulator("--api-key", KEY, "--transcript", str(transcript)) as url:
        yield url


@contextmanager
def _applied(folder: Path, url: str, endpoint: str, api_version: str) -> Iterator[Project]:
    project = Project(folder / "project", Service(url, api_version))
    text = PROJECT.format(name="demo", uid="u1", url=endpoint, api_version=api_version)
    project.write("provisioner.yaml", text)
    project.write("facts.txt", "It is so.\n")
    search = "\n    - {type: file_search}" if _is_v2(api_version) else ""
    project.write("bot.yaml", BOT.format(search=search))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AZURE_OPENAI_API_KEY", KEY)
        project.apply()
    yield project


def _is_v2(api_version: str) -> bool:
    return api_version >= "2024-05"


def assert_nothing_left(project: Project) -> None:
    """Only the assistant's own file is at the service, and no store."""
    assert [each["filename"] for each in project.service.files()] == ["facts.txt"]
    assert stores(project) == []


def stores(project: Project) -> list[dict[str, Any]]:
    """List the vector stores; v1 has none."""
    if not _is_v2(project.service.api_version):
        return []
    found: list[dict[str, Any]] = project.service.call("GET", "/vector_stores")["data"]
    return found


def check(name: str, *turns: str, more: str = "") -> str:
    """Write a Check of the bot."""
    said = "".join(f"\n    - {each}" for each in turns)
    return (
        f"---\napiVersion: provisioner/v1\nkind: Check\nmetadata: {{name: {name}}}\n"
        f"spec:\n  assistant: bot\n{more}  turns:{said}\n"
    )
