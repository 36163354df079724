"""What a person does on the page: go somewhere, draw, fill in, file."""

import json
from datetime import timedelta
from typing import Any

from playwright.sync_api import Page

from api.settings import today

MAIN_AT = (101.77748, 36.60775)
"""Longitude and latitude just north of the town's main, near its crossing with the yard pipe."""


def go_to(page: Page, place: tuple[float, float] = MAIN_AT) -> None:
    page.wait_for_selector("#map.leaflet-container")  # or the page's script may not listen yet
    page.fill("#goto-text", f"{place[0]} {place[1]}")
    page.press("#goto-text", "Enter")
    page.wait_for_function(
        "([lon]) => Math.abs(parseFloat(document.querySelector('#cursor').textContent) - lon) < 1e-5",
        arg=place,
    )


def draw(page: Page, shape: str, *points: tuple[float, float]) -> None:
    """Click points given in pixels from the middle of the map; the last one once more ends a line."""
    page.click(f"[data-draw={shape}]")
    box = page.locator("#map").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for dx, dy in points:
        page.mouse.move(x + dx, y + dy)
        page.mouse.click(x + dx, y + dy)
    if shape != "point":
        page.click("#finish")


def told(page: Page) -> str:
    """The verdict, once there is one."""
    page.wait_for_selector("#verdict[data-state=told]")
    return page.inner_text("#verdict-body")


def fill_in(page: Page, **fields: str) -> None:
    """The filing's fields, those named otherwise than usual."""
    usual = {
        "title": "文苑路给水管改造",
        "starts_on": str(today() + timedelta(days=7)),
        "ends_on": str(today() + timedelta(days=20)),
        "contractor.name": "某某市政",
    }
    for name, value in (usual | fields).items():
        field = page.locator(f'[name="{name}"]')
        if not field.is_visible():
            page.locator("details:has([name='builder.name']) > summary").click()
        field.fill(value)


def file_it(page: Page) -> tuple[str, dict[str, Any]]:
    """Press the button; the permit's id and the request that was sent, alone or beside a file."""
    asked: list[str] = []
    page.expose_function("keepRequest", lambda text: asked.append(text))
    page.evaluate(
        """() => {
          const append = FormData.prototype.append;
          FormData.prototype.append = function (name, value) {
            if (name === 'request') value.text().then(keepRequest);
            return append.apply(this, arguments);
          };
        }"""
    )
    page.wait_for_load_state("networkidle")  # what the dates mean comes in above the button, which then moves
    with page.expect_request("**/v1/permits") as sent:
        page.click("#submit")
    page.wait_for_url("**/permits/*")
    body = asked[0] if asked else sent.value.post_data
    return page.url.rsplit("/", 1)[1].partition("?")[0], json.loads(body or "")
