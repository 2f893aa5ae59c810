"""The template of the page, filled: everything untrusted is made safe here."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from provisioner import __version__
from provisioner.views import escape
from provisioner.views.page.overview import Page

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDER = files(__package__) / "templates"


def filled(page: Page) -> str:
    """Write the page; it loads nothing, and a policy lets nothing run but its own script."""
    from markupsafe import Markup  # here: only who wants a page pays for the templates

    style, script = (_FOLDER.joinpath(name).read_text("utf-8") for name in ("page.css", "page.js"))
    template = _environment().get_template("page.html")
    return template.render(
        page=page,
        version=__version__,
        style=Markup(style),  # noqa: S704 - our own files
        script=Markup(script),  # noqa: S704
        style_hash=_hash(style),
        script_hash=_hash(script),
    )


def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    return Environment(
        loader=FunctionLoader(lambda name: _FOLDER.joinpath(name).read_text("utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _visible(value: Any) -> Any:
    """Make control characters visible; markup is ours already."""
    is_text = isinstance(value, str) and not hasattr(value, "__html__")
    return escape.text(value) if is_text else value


def _hash(text: str) -> str:
    """Name a text as a content security policy does."""
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
