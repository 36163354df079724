"""The environment is read once, and what cannot be meant is refused with a sentence."""

from dataclasses import replace

import pytest

from api.cli import main
from api.file_limits import network_limits, plan_limits
from api.settings import read_settings
from ingest import NETWORK_LIMITS, PLAN_LIMITS
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


def test_what_a_network_may_cost_is_read() -> None:
    assert network_limits(read_settings({})) == NETWORK_LIMITS
    told = {"PREDIG_NETWORK_WALL_S": "30", "PREDIG_NETWORK_MEMORY_MB": "800"}
    limits = replace(NETWORK_LIMITS, wall_s=30.0, cpu_s=30, memory_bytes=800_000_000)
    assert network_limits(read_settings(told)) == limits
    for name in told:
        with pytest.raises(Refused) as refused:
            read_settings({name: "0"})
        assert name in refused.value.faults[0].en


def test_what_a_plan_may_cost_is_read() -> None:
    usual = read_settings({})
    assert (usual.max_upload_mb, usual.plans_at_once, plan_limits(usual)) == (10.0, 2, PLAN_LIMITS)
    told = {
        "PREDIG_MAX_UPLOAD_MB": "4",
        "PREDIG_PLANS_AT_ONCE": "3",
        "PREDIG_PLAN_WALL_S": "2.5",
        "PREDIG_PLAN_CPU_S": "3",
        "PREDIG_PLAN_MEMORY_MB": "800",
    }
    given = read_settings(told)
    limits = replace(PLAN_LIMITS, wall_s=2.5, cpu_s=3, memory_bytes=800_000_000)
    assert (given.max_upload_mb, given.plans_at_once, plan_limits(given)) == (4.0, 3, limits)
    for name in told:
        with pytest.raises(Refused) as refused:
            read_settings({name: "0"})
        assert name in refused.value.faults[0].en
