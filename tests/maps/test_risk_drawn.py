"""The risk map as people get it: one page that asks nobody for anything, one picture, the same bytes every time."""

import struct
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO

import pytest
import shapely
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.image import imread
from shapely.geometry import MultiPolygon

from maps.counties import counties_of
from maps.policy import policy_of
from maps.risk import sheet as risk_sheet
from maps.risk.map import risk_html
from maps.risk.picture import FONT, SHEET_MM, risk_png
from maps.risk.words import WORDS
from maps.styles import GRADE_MARKS, OUTCOME_MARKS
from spatial.errors import Language
from spatial.words import Outcome
from tests.maps.conftest import Open
from tests.maps.hostile import STRINGS
from tests.maps.risk_scene import busy, make_risk, tally


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("width", "height"), [(1600, 1000), (390, 800)], ids=["desk", "phone"])
def test_the_page_opens_without_a_network(opened: Open, language: Language, width: int, height: int) -> None:
    with opened(risk_html(busy(), language), width=width, height=height) as (page, seen):
        assert seen.all == []
        assert page.locator("tr[data-code]").count() == 45
        assert page.locator("h1").text_content() == risk_sheet.title(language)
        assert page.locator("#legend li").count() == 8
        assert page.locator(".leaflet-control-scale-line").text_content().endswith("km")
        assert page.locator(".place:not(.crowded)").count() >= 15
        fills = page.evaluate(
            "() => [...document.querySelectorAll('.leaflet-pane path')].map((one) => one.getAttribute('fill'))"
        )
        assert fills.count("url(#cross)") == 34 and fills.count("url(#hatch)") >= 5
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_capital_can_be_looked_at_and_every_county_chosen(opened: Open) -> None:
    with opened(risk_html(busy(), "zh"), width=1600) as (page, seen):
        before = page.locator(".place:not(.crowded)", has_text="城西区").count()
        page.get_by_role("button", name="西宁市区").click()
        page.wait_for_timeout(700)
        assert before == 0 and page.locator(".place:not(.crowded)", has_text="城西区").count() == 1
        page.locator("tr[data-code='632701'] td.county").click()
        assert page.locator("tr.chosen").get_attribute("data-code") == "632701"
        assert seen.all == []


def test_paper_gets_the_whole_province_on_one_sheet(opened: Open) -> None:
    with opened(risk_html(busy(), "zh"), width=1600) as (page, seen):
        pdf = page.pdf(prefer_css_page_size=True)
        assert b"/Count 1\n" in pdf or b"/Count 1/" in pdf or b"/Count 1 " in pdf or b"/Count 1>" in pdf
        assert b"/MediaBox [0 0 1191" in pdf, "A3 lying"
        assert seen.all == []


def test_hostile_names_stay_text(opened: Open) -> None:
    view = make_risk({"630102": {"utilities": tuple(STRINGS), "tally": tally(clear=1)}}, unbounded=STRINGS)
    with opened(risk_html(view, "zh"), width=1600) as (page, seen):
        assert seen.all == []
        shown = page.locator("tr[data-code='630102'] td.firms").text_content()
        assert shown == "、".join(STRINGS)


def test_the_policy_lets_nothing_in() -> None:
    policy = policy_of(risk_html(busy(), "zh"))
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy and "http" not in policy
    assert "https://*.example" in policy_of(risk_html(busy(), "zh", "https://t{s}.example/{z}/{x}/{y}.png"))


def test_the_page_is_small_and_says_where_its_borders_are_from() -> None:
    html = risk_html(busy(), "zh")
    assert len(html.encode()) < 1_500_000
    assert "天地图行政区划" in html and "内部资料" in html and "2026年11月23日" in html


def test_the_same_day_gives_the_same_bytes_in_another_process() -> None:
    code = (
        "import hashlib\nfrom tests.maps.risk_scene import busy\nfrom maps.risk.map import risk_html, risk_png\n"
        "v = busy()\nprint(hashlib.sha256(risk_html(v, 'zh').encode() + risk_png(v, 'zh')).hexdigest())"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1 and len(said.pop()) == 65


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        at += 12 + size


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_picture_is_an_a3_sheet_that_names_no_software_and_no_day(language: Language) -> None:
    """Matplotlib warns of a glyph that its font lacks, and warnings are errors here."""
    parts = dict(chunks(risk_png(busy(), language)))
    width, height = struct.unpack(">II", parts[b"IHDR"][:8])
    assert abs(width / 200 * 25.4 - SHEET_MM[0]) < 0.3 and abs(height / 200 * 25.4 - SHEET_MM[1]) < 0.3
    assert set(parts) == {b"IHDR", b"pHYs", b"IDAT", b"IEND"}


def test_the_font_has_every_sign_the_sheet_can_need() -> None:
    known = get_font(findfont(FontProperties(family=FONT), fallback_to_default=False)).get_charmap()
    marks = [mark.shape for mark in (*GRADE_MARKS.values(), OUTCOME_MARKS[Outcome.CANNOT_TELL])]
    names = [name for one in counties_of() for name in (one.name, one.short_name, one.prefecture)]
    said = "".join(
        [*marks, *names, *(text for pair in WORDS.values() for text in pair), "0123456789.,%<>—？?（）IV"]
    )
    assert {sign for sign in said if ord(sign) not in known} == set()


def inked(png: bytes) -> int:
    """How many pixels are not white."""
    return int((imread(BytesIO(png))[..., :3] < 0.99).any(axis=-1).sum())


def test_unknown_ground_takes_ink_and_vouched_ground_does_not() -> None:
    known = {one.code: {"register_as_of": busy().on} for one in counties_of()}
    all_known = make_risk(known, vouched=MultiPolygon([shapely.box(85, 30, 105, 41)]))
    part_known = make_risk(known)
    assert (
        inked(risk_png(make_risk(), "zh"))
        > inked(risk_png(part_known, "zh"))
        > 1.5 * inked(risk_png(all_known, "zh"))
    )


def test_an_empty_province_can_be_drawn(opened: Open) -> None:
    assert inked(risk_png(make_risk(), "en")) > 0
    with opened(risk_html(make_risk(), "zh")) as (page, seen):
        assert seen.all == [] and page.locator("td.lack").count() == 45
