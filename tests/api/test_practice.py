"""How the trade really works: cases that went wrong somewhere, each through the command line and a real database.

Told at length elsewhere: 45,000 rows of bad depths (tests/ingest/test_columns.py), one dataset and its neighbour
(tests/api/test_story.py), offsets of towns (tests/spatial/crs/test_offsets.py), wrong .prj files
(tests/spatial/crs/test_agreement.py), a filing on Friday afternoon (tests/spatial/rules/test_notice.py).
"""

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS as System
from pyproj import Geod, Transformer

from spatial.crs.offsets import gcj02_from_wgs84
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
    cover,
    declare_all,
    file_permit,
    judge,
    serve,
)
from tests.ingest.surveys import text_table, workbook

ELLIPSOID = Geod(a=6378137.0, rf=298.257222101)
RAISED_M = 2261.0
"""A city's plane at the height of its streets."""
TO_4543 = Transformer.from_crs("EPSG:4490", "EPSG:4543", always_xy=True)


def pipe(name: str, vertices: Any, **about: Any) -> dict[str, Any]:
    columns = {"pressure_class": "MP-A", "diameter_mm": 200, "kind": "main", "uncertainty_m": 0.2}
    return feature("LineString", vertices, id=name, **columns | about)


def trench(vertices: Any, **about: Any) -> dict[str, Any]:
    return feature("LineString", vertices, **{"act": "excavate", "method": "mechanical"} | about)


# -- 1, 3: coordinates that lie ------------------------------------------------------------------------------


def raised_grid() -> System:
    """Equal to EPSG:4543 on its central meridian at one northing, and on a plane 2,261 m up."""
    scale = 1 + RAISED_M / 6371000.0
    wkt = System.from_epsg(4543).to_wkt("WKT1_ESRI")
    return System.from_wkt(wkt.replace('"Scale_Factor",1.0', f'"Scale_Factor",{scale:.9f}'))


@pytest.mark.parametrize(("away_m", "off_m"), [(1_000, 0.35), (10_000, 3.55)])
def test_case_1_a_raised_grid_is_off_by_centimetres_to_metres_and_looks_right(
    away_m: float, off_m: float
) -> None:
    raised = Transformer.from_crs("EPSG:4490", raised_grid(), always_xy=True)
    lon, lat = TO_4543.transform(500_000 + away_m, N, direction="INVERSE")
    assert raised.transform(lon, lat)[0] - 500_000 - away_m == pytest.approx(off_m, abs=0.01)


def test_case_1_a_file_that_says_it_is_raised_is_not_taken_for_what_it_is_not(
    predig: Predig, write: Write, tmp_path: Any
) -> None:
    file = tmp_path / "pipes.shp"
    line = shapely.LineString([(E, N), (E + 400, N)])
    gpd.GeoDataFrame({"id": ["M-1"]}, geometry=[line], crs=raised_grid()).to_file(file)
    how = ("network", "import", file, "--utility", "GAS", "--dataset", "town", "--id-field", "id")
    taken = predig(*how, *CRS)
    assert (taken.code, taken.codes) == (2, ["crs_contradicts"]) and "1.000354889 / 1" in taken.err
    assert predig(*how).codes == ["crs_missing"]  # what is in the file is no declaration
    assert predig("status").lines[0]["assets"] == 0


@pytest.mark.parametrize("name", ["西宁市独立坐标系", "xining-city", "Xining city grid", "registered:xining"])
def test_case_1_a_city_grid_has_no_public_way_to_the_register(
    name: str, predig: Predig, write: Write
) -> None:
    """Its numbers look like EPSG:4543, so that nothing may tell its user to write that."""
    refused = predig("screen", write("plan.geojson", collection(AT_THE_MAIN)), "--crs", name)
    assert (refused.code, refused.codes, refused.lines) == (2, ["crs_not_accepted"], [])
    assert "Ask the owner to export in CGCS2000" in refused.err and "look like" not in refused.err


def test_case_1_who_does_not_know_is_told_that_a_city_grid_looks_the_same(
    predig: Predig, write: Write
) -> None:
    """Declared EPSG:4543 by mistake nothing shows it any more: it must be said before."""
    refused = predig("screen", write("plan.geojson", collection(AT_THE_MAIN)))
    assert refused.codes == ["crs_missing"]
    assert "whether it is a city's own grid, which looks the same and lies metres off" in refused.err


@pytest.mark.parametrize(
    ("town", "off_m"), [((101.778, 36.617), 173.0), ((97.008, 33.004), 240.0)], ids=["Xining", "Yushu"]
)
def test_case_3_a_pin_from_a_phone_names_its_frame_or_is_not_judged(
    town: tuple[float, float], off_m: float, predig: Predig, write: Write
) -> None:
    """A main, and a pin dropped on it on a Chinese map: 173 m off in Xining, 240 m in Yushu."""
    x, y = TO_4543.transform(*town)
    bring(predig, write, pipe("M-1", [[x - 20, y], [x + 20, y]]))
    ((lon, lat),) = gcj02_from_wgs84(np.array([town])).tolist()
    assert ELLIPSOID.inv(*town, lon, lat)[2] == pytest.approx(off_m, abs=1.0)
    pin = feature("Point", [lon, lat], act="excavate", method="mechanical", radius_m=1.0)
    plan = write("pin.geojson", collection(pin))

    assert predig("screen", plan).codes == ["crs_missing"]
    (declared,) = predig("screen", plan, "--crs", "GCJ-02").lines
    assert [row["source_id"] for row in declared["conflicts"]] == ["M-1"]
    # What its published formula leaves widens the site; nothing is taken as exact.
    assert "gcj02_residual" in {term["code"] for term in declared["site"]["uncertainty"]}
    # At face value it lies where nothing is: this is what guessing would cost, and even then it is not `clear`.
    (guessed,) = predig("screen", plan, "--crs", "EPSG:4326").lines
    assert not guessed["conflicts"] and guessed["outcome"] == "cannot_tell"


# -- 4: one crossing does not hold a street ------------------------------------------------------------------


def test_case_4_one_crossing_of_300_m_holds_16_m_and_not_284(predig: Predig, write: Write) -> None:
    """5 m of control zone + 1 cm, 0.1 m of pipe, 0.89 m of trench, 2 m of doubt: 8 m to either side of K0+120."""
    bring(predig, write, pipe("M-1", [[E + 120, N - 60], [E + 120, N + 60]], uncertainty_m=2.0))
    serve(predig, write)
    cover(predig, write)
    (judged,) = judge(predig, write, trench([[E, N], [E + 300, N]], half_width_m=0.89))
    sections = judged["sections"]
    held = [row for row in sections if row["verdict"] == "held"]
    free = [row for row in sections if row["verdict"] == "may_start"]
    assert (held[0]["from_m"], held[-1]["to_m"]) == pytest.approx((112.0, 128.0), abs=0.01)
    assert sum(row["to_m"] - row["from_m"] for row in held) == pytest.approx(16.0, abs=0.02)
    assert sum(row["to_m"] - row["from_m"] for row in free) == pytest.approx(284.0, abs=0.02)
    assert [row["from_m"] for row in sections[1:]] == [row["to_m"] for row in sections[:-1]]
    assert judged["grade"] == "I" and {row["source_ids"] == ["M-1"] for row in held} == {True}


# -- 5: what a register says of depth ------------------------------------------------------------------------


def test_case_5_half_of_45_000_depths_are_unusable_counted_and_relieve_nobody(
    predig: Predig, write: Write
) -> None:
    said = [1.5, 0, 1.5, "", 1.5, "-", 1.5, 9.99]
    rows = [
        pipe(
            f"M-{n}",
            [[E + n % 300 * 30, N + n // 300 * 20], [E + n % 300 * 30 + 25, N + n // 300 * 20]],
            cover_m=said[n % 8],
            cover_profiled="yes",
            depth_uncertainty_m=0.1,
        )
        for n in range(45_000)
    ]
    taken = bring(predig, write, *rows).lines[0]
    assert (taken["received"], taken["accepted"], taken["rejected"]) == (45_000, 45_000, 0)
    assert taken["warnings"]["cover_m_missing"] == taken["warnings"]["cover_m_unusable"] == 11_250
    assert taken["warnings"]["profiled_without_depths"] == 22_500
    # A shallow hand trench across all: the depth known relieves, any other does not.
    by_depth = {}
    for number in range(8):
        x = E + number * 30 + 12
        site = trench([[x, N - 2], [x, N + 2]], method="hand", depth_m=0.5, half_width_m=0.3)
        (row,) = [row for row in judge(predig, write, site)[0]["conflicts"] if row["clearance_m"] == 0]
        by_depth[row["source_id"]] = row["grade"]
    assert by_depth == {f"M-{n}": "II" if n % 2 == 0 else "I" for n in range(8)}


# -- 6, 7: registers and their neighbours --------------------------------------------------------------------


def test_case_6_inside_a_compound_the_main_is_declared_and_the_courtyard_is_not(
    predig: Predig, write: Write
) -> None:
    bring(predig, write, MAIN)
    serve(predig, write)
    cover(predig, write, "--kind", "main", "--max-age-days", 365)
    (judged,) = judge(predig, write, IN_THE_FIELD)
    assert judged["outcome"] == "cannot_tell"
    (missing,) = [row for row in judged["unknowns"] if row["code"] == "coverage_missing"]
    assert set(missing["pipe_kinds"]) == {"courtyard", "service", "customer_owned"}
    assert {"look_for", "trial_pits"} <= {row["code"] for row in judged["advice"]}


def test_case_7_a_district_s_file_removes_nothing_from_the_others(predig: Predig, write: Write) -> None:
    declare_all(predig, write)
    before = predig("status").lines[0]["assets"]
    assert bring(predig, write, FIELD_MAIN, dataset="north").lines[0]["closed"] == 0
    assert predig("status").lines[0]["assets"] == before + 1


def test_case_7_1_800_km_exported_again_under_new_ids_change_nothing(predig: Predig, write: Write) -> None:
    rows = [
        pipe(f"GUID-{n}", [[E, N + 20.0 * n], [E + 2_000, N + 20.0 * n]], status="在用") for n in range(900)
    ]
    how = ("--utility", "GAS", "--dataset", "town", *CRS)

    def export(*of: Any) -> dict[str, Any]:
        (told,) = predig("network", "import", write("net.geojson", collection(*of)), *how).lines
        return dict(told)

    assert export(*rows)["added"] == 900
    permit = file_permit(predig, write, feature("Polygon", ring(E + 100, N + 23, 10, 5), act="excavate"))
    assert permit["status"] == "conflict"
    again = [row | {"properties": row["properties"] | {"id": f"NEW-{n}"}} for n, row in enumerate(rows)]
    told = export(*reversed(again))
    assert (told["added"], told["closed"], told["unchanged"]) == (0, 0, 900)
    # No revision, nothing judged again: so there is nothing to alert anybody of.
    assert predig("work").lines[0]["screened"] == 0
    (status,) = predig("status").lines
    assert (status["revision"], status["assets"], status["screenings"]) == (1, 900, 1)
    assert status["permits"] == {"conflict": 1}


def test_case_7_the_same_main_in_two_sources_1_2_m_apart_is_kept_twice(predig: Predig, write: Write) -> None:
    bring(predig, write, pipe("1", [[E, N], [E + 400, N]], laid_on="2012-05-01"), dataset="as-built-2012")
    bring(predig, write, pipe("1", [[E, N + 1.2], [E + 400, N + 1.2]]), dataset="survey-2020")
    (judged,) = judge(predig, write, AT_THE_MAIN)
    found = {row["dataset"]: row["clearance_m"] for row in judged["conflicts"]}
    assert found == pytest.approx({"as-built-2012": 2.9, "survey-2020": 1.7}, abs=0.001)


# -- others like them ----------------------------------------------------------------------------------------


def test_a_main_1_80_m_from_the_axis_lies_in_the_opened_ground_not_1_40_m_beside_it(
    predig: Predig, write: Write
) -> None:
    """Bottom 0.8 m, 2.2 m deep, walls 1:0.67: opened 1.874 m to either side. Shored upright it is 1.40 m away."""
    bring(predig, write, pipe("M-1", [[E, N], [E + 400, N]]))
    axis = [[E + 50, N + 1.9], [E + 90, N + 1.9]]
    section = {"bottom_width_m": 0.8, "depth_m": 2.2}
    sloped, shored, wide = judge(
        predig,
        write,
        trench(axis, **section, slope="1:0.67"),
        trench(axis, **section, shored=True),
        trench(axis, half_width_m=0.4, depth_m=2.2),
    )
    (in_the_hole,), (beside,), (flat,) = (row["conflicts"] for row in (sloped, shored, wide))
    assert (in_the_hole["clearance_m"], in_the_hole["grade"]) == (0.0, "I")
    assert (beside["clearance_m"], beside["grade"]) == (pytest.approx(1.4, abs=0.001), "III")
    assert flat["clearance_m"] == beside["clearance_m"]
    assert sloped["site"]["half_width_m"] == pytest.approx(1.874)


@pytest.mark.parametrize(
    ("about", "grade", "relation"),
    [
        # Two ends at 1.2 m say nothing about the middle.
        ({"cover_m": 1.2, "cover_end_m": 1.2, "depth_uncertainty_m": 0.1}, "I", "unknown"),
        ({"cover_m": 1.2, "cover_end_m": 1.2, "depth_uncertainty_m": 0.1, "cover_profiled": "yes"}, "II", "above"),
        # To the centre of a pipe of 200 mm: its top lies 0.1 m higher, and 0.7 + 0.3 + 0.1 m reach it.
        ({"cover_m": 1.2, "cover_to": "centre", "depth_uncertainty_m": 0.1, "cover_profiled": "yes"}, "I", "reaches"),
        # The road above was rebuilt since: its depth is anybody's guess.
        (
            {"cover_m": 1.2, "depth_uncertainty_m": 0.1, "cover_profiled": "yes"}
            | {"surveyed_on": "2015-05-01", "resurfaced_on": "2020-05-01"},
            "I",
            "unknown",
        ),
        # The ground has been dug off by 0.4 m since.
        (
            {"cover_m": 1.2, "depth_uncertainty_m": 0.1, "cover_profiled": "yes", "ground_change_m": -0.4},
            "I",
            "reaches",
        ),
        ({"cover_m": 9.99, "cover_profiled": "yes"}, "I", "unknown"),
    ],
    ids=["two ends", "followed", "to the centre", "road rebuilt", "ground lowered", "stand-in"],
)  # fmt: skip
def test_what_a_shallow_trench_over_a_main_may_rest_on(
    about: dict[str, Any], grade: str, relation: str, predig: Predig, write: Write
) -> None:
    """0.7 m deep, known to 0.3 m, across a main: only a depth followed along the pipe, all doubts counted, helps."""
    bring(predig, write, pipe("M-1", [[E, N], [E + 400, N]], **about))
    across = trench([[E + 50, N - 5], [E + 50, N + 5]], method="hand", depth_m=0.7, half_width_m=0.3)
    ((found,),) = (row["conflicts"] for row in judge(predig, write, across))
    assert (found["grade"], found["vertical"]["relation"]) == (grade, relation)
    assert found["zone"] == "protection" and found["requirement"] == "plan_required"


@pytest.mark.parametrize(
    ("about", "grade", "holes"),
    [
        ({"cover_profiled": "yes", "depth_uncertainty_m": 0.2}, "II", 1),
        ({"depth_uncertainty_m": 0.2}, "I", 2),
        ({"cover_m": None}, "I", 2),
    ],
    ids=["followed", "not followed", "unknown"],
)
def test_a_bore_3_m_under_a_main_still_needs_its_trial_hole(
    about: dict[str, Any], grade: str, holes: int, predig: Predig, write: Write
) -> None:
    bring(predig, write, pipe("M-1", [[E, N], [E + 400, N]], **{"cover_m": 1.2} | about))
    path = {
        "profile": [[0, 0.5], [20, 4.5], [60, 4.5], [80, 0.5]],
        "diameter_mm": 110,
        "depth_accuracy_m": 0.4,
    }
    bore = trench([[E + 50, N - 40], [E + 50, N + 40]], act="bore", method="trenchless", bore=path)
    ((found,),) = (row["conflicts"] for row in judge(predig, write, bore))
    assert found["grade"] == grade and found["requirement"] == "plan_required"
    (crossing,) = found["crossings"]
    assert (crossing["site_m"], crossing["angle_deg"]) == (pytest.approx(40.0, abs=0.01), 90.0)
    if grade == "II":  # 4.5 - 0.055 - (1.2 + 0.2), and 0.2 + 0.4 m less at worst
        assert crossing["vertical_clearance_m"] == pytest.approx(3.045, abs=0.001)
        assert crossing["at_worst_m"] == pytest.approx(2.445, abs=0.001)
    else:
        assert "vertical_clearance_m" not in crossing or crossing["vertical_clearance_m"] is None
    (asked,) = found["trial_holes"]
    assert (asked["holes"], asked["site_m"]) == (holes, crossing["site_m"])


def test_a_spoil_heap_beside_the_trench_loads_the_main_under_it(predig: Predig, write: Write) -> None:
    """The trench keeps 3 m away; what is thrown out of it lies on the pipe."""
    bring(predig, write, pipe("M-1", [[E, N], [E + 400, N]]))
    spoil = {"side": "right", "width_m": 3.0, "offset_m": 0.5}
    dug, heap = judge(
        predig, write, trench([[E + 50, N + 3], [E + 90, N + 3]], half_width_m=0.5, depth_m=1.2, spoil=spoil)
    )
    assert (dug["grade"], heap["grade"]) == ("III", "I")
    assert heap["conflicts"][0]["act"] == "heavy_load" and heap["conflicts"][0]["clearance_m"] == 0.0


def test_a_survey_in_two_tables_goes_in_and_comes_out_as_a_conflict(
    predig: Predig, write: Write, tmp_path: Any
) -> None:
    points = text_table(
        tmp_path / "点表.csv",
        [
            ("点号", "附属物", "X", "Y"),
            ("RQ1", "", N, 34_000_000 + E),
            ("RQ2", "阀门", N, 34_000_000 + E + 400),
        ],
        "gb18030",
    )
    lines = workbook(
        tmp_path / "线表.xlsx",
        线表=[
            ("起点点号", "终点点号", "管径", "材质", "压力", "起点管顶埋深", "终点管顶埋深"),
            ("RQ1", "RQ2", "DN200", "钢", "中压A", 1.1, 9.99),
            ("RQ2", "RQ3", "DN200", "钢", "中压A", 1.1, "-"),
        ],
    )
    files = ("network", "inspect", points, lines, "--crs", "EPSG:4522", "--id-field", "id")
    looked = predig(*files)
    assert looked.lines[0]["kinds"] == {"pipe": 1, "valve": 1}
    (rejected,) = looked.lines[0]["rejected"]
    assert (rejected["source_id"], rejected["code"]) == ("RQ2-RQ3", "point_missing")
    how = ("--utility", "GAS", "--dataset", "survey")
    imported = predig("network", "import", *files[2:], *how).lines[0]
    assert (imported["received"], imported["accepted"], imported["rejected"]) == (3, 2, 1)
    assert imported["warnings"]["cover_end_m_unusable"] == 1
    again = predig("network", "import", *files[2:], *how).lines[0]
    assert (again["added"], again["closed"], again["unchanged"]) == (0, 0, 2)
    (found,) = judge(predig, write, trench([[E + 100, N + 2], [E + 200, N + 2]], half_width_m=0.5))
    assert "RQ1-RQ2" in {conflict["source_id"] for conflict in found["conflicts"]}
