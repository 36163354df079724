"""The task force's counts, from a real database: every open permit in its county, none lost, no pipe shown."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely

from api.settings import today
from api.views.risk import risk_view, summary
from maps.risk.map import risk_html
from maps.risk.view import CountyRisk, RiskView
from spatial.ground import area_km2
from spatial.words import Grade, PermitStatus
from sql.postgis import PostgisVault
from tests.api.conftest import Predig, Write, collection, feature
from tests.api.town import (
    AT_THE_MAIN,
    CRS,
    FIRM,
    IN_THE_FIELD,
    MAIN,
    bring,
    cover,
    days,
    declare_all,
    file_permit,
    serve,
)

XINING = "630103"
GOLMUD = "632801"


@pytest.fixture
def vault(database_url: str) -> Iterator[PostgisVault]:
    opened = PostgisVault(database_url)
    yield opened
    opened.close()


def of(view: RiskView, code: str) -> CountyRisk:
    return next(risk for risk in view.counties if risk.county.code == code)


def file_at(predig: Predig, write: Write, *places: tuple[float, float]) -> dict[str, Any]:
    """File one permit with a point at each place, lon/lat."""
    points = [feature("Point", list(place), radius_m=1.0, act="excavate") for place in places]
    said = predig("file", write("far.geojson", collection(*points)), "--crs", "EPSG:4490", *FIRM, *days())
    assert said.code == 0, said
    answer: dict[str, Any] = said.lines[0]
    return answer


def test_permits_conflicts_and_alerts_stand_in_their_county(
    predig: Predig, write: Write, vault: PostgisVault
) -> None:
    declare_all(predig, write)
    near, far = file_permit(predig, write, AT_THE_MAIN), file_permit(predig, write, IN_THE_FIELD)
    assert (near["status"], far["status"]) == ("conflict", "clear")
    view = risk_view(vault, today())
    here = [risk for risk in view.counties if risk.tally.permits]
    assert len(here) == 1 and here[0].county.prefecture == "西宁市"
    grade = near["screenings"][0]["grade"]
    assert here[0].tally.by_grade == {Grade(grade): 1} == view.total.by_grade
    assert here[0].tally.by_status == {PermitStatus.CONFLICT: 1, PermitStatus.CLEAR: 1}
    assert here[0].tally.open_alerts == len(near["screenings"][0]["conflicts"]) == view.total.open_alerts
    assert here[0].register_as_of == today() and here[0].utilities == ("某燃气",) and not view.unbounded
    assert view.outside.permits == 0


def test_the_share_without_a_register_is_what_was_not_declared(
    predig: Predig, write: Write, vault: PostgisVault
) -> None:
    declare_all(predig, write)
    view = risk_view(vault, today())
    assert area_km2(view.vouched) == pytest.approx(2.4 * 2.4, rel=1e-3)
    covered_km2 = sum((1 - risk.uncovered_share) * area_km2(risk.county.borders) for risk in view.counties)
    assert covered_km2 == pytest.approx(2.4 * 2.4, rel=1e-3)
    assert of(view, GOLMUD).uncovered_share == 1.0 and not of(view, GOLMUD).has_register
    later = risk_view(vault, today() + timedelta(days=366))
    assert later.vouched.is_empty, "past the promised age nothing is vouched for"


def test_a_hull_round_the_data_is_told_as_assumed_and_vouches_for_nothing(
    predig: Predig, write: Write, vault: PostgisVault
) -> None:
    serve_first = write("net.geojson", collection(MAIN))
    said = predig(
        "network",
        "import",
        serve_first,
        "--utility",
        "GAS",
        *CRS,
        "--id-field",
        "id",
        "--coverage",
        "hull:500",
    )
    assert said.code == 0 and serve(predig, write).code == 0
    view = risk_view(vault, today())
    here = [risk for risk in view.counties if risk.has_register]
    assert here and all(risk.only_assumed for risk in here)
    assert view.vouched.is_empty and all(risk.uncovered_share == 1.0 for risk in view.counties)


def test_rows_of_unknown_place_hold_a_whole_utility_in_doubt(
    predig: Predig, write: Write, vault: PostgisVault
) -> None:
    declare_all(predig, write)
    lost = {"type": "Feature", "properties": {"id": "M-9"}, "geometry": None}
    assert bring(predig, write, MAIN, lost).code == 0
    assert risk_view(vault, today()).vouched.is_empty


def test_a_utility_that_has_not_said_where_it_serves_is_named(
    predig: Predig, write: Write, vault: PostgisVault
) -> None:
    declare_all(predig, write)
    assert predig("utility", "set", "NEW", "--name", "新燃气").code == 0
    view = risk_view(vault, today())
    assert view.unbounded == ("新燃气",) and view.vouched.is_empty


def test_a_permit_counts_in_every_county_it_digs_in_once_in_the_province_and_is_never_lost(
    predig: Predig, write: Write, vault: PostgisVault
) -> None:
    file_at(predig, write, (101.778, 36.617), (94.903, 36.403))  # Xining and Golmud
    file_at(predig, write, (103.834, 36.061))  # Lanzhou, in the next province
    view = risk_view(vault, today())
    assert of(view, XINING).tally.permits == of(view, GOLMUD).tally.permits == 1
    assert view.outside.permits == 1 and view.total.permits == 2
    assert of(view, GOLMUD).tally.by_status == {PermitStatus.CANNOT_TELL: 1}


def test_cancelled_and_ended_permits_are_not_counted(
    predig: Predig, write: Write, vault: PostgisVault
) -> None:
    declare_all(predig, write)
    answer = file_permit(predig, write, AT_THE_MAIN)
    assert risk_view(vault, today() + timedelta(days=30)).total.permits == 0
    vault.cancel_permit(answer["id"])
    view = risk_view(vault, today())
    assert view.total.permits == 0
    assert view.total.open_alerts >= 1, "who planned a guard there has not answered yet"
    assert sum(risk.tally.open_alerts for risk in view.counties) == 0


def test_no_pipe_is_on_the_map(predig: Predig, write: Write, vault: PostgisVault) -> None:
    """Neither a pipe's points nor the hull that was drawn round them."""
    serve(predig, write)
    net = write("net.geojson", collection(MAIN))
    predig("network", "import", net, "--utility", "GAS", *CRS, "--id-field", "id", "--coverage", "hull:5")
    view = risk_view(vault, today())
    html = risk_html(view, "zh")
    points = {
        (round(lon, 3), round(lat, 3))
        for row in vault.declared_ground()
        if row.assumed
        for lon, lat in shapely.get_coordinates(row.geometry)
    }
    assert points and "M-1" not in html
    data = json.loads(html.split('id="data">')[1].split("</script>")[0])
    borders = shapely.union_all([shapely.boundary(risk.county.borders) for risk in view.counties])
    drawn = [
        shapely.Point(lon, lat)
        for county in data["counties"]
        for polygon in (*county["borders"], *county["bare"])
        for line in polygon
        for lat, lon in line
    ]
    assert max(shapely.distance(drawn, borders)) < 1e-3


def test_predig_risk_writes_a_page_and_a_picture(predig: Predig, write: Write, tmp_path: Path) -> None:
    declare_all(predig, write)
    file_permit(predig, write, AT_THE_MAIN)
    (answer,) = predig("risk", "--out", tmp_path / "drawn").lines
    assert answer["permits"] == 1 and answer["counties"] == 45
    page, picture = Path(answer["html"]), Path(answer["png"])
    assert "permits with conflicts" in page.read_text(encoding="utf-8")
    assert picture.read_bytes().startswith(b"\x89PNG")
    again = (page.read_bytes(), picture.read_bytes())
    assert predig("risk", "--out", tmp_path / "drawn").code == 0
    assert again == (page.read_bytes(), picture.read_bytes())
    blocked = write("file.txt", "not a folder")
    assert predig("risk", "--out", blocked).codes == ["file_not_written"]


def test_the_summary_counts_everything_that_is_open(
    predig: Predig, write: Write, vault: PostgisVault
) -> None:
    empty = summary(vault, today())
    assert empty["permits"] == {} and empty["alerts"] == [] and empty["register"] == []
    declare_all(predig, write)
    assert predig("utility", "set", "BARE", "--name", "空燃气").code == 0
    near = file_permit(predig, write, AT_THE_MAIN)
    assert predig("work").code == 0
    told = json.loads(json.dumps(summary(vault, today())))
    grade = near["screenings"][0]["grade"]
    assert told["permits"] == {"conflict": 1} and told["conflicts"][grade] == 1
    assert sum(told["conflicts"].values()) == 1
    assert told["alerts"] == [{"utility": "GAS", "open": 1, "grades": {grade: 1}}]
    bare, gas = told["register"]
    assert (bare["utility"], bare["data_date"], bare["revision"]) == ("BARE", None, None)
    assert (gas["assets"], gas["data_date"]) == (1, str(today())) and gas["revision"] >= 1
    assert told["jobs"]["waiting"] == 0 and told["oldest_job"] is None


def test_coverage_of_no_data_is_no_register(predig: Predig, write: Write, vault: PostgisVault) -> None:
    assert predig("utility", "set", "GAS", "--name", "某燃气").code == 0
    assert serve(predig, write).code == cover(predig, write).code == 0
    view = risk_view(vault, today())
    assert not any(risk.has_register for risk in view.counties) and view.vouched.is_empty
