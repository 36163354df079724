"""What would help, through every door: the terminal, `predig advise`, HTTP, the permit's page and the map."""

from pathlib import Path

from tests.api.conftest import Predig, Write, feature, ring
from tests.api.town import CRS, IN_THE_FIELD, E, N, declare_all, file_permit

NEAR_THE_MAIN = feature("Polygon", ring(E + 100, N + 0.5, 10, 5), act="excavate", method="mechanical")
"""Its south edge 0.4 m from the wall of a main whose place is known to 0.5 m: I, and III beyond 0.51 m."""


def test_a_filed_site_is_told_the_least_move_and_by_it_the_grade_is_lower(
    predig: Predig, write: Write
) -> None:
    declare_all(predig, write)
    permit = file_permit(predig, write, NEAR_THE_MAIN)
    (screening,) = permit["screenings"]
    (advice,) = predig("advise", permit["id"]).lines
    assert advice["screening_id"] == screening["id"]
    (edge,) = [one for one in advice["proposals"] if one["code"] == "move_edge"]
    assert (edge["edge"], edge["metres"], edge["fails_at_m"]) == ("S", 0.15, 0.1)
    assert edge["lowers"] == {"from": screening["grade"], "to": "III"} == {"from": "I", "to": "III"}
    assert predig("advise", screening["id"]).lines == [advice]

    # Filed as proposed, in the CRS it is proposed in, it reads as promised.
    moved = {"type": "Feature", "properties": NEAR_THE_MAIN["properties"], "geometry": edge["geometry"]}
    plan = write("moved.geojson", {"type": "FeatureCollection", "features": [moved]})
    (again,) = predig("screen", plan, "--crs", "EPSG:4490").lines
    assert again["grade"] == edge["lowers"]["to"] != screening["grade"]


def test_people_read_it_and_machines_are_not_slowed_by_it(predig: Predig, said: Predig, write: Write) -> None:
    declare_all(predig, write)
    plan = write("plan.geojson", {"type": "FeatureCollection", "features": [NEAR_THE_MAIN, IN_THE_FIELD]})
    machine = predig("screen", plan, *CRS)
    assert all("helps" not in line for line in machine.lines)
    held, free = machine.lines
    told = said("screen", plan, *CRS).out
    assert told.count("what would help") == 1  # of two sites one is free
    assert "move the south edge (10.00 m long) in by 0.15 m" in told
    assert "将南侧边线（长 10.00 m）内移 0.15 m" in said("show", held["id"], language="zh").out
    assert "move the south edge (10.00 m long) in by 0.15 m" in said("advise", held["id"]).out
    (nothing,) = predig("advise", free["id"]).lines
    assert (nothing["searched_m"], nothing["proposals"]) == (None, [])


def test_the_map_of_what_holds_says_what_would_help(predig: Predig, write: Write, tmp_path: Path) -> None:
    declare_all(predig, write)
    permit = file_permit(predig, write, NEAR_THE_MAIN)
    file = tmp_path / "map.html"
    assert predig("map", permit["id"], "--out", file).code == 0
    assert "内移 0.15 m" in file.read_text("utf-8") or "in by 0.15 m" in file.read_text("utf-8")
