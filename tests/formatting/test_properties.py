"""What holds for every manifest, however it is written."""

from __future__ import annotations

import json

from formatting_factories import formatted, read
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from manifest_strategy import Written, manifests
from test_golden import pairs

from provisioner.errors import ManifestError
from provisioner.manifest.yaml_nodes import parse

several = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def data(text: str) -> list[str]:
    """Read the data of all documents, such that 1, 1.0 and true are three things."""
    return [json.dumps(each.data, sort_keys=True) for each in read(text)]


def readable(text: str) -> bool:
    """Say whether a text has no problems."""
    documents, problem = parse(text)
    return problem is None and not any(each.problems for each in documents)


@several
@given(manifests())
def test_formatting_keeps_data_and_comments_and_is_done_once(manifest: Written) -> None:
    """Formatted text says the same, holds every comment once, and is canonical."""
    assume(readable(manifest.text))

    once = formatted(manifest.text)

    assert data(once) == data(manifest.text)
    assert formatted(once) == once
    for comment in manifest.comments:
        assert once.count(f"{comment}\n") == 1, comment
    assert "\r" not in once
    assert "\t" not in once.replace("\\t", "")
    assert once.endswith("\n")


@several
@given(manifests())
def test_comments_stay_with_what_they_describe(manifest: Written) -> None:
    """Above the key that they stood above, and in the line of the key that they stood in."""
    assume(readable(manifest.text))

    lines = [line.lstrip(" -") for line in formatted(manifest.text).splitlines()]

    place = {line[line.find("# comment") :]: number for number, line in enumerate(lines)}
    for comment, key in manifest.above:
        described = (line for line in lines[place[comment] :] if line and line[0] != "#")
        assert next(described).startswith(key)
    for comment, key in manifest.beside:
        assert lines[place[comment]].startswith(key)


SPLICES = (
    *(
        "# x",
        "\n# y\n",
        "- ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        ": ",
        "&a ",
        "*a",
        '"',
        "'",
        "|",
        ">+",
        "\\",
    ),
    *("\n\n", "\n  ", "---\n", "...\n", "\t", "!!str ", "? ", "k: v\n", "\r\n", " " * 5),
)


@several
@given(
    st.sampled_from(list(pairs())),
    st.lists(st.tuples(st.integers(0), st.sampled_from(SPLICES)), max_size=3),
)
def test_whatever_is_written_is_formatted_or_refused(
    pair: tuple[str, str, str], splices: list[tuple[int, str]]
) -> None:
    """Odd texts end in canonical form or in a diagnostic, never in an error of the program."""
    text = pair[1]
    for place, splice in splices:
        at = place % len(text)
        text = text[:at] + splice + text[at:]
    if not readable(text):
        return
    try:
        once = formatted(text)
    except ManifestError:
        return
    assert data(once) == data(text)
    assert formatted(once) == once
