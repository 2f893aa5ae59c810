"""What depends on what, for programs that draw."""

from __future__ import annotations

from collections.abc import Callable

from view_samples import ANALYST, HANDBOOK, SALES

from provisioner.resource import Resource
from provisioner.views import graph

Golden = Callable[[str, str], None]

RESOURCES = [
    Resource(HANDBOOK, {}, (SALES,)),
    Resource(SALES, {}),
    Resource(ANALYST, {}, (SALES, HANDBOOK)),
]


def test_mermaid_reads_as_it_should(golden: Golden) -> None:
    """Each kind has a shape, and arrows lead to what is depended on."""
    golden("graph.mermaid", graph.mermaid(RESOURCES))


def test_dot_reads_as_it_should(golden: Golden) -> None:
    """The same for Graphviz."""
    golden("graph.dot", graph.dot(RESOURCES))


def test_equal_projects_give_equal_graphs() -> None:
    """The order of declaration says nothing."""
    for draw in (graph.mermaid, graph.dot):
        assert draw(RESOURCES) == draw(RESOURCES[::-1])
