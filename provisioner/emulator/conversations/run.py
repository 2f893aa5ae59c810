"""Runs as they are kept."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from provisioner.emulator.models.acts import Act, decode, encode
from provisioner.emulator.store import Row, Store

LIFE_SECONDS = 600
"""How long a run may take (recorded: `expires_at` is `created_at` + 600)."""

ACTIVE = ("queued", "in_progress", "requires_action", "cancelling")
"""The statuses in which a run locks its thread."""


@dataclass(frozen=True)
class Outcome:
    """What comes of a run, with the names and the units of the API."""

    started_at: int | None = None
    cancelled_at: int | None = None
    failed_at: int | None = None
    completed_at: int | None = None
    last_error: Mapping[str, str] | None = None
    incomplete_details: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Progress:
    """Where a run stands, and what it is about to do."""

    since: float
    """When the present stage began."""
    looks: int = 0
    """How often a client has seen it."""
    acts: tuple[Act, ...] | None = None
    """What is under way and what comes after; None while the model has still to be asked."""
    begun: bool = False
    """Whether the first of them is under way."""
    step_id: str | None = None
    """The step of the act under way, if it is one that has a step."""
    calls: tuple[Mapping[str, Any], ...] = ()
    """The function calls that wait for outputs, with the names of the API."""
    rounds: int = 0
    """How many times functions were called and answered."""
    turn: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    """What the model says of its round, for the step that comes of it."""
    made: Mapping[str, str] = field(default_factory=dict)
    """Ids of the files that code has made, by name."""
    images: tuple[str, ...] = ()
    """Ids of images that no message shows yet."""


@dataclass(frozen=True)
class Run:
    """A run; `request` holds what doesn't change, with the names of the API."""

    id: str
    created_at: int
    thread_id: str
    assistant_id: str
    status: str
    request: Mapping[str, Any]
    outcome: Outcome
    progress: Progress

    @property
    def active(self) -> bool:
        """Whether it is under way, and locks its thread."""
        return self.status in ACTIVE

    @property
    def expires_at(self) -> int:
        """When it expires, if it isn't over by then."""
        return self.created_at + LIFE_SECONDS


def insert_run(store: Store, run: Run) -> None:
    """Keep a run that is new."""
    store.run(
        "INSERT INTO runs (id, created_at, thread_id, assistant_id, status, request, outcome,"
        " progress) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        *(run.id, run.created_at, run.thread_id, run.assistant_id, run.status),
        *(json.dumps(run.request), *_changing(run)),
    )


def save_run(store: Store, run: Run) -> None:
    """Keep what has changed of a run."""
    store.run(
        "UPDATE runs SET status = ?, request = ?, outcome = ?, progress = ? WHERE id = ?",
        *(run.status, json.dumps(run.request), *_changing(run), run.id),
    )


def _changing(run: Run) -> tuple[str, str]:
    acts = run.progress.acts
    progress = {
        **{name: getattr(run.progress, name) for name in run.progress.__dataclass_fields__},
        "acts": None if acts is None else [encode(act) for act in acts],
    }
    return json.dumps(asdict(run.outcome)), json.dumps(progress)


def read_run(row: Row) -> Run:
    """Read a run out of its row."""
    progress = json.loads(row["progress"])
    acts, lists = progress["acts"], {name: tuple(progress[name]) for name in ("calls", "images")}
    decoded = None if acts is None else tuple(decode(act) for act in acts)
    return Run(
        *(row["id"], row["created_at"], row["thread_id"], row["assistant_id"], row["status"]),
        request=json.loads(row["request"]),
        outcome=Outcome(**json.loads(row["outcome"])),
        progress=Progress(**{**progress, **lists, "acts": decoded}),
    )


def find_active_run(store: Store, thread_id: str) -> Run | None:
    """Find the run that locks a thread; there is at most one."""
    marks = ", ".join("?" for _ in ACTIVE)
    row = store.row(
        f"SELECT * FROM runs WHERE thread_id = ? AND status IN ({marks})",  # noqa: S608 - marks only
        *(thread_id, *ACTIVE),
    )
    return read_run(row) if row else None
