"""A permit's page and its utility's inbox: what was filed, what changed, who has heard of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from api.settings import today
from tests.api.conftest import collection
from tests.api.town import AT_THE_MAIN, IN_THE_FIELD
from tests.browser.conftest import PHONE, House, keep_screen
from tests.support.served import until

Open = Callable[..., Page]


@pytest.fixture
def filed(open_page: Open, house: House) -> str:
    """The id of a permit with a dig at the main and one in the field, filed over HTTP."""
    return file_over_http(open_page("/"), house)


def file_over_http(page: Page, house: House, title: str = "给水管", **more: Any) -> str:
    body = {
        "crs": "EPSG:4543",
        "plan": collection(AT_THE_MAIN, IN_THE_FIELD),
        "title": title,
        "starts_on": str(today() + timedelta(days=1)),
        "ends_on": str(today() + timedelta(days=20)),
        "contractor": {"name": "某某市政", "person": "项目负责人", "phone": "0971-2"},
        "permit_numbers": ["宁占道〔2026〕1 号"],
    } | more
    answer = page.context.request.post(f"{house.address}/v1/permits", data=body)
    assert answer.status == 201, answer.text()
    permit_id: str = answer.json()["id"]
    return permit_id


def test_a_permit_says_all_that_was_filed_and_judged(open_page: Open, filed: str) -> None:
    page = open_page(f"/permits/{filed}")
    said = page.inner_text("main")
    for word in (
        "给水管",
        "某某市政 · 项目负责人 · 0971-2",
        "宁占道〔2026〕1 号",
        "涉及燃气管道",
        "GAS M-1",
        "最早可于",
    ):
        assert word in said
    assert "登记资料范围内未发现" in said and "不等于可以开工" in said
    assert page.locator("#main table tr.stands").count() == 2
    drawing = page.frame_locator("iframe.briefing")
    drawing.locator(".leaflet-container").first.wait_for()
    page.wait_for_timeout(500)
    keep_screen(page, "permit", full=True)


def test_the_map_in_the_frame_is_the_map_alone(open_page: Open, house: House, filed: str) -> None:
    page = open_page(f"/permits/{filed}?lang=en")
    address = page.get_attribute("iframe.briefing", "src")
    assert address == f"/v1/permits/{filed}/map?lang=en"
    answer = page.context.request.get(house.address + address)
    assert answer.ok and "frame-ancestors 'self'" in answer.headers["content-security-policy"]
    assert "allow-same-origin" not in (page.get_attribute("iframe.briefing", "sandbox") or "")


def test_dates_are_changed_and_judged_again(open_page: Open, filed: str) -> None:
    page = open_page(f"/permits/{filed}")
    page.fill("[name=ends_on]", str(today() - timedelta(days=3)))
    page.click("#dates button[type=submit]")
    page.wait_for_selector("#dates .fault:not([hidden])")
    assert "结束" in page.inner_text("#dates") or "完工" in page.inner_text("#dates")
    last = today() + timedelta(days=9)
    page.fill("[name=ends_on]", str(last))
    with page.expect_navigation():
        page.click("#dates button[type=submit]")
    page.wait_for_selector("#status:not([data-status=pending])")
    assert page.input_value("[name=ends_on]") == str(last)
    assert page.locator("#main table tbody tr").count() == 4
    assert page.locator("#main table tr.stands").count() == 2


def test_a_permit_is_cancelled_only_after_being_asked(open_page: Open, filed: str) -> None:
    page = open_page(f"/permits/{filed}")
    page.click("#cancel")
    page.click("#cancel-no")
    assert page.get_attribute("#status", "data-status") == "conflict"
    page.click("#cancel")
    with page.expect_navigation():
        page.click("#cancel-yes")
    assert page.inner_text("#status") == "已撤销"
    assert page.locator("#change").count() == 0


def test_an_unknown_permit_is_told_in_a_page(open_page: Open, house: House) -> None:
    page = open_page("/permits/nope", expected=("status of 404",))
    assert "没有这个页面" in page.inner_text("main") and "nope" in page.inner_text("main")
    assert page.context.request.get(f"{house.address}/permits/nope").status == 404


def test_a_utility_acknowledges_and_the_alert_leaves_the_open_ones(open_page: Open, filed: str) -> None:
    page = open_page("/alerts?utility=GAS&grade=III")
    row = page.locator(f".alert[data-permit='{filed}']")
    assert row.count() == 1
    said = row.inner_text()
    assert "◆ 三级 黄" in said and "新出现" in said and "GAS M-1" in said and "给水管" in said
    assert page.locator(".pin").count() >= 1
    page.wait_for_timeout(300)
    keep_screen(page, "alerts")
    number = row.get_attribute("id")
    row.locator("summary").click()
    row.locator("[name=by]").fill("值班员甲")
    row.locator("[name=note]").fill("已派监护")
    with page.expect_navigation():
        row.locator("button").click()
    assert page.locator(f"#{number}").count() == 0
    page.select_option("[name=state]", "acknowledged")
    page.click(".filters button")
    told = page.inner_text(f"#{number}")
    assert "值班员甲" in told and "已派监护" in told and "确认" in told


def test_filters_keep_to_what_they_say(open_page: Open, filed: str) -> None:
    page = open_page("/alerts?utility=GAS&grade=I&state=acknowledged")
    assert page.locator(".alert").count() == 0
    assert "没有告警不等于没有施工" in page.inner_text("main")
    page = open_page("/alerts?grade=nonsense&state=nonsense&page=99999&utility=nobody")
    assert page.locator(".alert").count() > 0


def test_on_a_phone_permit_and_inbox_fit(open_page: Open, filed: str) -> None:
    for path, name in ((f"/permits/{filed}", "permit-phone"), ("/alerts", "alerts-phone")):
        page = open_page(path, size=PHONE)
        page.wait_for_timeout(500)
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"], path
        keep_screen(page, name)


def test_a_pending_permit_is_not_left_for_the_news_that_the_database_is_gone(
    open_page: Open, house: House, filed: str
) -> None:
    """A problem document has a `status` as well; the page took it for the permit's and loaded itself anew."""
    page = open_page("/", expected=("status of 503",))
    answers: list[str] = []

    def gone(route: Route) -> None:
        answers.append(route.request.url)
        route.fulfill(status=503, json={"status": 503, "faults": []}, content_type="application/problem+json")

    page.route(f"**/v1/permits/{filed}", gone)
    page.route(
        f"**/permits/{filed}?pending",
        lambda route: route.fulfill(
            response=(got := route.fetch()),
            body=got.text().replace('data-status="conflict"', 'data-status="pending"'),
        ),
    )
    page.goto(f"{house.address}/permits/{filed}?pending")
    page.evaluate("window.stayed = true")
    until(lambda: answers or page.wait_for_timeout(100))
    page.wait_for_timeout(500)
    assert page.evaluate("window.stayed") is True
    # What the person does meanwhile is answered in words, not with a number or a key.
    page.click("#dates button[type=submit]")
    page.wait_for_selector("#dates .fault:not([hidden])")
    assert "不知道是否已保存" in page.inner_text("#dates")
    assert "最早可于 20" in page.inner_text("main") and "月" in page.inner_text("main")
