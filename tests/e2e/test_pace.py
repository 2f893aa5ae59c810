"""Apply at a service that refuses requests for their rate."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from busy_proxy import busy_proxy
from emulator_process import start_emulator
from processes import write_bots
from projects import KEY, Project

MakeProject = Callable[..., Project]


@pytest.mark.timeout(300)
def test_three_hundred_are_made_though_each_third_request_is_refused(
    make_project: MakeProject, emulator: str
) -> None:
    """Nothing fails, nothing is made twice, and little is asked in vain."""
    project = make_project()
    with busy_proxy(emulator, 0.3) as busy:
        write_bots(project, 300, busy.url)
        done = project.apply()
        asked = len(busy.passed) + len(busy.refused)

    assert "Apply complete! Resources: 300 added, 0 changed, 0 destroyed." in done.out
    assert asked <= 1.6 * 300
    assert busy.passed.count("POST /openai/assistants") == 300
    assert len(project.state["resources"]) == 300


def test_a_limited_rate_is_kept_to(make_project: MakeProject) -> None:
    """Of a service that takes twenty requests a second few are asked in vain."""
    with start_emulator("--api-key", KEY, "--rate", "20") as url, busy_proxy(url, 0) as proxy:
        project = make_project()
        write_bots(project, 60, proxy.url)
        done = project.apply()

    assert "60 added" in done.out
    assert proxy.refused
    assert len(proxy.refused) <= 0.6 * 60
