"""The registers' pages: what each utility holds, and the report of each import, without a complaint or a request."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from sql.cluster import Cluster
from tests.api.conftest import collection, feature
from tests.api.town import CRS, E, N
from tests.browser.conftest import DESKTOP, PHONE, House, keep_screen, town_house

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def house(
    cluster: Cluster, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """Its own: the register is changed here."""
    with town_house(cluster, migrated_template, tmp_path_factory.mktemp("house")) as made:
        yield made


@pytest.fixture(scope="module")
def doubtful(house: House) -> House:
    """The small town with a second dataset: one row doubled, one without length, one unknown in everything."""
    shape = [[E + 10, N + 50], [E + 90, N + 50]]
    rows = [
        feature("LineString", shape, id="d-1", pressure_class="MP-A", cover_m=1.0, material="<b>PE</b>"),
        feature("LineString", shape[::-1], id="d-2"),
        feature("LineString", [shape[0], shape[0]], id="d-3"),
    ]
    file = house.write("west.geojson", collection(*rows))
    house.run("network", "import", file, "--utility", "GAS", "--dataset", "west", *CRS, "--id-field", "id")
    return house


def test_a_register_says_what_is_held(open_page: Open, doubtful: House) -> None:
    page = open_page("/register")
    page.get_by_role("link", name="某燃气").click()
    said = page.inner_text("main")
    for word in (
        "某燃气",
        "内部资料",
        "town",
        "west",
        "市政管",
        "已知埋深",
        "中压A MP-A",
        "<b>PE</b>",
        "未知",
    ):
        assert word in said, word
    assert page.locator(".plot").count() == 8
    assert page.locator("tbody tr.first").count() == 2
    assert page.locator("h2").all_inner_texts() == ["数据集", "资料完整范围", "登记了什么"]
    page.locator("details summary").last.click()
    assert "无法使用" in page.inner_text("main") or "缺少" in page.inner_text("main")
    keep_screen(page, "register", full=True)


def test_the_report_opens_from_the_register(open_page: Open, doubtful: House) -> None:
    page = open_page("/register/GAS?lang=en")
    page.get_by_role("link", name="Quality report").last.click()
    page.wait_for_selector("body[data-ready]", state="attached")
    said = page.inner_text("body")
    for word in (
        "Internal",
        "3 rows received = 2 accepted + 1 quarantined",
        "shape_twice",
        "d-3",
        "<b>PE</b>",
    ):
        assert word in said, word
    keep_screen(page, "report", full=True)
    with doubtful.server.client() as client:
        answer = client.get(page.url.removeprefix(doubtful.address))
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/register", "/register/GAS", "/register/GAS?lang=en", "/reports/2?lang=en"]
)
def test_on_a_phone_it_fits(open_page: Open, doubtful: House, path: str) -> None:
    page = open_page(path, size=PHONE)
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    keep_screen(page, f"phone{path.partition('?')[0].replace('/', '-')}", full=True)


@pytest.mark.parametrize("path", ["/register/NOBODY", "/reports/1", "/reports/999"])
def test_what_is_not_there_is_told_in_a_page(open_page: Open, doubtful: House, path: str) -> None:
    page = open_page(path, size=DESKTOP, expected=("status of 404",))
    assert "没有这个页面" in page.inner_text("main") and "predig" in page.inner_text("main")
