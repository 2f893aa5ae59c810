"""The emulator as a server: ready when it says so, and gone cleanly when told to."""

import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any, TypeVar

import uvicorn

from provisioner.emulator.app import create_app
from provisioner.emulator.settings import EmulatorSettings
from provisioner.emulator.store import Store


class Server(uvicorn.Server):
    """A server that calls back once it takes connections."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        self._on_ready()

    def close_streams(self) -> None:
        """Let streams end, which would otherwise be cut off by force."""
        app: Any = self.config.app
        app.state.closing.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, and let requests under way end."""
        self.close_streams()
        await super().shutdown(sockets)


ServerKind = TypeVar("ServerKind", bound=Server)


@contextmanager
def open_server(
    settings: EmulatorSettings,
    listener: socket.socket,
    on_ready: Callable[[], None],
    kind: type[ServerKind],
) -> Iterator[ServerKind]:
    """Give a server over `listener` that is not running yet; close its database in the end."""
    with closing(listener), closing(Store(settings.data)) as store:
        config = uvicorn.Config(
            create_app(settings, store),
            access_log=False,
            log_level="error",
            # uvicorn's own set-up of logging needs an open stdout.
            log_config=None,
            lifespan="off",
            ws="none",
            # The service names itself by its own headers only.
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        yield kind(config, on_ready)


def listen(host: str, port: int) -> socket.socket:
    """Bind a socket; port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def base_url(listener: socket.socket) -> str:
    """Give the address under which a socket is reached."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(settings: EmulatorSettings, host: str = "127.0.0.1", port: int = 8787) -> None:
    """Serve until SIGTERM or SIGINT; says `listening on http://HOST:PORT` when really ready."""
    listener = listen(host, port)
    line = f"listening on {base_url(listener)}\n"

    def announce() -> None:
        sys.stdout.write(line)
        sys.stdout.flush()

    with open_server(settings, listener, announce, Server) as server, _quiet_signals():
        server.run(sockets=[listener])


@contextmanager
def _quiet_signals() -> Iterator[None]:
    # After its own shutdown uvicorn raises the signal again for whoever stands behind it: here
    # nobody, or else a clean end would look like a crash.
    names = (signal.SIGTERM, signal.SIGINT)
    before = {name: signal.signal(name, lambda *_: None) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
