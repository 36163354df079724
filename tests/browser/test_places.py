"""Where the ground is: by points known in the drawing and on the earth, by the phone, and what a wrong system looks like."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from pyproj import Transformer

from tests.api.conftest import collection
from tests.api.town import AT_THE_MAIN, E, N
from tests.browser.conftest import DESKTOP, PHONE, House, keep_screen
from tests.browser.hand import file_it, fill_in, go_to, told
from tests.ingest.drawn import drawing, saved

Open = Callable[..., Page]

LONLAT = Transformer.from_crs("EPSG:4543", "EPSG:4490", always_xy=True)
PIT = [(0.0, 0.0), (20.0, 0.0), (20.0, 14.0), (0.0, 14.0)]
AXIS = [(-20.0, -8.0), (80.0, -8.0), (80.0, 40.0)]
PHONE_AT = {"longitude": 101.7775, "latitude": 36.6080}


def there(x: float, y: float) -> tuple[float, float]:
    """Where a place of the drawing is: its origin lies 60 m along the main and 20 m north of it."""
    lon, lat = LONLAT.transform(E + 60 + x, N + 20 + y)
    return lon, lat


def dxf(house: House) -> Any:
    document: Any = drawing()
    document.modelspace().add_lwpolyline(PIT, close=True)
    document.modelspace().add_lwpolyline(AXIS)
    return saved(document, house.folder / "独立坐标.dxf")


def pick(page: Page, corner: int) -> None:
    """Click a corner of the sketch."""
    page.locator("#plan-sketch").scroll_into_view_if_needed()
    box = page.locator("#plan-sketch .corner").nth(corner).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


@pytest.mark.parametrize(("path", "size"), [("/", DESKTOP), ("/?lang=en", PHONE)])
def test_a_drawing_of_its_own_numbers_is_laid_by_known_points_and_filed(
    open_page: Open, house: House, path: str, size: dict[str, int]
) -> None:
    page = open_page(path, size=size)
    page.click("[data-mode=upload]")
    page.set_input_files("#file", dxf(house))
    page.wait_for_selector("#points-are[aria-invalid=true]")
    page.select_option("#points-are", "area")
    page.wait_for_selector("#systems .fault")
    page.select_option("#crs", "points")
    page.wait_for_selector("#plan-sketch svg")
    assert page.locator("#plan-sketch .corner").count() == 7
    assert (
        page.get_attribute("#verdict", "data-state") == "none"
    )  # its own numbers are never asked about as degrees
    for number, (corner, at) in enumerate([(0, PIT[0]), (5, AXIS[1])], 1):
        pick(page, corner)
        go_to(page, there(*at))
        page.locator("#map").scroll_into_view_if_needed()
        page.click("#map")
        page.wait_for_selector(f"#pairs .pair:nth-child({number}) .size:not(:empty)")
    pick(page, 6)
    for name, value in zip(("lon", "lat"), there(*AXIS[2]), strict=True):
        field = page.locator("#pairs .pair:nth-child(3) input").nth(2 + (name == "lat"))
        field.fill(f"{value:.7f}")
        field.press("Tab")
    assert "GAS M-1" in told(page)
    assert re.match("2 (个所选图层|entities of)", page.inner_text("#file-notes"))
    said = page.inner_text("#understood")
    assert "已知点" in said or "known points" in said
    long_m, large_m2 = (float(found) for found in re.findall(r"(\d+) m", said)[:2])
    assert abs(long_m - 148) < 5 and abs(large_m2 - 280) < 20  # as well as a pixel is hit
    assert page.locator("path.doubt-band").count() == 2 and page.locator("#pairs .pair").count() == 3
    assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
    keep_screen(page, f"ask-points-{size['width']}", full=True)
    if size == PHONE:
        return
    fill_in(page)
    permit_id, body = file_it(page)
    assert page.inner_text("#came-in a") == "独立坐标.dxf" and "按随附的图形判断" in page.inner_text(
        "#came-in"
    )
    page.locator("#came-in").scroll_into_view_if_needed()
    keep_screen(page, "permit-came-in")
    with house.server.client() as client:
        (kept,) = client.get(f"/v1/permits/{permit_id}").json()["files"]
        came_in = client.get(kept["link"]).content
    assert kept["name"] == "独立坐标.dxf" and came_in == (house.folder / "独立坐标.dxf").read_bytes()
    pit = body["plan"]["features"][0]
    assert body["crs"] == "EPSG:4490"
    lon, lat = pit["geometry"]["coordinates"][0][2]
    assert abs(lon - there(*PIT[2])[0]) < 3e-5 and abs(lat - there(*PIT[2])[1]) < 3e-5
    assert 2.0 < pit["properties"]["uncertainty_m"] < 30.0
    assert len(pit["properties"]["placed_by"]["common_points"]) == 3


def test_points_that_disagree_are_told_and_nothing_is_asked(open_page: Open, house: House) -> None:
    page = open_page("/")
    page.click("[data-mode=upload]")
    page.set_input_files("#file", house.write("plan.geojson", collection(AT_THE_MAIN)))
    page.select_option("#crs", "points")
    page.wait_for_selector("#plan-sketch svg")
    for corner, (x, y) in enumerate([(0.0, 0.0), (80.0, 0.0), (0.0, 80.0)]):
        pick(page, corner)
        for at, value in enumerate(there(x, y)):
            field = page.locator(f"#pairs .pair:nth-child({corner + 1}) input").nth(2 + at)
            field.fill(f"{value:.7f}")
            field.press("Tab")
    page.wait_for_selector("#file-fault:not([hidden])")
    assert "米" in page.inner_text("#file-fault") and page.get_attribute("#verdict", "data-state") == "none"


def test_a_wrong_zone_is_seen_by_where_it_lands(open_page: Open, house: House) -> None:
    page = open_page("/")
    go_to(page)
    page.click("[data-mode=upload]")
    page.set_input_files("#file", house.write("plan.geojson", collection(AT_THE_MAIN)))
    page.select_option("#crs", "EPSG:4541")
    page.wait_for_selector("#understood.warning")
    said = page.inner_text("#understood")
    assert "图形落在都兰县，距您先前查看的位置 53" in said and "请核对坐标系" in said
    keep_screen(page, "ask-far")
    page.select_option("#crs", "EPSG:4543")
    page.wait_for_selector("#understood.quiet >> text=3 度带，中央子午线 102°")
    assert "GAS M-1" in told(page)


@pytest.fixture
def phone(browser: Browser, house: House) -> Any:
    """A page on a phone that knows where it is."""
    context = browser.new_context(
        viewport=PHONE,
        geolocation=PHONE_AT | {"accuracy": 8},
        permissions=["geolocation"],
        has_touch=True,
        is_mobile=True,
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(house.address)
    page.wait_for_selector("#map.leaflet-container")
    yield page
    context.close()


def test_a_pin_and_a_walk_carry_what_the_phone_knows(phone: Page) -> None:
    phone.click("#pin")
    phone.wait_for_selector("li.shape")
    assert "误差 ±14." in phone.inner_text("li.shape")  # 1.62 x 8 m, and the drift of WGS 84
    assert phone.locator("path.doubt").count() == 1
    told(phone)
    phone.click("#walk")
    assert phone.get_attribute("#verdict", "data-state") == "waiting"
    for step, accuracy in enumerate((6, 6, 60, 9, 6, 6), 1):
        at = {"longitude": 101.7775 + step * 1e-4, "latitude": 36.6080 + (step > 4) * 1e-4}
        phone.context.set_geolocation(at | {"accuracy": accuracy})
        phone.wait_for_function(
            "(sum) => (document.querySelector('#here-state').textContent.match(/\\d+(?= 点)/g) ?? [])"
            ".reduce((all, one) => all + Number(one), 0) > sum",
            arg=step,
        )
    keep_screen(phone, "ask-walk")
    phone.click("#walk-line")
    said = phone.inner_text("#here-state")
    assert "未用 1 点" in said and "误差 ±17 m" in said  # 1.62 x 9 m, the drift, and the smoothing
    told(phone)
    fill_in(phone)
    _, body = file_it(phone)
    pin, walk = body["plan"]["features"]
    assert pin["geometry"]["type"] == "Point" and pin["properties"]["uncertainty_m"] == 14.0
    assert walk["geometry"]["type"] == "LineString" and walk["properties"]["uncertainty_m"] == 16.6
    assert len(walk["geometry"]["coordinates"]) >= 3


def test_a_browser_that_may_not_tell_says_so(open_page: Open) -> None:
    page = open_page("/")
    page.click("#pin")
    page.wait_for_selector("#here-state >> text=未获准")
    page.click("#walk")
    page.wait_for_selector("#walking", state="hidden")
    assert "未获准" in page.inner_text("#here-state") and page.locator("li.shape").count() == 0
