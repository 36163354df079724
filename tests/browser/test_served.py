"""What the pages are served with: policy, files under their hash, nothing that is not on the list."""

import re
from collections.abc import Iterator

import httpx
import pytest

from api.pages.assets import INSTALLED, OWN
from api.pages.policy import page_headers
from maps.policy import tile_origin
from tests.browser.conftest import House

PAGES = ("/", "/alerts", "/risk", "/permits/nope")


@pytest.fixture
def ask(house: House) -> Iterator[httpx.Client]:
    with house.server.client() as client:
        yield client


@pytest.mark.parametrize("path", PAGES)
def test_every_page_carries_the_strict_policy(ask: httpx.Client, path: str) -> None:
    headers = ask.get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert (
        policy["default-src"] == "'none'"
        and policy["script-src"] == "'self'"
        and policy["style-src"] == "'self'"
    )
    assert (
        policy["frame-ancestors"] == "'none'"
        and policy["base-uri"] == "'none'"
        and policy["form-action"] == "'self'"
    )
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff" and headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", PAGES)
def test_no_page_needs_an_inline_script_or_style_or_another_host(ask: httpx.Client, path: str) -> None:
    html = ask.get(path).text
    assert not re.search(r"<[^>]+\s(style|on\w+)\s*=", html)
    scripts = re.findall(r"<script([^>]*)>", html)
    assert all("src=" in script or 'type="application/json"' in script for script in scripts)
    assert not re.search(r'(src|href|action)="(https?:)?//', html)


def test_files_are_kept_for_ever_under_their_hash_and_only_those_listed(ask: httpx.Client) -> None:
    base = re.search(r"/assets/[0-9a-f]{16}/", ask.get("/").text)
    assert base is not None
    for name in (*OWN, *INSTALLED, "marks.css"):
        answer = ask.get(f"{base[0]}{name}")
        assert answer.status_code == 200, name
        assert "immutable" in answer.headers["cache-control"]
    etag = answer.headers["etag"]
    again = ask.get(f"{base[0]}marks.css", headers={"If-None-Match": etag})
    assert again.status_code == 304 and again.content == b""
    for wrong in (
        "../router.py",
        "%2e%2e/router.py",
        "leaflet/leaflet-src.js",
        "ask.js%00",
        "",
        "templates/base.html",
    ):
        assert ask.get(f"{base[0]}{wrong}").status_code == 404, wrong
    assert ask.get("/assets/0000000000000000/ask.js").status_code == 404


def test_a_map_begins_round_the_service_areas(ask: httpx.Client) -> None:
    bounds = ask.get("/start").json()["bounds"]
    assert bounds == pytest.approx([101.722, 36.563, 101.834, 36.653], abs=0.01)


@pytest.mark.parametrize(
    ("template", "host"),
    [
        ("https://t{s}.tianditu.gov.cn/vec_w/wmts?x={x}&tk=key", "https://*.tianditu.gov.cn"),
        ("http://127.0.0.1:8080/{z}/{x}/{y}.png", "http://127.0.0.1:8080"),
        ("https://a.{s}.tiles.example/{z}", "https://*.tiles.example"),
        ("/tiles/{z}/{x}/{y}.png", "'self'"),
    ],
)
def test_the_policy_names_the_tiles_host_and_no_other(template: str, host: str) -> None:
    assert tile_origin(template) == host
    assert f"img-src 'self' data: {host}" in page_headers(template)["Content-Security-Policy"]
    assert "img-src 'self' data:;" in page_headers(None)["Content-Security-Policy"]
