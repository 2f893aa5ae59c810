"""A real browser, without a window and without a network."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "views"))

from provisioner.plan import Plan
from provisioner.views import plan_html

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
]
WATCH = """
window.broken = [];
addEventListener("securitypolicyviolation", (event) => window.broken.push(event.blockedURI));
"""


@dataclass(frozen=True)
class Opened:
    """A page in the browser, and what it did."""

    page: Page
    url: str
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def texts(self, selector: str) -> list[str]:
        """List what is in the elements that aren't hidden."""
        found = self.page.locator(selector).all()
        return [str(each.text_content()).strip() for each in found if each.is_visible()]

    def is_too_wide(self) -> bool:
        """Say whether the page scrolls sideways."""
        element = "document.documentElement"
        return bool(self.page.evaluate(f"{element}.scrollWidth > {element}.clientWidth"))


Show = Callable[..., Opened]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run one browser for all tests of a file."""
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip("no Chromium: script/browser installs it, as root where there is apt")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Show]:
    """Give a function that opens the page of a plan; options are the browser context's."""
    contexts = []

    def opened(plan: Plan, fragment: str = "", **options: Any) -> Opened:
        path = tmp_path / "plan.html"
        path.write_text(plan_html.render(plan), encoding="utf-8")
        context = browser.new_context(**options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        context.add_init_script(WATCH)
        shown = Opened(context.new_page(), path.as_uri())
        context.on("request", lambda request: shown.requests.append(request.url))
        shown.page.on("pageerror", lambda error: shown.errors.append(str(error)))
        shown.page.on("dialog", lambda dialog: shown.errors.append(dialog.message))
        shown.page.goto(f"{shown.url}{fragment}")
        return shown

    yield opened
    for each in contexts:
        each.close()
