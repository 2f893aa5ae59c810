"""The emulator inside another program, in a thread of its own."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from provisioner.emulator.server import Server, base_url, listen, open_server
from provisioner.emulator.settings import EmulatorSettings


class _PromptServer(Server):
    """A server that stops when told to, without the waits that uvicorn has for the wide world."""

    def stop(self) -> None:
        """Stop, from any thread."""
        self._loop.call_soon_threadsafe(self._stopped.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopped = asyncio.Event()
        await super().startup(sockets)

    async def main_loop(self) -> None:
        ticking = asyncio.create_task(super().main_loop())
        await self._stopped.wait()
        ticking.cancel()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.close_streams()
        for closing in (*self.servers, *(sockets or ())):
            closing.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        # A turn of the loop lets idle connections close; answers on their way get a second.
        await asyncio.sleep(0)
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=1)


@contextmanager
def running(settings: EmulatorSettings) -> Iterator[str]:
    """Run an emulator on a free loopback port; give its base URL, and stop it on leaving."""
    listener = listen("127.0.0.1", 0)
    url = base_url(listener)
    ready = threading.Event()
    with open_server(settings, listener, ready.set, _PromptServer) as server:
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        ready.wait()
        try:
            yield url
        finally:
            server.stop()
            thread.join()
