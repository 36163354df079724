"""What strangers write stays text: on the page that files it, on the permit's page, in the inbox."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from sql.cluster import Cluster
from tests.api.conftest import collection, feature
from tests.api.town import CRS, E, N
from tests.browser.conftest import House, town_house
from tests.browser.hand import draw, file_it, fill_in, go_to, told

HOSTILE = (
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    "<img src=x onerror=alert(3)>",
    "${alert(4)}",
    "`${alert(5)}`",
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(6)",
    '"><svg onload=alert(7)>',
    "'-alert(8)-'",
    "&lt;b&gt;",
    "\u202egnp.exe",
    "<!--",
    "]]>",
    "<style>*{display:none}</style>",
    "%3Cscript%3E",
)

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def house(
    cluster: Cluster, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """Its own: the register is changed here."""
    with town_house(cluster, migrated_template, tmp_path_factory.mktemp("house")) as made:
        yield made


def test_hostile_names_stay_text_everywhere(open_page: Open, house: House) -> None:
    pipes = [
        feature(
            "LineString",
            [[E + 100, N + 100 + k], [E + 140, N + 100 + k]],
            id=f"{text} {k}",
            pressure_class="MP-A",
            diameter_mm=110,
            kind="main",
            uncertainty_m=0.5,
        )
        for k, text in enumerate(HOSTILE)
    ]
    net = house.write("hostile.geojson", collection(*pipes))
    house.run("utility", "set", "EVIL", "--name", "<b onclick=alert(9)>某燃气</b>", "--duty", "</p><script>")
    house.run("network", "import", net, "--utility", "EVIL", "--dataset", "x", *CRS, "--id-field", "id")

    page = open_page("/")
    go_to(page, (101.777645, 36.60862))
    draw(page, "area", (-30, -20), (30, -20), (30, 20), (-30, 20))
    said = told(page)
    assert all(text in said for text in HOSTILE if "\u202e" not in text)
    assert "<U+202E>" in said and "\u202e" not in said
    everything = " ".join(HOSTILE)
    fill_in(
        page,
        title=everything,
        **{"contractor.name": HOSTILE[0], "builder.name": HOSTILE[2], "machine": HOSTILE[7]},
    )
    file_it(page)
    body = page.inner_text("body")
    assert all(text in body for text in HOSTILE if "\u202e" not in text)
    assert page.locator("#main script, #main img, #main svg, #main style, #main b[onclick]").count() == 0
    assert page.title().startswith("<script>alert(1)</script>")

    page = open_page("/alerts?utility=EVIL")
    listed = page.inner_text("#main")
    assert all(text in listed for text in HOSTILE if "\u202e" not in text)
    assert page.locator("#main script, #main img:not(.leaflet-tile), #main b[onclick]").count() == 0
    page = open_page("/")
    page.goto(f"{house.address}/alerts?utility=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&lang=%22%3E&page=-1")
    assert page.locator("#main script").count() == 0
