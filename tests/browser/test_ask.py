"""Asking and filing: draw, upload or paste; the verdict while drawing; what is filed is what the CLI judges."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import openpyxl
import shapely
from playwright.sync_api import Page

from api.settings import today
from tests.api.conftest import collection, feature, ring
from tests.api.town import AT_THE_MAIN, CRS, E, N
from tests.browser.conftest import PHONE, House, keep_screen
from tests.browser.hand import draw, file_it, fill_in, go_to, told

Open = Callable[..., Page]


def conflicts(screenings: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return sorted(
        (row["source_id"], row["grade"], row["clearance_m"], row["requirement"], str(row["site_intervals_m"]))
        for screening in screenings
        for row in screening["conflicts"]
    )


def answer(page: Page, house: House, path: str) -> Any:
    return page.context.request.get(house.address + path).json()


def test_a_drawn_trench_is_judged_filed_and_shown_as_the_command_line_judges_it(
    open_page: Open, house: House
) -> None:
    page = open_page("/")
    go_to(page)
    draw(page, "line", (-120, 20), (60, 20), (110, -30))
    page.fill(".shape input[type=number]", "1.2")
    page.fill(".shape input[placeholder='K0+000']", "K1+200")
    page.select_option("[name=method]", "mechanical")
    page.fill("[name=depth_m]", "1.5")
    page.wait_for_timeout(300)  # the verdict of before must not be taken for this one
    said = told(page)
    assert "涉及燃气管道" in said and "GAS L-7" in said and "GAS M-1" in said and "K1+" in said
    assert "安全" not in page.inner_text("body")
    keep_screen(page, "ask-drawn")
    fill_in(page)
    permit_id, body = file_it(page)
    assert body["crs"] == "EPSG:4490" and body["plan"]["features"][0]["properties"]["width_m"] == 1.2
    assert body["drawn"] == "screen"  # nobody draws on a screen to the centimetre
    assert page.inner_text("#status") == "涉及燃气管道"
    shown = answer(page, house, f"/v1/permits/{permit_id}")
    file = house.write("drawn.geojson", body["plan"])
    again = house.run(
        *(
            "screen",
            file,
            "--crs",
            "EPSG:4490",
            "--act",
            "excavate",
            "--method",
            "mechanical",
            "--depth-m",
            1.5,
            "--drawn",
            "screen",
        )
    )
    assert conflicts(again) == conflicts(shown["screenings"]) != []
    on_page = page.locator("#verdict .conflict").evaluate_all(
        "rows => rows.map(row => [row.dataset.pipe, row.className, row.querySelector('.clearance b').textContent])"
    )
    assert sorted(on_page) == sorted(
        [row["pipe_id"], f"conflict grade-{row['grade']}", f"{row['clearance_m']:.2f} m"]
        for screening in again
        for row in screening["conflicts"]
    )


def test_where_somebody_goes_is_where_the_map_stays(open_page: Open, house: House) -> None:
    """Neither a place on the way, nor the answer of where to begin, takes the map from the place gone to last."""
    page = open_page("/register")
    page.route("**/start", lambda route: (page.wait_for_timeout(400), route.continue_()))
    with page.expect_response("**/start"):
        page.goto(house.address, wait_until="domcontentloaded")
        go_to(page, (101.779, 36.609))
        page.evaluate(
            """async () => {
              const go = (place) => { document.querySelector('#goto-text').value = place;
                                      document.querySelector('#goto').requestSubmit(); };
              const frame = () => new Promise(requestAnimationFrame);
              localStorage.clear();
              document.querySelector('.leaflet-control-zoom-out').click();
              await frame(); await frame();
              go('101.7785 36.6085');
            }"""
        )
        page.wait_for_function("() => document.querySelector('#cursor').textContent.startsWith('101.778500')")
    page.wait_for_timeout(100)
    assert page.inner_text("#cursor").startswith("101.778500")
    page.goto(house.address + "/register")
    page.evaluate("localStorage.clear()")
    with page.expect_response("**/start"):
        page.goto(house.address)
    page.wait_for_function("() => document.querySelector('#cursor').textContent.startsWith('101.77')")


def test_nothing_is_asked_while_dragging_and_a_changed_shape_is_no_longer_judged(open_page: Open) -> None:
    page = open_page("/")
    asked: list[str] = []
    page.on(
        "request",
        lambda request: asked.append(request.url) if request.url.endswith("/v1/enquiries") else None,
    )
    go_to(page)
    draw(page, "area", (-40, -30), (40, -30), (40, 30), (-40, 30))
    told(page)
    assert len(asked) == 1
    page.click("#edit")
    box = page.locator(".marker-icon:not(.marker-icon-middle)").nth(2).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(8):
        page.mouse.move(x + 3 * step, y + 2 * step)
        page.wait_for_timeout(200)
    assert len(asked) == 1
    assert page.get_attribute("#verdict", "data-state") == "waiting"
    page.mouse.up()
    told(page)
    assert len(asked) == 2


def test_a_shape_can_be_removed_and_then_nothing_is_claimed(open_page: Open) -> None:
    page = open_page("/")
    go_to(page)
    draw(page, "point", (0, 0), (10, 0))
    told(page)
    page.click(".shape .ends button:last-child")
    assert page.inner_text("#verdict-body") == "画好或给出范围后，这里显示结论。未判断之前，按有管道对待。"
    assert page.locator("path.drawn").count() == 0


def test_an_uploaded_file_is_judged_as_the_command_line_judges_it(open_page: Open, house: House) -> None:
    trench = feature("LineString", [[E + 60, N + 20], [E + 160, N + 20]], act="lay_pipe", width_m=1.2)
    file = house.write("plan.geojson", collection(AT_THE_MAIN, trench))
    page = open_page("/")
    page.click("[data-mode=upload]")
    page.set_input_files("#file", file)
    page.select_option("#crs", "EPSG:4543")
    with page.expect_response("**/v1/enquiries") as answered:
        told(page)
    keep_screen(page, "ask-uploaded")
    assert conflicts(answered.value.json()["screenings"]) == conflicts(house.run("screen", file, *CRS)) != []
    assert page.locator("path.understood").count() >= 2
    assert page.is_visible("#understood")


def test_a_file_without_a_declared_system_is_told_what_its_numbers_look_like(
    open_page: Open, house: House
) -> None:
    page = open_page("/")
    page.click("[data-mode=upload]")
    page.set_input_files("#file", house.write("plan.geojson", collection(AT_THE_MAIN)))
    page.wait_for_selector("#systems .fault")
    said = page.inner_text("#systems .fault")
    assert "没有声明坐标系" in said and "EPSG:4543" in said
    assert page.get_attribute("#crs", "aria-invalid") == "true"
    page.select_option("#crs", "other")
    page.fill("#crs-code", "EPSG:99999")
    page.wait_for_function("() => document.querySelector('#systems .fault')?.textContent.includes('99999')")
    keep_screen(page, "ask-bad-crs")
    page.fill("#crs-code", "EPSG:4543")
    assert "GAS M-1" in told(page)
    assert page.locator("#systems .fault").count() == 0


def test_a_file_that_is_no_json_is_told_at_once(open_page: Open, house: House) -> None:
    page = open_page("/")
    page.click("[data-mode=upload]")
    page.set_input_files("#file", house.write("bad.geojson", "{]"))
    page.wait_for_selector("#file-fault:not([hidden])")
    assert "不是可读取的 JSON" in page.inner_text("#file-fault")


def test_pasted_coordinates_are_understood_in_both_orders_and_shown(open_page: Open, house: House) -> None:
    corners = ring(E + 100, N + 3, 10, 5)[0][:-1]
    page = open_page("/")
    page.click("[data-mode=paste]")
    page.select_option("#crs", "EPSG:4543")
    page.fill("#coordinates", "\n".join(f"J{k}, {x}, {y}" for k, (x, y) in enumerate(corners, 1)))
    said = told(page)
    assert "GAS M-1" in said and "2.90 m" in said
    assert page.locator("path.understood").count() == 1
    page.select_option("#paste-order", "yx")
    page.fill("#coordinates", "\n".join(f"{y}\t{x}" for x, y in corners))
    page.wait_for_timeout(200)
    assert "2.90 m" in told(page)
    page.fill("#coordinates", "480100 4053003\n480110")
    assert "第 2 行" in page.inner_text("#paste-fault")
    page.select_option("#paste-order", "xy")
    page.select_option("#paste-kind", "line")
    page.fill("#coordinates", f"{E + 60} {N + 20}，\n{E + 160} {N + 20}")
    page.fill("#paste-metres", "1.2")
    page.wait_for_timeout(200)
    assert "GAS L-7" in told(page) and "K0+0" in told(page)


def test_every_fault_of_a_filing_stands_at_its_field(open_page: Open) -> None:
    page = open_page("/")
    go_to(page)
    draw(page, "area", (-40, -30), (40, -30), (40, 30), (-40, 30))
    page.click("#submit")
    page.wait_for_selector("[name=title][aria-invalid=true]")
    for name in ("title", "starts_on", "ends_on", "contractor.name"):
        field = page.locator(f'[name="{name}"]')
        described = field.get_attribute("aria-describedby")
        assert page.inner_text(f"#{described}") == "请填写"
    assert page.evaluate("document.activeElement.name") == "title"
    fill_in(page, starts_on="2020-01-01", ends_on="2020-01-02")
    page.click("#submit")
    page.wait_for_selector("label:has([name=ends_on][aria-invalid=true]) .fault >> text=已过")
    assert page.locator("[aria-invalid=true]").count() == 1
    assert page.url.endswith("/")


def test_a_day_that_is_too_early_is_told_while_it_is_chosen(open_page: Open) -> None:
    page = open_page("/")
    page.fill("[name=starts_on]", str(today() + timedelta(days=1)))
    page.wait_for_selector("#earliest.warning")
    assert "过早" in page.inner_text("#earliest") and "工作日" in page.inner_text("#earliest")
    page.fill("[name=starts_on]", str(today() + timedelta(days=30)))
    page.wait_for_selector("#earliest.quiet")
    assert "最早可于" in page.inner_text("#earliest")


def test_a_filing_that_is_sent_twice_is_one_permit(open_page: Open) -> None:
    page = open_page("/", expected=("net::ERR_FAILED",))
    go_to(page)
    draw(page, "area", (-40, -30), (40, -30), (40, 30), (-40, 30))
    told(page)
    fill_in(page, title="一次")
    keys: list[str] = []

    def lose_the_first(route: Any) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            route.fetch()  # it arrives, and its answer is lost
            route.abort()
        else:
            route.continue_()

    page.route("**/v1/permits", lose_the_first)
    page.click("#submit")
    page.wait_for_function("() => !document.querySelector('#filing-fault').hidden")
    assert "不会重复备案" in page.inner_text("#filing-fault")
    page.click("#submit")
    page.wait_for_url("**/permits/*")
    assert keys[0] == keys[1]
    base = page.url.split("/permits/")[0]
    permits = page.context.request.get(f"{base}/v1/permits?limit=100").json()["permits"]
    assert [permit["title"] for permit in permits].count("一次") == 1


def test_a_server_that_does_not_answer_is_never_read_as_clear(open_page: Open) -> None:
    page = open_page("/", expected=("status of 503",))
    page.route("**/v1/enquiries", lambda route: route.fulfill(status=503, body="{}"))
    go_to(page)
    draw(page, "area", (-40, -30), (40, -30), (40, 30), (-40, 30))
    page.wait_for_selector("#verdict[data-state=failed]")
    assert page.inner_text("#verdict-body").startswith("未能判断，按有管道对待")
    page.unroute("**/v1/enquiries")
    page.click("#verdict-body button")
    assert "GAS" in told(page)


def test_on_a_phone_nothing_is_wider_than_the_screen_and_the_verdict_follows(open_page: Open) -> None:
    page = open_page("/", size=PHONE)
    go_to(page)
    draw(page, "area", (-40, -30), (40, -30), (40, 30), (-40, 30))
    told(page)
    assert page.is_visible("#bar") and "涉及燃气管道" in page.inner_text("#bar")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    keep_screen(page, "ask-phone")
    page.click("#bar")
    page.wait_for_timeout(300)
    keep_screen(page, "ask-phone-verdict")


def test_a_finger_draws_too(open_page: Open) -> None:
    page = open_page("/", size=PHONE, touch=True)
    go_to(page)
    page.tap("[data-draw=line]")
    box = page.locator("#map").bounding_box()
    assert box is not None
    for dx, dy in ((60, 60), (120, 90), (200, 60)):
        page.touchscreen.tap(box["x"] + dx, box["y"] + dy)
        page.wait_for_timeout(400)  # slower than a double tap
    page.tap("#undo")
    page.tap("#finish")
    assert page.locator("li.shape").count() == 1
    told(page)


def test_english_is_kept_from_page_to_page(open_page: Open) -> None:
    page = open_page("/")
    with page.expect_navigation():
        page.click(".language")
    assert page.get_attribute("html", "lang") == "en"
    go_to(page)
    draw(page, "area", (-40, -30), (40, -30), (40, 30), (-40, 30))
    assert "gas pipes are involved" in told(page)
    fill_in(page)
    file_it(page)
    assert page.inner_text("#status") == "gas pipes are involved"
    page.click("nav a:nth-child(2)")
    assert page.get_attribute("html", "lang") == "en"


def test_the_words_of_the_scripts_are_all_in_the_table(open_page: Open) -> None:
    page = open_page("/")
    texts = json.loads(
        page.inner_text("#page") or page.evaluate("document.getElementById('page').textContent")
    )["texts"]
    missing = page.evaluate(
        """async (known) => {
          const names = [];
          for (const script of document.querySelectorAll('script[type=module]')) {
            const base = script.src.replace(/[^/]+$/, '');
            for (const file of ['ask', 'card', 'draw', 'ground', 'paste', 'section', 'verdict', 'permit', 'alerts']) {
              const text = await (await fetch(`${base}${file}.js`)).text();
              for (const found of text.matchAll(/\\bt\\("(\\w+)"/g)) names.push(found[1]);
            }
          }
          return names.filter((name) => !known.includes(name));
        }""",
        list(texts),
    )
    assert missing == []


def with_a_note(route: Any) -> None:
    answer = route.fetch()
    document = answer.json()
    document["plan"]["notes"] = [{"code": "heading", "count": 1, "en": "one heading", "zh": "一行标题"}]
    route.fulfill(response=answer, json=document)


def test_a_sheet_is_chosen_by_the_names_the_refusal_offers(open_page: Open, house: House) -> None:
    page = open_page("/")
    page.click("[data-mode=upload]")
    book = openpyxl.Workbook()
    for sheet in (book.active, book.create_sheet("二期（北）")):
        for row in (("X", "Y"), *((y, x) for x, y in ring(E + 100, N + 3, 10, 5)[0][:-1])):
            sheet.append(row)
    book.save(house.folder / "两期.xlsx")
    page.set_input_files("#file", house.folder / "两期.xlsx")
    page.wait_for_selector("#file-fault:not([hidden])")
    offered = page.locator("#layers option").evaluate_all("all => all.map((one) => one.value)")
    assert offered == book.sheetnames
    page.fill("#layer", offered[1])
    page.select_option("#points-are", "area")
    page.select_option("#crs", "other")
    page.fill("#crs-code", "CGCS2000 3度带 34")
    assert "GAS M-1" in told(page)


def test_a_closed_line_of_a_map_is_asked_about_and_judged_as_the_ground_dug(
    open_page: Open, house: House
) -> None:
    page = open_page("/")
    page.click("[data-mode=upload]")
    said = shapely.LineString(ring(E + 100, N + 3, 10, 5)[0]).wkt
    page.set_input_files("#file", house.write("a.geojson", said).rename(house.folder / "坑.wkt"))
    page.wait_for_selector("#points-are[aria-invalid=true]")
    assert "闭合线" in page.inner_text("#file-fault")
    keep_screen(page, "ask-closed-line")
    page.select_option("#points-are", "area")
    page.select_option("#crs", "other")
    page.fill("#crs-code", "CGCS2000 3度带 34")
    assert "GAS M-1" in told(page)
    assert page.locator("#points-are").is_visible()


def test_a_table_of_corners_is_understood_corrected_and_filed(open_page: Open, house: House) -> None:
    """Upload, see what is understood and what is noted of it, say what the points are, correct the system, file."""
    corners = "\n".join(["X,Y", *(f"{y},{x}" for x, y in ring(E + 100, N + 3, 10, 5)[0][:-1])])
    page = open_page("/")
    page.click("[data-mode=upload]")
    file = house.write("corners.geojson", corners).rename(house.write("x.geojson", "").with_name("拐点.csv"))
    page.set_input_files("#file", file)
    page.wait_for_selector("#file-fault:not([hidden])")
    assert "说明这些点是什么" in page.inner_text("#file-fault")
    keep_screen(page, "ask-table-refused")
    page.route("**/v1/plans*", with_a_note)
    page.select_option("#points-are", "area")
    page.wait_for_selector("#file-notes li >> text=一行标题")
    page.unroute("**/v1/plans*")
    page.select_option("#crs", "other")
    page.fill("#crs-code", "CGCS2000")
    page.wait_for_selector("#systems .fault")
    page.fill("#crs-code", "CGCS2000 3度带 34")
    assert "GAS M-1" in told(page)
    assert page.locator("path.understood").count() == 1
    keep_screen(page, "ask-table")
    fill_in(page)
    _, body = file_it(page)
    assert body["plan"]["features"][0]["geometry"]["type"] == "Polygon"
