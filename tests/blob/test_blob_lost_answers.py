"""Answers of Azure Blob Storage that get lost: what was written is known as one's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from blob_projects import BlobProject
from forwarding import Forwarder, running

from provisioner.state import blob_client

MakeProject = Callable[..., BlobProject]

REQUESTS = 36
"""At least as many as an apply sends to the storage; the test says so if there are more."""


@dataclass
class Lossy:
    """Carries requests out, and loses the answer of one of them."""

    at: int | None = None
    requests: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def losing_proxy(account: str) -> Iterator[Lossy]:
    """Run a proxy to Azurite."""
    address, _, name = account.rpartition("/")
    lossy = Lossy()

    class Handler(Forwarder):
        target = address

        def handle_any(self) -> None:
            """Hand a request on; of one the answer never comes."""
            lossy.requests.append(self.line)
            answer = self.forward(self.body())
            if lossy.at is not None and len(lossy.requests) - 1 == lossy.at:
                self.close_connection = True
                return
            self.reply(*answer)

        do_GET = do_HEAD = do_PUT = do_DELETE = handle_any  # noqa: N815

    with running(Handler) as url:
        lossy.url = f"{url}/{name}"
        yield lossy


# The SDK leaves a connection that broke while it read to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    "at",
    [pytest.param(at, marks=() if at % 6 == 1 else pytest.mark.thorough) for at in range(REQUESTS)],
)
def test_an_apply_goes_on_after_any_lost_answer(
    project: BlobProject, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """The request is repeated; a refusal of its own success is looked into."""
    monkeypatch.setattr(blob_client, "FIRST_PAUSE", 0)
    monkeypatch.setattr(blob_client, "JITTER", 0)
    project.apply()
    project.edit("bot.yaml", "Count.", "Count on.")
    with losing_proxy(project.container.account) as lossy:
        project.edit("provisioner.yaml", project.container.account, lossy.url)
        lossy.at = at
        project.apply()
        sent = len(lossy.requests)
        assert sent <= REQUESTS
        lossy.at = None
        assert project.plan().code == 0
    assert project.state["serial"] == 2
    assert [each["instructions"] for each in project.service.assistants()] == ["Count on."]
    assert not [each for each in project.container.names() if "journal" in each]
