"""The command and manifests that mean it harm: refused or read, in bounds of time and memory."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile_texts import BOMBS, BOT, DEPTHS, ENCODINGS, FLOODS, LENGTHS, MEGABYTE, spec
from manifest_factories import write

SECONDS = 3.0
"""Of CPU time, the start of the command among them. The slowest of these inputs takes 1.1 s on a
small machine; a machine may be slower by a factor, a bomb would be by a thousand.
"""
MEGABYTES = 300

MEASURE = """
import json, resource, subprocess, sys
resource.setrlimit(resource.RLIMIT_CPU, (30, 30))
run = subprocess.run(sys.argv[1:], capture_output=True, stdin=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
seconds = used.ru_utime + used.ru_stime
print(json.dumps([run.returncode, seconds, used.ru_maxrss, run.stderr.decode()]))
"""
"""Run by a small process in between: a child's peak would begin at that of the tests."""


def told(folder: Path) -> str:
    """Run `validate` as a user does, within bounds; give the codes that it tells."""
    command = [sys.executable, "-m", "provisioner", "-C", str(folder), "validate"]
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE, *command], capture_output=True, text=True, check=True
    )
    code, seconds, peak, stderr = json.loads(measured.stdout)
    found = sorted(set(re.findall(r"(?:error|warning) (M\d{3}):", stderr)))
    assert "Traceback" not in stderr
    assert code == (1 if re.search(r"error M\d{3}:", stderr) else 0), stderr[:1000]
    assert seconds < SECONDS
    assert peak / (MEGABYTE if sys.platform == "darwin" else 1024) < MEGABYTES
    return " ".join(found)


def told_of(folder: Path, content: str | bytes) -> str:
    """Validate one manifest."""
    return told(write(folder, {"a.yaml": content}))


@pytest.mark.parametrize(("codes", "make"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_measured_before_it_is_written_out(
    codes: str, make: Callable[[], str], tmp_path: Path
) -> None:
    """By aliases, by merges, by mere size."""
    assert told_of(tmp_path, make()) == codes


@pytest.mark.parametrize(("codes", "make"), DEPTHS.values(), ids=DEPTHS)
def test_depths_are_measured_before_anything_descends(
    codes: str, make: Callable[[], str], tmp_path: Path
) -> None:
    """The parser is recursive, and would take the interpreter with it."""
    assert told_of(tmp_path, make()) == codes


@pytest.mark.parametrize(("codes", "make"), FLOODS.values(), ids=FLOODS)
def test_thousands_of_mistakes_are_not_told_one_by_one(
    codes: str, make: Callable[[], str], tmp_path: Path
) -> None:
    """The first hundred of a document are enough to begin with."""
    assert told_of(tmp_path, make()) == codes


@pytest.mark.parametrize(("codes", "make"), LENGTHS.values(), ids=LENGTHS)
def test_nothing_grows_faster_than_a_text(
    codes: str, make: Callable[[], str], tmp_path: Path
) -> None:
    """Neither patterns, nor suggestions, nor messages."""
    assert told_of(tmp_path, make()) == codes


@pytest.mark.parametrize(("codes", "make"), ENCODINGS.values(), ids=ENCODINGS)
def test_encodings_and_line_ends_are_read_or_named(
    codes: str, make: Callable[[], bytes], tmp_path: Path
) -> None:
    """What isn't UTF-8 is refused, every line end of YAML is one."""
    assert told_of(tmp_path, make()) == codes


@pytest.mark.parametrize("line", [b"a: b\n", b"x"], ids=["lines", "one-line"])
def test_a_hundred_megabytes_are_not_read(line: bytes, tmp_path: Path) -> None:
    """The size says enough."""
    assert told_of(tmp_path, line * (100 * MEGABYTE // len(line))) == "M001"


def test_instructions_of_a_hundred_megabytes_are_not_read(tmp_path: Path) -> None:
    """No service takes them."""
    write(tmp_path, {"bot.md": ""})
    os.truncate(tmp_path / "bot.md", 100 * MEGABYTE)

    assert told_of(tmp_path, spec("instructions: {file: bot.md}")) == "M306"


def test_a_file_above_the_limit_is_not_digested(tmp_path: Path) -> None:
    """Its size says enough."""
    write(tmp_path, {"data.csv": ""})
    os.truncate(tmp_path / "data.csv", 600 * MEGABYTE)

    text = spec("tools: [{type: code_interpreter, files: [{path: data.csv}]}]")
    assert told_of(tmp_path, text) == "M304"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """Nobody may ever write into it."""
    write(tmp_path, {})
    os.mkfifo(tmp_path / "a.yaml")

    assert told(tmp_path) == "M001"


@pytest.mark.parametrize("target", ["/dev/zero", "nowhere.yaml", "a.yaml", "."])
def test_a_link_to_no_file_is_told(target: str, tmp_path: Path) -> None:
    """A device, nothing, itself; a linked folder is no manifest."""
    write(tmp_path, {})
    (tmp_path / "a.yaml").symlink_to(target)

    assert told(tmp_path) == ("" if target == "." else "M001")


def test_a_folder_may_have_the_name_of_a_manifest(tmp_path: Path) -> None:
    """What is in it is read."""
    write(tmp_path, {"a.yaml/b.yaml": BOT + "  modell: x\n"})

    assert told(tmp_path) == "M101"


def test_hostile_project_files_are_refused_alike(tmp_path: Path) -> None:
    """Nothing else is said when it can't be read."""
    write(tmp_path, {"provisioner.yaml": b"\xff\xfe" * MEGABYTE, "a.yaml": BOT})

    assert told(tmp_path) == "M001"
