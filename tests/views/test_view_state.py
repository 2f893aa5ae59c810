"""What is recorded, and the ids that applications need."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from jsonschema import Draft202012Validator
from view_samples import SALES, assistant, file

from provisioner.address import Address
from provisioner.resource import ResourceState
from provisioner.views import state

Golden = Callable[[str, str], None]
SCHEMAS = json.loads((Path(__file__).parent / "machine.schema.json").read_text(encoding="utf-8"))
RECORDED = [
    ResourceState(
        Address("assistant", "data-visualization"),
        "asst_7Kd2",
        assistant(instructions="Draw charts.\nBe brief.\n"),
        depends_on=(SALES,),
        labels={"team": "analytics"},
        deposed=("asst_old",),
    ),
    ResourceState(SALES, "assistant-A1b2C3", file()),
]


def valid(text: str, name: str) -> object:
    """Read a document and hold it against its schema."""
    value = json.loads(text)
    Draft202012Validator({**SCHEMAS, "$ref": f"#/$defs/{name}"}).validate(value)
    return value


def test_state_reads_as_it_should(golden: Golden) -> None:
    """Resources are shown as in a plan, without its marks."""
    text = state.text(RECORDED, color=False)
    golden("state.txt", text)
    assert click.unstyle(state.text(RECORDED, color=True)) == text


def test_an_empty_state_is_said_to_be() -> None:
    """Nothing recorded is a sentence too."""
    assert state.text([], color=False) == "Nothing is recorded.\n"


def test_state_json_follows_its_schema(golden: Golden) -> None:
    """Programs get addresses, ids and values."""
    text = state.as_json(RECORDED)
    valid(text, "state")
    golden("state.json", text)


def test_outputs_follow_terraform() -> None:
    """Every address has its id as a string output."""
    assert valid(state.outputs_json(RECORDED), "outputs") == {
        "assistant.data-visualization": {
            "sensitive": False,
            "type": "string",
            "value": "asst_7Kd2",
        },
        "file.sales": {"sensitive": False, "type": "string", "value": "assistant-A1b2C3"},
    }


def test_outputs_can_be_sourced() -> None:
    """Variables are named after addresses."""
    assert state.outputs_env(RECORDED) == (
        "ASSISTANT_DATA_VISUALIZATION_ID=asst_7Kd2\nFILE_SALES_ID=assistant-A1b2C3\n"
    )


@pytest.mark.parametrize("identity", ["$(touch x)", "a'b", "`id`", "a b;c"])
def test_no_id_is_run_by_a_shell(identity: str) -> None:
    """A shell that reads the lines gets the id and nothing else."""
    text = state.outputs_env([ResourceState(SALES, identity, {})])
    assert shlex.split(text) == [f"FILE_SALES_ID={identity}"]
    script = f'{text}\nprintf %s "$FILE_SALES_ID"'
    ran = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == identity


def test_an_id_cannot_add_a_line() -> None:
    """Readers that take one variable a line get one line."""
    text = state.outputs_env([ResourceState(SALES, "a\nEVIL=1", {})])
    assert text == "FILE_SALES_ID='a\\nEVIL=1'\n"


def test_a_raw_output_is_the_bare_id() -> None:
    """No newline, no quotes."""
    assert state.output_raw(RECORDED[0]) == "asst_7Kd2"
