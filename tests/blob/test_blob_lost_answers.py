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

REFUSED = 400
REQUESTS = 36
"""At least as many as an apply sends to the storage; the test says so if there are more."""


@dataclass
class Lossy:
    """Carries requests out, and loses the answer of one of them, or half of each refusal once."""

    at: int | None = None
    cuts: bool = False
    cut: set[str] = field(default_factory=set)
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
            elif lossy.cuts and answer[0] >= REFUSED and answer[2] and self.line not in lossy.cut:
                lossy.cut.add(self.line)
                self.reply_in_part(answer)
            else:
                self.reply(*answer)

        do_GET = do_HEAD = do_PUT = do_DELETE = handle_any  # noqa: N815

    with running(Handler) as url:
        lossy.url = f"{url}/{name}"
        yield lossy


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the SDK not pause before it repeats a request."""
    monkeypatch.setattr(blob_client, "FIRST_PAUSE", 0)
    monkeypatch.setattr(blob_client, "JITTER", 0)


# The SDK leaves a connection that broke while it read to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    "at",
    [pytest.param(at, marks=() if at % 6 == 1 else pytest.mark.thorough) for at in range(REQUESTS)],
)
def test_an_apply_goes_on_after_any_lost_answer(project: BlobProject, at: int) -> None:
    """The request is repeated; a refusal of its own success is looked into."""
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


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_words_of_a_refusal_may_be_cut_off(
    project: BlobProject, capfd: pytest.CaptureFixture[str]
) -> None:
    """What isn't there is no trouble; and nothing of the SDK's own is said."""
    with losing_proxy(project.container.account) as lossy:
        project.edit("provisioner.yaml", project.container.account, lossy.url)
        lossy.cuts = True
        project.apply()
        assert project.plan().code == 0
    assert {each.split()[0] for each in lossy.cut} >= {"GET", "PUT"}
    assert "download" not in capfd.readouterr().err
