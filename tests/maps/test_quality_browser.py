"""The quality report in a browser whose network is cut: nothing asked, nothing complained of, foreign text as text."""

import re

import pytest

from maps.plain import plain
from maps.quality.map import quality_html
from spatial.errors import Language
from tests.maps.conftest import Open
from tests.maps.hostile import STRINGS
from tests.maps.quality_scene import quality_view
from tests.maps.test_briefing_browser import A4_PX, ATTRIBUTES, ELEMENTS


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [360, 1280], ids=["phone", "desk"])
def test_the_report_opens_without_a_network(opened: Open, language: Language, width: int) -> None:
    with opened(quality_html(quality_view(), language), width=width) as (page, seen):
        assert seen.all == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert ("内部资料" if language == "zh" else "Internal") in page.inner_text("#kind")
        assert "43" in page.inner_text(".sum") and "41" in page.inner_text(".sum")
        assert page.locator("#checks tbody tr").count() == 3
        assert page.locator("#rows tbody tr").count() == 2
        assert page.locator(".plot").count() == 8
        assert page.locator(".cross").count() == 1
        assert page.locator("#legend li").count() == 4 + 3


def test_the_network_is_drawn_in_the_colours_of_its_classes(opened: Open) -> None:
    with opened(quality_html(quality_view(), "zh")) as (page, seen):
        painted = page.evaluate(
            """() => {
              const canvas = document.querySelector(".leaflet-overlay-pane canvas");
              const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
              const seen = new Set();
              for (let at = 0; at < data.length; at += 4) if (data[at + 3] === 255) seen.add([data[at], data[at + 1], data[at + 2]].join());
              return [...seen];
            }"""
        )
        for colour in ((0x8F, 0x1A, 0x73), (0x47, 0x15, 0x6F)):
            assert ",".join(map(str, colour)) in painted
        assert seen.all == []


def test_a_check_is_shown_on_the_map(opened: Open) -> None:
    with opened(quality_html(quality_view(), "en")) as (page, seen):
        page.locator("#checks tr.error button").click()
        assert "2 this line has no length" in page.inner_text("#info")
        assert page.locator(".cross").count() == 1
        page.locator("#checks tr.warning button").click()
        assert page.locator(".cross").count() == 0
        page.locator(".views button").click()
        assert page.locator(".cross").count() == 1 and page.locator("#info").is_hidden()
        assert seen.all == []


def test_on_paper_the_map_fits(opened: Open) -> None:
    with opened(quality_html(quality_view(), "zh"), width=A4_PX) as (page, seen):
        page.emulate_media(media="print")
        page.wait_for_selector("body.on-paper")
        assert page.locator(".folium-map").bounding_box()["width"] <= A4_PX
        assert page.locator("#checks button").first.is_hidden()
        page.emulate_media(media="screen")
        page.wait_for_selector("body:not(.on-paper)")
        assert seen.all == []


@pytest.mark.parametrize("half", [0, 1], ids=["even", "odd"])
def test_foreign_text_stays_text(opened: Open, half: int) -> None:
    """All hostile texts but the overlong one, half of them at a time: `plain` would cut off what follows."""
    text = " ".join(one for one in STRINGS[half::2] if len(one) < 1_000)
    with opened(quality_html(quality_view("plain words"), "zh")) as (page, _):
        elements, attributes = page.evaluate(ELEMENTS), len(page.evaluate(ATTRIBUTES))
    with opened(quality_html(quality_view(text), "zh")) as (page, seen):
        assert seen.all == []
        assert page.evaluate("window.struck") is None
        assert page.evaluate(ELEMENTS) == elements
        assert len(page.evaluate(ATTRIBUTES)) < attributes + 2_000
        assert page.evaluate("document.body.textContent").count(plain(text)) >= 8
        assert not re.search("[\u202a-\u202e\u2066-\u2069\x1b]", page.locator("#sheet").inner_text())


def test_the_same_view_gives_the_same_bytes_and_no_address() -> None:
    page = quality_html(quality_view(), "zh")
    assert page == quality_html(quality_view(), "zh") != quality_html(quality_view(revision=8), "zh")
    own = page[page.index('id="data"') :]
    assert "http" not in own[: own.index("</script>")] and 'src="' not in page
