"""The proof that nothing got lost, tried with what formatting must never do."""

from __future__ import annotations

import pytest
from formatting_factories import HEAD, formatted

from provisioner.errors import ManifestError
from provisioner.formatting import canonical
from provisioner.formatting.sameness import same

TEXT = f"""\
{HEAD}spec:
  model: &model chat # which
  temperature: 1
  name: *model
  instructions: | # text
    One # no comment
  description: !!str 12
"""


def test_order_style_and_line_breaks_make_no_difference() -> None:
    """The same data with the same comments is the same."""
    other = TEXT.replace("spec:\n", "spec:\n\n").replace("  ", "    ")
    other = other.replace("\n    temperature: 1\n", "\n") + "    temperature: 1\n"

    assert same(TEXT, other)


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("chat", "Chat"),
        ("temperature: 1", "temperature: 1.0"),
        ("temperature: 1", "temperature: '1'"),
        ("temperature: 1", "temperature: true"),
        ("  temperature: 1\n", ""),
        ("One # no comment", "One"),
        (" # which", ""),
        (" # which", " # Which"),
        (" # which", " # which\n  # which"),
        (" # text", ""),
        ("*model", "chat"),
        (
            "&model chat # which\n  temperature: 1\n  name: *model",
            "chat # which\n  temperature: 1\n  name: chat",
        ),
        ("!!str 12", '"12"'),
        ("description: ", "description: ["),
        ("kind: Assistant\n", "kind: Assistant\nkind: Assistant\n"),
        ("spec:", "---\nspec:"),
    ],
)
def test_whatever_differs_is_found(written: str, instead: str) -> None:
    """Data, comments, anchors, aliases and tags: each counts."""
    assert written in TEXT

    assert not same(TEXT, TEXT.replace(written, instead, 1))


def test_a_result_that_says_something_else_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error in writing costs nobody a manifest."""
    write = canonical.write
    monkeypatch.setattr(canonical, "write", lambda tree: write(tree).replace("chat", "chart"))

    with pytest.raises(ManifestError) as refused:
        formatted(f"# file\n\n{TEXT}")
    [problem] = refused.value.diagnostics
    assert (problem.code, str(problem.position)) == ("M701", "a.yaml:3:1")


@pytest.mark.parametrize(
    ("spec", "place"),
    [
        ("  ? model\n  : chat\n", "6:3"),
        ("  description: !!str\n    |\n    x\n  model: chat\n", "6:16"),
        ("  raw: {foundry: [a: # lost\n    b]}\n", "1:1"),
        ("  name: x\u2028 # y\n  model:   chat\n", "6:10"),
    ],
)
def test_rare_forms_are_refused_rather_than_guessed_at(spec: str, place: str) -> None:
    """Each names the place where it stands, or else the document."""
    with pytest.raises(ManifestError) as refused:
        formatted(f"{HEAD}spec:\n{spec}")
    [problem] = refused.value.diagnostics
    assert problem.code == "M701"
    assert str(problem.position).removeprefix("a.yaml:") == place
    assert "left as it is" in problem.detail
