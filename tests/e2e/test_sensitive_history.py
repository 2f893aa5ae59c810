"""Sensitive values and the history: never in it, and never guessed when it is gone back to."""

from __future__ import annotations

import zlib
from itertools import product

import pytest
import test_sensitive
from projects import Project
from revisions import folder, roll_back, told
from test_sensitive import NEXT, SECRET, assert_hidden

project = test_sensitive.project


def renewed(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Apply with one value, and then with another one."""
    project.apply()
    monkeypatch.setenv("PROVISIONER_VAR_TOKEN", NEXT)
    project.apply()
    return project


def test_no_revision_holds_a_value(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither its record nor its objects, written out; nor is it shown."""
    renewed(project, monkeypatch)
    objects = [each.read_bytes() for each in (folder(project) / "objects").iterdir()]
    shown = [project.run("diff", "1", "2"), project.run("history", "--format", "json")]

    assert_hidden(project, *shown)
    written = [zlib.decompress(each) for each in objects]
    assert all(b"(sensitive:token:" in each for each in written)
    for secret, each in product((SECRET, NEXT), written):
        assert secret.encode() not in each
    assert "(sensitive:token:" in shown[0].out


def test_a_value_that_nobody_knows_is_not_sent(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked for by name; nothing is applied, and nothing is saved."""
    renewed(project, monkeypatch)
    before = project.service.assistants()
    refused = project.run("rollback", "1", "--auto-approve")
    unsaved = project.run("rollback", "1", "--out", "reviewed.plan")

    for each in (refused, unsaved):
        assert each.code == 1
        assert "P090" in each.err
        assert "--var token=… or PROVISIONER_VAR_TOKEN" in told(each)
    assert project.service.assistants() == before
    assert not (project.folder / "reviewed.plan").exists()
    assert_hidden(project, refused, unsaved)


def test_with_the_value_of_that_time_it_is_sent(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And stands in no file all the same."""
    renewed(project, monkeypatch)
    done = roll_back(project, "1", "--var", f"token={SECRET}")
    (live,) = project.service.assistants()

    assert SECRET in live["instructions"]
    assert_hidden(project, done)
    assert project.plan().code == 2
