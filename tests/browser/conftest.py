"""A real browser on a real server over a real database. No page may complain, break its policy or leave the host."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from api.cli import main
from sql.cluster import APP, Cluster
from tests.api.conftest import collection, feature, ring
from tests.api.town import CRS, MAIN, E, N
from tests.support.databases import execute_as_admin
from tests.support.served import Served, served

DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
SCREENS = Path(__file__).parent.parent.parent / "out" / "screens"
REFUSED = "the server responded with a status of 422"
"""What the browser itself notes of an answer that refuses: not a fault of the page."""

YARD = feature(
    "LineString",
    [[E + 120, N - 200], [E + 120, N + 200]],
    id="L-7",
    pressure_class="LP",
    diameter_mm=110,
    kind="courtyard",
    uncertainty_m=0.5,
)

Run = Callable[..., list[dict[str, Any]]]


@dataclass
class House:
    """A running installation: its server, its commands, a folder for files."""

    server: Served
    run: Run
    folder: Path

    @property
    def address(self) -> str:
        return self.server.address

    def write(self, name: str, content: Any) -> Path:
        file = self.folder / name
        file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return file


@dataclass
class Watched:
    """What a page did that it should not."""

    page: Page
    faults: list[str] = field(default_factory=list)


@contextmanager
def town_house(cluster: Cluster, migrated_template: str, folder: Path) -> Iterator[House]:
    """The small town with one main and one yard pipe, everything declared, served."""
    name = f"browser_{folder.name.replace('-', '_')}"
    execute_as_admin(cluster, f"CREATE DATABASE {name} TEMPLATE {migrated_template}")
    url = cluster.url(APP, name)

    def run(*words: object) -> list[dict[str, Any]]:
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as out:
            patch.setenv("PREDIG_DATABASE_URL", url)
            patch.setenv("PREDIG_LANG", "en")
            assert main([*map(str, words), "--json"]) == 0, words
        return [json.loads(line) for line in out.getvalue().splitlines()]

    with served(database_url=url, log=folder / "log") as server:
        made = House(server, run, folder)
        area = made.write("area.geojson", collection(feature("Polygon", ring(E - 5e3, N - 5e3, 1e4, 1e4))))
        whole = made.write(
            "whole.geojson", collection(feature("Polygon", ring(E - 1e3, N - 1e3, 2.4e3, 2.4e3)))
        )
        net = made.write("net.geojson", collection(MAIN, YARD))
        run("utility", "set", "GAS", "--name", "某燃气", "--duty", "0971-1")
        run("network", "import", net, "--utility", "GAS", "--dataset", "town", *CRS, "--id-field", "id")
        run("coverage", "set", area, "--utility", "GAS", *CRS, "--service-area")
        run("coverage", "set", whole, "--utility", "GAS", *CRS, "--max-age-days", 365)
        yield made
        assert "Traceback" not in (folder / "log").read_text(encoding="utf-8")
    execute_as_admin(cluster, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="package")
def house(
    cluster: Cluster, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """One for all files that leave the register as it is; the others make their own."""
    with town_house(cluster, migrated_template, tmp_path_factory.mktemp("house")) as made:
        yield made


@pytest.fixture
def open_page(browser: Browser, house: House) -> Iterator[Callable[..., Page]]:
    """open_page("/alerts", size=PHONE): a page of a new visitor; at the end of the test it must have behaved."""
    watched: list[Watched] = []

    def open_it(
        path: str, size: dict[str, int] = DESKTOP, expected: tuple[str, ...] = (), touch: bool = False
    ) -> Page:
        context = browser.new_context(
            viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", has_touch=touch, is_mobile=touch
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        seen = Watched(page)
        watched.append(seen)
        page.on(
            "console",
            lambda said: (
                seen.faults.append(f"console: {said.text}")
                if said.type == "error" and not any(known in said.text for known in (REFUSED, *expected))
                else None
            ),
        )
        page.on("pageerror", lambda error: seen.faults.append(f"script: {error}"))
        page.on("dialog", lambda dialog: seen.faults.append(f"dialog: {dialog.message}"))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((house.address, "data:", "blob:"))
                else seen.faults.append(f"request to {request.url}")
            ),
        )
        page.add_init_script(
            "document.addEventListener('securitypolicyviolation',"
            " (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`))"
        )
        page.goto(house.address + path)
        return page

    yield open_it
    faults = [fault for seen in watched for fault in seen.faults]
    for seen in watched:
        seen.page.context.close()
    assert faults == []


def keep_screen(page: Page, name: str, *, full: bool = False) -> None:
    """A picture in out/screens, for people."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"{name}.png", full_page=full)
