"""A browser with its network cut, and what it noticed of a page."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, Route


@dataclass
class Seen:
    """What a page did that it should not: all empty when all is well."""

    requests: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    @property
    def all(self) -> list[str]:
        return self.requests + self.console + self.errors + self.dialogs


Open = Callable[..., Any]


@pytest.fixture(scope="package")
def window(browser: Browser) -> Iterator[Page]:
    """One for all pages, each from a file with the cable pulled: a process for each costs more than what it shows."""
    context = browser.new_context(offline=True)
    yield context.new_page()
    context.close()


@pytest.fixture
def opened(window: Page, tmp_path: Path) -> Open:
    """Open a page, nothing left of the last: `with opened(html, width=360) as (page, seen)`."""

    @contextmanager
    def open_page(html: str, *, width: int = 1280, height: int = 900) -> Iterator[tuple[Page, Seen]]:
        file = tmp_path / "page.html"
        file.write_text(html, encoding="utf-8")
        seen = Seen()

        def route(one: Route, request: Request) -> None:
            if request.url == file.as_uri():
                one.continue_()
            else:
                seen.requests.append(request.url)
                one.abort()

        listeners: dict[str, Callable[[Any], None]] = {
            "console": lambda message: seen.console.append(message.text),
            "pageerror": lambda error: seen.errors.append(str(error)),
            "dialog": lambda dialog: (seen.dialogs.append(dialog.message), dialog.dismiss())[0],
        }
        window.goto("about:blank")
        window.set_viewport_size({"width": width, "height": height})
        window.emulate_media(media="null")
        window.route("**/*", route)
        for event, listener in listeners.items():
            window.on(event, listener)  # type: ignore[call-overload]
        try:
            window.goto(file.as_uri())
            window.wait_for_selector("body[data-ready]", timeout=20_000, state="attached")
            yield window, seen
        finally:
            for event, listener in listeners.items():
                window.remove_listener(event, listener)
            window.unroute_all()

    return open_page
