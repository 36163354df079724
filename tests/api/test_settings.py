"""The environment is read once, and what cannot be meant is refused with a sentence."""

import pytest

from api.cli import main
from api.settings import read_settings
from maps.policy import tile_origin
from spatial.errors import Refused


@pytest.mark.parametrize(
    "address",
    [
        "https://t{s}.tianditu.gov.cn/vec_w/wmts?x={x}&y={y}&z={z}&tk=key",
        "http://127.0.0.1:8080/{z}/{x}/{y}.png",
        "/tiles/{z}/{x}/{y}.png",
    ],
)
def test_a_basemap_that_is_taken_can_be_named_in_a_policy(address: str) -> None:
    tiles = read_settings({"PREDIG_TILES": address}).tiles
    assert tiles == address
    assert tile_origin(tiles)


@pytest.mark.parametrize(
    "address",
    [
        "https://tiles.example/",
        "https://{s}/{z}/{x}/{y}",
        "https://a.{s}/{z}/{x}/{y}",
        "javascript:{z}{x}{y}",
        "//tiles.example/{z}/{x}/{y}",
        "https://tiles.example;script-src/{z}/{x}/{y}",
    ],
)
def test_an_address_no_policy_can_name_is_refused(address: str) -> None:
    with pytest.raises(Refused) as refused:
        read_settings({"PREDIG_TILES": address})
    assert [fault.code for fault in refused.value.faults] == ["tiles_unreadable"]


@pytest.mark.parametrize(("language", "said"), [("en", "must be"), ("zh", "应为")])
def test_a_wrong_setting_is_told_in_the_language_asked_for(
    language: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8" if language == "en" else "en_US.UTF-8")
    monkeypatch.setenv("PREDIG_LANG", language)
    monkeypatch.setenv("PREDIG_EXTENT", "1,2")
    assert main(["status"]) == 2
    assert said in capsys.readouterr().err
