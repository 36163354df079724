"""Declared ground is taken whole or not at all."""

from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely
from pyproj import Proj

from ingest import read_ground
from spatial.errors import Refused
from spatial.values import CHINA
from tests.ingest.dock import ON, X, Y, codes, collection, feature, line, square, written

TO_DEGREES = Proj("EPSG:4543")


def ground(path: Path, crs: str | None = "EPSG:4543") -> shapely.MultiPolygon:
    return read_ground(path, crs=crs, extent=CHINA, on=ON)


def test_neighbours_become_one_without_a_seam(tmp_path: Path) -> None:
    whole = ground(
        written(
            tmp_path, collection(feature(square(500)), feature(square(500, 500)), feature(square(9, 5000)))
        )
    )
    assert len(whole.geoms) == 2 and whole.is_valid
    lon, lat = TO_DEGREES(X + 500, Y + 250, inverse=True)
    assert whole.contains(shapely.Point(lon, lat))


def test_ground_is_read_from_a_geopackage(tmp_path: Path) -> None:
    path = tmp_path / "area.gpkg"
    geopandas.GeoDataFrame(geometry=[shapely.box(X, Y, X + 50, Y + 50)], crs=4543).to_file(
        path, driver="GPKG"
    )
    assert ground(path).geom_type == "MultiPolygon"


BOW_TIE = {"type": "Polygon", "coordinates": [[[X, Y], [X + 9, Y + 9], [X + 9, Y], [X, Y + 9], [X, Y]]]}


@pytest.mark.parametrize(
    ("document", "crs", "code"),
    [
        (collection(feature(square()), feature(line())), "EPSG:4543", "ground_not_a_polygon"),
        (collection(feature(square()), feature(None)), "EPSG:4543", "ground_geometry_missing"),
        (collection(feature(square()), feature(BOW_TIE)), "EPSG:4543", "ground_polygon_invalid"),
        (collection(feature(square())), None, "crs_missing"),
        (collection(feature(square()), crs={"type": "name", "properties": {"name": "EPSG:4522"}}), "EPSG:4543", "crs_contradicts"),
        (collection(feature(square())), "EPSG:28992", "outside_extent"),
        (collection(), "EPSG:4543", "network_empty"),
    ],
)  # fmt: skip
def test_ground_with_anything_wrong_is_refused(
    tmp_path: Path, document: Any, crs: str | None, code: str
) -> None:
    with pytest.raises(Refused) as caught:
        ground(written(tmp_path, document), crs)
    assert codes(caught.value) == {code}


def test_every_bad_row_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        ground(written(tmp_path, collection(feature(line()), feature(square()), feature(None))))
    assert [fault.pointer for fault in caught.value.faults] == ["row 1", "row 3"]
