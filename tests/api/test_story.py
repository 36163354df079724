"""A utility's network and a firm's dig, from the first import to the last alert, through the commands."""

import json
from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely
from shapely.geometry import shape

from tests.api.conftest import Predig, Write, collection, feature, ring
from tests.api.town import (
    AT_THE_MAIN,
    CRS,
    FIELD_MAIN,
    IN_THE_FIELD,
    MAIN,
    E,
    N,
    bring,
    codes,
    cover,
    declare_all,
    file_permit,
    judge,
    serve,
)


@pytest.mark.parametrize(
    ("ending", "driver"), [("geojson", "GeoJSON"), ("gpkg", "GPKG"), ("shp", "ESRI Shapefile")]
)
def test_from_a_file_to_a_judgement_and_back(
    ending: str, driver: str, predig: Predig, write: Write, tmp_path: Path
) -> None:
    frame = geopandas.GeoDataFrame(
        {"GUID": ["M-1"], "YALI": ["中压A"], "GJ": [200.0], "WC": [0.5]},
        geometry=[shape(MAIN["geometry"])],
        crs="EPSG:4543",
    )
    network = tmp_path / f"pipes.{ending}"
    frame.to_file(network, driver=driver, encoding="utf-8")
    columns = write(
        "columns.toml",
        '[columns]\npressure_class = "YALI"\ndiameter_mm = "GJ"\nuncertainty_m = "WC"\n'
        '[values.pressure_class]\n"中压A" = "MP-A"\n[constants]\nkind = "main"\n',
    )
    how = (*CRS, "--id-field", "GUID", "--map", columns)

    looked = predig("network", "inspect", network, *how)
    assert looked.code == 0 and looked.lines[0]["accepted"] == 1
    assert predig("status").lines[0]["revision"] == 0  # a look stores nothing

    assert predig("utility", "set", "GAS", "--name", "某燃气", "--duty", "0971-1").code == 0
    imported = predig("network", "import", network, "--utility", "GAS", *how).lines[0]
    assert (imported["dataset"], imported["received"], imported["added"], imported["rejected"]) == (
        "pipes",
        1,
        1,
        0,
    )
    serve(predig, write)
    cover(predig, write)

    near, far = judge(predig, write, AT_THE_MAIN, IN_THE_FIELD)
    assert (near["outcome"], far["outcome"]) == ("conflict", "clear")
    (conflict,) = near["conflicts"]
    assert (conflict["source_id"], conflict["utility"], conflict["zone"]) == ("M-1", "GAS", "control")
    assert conflict["clearance_m"] == pytest.approx(2.9, abs=0.001)  # 3 m less half of 200 mm
    assert conflict["clause"] and conflict["requirement"] and conflict["grade"] == "III"

    permit = file_permit(predig, write, AT_THE_MAIN, IN_THE_FIELD)
    assert permit["status"] == "conflict" and permit["sites"] == 2
    assert predig("show", permit["id"]).lines == [permit]
    assert predig("show", permit["screenings"][1]["id"]).lines == [permit["screenings"][1]]
    listed = predig("show").lines
    assert [(row["id"], row["status"]) for row in listed] == [(permit["id"], "conflict")]

    replayed = predig("replay", permit["id"])
    assert replayed.code == 0
    assert [row["same"] for row in replayed.lines] == [True, True]
    assert [row["hash"] for row in replayed.lines] == [row["hash"] for row in permit["screenings"]]

    undone = predig("network", "rollback", imported["revision"])
    assert undone.code == 0 and undone.lines[0]["closed"] == 1 and undone.lines[0]["pending_permits"] == 1
    assert predig("show", permit["id"]).lines[0]["status"] == "pending"
    worked = predig("work").lines[0]
    assert worked["screened"] == 1 and worked["permits"][0]["status"] == "cannot_tell"
    (emptied, _) = predig("show", permit["id"]).lines[0]["screenings"]
    assert codes(emptied) == {"no_dataset", "coverage_missing"}  # what was declared over it is taken back
    assert predig("network", "import", network, "--utility", "GAS", *how).lines[0]["pending_permits"] == 1
    assert predig("work").lines[0]["permits"][0]["status"] == "conflict"
    # What was judged before is evidence, whatever happened since.
    assert [row["same"] for row in predig("replay", permit["screenings"][0]["id"]).lines] == [True]


def test_a_pipe_that_comes_near_an_open_permit_is_found_by_work(predig: Predig, write: Write) -> None:
    declare_all(predig, write)
    permit = file_permit(predig, write, IN_THE_FIELD)
    other = file_permit(predig, write, feature("Polygon", ring(E + 100, N + 800, 5, 5), act="excavate"))
    assert (permit["status"], other["status"]) == ("clear", "clear")
    predig("work")

    said = bring(predig, write, MAIN, FIELD_MAIN)
    assert said.lines[0]["pending_permits"] == 1 and "predig work" in said.err
    assert predig("show", permit["id"]).lines[0]["status"] == "pending"  # at once, before anybody works
    assert predig("show", other["id"]).lines[0]["status"] == "clear"

    worked = predig("work")
    (judged,) = worked.lines[0]["permits"]
    assert (judged["id"], judged["status"]) == (permit["id"], "conflict")
    assert [(alert["source_id"], alert["change"]) for alert in judged["alerts"]] == [("M-2", "new")]
    assert worked.lines[0]["left"] == 0
    shown = predig("show", permit["id"]).lines[0]
    assert shown["status"] == "conflict" and shown["screenings"][0]["conflicts"][0]["source_id"] == "M-2"
    again = predig("work").lines[0]
    assert again["screened"] == 0 and predig("show", permit["id"]).lines == [shown]


def test_an_unchanged_file_brought_again_is_nothing(predig: Predig, write: Write) -> None:
    declare_all(predig, write)
    permit = file_permit(predig, write, AT_THE_MAIN)
    before = predig("status").lines[0]
    again = bring(predig, write, MAIN).lines[0]
    assert (again["revision"], again["added"], again["closed"], again["unchanged"]) == (None, 0, 0, 1)
    assert predig("status").lines[0]["revision"] == before["revision"]
    assert predig("show", permit["id"]).lines[0]["status"] == "conflict"


def test_one_dataset_never_removes_anothers_pipes(predig: Predig, write: Write) -> None:
    declare_all(predig, write)
    other = bring(predig, write, FIELD_MAIN, dataset="north").lines[0]
    assert (other["added"], other["closed"]) == (1, 0)
    assert predig("status").lines[0]["assets"] == 2
    near, far = judge(predig, write, AT_THE_MAIN, IN_THE_FIELD)
    assert [row["conflicts"][0]["dataset"] for row in (near, far)] == ["town", "north"]
    # The same id in another dataset is another pipe, and bringing `north` anew closes only its own.
    moved = bring(predig, write, MAIN, dataset="north").lines[0]
    assert (moved["added"], moved["closed"]) == (1, 1)
    (near,) = judge(predig, write, AT_THE_MAIN)
    assert {row["dataset"] for row in near["conflicts"]} == {"town", "north"}
    assert judge(predig, write, IN_THE_FIELD)[0]["outcome"] == "clear"


def _nothing(predig: Predig, write: Write) -> None:
    pass


def _no_service_area(predig: Predig, write: Write) -> None:
    bring(predig, write, MAIN)
    cover(predig, write)


def _no_coverage(predig: Predig, write: Write) -> None:
    bring(predig, write, MAIN)
    serve(predig, write)


def _no_network(predig: Predig, write: Write) -> None:
    assert predig("utility", "set", "GAS", "--name", "某燃气").code == 0
    serve(predig, write)
    cover(predig, write)


def _no_age(predig: Predig, write: Write) -> None:
    _no_coverage(predig, write)
    cover(predig, write, "--kind", "all")


def _too_old(predig: Predig, write: Write) -> None:
    _no_coverage(predig, write)
    cover(predig, write, "--as-of", "2020-01-01", "--max-age-days", 30)


def _mains_only(predig: Predig, write: Write) -> None:
    _no_coverage(predig, write)
    cover(predig, write, "--kind", "main", "--max-age-days", 365)


def _a_blank(predig: Predig, write: Write) -> None:
    declare_all(predig, write)
    blank = write("blank.geojson", collection(feature("Polygon", ring(E + 60, N + 420, 20, 20))))
    assert predig("coverage", "set", blank, "--utility", "GAS", *CRS, "--blank").code == 0


def _another_silent_utility(predig: Predig, write: Write) -> None:
    declare_all(predig, write)
    assert predig("utility", "set", "OTHER", "--name", "另一家").code == 0


def _a_hull(predig: Predig, write: Write) -> None:
    serve_first = predig("utility", "set", "GAS", "--name", "某燃气")
    assert serve_first.code == 0
    serve(predig, write)
    file = write("net.geojson", collection(MAIN))
    said = predig(
        *("network", "import", file, "--utility", "GAS", *CRS, "--id-field", "id"),
        *("--coverage", "hull:1000", "--max-age-days", 365),
    )
    assert said.code == 0


def _an_unreadable_row(predig: Predig, write: Write) -> None:
    declare_all(predig, write)
    twin = json.loads(json.dumps(FIELD_MAIN))
    twin["properties"]["id"] = "M-1"
    assert bring(predig, write, MAIN, twin).lines[0]["rejected"] == 1


def _a_row_of_unknown_place(predig: Predig, write: Write) -> None:
    declare_all(predig, write)
    lost = {"type": "Feature", "properties": {"id": "M-9"}, "geometry": None}
    assert bring(predig, write, MAIN, lost).lines[0]["rejected"] == 1


MISSING = {
    "no_utility": _nothing,
    "service_area_undeclared": _no_service_area,
    "coverage_missing": _no_coverage,
    "no_dataset": _no_network,
    "coverage_age_unset": _no_age,
    "coverage_stale": _too_old,
    "coverage_missing, services": _mains_only,
    "blank": _a_blank,
    "service_area_undeclared, another": _another_silent_utility,
    "coverage_assumed": _a_hull,
    "unreadable": _an_unreadable_row,
    "rejected_unconfirmed": _a_row_of_unknown_place,
}


@pytest.mark.parametrize("missing", MISSING)
def test_whatever_is_missing_no_dig_reads_as_clear(
    missing: str, predig: Predig, said: Predig, write: Write
) -> None:
    MISSING[missing](predig, write)
    (screening,) = judge(predig, write, IN_THE_FIELD)
    assert screening["outcome"] == "cannot_tell"
    assert missing.split(",")[0] in codes(screening)
    assert screening["advice"]
    permit = file_permit(predig, write, IN_THE_FIELD)
    assert permit["status"] == "cannot_tell"
    in_chinese = said("show", permit["id"], language="zh").out
    assert "资料不足，按有管道对待" in in_chinese and "尚不清楚" in in_chinese and "怎么办" in in_chinese
    assert "not enough is known" in said("show", permit["id"]).out
    if missing not in ("no_utility", "no_dataset"):  # a conflict is one whatever else is not known
        assert judge(predig, write, AT_THE_MAIN)[0]["outcome"] == "conflict"


def test_rows_of_unknown_place_hold_everything_in_doubt_until_confirmed(predig: Predig, write: Write) -> None:
    _a_row_of_unknown_place(predig, write)
    permit = file_permit(predig, write, IN_THE_FIELD)
    lost = {"type": "Feature", "properties": {"id": "M-9"}, "geometry": None}
    file = write("net.geojson", collection(MAIN, lost))
    how = ("--utility", "GAS", "--dataset", "town", *CRS, "--id-field", "id", "--confirm-rejected", 1)
    confirmed = predig("network", "import", file, *how)
    assert confirmed.code == 0 and confirmed.lines[0]["rejected"] == 1
    assert predig("show", permit["id"]).lines[0]["status"] == "pending"
    predig("work")
    assert predig("show", permit["id"]).lines[0]["status"] == "clear"
    # One more than was confirmed: in doubt again.
    two = write("net.geojson", collection(MAIN, lost, {**lost, "properties": {"id": "M-10"}}))
    predig("network", "import", two, *how)
    predig("work")
    assert predig("show", permit["id"]).lines[0]["status"] == "cannot_tell"


def test_everything_declared_is_clear_and_still_no_permission(
    predig: Predig, said: Predig, write: Write
) -> None:
    declare_all(predig, write)
    permit = file_permit(predig, write, IN_THE_FIELD)
    assert permit["status"] == "clear" and permit["screenings"][0]["unknowns"] == []
    shown = said("show", permit["id"], language="zh").out
    assert "登记资料范围内未发现" in shown and "不等于可以开工" in shown and "安全" not in shown


def test_a_permit_that_has_ended_is_expired(predig: Predig, write: Write, vault_urls: Any) -> None:
    from tests.api.intrusion import as_admin

    declare_all(predig, write)
    permit = file_permit(predig, write, AT_THE_MAIN)
    as_admin(vault_urls.owner, "UPDATE predig.permit SET starts_on = '2020-01-01', ends_on = '2020-02-01'")
    assert predig("show", permit["id"]).lines[0]["status"] == "expired"
    # It is nobody's work any more.
    bring(predig, write, MAIN, FIELD_MAIN)
    assert predig("work").lines[0]["screened"] == 0


def test_a_long_narrow_strip_is_judged_whole(predig: Predig, write: Write) -> None:
    """0.6 km2, but 60 km long: one box round it is more than the register answers."""
    declare_all(predig, write)
    strip = feature("Polygon", ring(E - 59_990, N - 5, 60_000, 10), act="excavate")
    permit = file_permit(predig, write, strip)
    assert permit["status"] == "conflict"
    assert permit["screenings"][0]["conflicts"][0]["source_id"] == "M-1"
    assert predig("replay", permit["id"]).lines[0]["same"]


def test_both_languages_tell_the_same_conflict(predig: Predig, said: Predig, write: Write) -> None:
    declare_all(predig, write)
    plan = write("plan.geojson", collection(AT_THE_MAIN))
    chinese, english = said("screen", plan, *CRS, language="zh"), said("screen", plan, *CRS, language="en")
    assert chinese.code == english.code == 0
    for words in (
        "涉及燃气管道",
        "三级 黄",
        "控制范围",
        "须通知燃气企业",
        "暂不得开工",
        "联系某燃气：0971-1",
    ):
        assert words in chinese.out, chinese.out
    for words in (
        "gas pipes are involved",
        "III yellow",
        "control zone",
        "notify the utility",
        "do not start",
    ):
        assert words in english.out, english.out
    assert "M-1" in chinese.out and "2.90" in english.out


def test_a_hull_round_the_data_is_said_to_be_assumed(predig: Predig, write: Write) -> None:
    _a_hull(predig, write)
    (screening,) = judge(predig, write, IN_THE_FIELD)
    assert screening["outcome"] == "cannot_tell" and codes(screening) == {"coverage_assumed"}
    assert shapely.Point(E + 105, N + 402).distance(shape(MAIN["geometry"])) < 1_000  # well inside the hull
