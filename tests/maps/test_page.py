"""Pages that fetch nothing: the data block, the policy, installed text."""

import base64
import hashlib
import json
import re

import pytest

from maps.assets import LEAFLET_CSS, LEAFLET_JS, script, style
from maps.page import PlanMap, data_block, offline_page
from maps.policy import policy_of
from spatial.errors import Refused

ODD = "</script><!--<script>]]>&'\"\u2028\u2029\x7f`${1}\\ud800" + chr(0xD800)


def page(tiles: str | None = None, **data: str) -> str:
    plan = PlanMap((36.6, 101.7), tiles, zoom_start=17)
    return offline_page(plan, data, language="zh", title="t", styles=["p{}"], scripts=["'a';", "'b';"])


def test_the_data_block_says_the_same_and_ends_no_element() -> None:
    block = data_block({"text": ODD})
    assert json.loads(block) == {"text": ODD}
    assert not set("<>&\u2028\u2029\x7f") & set(block)
    block.encode()  # half of a pair is written as an escape


def test_a_number_that_is_none_is_no_data() -> None:
    with pytest.raises(ValueError, match="JSON"):
        data_block({"metres": float("nan")})


def test_the_policy_names_every_script_and_style_and_nothing_else() -> None:
    html = page(text=ODD)
    policy = policy_of(html)
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    assert len(scripts) == 3  # Leaflet, ours, folium's map with the last of ours
    for text in [*scripts, *re.findall(r"<style>(.*?)</style>", html, re.DOTALL)]:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "img-src data:;" in policy
    assert html.index("Content-Security-Policy") < html.index("<style")


@pytest.mark.parametrize(
    ("tiles", "origin"),
    [
        ("https://t{s}.tianditu.gov.cn/img?x={x}&y={y}&l={z}&tk=k", "https://*.tianditu.gov.cn"),
        ("https://a.t{s}.maps.example/{z}/{x}/{y}", "https://*.maps.example"),
        ("http://127.0.0.1:8081/{z}/{x}/{y}.png", "http://127.0.0.1:8081"),
        ("/tiles/{z}/{x}/{y}.png", "'self'"),
    ],
)
def test_tiles_are_the_only_thing_a_page_may_fetch(tiles: str, origin: str) -> None:
    assert f"img-src data: {origin};" in policy_of(page(tiles))


@pytest.mark.parametrize("host", ["a;script-src *.example", "{s}", "a.{s}", "* 'self'"])
def test_tiles_whose_host_no_policy_can_name_are_no_tiles(host: str) -> None:
    with pytest.raises(ValueError, match="policy"):
        page(f"https://{host}/{{z}}/{{x}}/{{y}}.png")


def test_nothing_of_folium_s_own_is_fetched() -> None:
    html = page()
    assert "cdn" not in html
    assert not re.search(r"<(script|link|img)[^>]*\s(src|href)=", html)
    assert "sourceMappingURL" not in html
    assert "bootstrap" not in html


def test_installed_text_carries_its_images() -> None:
    text = style(LEAFLET_CSS)
    assert "url(images" not in text
    assert text.count("url(data:image/png;base64,") == 3
    assert "\r" not in text + script(LEAFLET_JS)


def test_what_is_not_installed_says_what_to_do() -> None:
    with pytest.raises(Refused, match="make setup") as refused:
        script("leaflet/dist/none.js")
    assert refused.value.faults[0].code == "assets_missing"
    assert "make setup" in refused.value.faults[0].zh
