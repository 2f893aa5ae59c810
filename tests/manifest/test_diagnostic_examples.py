"""The examples on the page of diagnostics: each brings about what it stands for."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import indent

import pytest
from manifest_factories import codes, write

PAGE = (Path(__file__).parents[2] / "docs/diagnostics.md").read_text(encoding="utf-8")
_SECTION = re.compile(r"^#+ (M\d{3}) (?:(?!\n#).)*?\n\n    (.+?)\n", re.MULTILINE | re.DOTALL)
EXAMPLES = dict(_SECTION.findall(PAGE))
IN_WORDS = {
    *("M001", "M007", "M009", "M010", "M011", "M012", "M013", "M021", "M022"),
    *("M153", "M201", "M211", "M212", "M226", "M303", "M304", "M308", "M404"),
    # Of commands that format and export.
    *("M701", "M702", "M750", "M751", "M752", "M753", "M754", "M755", "M756", "M757"),
}
"""Codes whose example is no YAML: a command, a file, or something too long to write out."""

BOT = "apiVersion: provisioner/v1\nkind: Assistant\nmetadata:\n  name: bot\n"
PROJECT = (
    "apiVersion: provisioner/v1\nkind: Project\nmetadata: {name: demo}\nspec:\n"
    "  variables: {audience: {default: all}, token: {sensitive: true}}\n"
    "  environments:\n    local: {provider: {type: emulator}, models: {small: gpt-4o-mini}}\n"
    "    old: {provider: {type: emulator, api_version: 2024-02-15-preview},"
    " models: {chat: x, small: y}}\n"
)
PROVIDER = (
    "    prod:\n      provider:\n        type: azure-openai\n        auth: {type: entra}\n"
    "        endpoint: https://contoso.openai.azure.com\n        api_version: 2024-05-01-preview\n"
)
FILES = {
    "../sales.csv": "a,b\n",
    "data/sales.csv": "a,b\n",
    "data/sales.parquet": "PAR1",
    'data/the "best".csv': "a,b\n",
    "prompt.docx": b"PK\xff\xfe",
    "whole-handbook.md": "x" * 300_000,
    "long.md": "x" * 40_000,
    "tool.yaml": "apiVersion: provisioner/v1\nkind: Tool\nmetadata: {name: get-weather}\n"
    "spec: {type: function, function: {name: get_weather}}\n",
}


def projects(example: str) -> list[dict[str, str]]:
    """Write the example wherever it could stand."""
    spec = f"{BOT}spec:\n  model: small\n"
    key = example.partition(":")[0]
    provider = re.sub(rf"^        {re.escape(key)}: .*\n", "", PROVIDER, flags=re.MULTILINE)
    manifests = [
        re.sub(rf"^{re.escape(key)}: .*\n", "", spec, flags=re.MULTILINE) + example,
        example,
        f"{BOT}  {example}\nspec: {{model: small}}",
        re.sub(r"  model: small\n", "", spec) + indent(example, "  "),
        spec + indent(example, "  "),
        f"{BOT}spec: {example}",
        f"{spec}  tools: [{{type: code_interpreter, files: [{{{example.partition('#')[0]}}}]}}]",
        f"{spec}  tools: [{{type: code_interpreter, {example.partition('#')[0]}}}]",
        f"{BOT}{example}",
        re.sub(rf"^{re.escape(key)}: .*\n", "", PROJECT, flags=re.MULTILINE) + example,
    ]
    function = f"{spec}  tools:\n    - type: function\n      function:\n        name: f\n"
    strict = f"{function}        strict: true\n"
    store = "apiVersion: provisioner/v1\nkind: VectorStore\nmetadata: {name: s}\nspec:\n"
    check = "apiVersion: provisioner/v1\nkind: Check\nmetadata: {name: c}\nspec:\n"
    talk = f"{spec}---\n{check}  assistant: bot\n  turns:\n    - user: Hello\n"
    manifests += [
        f"{talk}  {example}",
        f"{talk}      {example}",
        f"{function}        {example}",
        f"{strict}        {example}",
        f"{store}  {example}",
        f"{store}  chunking_strategy:\n    type: static\n    {example}",
    ]
    project = [
        PROJECT + PROVIDER + "      " + example,
        PROJECT + provider + "        " + example,
        PROJECT.replace("  variables: {", "  variables: {x: {}}\n  was: {") + "  " + example,
        re.sub(r"  variables: .*\n", "", PROJECT) + "  " + example,
    ]
    return [
        *({"provisioner.yaml": PROJECT, "a.yaml": each + "\n"} for each in manifests),
        *({"provisioner.yaml": each + "\n"} for each in project),
        *({"provisioner.yaml": each + "\n", "a.yaml": spec} for each in project),
    ]


@pytest.mark.parametrize("code", sorted(set(EXAMPLES) - IN_WORDS))
def test_an_example_brings_its_code_about(code: str, tmp_path: Path) -> None:
    """Somewhere in a small project."""
    told = []
    for number, files in enumerate(projects(EXAMPLES[code])):
        folder = tmp_path / str(number)
        write(folder, {**FILES, **files})
        told.append(codes(folder))

    assert any(code in each for each in told), told


def test_every_code_has_an_example() -> None:
    """And those in words are codes that there are."""
    headings = set(re.findall(r"^#+ (M\d{3}) ", PAGE, re.MULTILINE))

    assert set(EXAMPLES) == headings
    assert headings >= IN_WORDS
