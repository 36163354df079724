"""The section of a trench and the path of a bore, filled in on the page, are judged as the command line judges them."""

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from tests.browser.conftest import PHONE, House, keep_screen
from tests.browser.hand import draw, file_it, fill_in, go_to, told

Open = Callable[..., Page]


def facts(screenings: list[dict[str, Any]]) -> list[Any]:
    """What a foreman goes by: conflicts with their crossings, and the stretches."""
    return [
        (
            sorted(
                (
                    row["source_id"],
                    row["grade"],
                    row["clearance_m"],
                    row["requirement"],
                    json.dumps(row["crossings"], sort_keys=True),
                )
                for row in screening["conflicts"]
            ),
            screening["sections"],
        )
        for screening in screenings
    ]


def filed(page: Page, house: House) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    fill_in(page)
    permit_id, body = file_it(page)
    found = page.context.request.get(f"{house.address}/v1/permits/{permit_id}").json()
    return found["screenings"], body


def test_a_trench_with_its_section_is_judged_as_wide_as_it_is_opened(open_page: Open, house: House) -> None:
    page = open_page("/")
    go_to(page)
    draw(page, "line", (-120, 20), (60, 20))
    page.select_option("[name=drawn]", "surveyed")
    page.select_option("[name=method]", "mechanical")
    page.fill("[name=depth_m]", "2.2")
    page.click("#section > summary")
    assert "填深度和沟底宽" in page.inner_text("#sketch")
    page.fill("[name=bottom_width_m]", "0.8")
    assert "上口 7.40 m" in page.inner_text("#sketch") and "1:1.5" in page.inner_text("#sketch")
    page.select_option("[name=walls]", "sloped")
    page.fill("[name=slope]", "1:0.67")
    assert "上口 3.75 m" in page.inner_text("#sketch") and "尚待核实" not in page.inner_text("#sketch")
    page.wait_for_timeout(300)  # the verdict of before must not be taken for this one
    told(page)
    keep_screen(page, "ask-section")
    screenings, body = filed(page, house)
    assert (body["bottom_width_m"], body["slope"], body["drawn"]) == (0.8, "1:0.67", "surveyed")
    assert screenings[0]["site"]["half_width_m"] == 1.874
    again = house.run(
        *("screen", house.write("section.geojson", body["plan"]), "--crs", "EPSG:4490", "--act", "excavate"),
        *("--method", "mechanical", "--depth-m", 2.2, "--bottom-width-m", 0.8, "--slope", "1:0.67"),
        *("--drawn", "surveyed"),
    )
    assert facts(again) == facts(screenings) and len(again[0]["sections"]) > 1


def test_shored_walls_stand_upright(open_page: Open) -> None:
    page = open_page("/?lang=en")
    page.wait_for_load_state()
    page.fill("[name=depth_m]", "2.2")
    page.click("#section > summary")
    page.fill("[name=bottom_width_m]", "0.8")
    page.select_option("[name=walls]", "shored")
    assert "top 0.80 m" in page.inner_text("#sketch") and not page.is_visible("#slope")


def test_a_slope_that_is_none_is_told_at_its_field(open_page: Open) -> None:
    page = open_page("/")
    go_to(page)
    draw(page, "line", (-120, 20), (60, 20))
    page.click("#section > summary")
    page.select_option("[name=walls]", "sloped")
    page.fill("[name=slope]", "steep")
    page.wait_for_selector("label:has([name=slope][aria-invalid=true]) .fault >> text=1:0.67")


def test_a_bore_with_its_path_is_judged_in_space(open_page: Open, house: House) -> None:
    page = open_page("/")
    go_to(page)
    page.uncheck("[name=acts][value=excavate]")
    page.check("[name=acts][value=bore]")
    assert page.is_visible("#bore") and not page.is_visible("#section")
    draw(page, "line", (-120, 20), (-20, 20), (60, 20))
    page.select_option("[name=method]", "trenchless")
    page.click("#bore > summary")
    page.fill("[name=bore_depths]", "0.5, four, 0.5")
    page.wait_for_selector("#bore-fault:not([hidden])")
    page.fill("[name=bore_depths]", "0.5，4")
    page.wait_for_selector("#verdict[data-state=refused]")
    page.fill("[name=bore_depths]", "0.5，4、0.5")
    page.fill("[name=bore_diameter]", "110")
    page.fill("[name=bore_plan]", "0.3")
    page.fill("[name=bore_depth]", "0.3")
    page.wait_for_timeout(300)
    assert "探坑" in told(page)
    keep_screen(page, "ask-bore")
    screenings, body = filed(page, house)
    bore = body["plan"]["features"][0]["properties"]["bore"]
    assert bore == {
        "depths_m": [0.5, 4, 0.5],
        "diameter_mm": 110,
        "plan_accuracy_m": 0.3,
        "depth_accuracy_m": 0.3,
    }
    again = house.run(
        *("screen", house.write("bore.geojson", body["plan"]), "--crs", "EPSG:4490", "--act", "bore"),
        *("--method", "trenchless", "--drawn", "screen"),
    )
    assert facts(again) == facts(screenings)
    assert any(row["crossings"] for row in again[0]["conflicts"])


def test_on_a_phone_the_section_fits(open_page: Open) -> None:
    page = open_page("/", size=PHONE)
    page.wait_for_load_state()
    page.fill("[name=depth_m]", "2.2")
    page.click("#section > summary")
    page.fill("[name=bottom_width_m]", "0.8")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    page.locator("#sketch").scroll_into_view_if_needed()
    keep_screen(page, "ask-section-phone")
