"""The task force's page: the risk map in its frame, to be kept as one page or one picture."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from playwright.sync_api import Page
from shapely import MultiPolygon

from api.pages.drawn import LastDrawn
from maps.risk.view import RiskView, Tally
from spatial.errors import Language
from tests.browser.conftest import PHONE, House, keep_screen
from tests.browser.test_permit import file_over_http

Open = Callable[..., Page]


def test_the_risk_map_stands_in_its_frame_and_holds_no_pipe(open_page: Open, house: House) -> None:
    page = open_page("/")
    file_over_http(page, house)
    page = open_page("/risk")
    frame = page.frame_locator("iframe.risk-map")
    frame.locator(".leaflet-container").wait_for()
    frame.get_by_text("西宁").first.wait_for()
    page.wait_for_timeout(500)
    keep_screen(page, "risk")
    with house.server.client() as client:
        answer = client.get("/risk/map")
        assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
        assert "M-1" not in answer.text and "L-7" not in answer.text
        assert 'lang="en"' in client.get("/risk/map?lang=en").text
        picture = client.get("/risk/map.png")
        assert picture.headers["content-type"] == "image/png"
        assert picture.content.startswith(b"\x89PNG\r\n")


def test_on_a_phone_the_risk_map_fits(open_page: Open) -> None:
    page = open_page("/risk", size=PHONE)
    page.frame_locator("iframe.risk-map").locator(".leaflet-container").wait_for()
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    keep_screen(page, "risk-phone")


def test_the_same_state_is_drawn_once_for_each_language_and_a_new_one_anew() -> None:
    drawn: list[tuple[int, str]] = []

    def draw(view: RiskView, language: Language) -> str:
        drawn.append((view.register_revision, language))
        return f"{view.register_revision} {language}"

    nothing = Tally({}, {}, 0)
    view = RiskView(date(2026, 11, 24), (), nothing, nothing, MultiPolygon(), (), 1)
    kept = LastDrawn[str](draw)
    assert [kept.of(replace(view), "zh"), kept.of(view, "zh"), kept.of(view, "en")] == [
        "1 zh",
        "1 zh",
        "1 en",
    ]
    assert kept.of(replace(view, register_revision=2), "zh") == "2 zh"
    assert drawn == [(1, "zh"), (1, "en"), (2, "zh")]
