"""What a run needs around it to go on."""

from dataclasses import dataclass, replace
from typing import Any

from provisioner.emulator.conversations.events import Events
from provisioner.emulator.conversations.run import Run
from provisioner.emulator.routing import Call, Service
from provisioner.emulator.store import Store
from provisioner.emulator.versions import ApiVersion


@dataclass(frozen=True)
class Scene:
    """The service, and whoever wants to be told what happens."""

    service: Service
    events: Events

    @property
    def store(self) -> Store:
        """The database."""
        return self.service.store


def make_scene(service: Service, version: ApiVersion, *, streamed: bool = False) -> Scene:
    """Set a scene for one request or for one look of a stream."""
    return Scene(service, Events(service.store, version, wanted=streamed))


def scene_of(call: Call, *, streamed: bool = False) -> Scene:
    """Set the scene for a request."""
    return make_scene(call.service, call.version, streamed=streamed)


def move(run: Run, **progress: Any) -> Run:
    """Change where a run stands."""
    return replace(run, progress=replace(run.progress, **progress))


def stage(run: Run, at: float, **progress: Any) -> Run:
    """Begin a stage that nobody has seen yet."""
    return move(run, since=at, looks=0, **progress)
