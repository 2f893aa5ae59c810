"""`--debug`: every request on stderr, without headers and bodies."""

from __future__ import annotations

import logging

from provisioner.cli.terminal import say
from provisioner.views import escape

_LOGGER = logging.getLogger("provisioner.requests")


class _Teller(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        say(f"debug: {escape.line(record.getMessage())}")


def begin() -> None:
    """Tell of every request from now on."""
    _LOGGER.propagate = False
    _LOGGER.handlers = [_Teller()]
    _LOGGER.setLevel(logging.DEBUG)


def stop() -> None:
    """Tell of no request, until somebody asks for it."""
    _LOGGER.setLevel(logging.WARNING)
