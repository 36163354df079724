"""A drawing of its own numbers, through the command line: placed by common points, judged with their doubt."""

from pathlib import Path

from pyproj import Transformer

from tests.api.conftest import Predig, Write
from tests.api.town import E, N, declare_all

LONLAT = Transformer.from_crs("EPSG:4543", "EPSG:4490", always_xy=True)


def test_common_points_stand_for_a_system(predig: Predig, write: Write, tmp_path: Path) -> None:
    declare_all(predig, write)
    corners, points = tmp_path / "corners.csv", tmp_path / "points.csv"
    corners.write_text("X,Y\n3,100\n3,110\n8,110\n8,100\n")
    known = [(x, y, *LONLAT.transform(E + x, N + y)) for x, y in [(0, 0), (150, 0), (100, 80)]]
    points.write_text("x,y,lon,lat\n" + "\n".join(",".join(map(repr, one)) for one in known))
    how = (corners, "--points-are", "area", "--act", "excavate", "--common-points", points)
    (screening,) = predig("screen", *how).lines
    (conflict,) = screening["conflicts"]
    assert abs(conflict["clearance_m"] - 2.9) < 0.05 and screening["site"]["uncertainty_m"] >= 2.0
    assert predig("screen", *how, "--crs", "EPSG:4543").codes == ["crs_and_points"]
    points.write_text("x,y,lon,lat\n" + "\n".join(",".join(map(repr, one)) for one in known[:2]))
    assert predig("screen", *how).codes == ["grid_points_few"]
