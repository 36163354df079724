"""The briefing map in a browser whose network is cut: no request, no error, every conflict, foreign text as text."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser

from maps.briefing.map import briefing_map
from maps.plain import plain
from spatial.errors import Language
from spatial.words import PermitStatus
from tests.maps.conftest import Open
from tests.maps.hostile import STRINGS, say_everywhere
from tests.maps.scene import make_view, pit, trench

ELEMENTS = "() => [...document.querySelectorAll('*')].map((one) => one.tagName).sort().join(' ')"
ATTRIBUTES = "() => [...document.querySelectorAll('*')].flatMap((one) => [...one.attributes].map((at) => at.value)).join('\\n')"


A4_PX = 703
"""186 mm: A4 less its margins, at 96 px to the inch."""


def counted(view: Any) -> int:
    return sum(len(judged.screening["conflicts"]) for judged in view.sites)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("width", "height"), [(360, 740), (1280, 900)], ids=["phone", "desk"])
def test_every_conflict_is_on_the_map_and_in_the_table(
    opened: Open, language: Language, width: int, height: int
) -> None:
    view = make_view([trench(), pit()])
    with opened(briefing_map(view, language=language), width=width, height=height) as (page, seen):
        assert seen.all == []
        assert counted(view) >= 8
        marks = page.locator(".folium-map .conflict")
        assert marks.count() == page.locator("tbody[id^=row-]").count() == counted(view)
        numbers = [marks.nth(n).locator("svg text").text_content() for n in range(counted(view))]
        assert sorted(numbers, key=int) == [str(n) for n in range(1, counted(view) + 1)]  # type: ignore[arg-type]
        frame = page.locator(".folium-map").bounding_box()
        for n in range(counted(view)):
            box = marks.nth(n).locator("svg").bounding_box()
            assert frame["x"] <= box["x"] and box["x"] + box["width"] <= frame["x"] + frame["width"]
            assert frame["y"] <= box["y"] and box["y"] + box["height"] <= frame["y"] + frame["height"]
        # A phone is read without moving sideways.
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("#legend li").count() >= 10
        assert page.locator(".scale-bar text").last.text_content().endswith(" m")  # type: ignore[union-attr]


def test_no_mark_hides_another(opened: Open) -> None:
    view = make_view([trench(), pit()])
    with opened(briefing_map(view, language="zh"), width=360, height=740) as (page, _):
        boxes = [mark.bounding_box() for mark in page.locator(".folium-map .conflict svg").all()]
    middles = [(box["x"], box["y"]) for box in boxes]  # type: ignore[index]
    for number, (x, y) in enumerate(middles):
        for other_x, other_y in middles[number + 1 :]:
            assert max(abs(x - other_x), abs(y - other_y)) > 20


@pytest.fixture(scope="module")
def plain_page() -> str:
    return briefing_map(say_everywhere(make_view([trench(), pit()]), "plain words"), language="zh")


@pytest.fixture(scope="module")
def plain_elements(browser: Browser, plain_page: str) -> tuple[str, int]:
    """The elements of the page that says plain words everywhere, and how much its attributes hold."""
    page = browser.new_page()
    page.set_content(plain_page)
    page.wait_for_selector("body[data-ready]", state="attached")
    found = page.evaluate(ELEMENTS), len(page.evaluate(ATTRIBUTES))
    page.close()
    return found


def test_there_are_forty_hostile_texts() -> None:
    assert len(set(STRINGS)) >= 40


@pytest.mark.parametrize("number", range(len(STRINGS)))
def test_foreign_text_stays_text(opened: Open, plain_elements: tuple[str, int], number: int) -> None:
    text = STRINGS[number]
    view = say_everywhere(make_view([trench(), pit()]), text)
    elements, attributes = plain_elements
    with opened(briefing_map(view, language="zh")) as (page, seen):
        page.locator(".leaflet-pipes-pane path.leaflet-interactive").first.dispatch_event("click")
        assert seen.all == []
        assert page.evaluate("window.struck") is None
        page.evaluate("document.getElementById('info').replaceChildren()")
        # Not one element more, less or other than with plain words; and no attribute holds any of it.
        assert page.evaluate(ELEMENTS) == elements
        assert text not in page.evaluate(ATTRIBUTES)
        assert len(page.evaluate(ATTRIBUTES)) < attributes + 2_000
        shown = page.evaluate("document.body.textContent")
        said = plain(text)
        assert shown.count(said) >= 20 or text.startswith("\ud800")
        assert not re.search("[\u202a-\u202e\u2066-\u2069\x1b]", page.locator("#sheet").inner_text())


def test_the_check_for_injected_elements_can_fail(opened: Open, plain_page: str) -> None:
    broken = plain_page.replace('<section id="legend">', '<section id="legend"><img alt="">')
    with opened(plain_page) as (page, _):
        elements = page.evaluate(ELEMENTS)
    with opened(broken) as (page, _):
        assert page.evaluate(ELEMENTS) != elements


def test_a_script_that_is_not_the_page_s_own_does_not_run(opened: Open, plain_page: str) -> None:
    """The second wall: even markup that got in would be stopped by the page's policy."""
    broken = plain_page.replace(
        "</body>", "<script>window.struck = 1</script><img src='https://evil.example/'></body>"
    )
    with opened(broken) as (page, seen):
        assert page.evaluate("window.struck") is None
        assert any("Content Security Policy" in line for line in seen.console)
        assert seen.requests == []


def test_a_tap_tells_of_the_pipe(opened: Open) -> None:
    with opened(briefing_map(make_view(), language="en")) as (page, seen):
        page.locator(".leaflet-pipes-pane path.leaflet-interactive").first.dispatch_event("click")
        assert "crossing" in page.locator("#info").inner_text()
        page.locator("#info button").click()
        assert page.locator("#info").is_hidden()
        assert seen.all == []


def test_only_digits_make_a_number_to_call(opened: Open) -> None:
    with opened(briefing_map(make_view(), language="en")) as (page, _):
        links = {link.get_attribute("href") for link in page.locator("a.phone").all()}
        assert links == {"tel:09711"}
    with opened(briefing_map(say_everywhere(make_view(), "javascript:alert(1)"), language="en")) as (page, _):
        assert page.locator("a.phone").count() == 0


def test_on_paper_reasons_are_open_and_the_scale_is_round(opened: Open) -> None:
    with opened(briefing_map(make_view(), language="en"), width=A4_PX) as (page, seen):
        assert page.locator("details[open]").count() == 0
        page.emulate_media(media="print")
        page.wait_for_selector("body.on-paper")
        assert page.locator("details:not([open])").count() == 0
        said = page.locator(".print-scale").inner_text()
        scale = int(re.search(r"1:(\d+)", said)[1])  # type: ignore[index]
        assert scale in (200, 250, 500, 1000)
        # The bar agrees with the scale: its metres over its length on paper (96 px to the inch).
        bar = page.locator(".folium-map .scale-bar")
        metres = float(bar.locator("text").last.text_content().removesuffix(" m"))  # type: ignore[union-attr]
        width_px = sum(rect.bounding_box()["width"] for rect in bar.locator("rect").all()) - 4
        assert metres / (width_px / 96 * 0.0254) == pytest.approx(scale, rel=0.02)
        assert page.locator(".folium-map .conflict").count() == page.locator("tbody[id^=row-]").count()
        page.emulate_media(media="screen")
        page.wait_for_selector("body:not(.on-paper)")
        assert page.locator("details[open]").count() == 0
        assert seen.all == []


def test_sites_far_apart_are_looked_at_one_by_one_and_each_printed(opened: Open) -> None:
    view = make_view([trench(), pit(900.0), pit(1_800.0)])
    with opened(briefing_map(view, language="en")) as (page, seen):
        assert page.locator(".choice button").count() == 4
        assert page.locator(".choice [aria-pressed=true]").inner_text() == "1"
        page.emulate_media(media="print")
        page.wait_for_selector("body.on-paper")
        assert page.locator(".picture").count() == 3
        page.emulate_media(media="screen")
        page.wait_for_selector("body:not(.on-paper)")
        assert page.locator(".picture").count() == 0
        assert seen.all == []


def test_a_pending_permit_is_said_to_be_pending_first(opened: Open) -> None:
    with opened(briefing_map(make_view(status=PermitStatus.PENDING), language="zh"), width=360) as (page, _):
        assert "待判定" in page.locator("h1").inner_text()
        assert "可能已过时" in page.locator(".banner").inner_text()
        assert page.locator("h1").bounding_box()["y"] < 120


def test_a_map_without_judgement_opens(opened: Open) -> None:
    with opened(briefing_map(make_view(judged=False, status=PermitStatus.PENDING), language="zh")) as (
        page,
        seen,
    ):
        assert seen.all == []
        assert "不等于没有管道" in page.locator(".banner").inner_text()


def test_tiles_that_do_not_come_leave_the_map_readable(opened: Open) -> None:
    tiles = "https://t{s}.tianditu.gov.cn/img?l={z}&x={x}&y={y}"
    with opened(briefing_map(make_view(), language="zh", tiles=tiles)) as (page, seen):
        assert all(".tianditu.gov.cn/" in url for url in seen.requests)
        assert seen.requests
        assert seen.errors == []
        assert "天地图" in page.locator(".leaflet-control-attribution").inner_text()
        assert page.locator(".folium-map .conflict").count() > 3
