"""What can be set on an emulator."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class EmulatorSettings:
    """One emulated Azure OpenAI resource; the defaults take any key and any model."""

    data: Path | None = None
    """Folder that keeps everything across restarts; without it, memory."""
    api_key: str | None = None
    """The only key accepted, as `api-key` or as bearer token; without it, any."""
    deployments: frozenset[str] | None = None
    """Names that `model` may have; without them, any."""
    latency_ms: int = 0
    """Waited before every answer."""
    rate: int | None = None
    """Requests let through per second; more are answered 429."""
    indexing_seconds: float = 0.5
    """How long files that came with a new store or in a batch are `in_progress`."""
    attach_seconds: float = 0.0
    """The same for one file attached alone: recorded as done two requests later."""
    fail_indexing: str | None = None
    """Names of files (`*` stands for anything) that vector stores fail to index."""
    file_downloads: bool = False
    """Whether bytes of files with purpose `assistants` are given out: nobody knows for Azure."""
    step_seconds: float = 0.3
    """How long a run is queued, thinks, and takes for each step, unless it is looked at sooner."""
    transcript: Path | None = None
    """A file that says what the model answers; without it, an echo."""
    model_url: str | None = None
    """An endpoint of OpenAI's chat completions that answers what no transcript does."""
    clock: Callable[[], float] = time.time
    """Seconds since 1970."""
