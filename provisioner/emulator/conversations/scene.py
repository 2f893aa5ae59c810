"""What a run needs around it to go on."""

from dataclasses import dataclass, replace
from typing import Any

from provisioner.emulator.conversations.events import Events
from provisioner.emulator.conversations.run import Run
from provisioner.emulator.conversations.steps import wants_contents
from provisioner.emulator.routing import Call, Service
from provisioner.emulator.store import Store


@dataclass(frozen=True)
class Scene:
    """The service, and whoever wants to be told what happens."""

    service: Service
    events: Events

    @property
    def store(self) -> Store:
        """The database."""
        return self.service.store


def set_scene(call: Call, run_id: str | None = None, *, streamed: bool = False) -> Scene:
    """Set the scene for a request; what happens to a run that is streamed is told to the stream."""
    told = call.service.streamed.get(run_id or "")
    contents = wants_contents(call.query)
    events = Events(call.store, call.version, wanted=streamed, contents=contents)
    return Scene(call.service, told or events)


def move(run: Run, **progress: Any) -> Run:
    """Change where a run stands."""
    return replace(run, progress=replace(run.progress, **progress))


def stage(run: Run, at: float, **progress: Any) -> Run:
    """Begin a stage that nobody has seen yet."""
    return move(run, since=at, looks=0, **progress)
