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


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Open:
    """Open a page from a file with the cable pulled: `with opened(html, width=360) as (page, seen)`."""

    @contextmanager
    def open_page(html: str, *, width: int = 1280, height: int = 900) -> Iterator[tuple[Page, Seen]]:
        file = tmp_path / "page.html"
        file.write_text(html, encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": height}, offline=True)
        page, seen = context.new_page(), Seen()

        def route(one: Route, request: Request) -> None:
            if request.url == file.as_uri():
                one.continue_()
            else:
                seen.requests.append(request.url)
                one.abort()

        context.route("**/*", route)
        page.on("console", lambda message: seen.console.append(message.text))
        page.on("pageerror", lambda error: seen.errors.append(str(error)))
        page.on("dialog", lambda dialog: (seen.dialogs.append(dialog.message), dialog.dismiss()))
        page.goto(file.as_uri())
        page.wait_for_selector("body[data-ready]", timeout=20_000, state="attached")
        yield page, seen
        context.close()

    return open_page
