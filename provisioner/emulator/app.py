"""The whole emulator as one ASGI application."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from provisioner.emulator import (
    assistant_files,
    assistants,
    files,
    vector_store_files,
    vector_stores,
)
from provisioner.emulator.conversations import messages, run_actions, runs, step_routes, threads
from provisioner.emulator.errors import no_such_route
from provisioner.emulator.gateway import Gateway
from provisioner.emulator.models.selection import make_model
from provisioner.emulator.routing import Service, json_response, make_routes, read_to_end
from provisioner.emulator.settings import EmulatorSettings
from provisioner.emulator.store import Store

_CONVERSATIONS = (runs, run_actions, step_routes, messages, threads)
_MODULES = (assistants, assistant_files, files, vector_stores, vector_store_files, *_CONVERSATIONS)


def create_app(settings: EmulatorSettings, store: Store) -> Starlette:
    """Make an application that serves the resource held in `store`."""
    service = Service(settings, store, make_model(settings))
    endpoints = [endpoint for module in _MODULES for endpoint in module.endpoints()]
    app = Starlette(
        routes=make_routes(service, endpoints),
        middleware=[Middleware(Gateway, settings=settings)],
        exception_handlers={HTTPException: _unknown_route},
    )
    app.state.closing = service.closing
    # A trailing slash is another path, as at the gateway; no redirect leads back.
    app.router.redirect_slashes = False
    return app


async def _unknown_route(request: Request, _error: Exception) -> Response:
    await read_to_end(request.receive)
    error = no_such_route()
    return json_response(error.body, error.status)
