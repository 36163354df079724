"""predig file keeps what it was given, and files each feature by itself when asked."""

from pathlib import Path

import geopandas
import pytest
from shapely.geometry import shape

from ingest.sandbox import readers
from tests.api.conftest import Predig, Write, collection
from tests.api.town import AT_THE_MAIN, CRS, FIRM, IN_THE_FIELD, days, declare_all


def test_a_filed_plan_is_kept_and_given_back(
    predig: Predig, said: Predig, write: Write, tmp_path: Path
) -> None:
    declare_all(predig, write)
    plan = write("开挖.geojson", collection(AT_THE_MAIN))
    permit = predig("file", plan, *CRS, *FIRM, *days()).lines[0]
    (file,) = permit["files"]
    assert (file["name"], file["bytes"], file["amendment"]) == ("开挖.geojson", plan.stat().st_size, 0)
    assert (file["read_as"]["judged"], file["read_as"]["crs"]) == ("file", "EPSG:4543")
    assert predig("show", permit["id"]).lines[0]["files"] == [file]
    assert file["sha256"] in said("show", permit["id"]).out
    out = tmp_path / "out"
    (written,) = predig("show", permit["id"], "--files", out).lines
    assert Path(written["file"]) == out / "0" / "开挖.geojson"
    assert Path(written["file"]).read_bytes() == plan.read_bytes()
    again = predig("show", permit["id"], "--files", out)
    assert (again.code, again.codes) == (2, ["file_exists"])
    assert predig("show", permit["id"], "--files", plan).codes == ["file_not_written"]
    assert predig("show", "--files", out).codes == ["id_missing"]


def test_the_parts_of_a_shapefile_are_kept(predig: Predig, tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame(
        {"act": ["excavate"]}, geometry=[shape(AT_THE_MAIN["geometry"])], crs="EPSG:4543"
    )
    (tmp_path / "plan").mkdir()
    frame.to_file(tmp_path / "plan" / "a.shp", driver="ESRI Shapefile", encoding="utf-8")
    permit = predig("file", tmp_path / "plan" / "a.shp", *CRS, *FIRM, *days()).lines[0]
    predig("show", permit["id"], "--files", tmp_path / "out")
    given, written = (
        {path.name: path.read_bytes() for path in folder.iterdir()}
        for folder in (tmp_path / "plan", tmp_path / "out" / "0")
    )
    assert given == written
    assert set(given) == {"a.shp", "a.shx", "a.dbf", "a.prj", "a.cpg"}


def test_each_feature_is_filed_as_a_permit(
    predig: Predig, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare_all(predig, write)
    named = {**IN_THE_FIELD, "properties": {**IN_THE_FIELD["properties"], "名称": "田里"}}
    plan = write("plan.geojson", collection(AT_THE_MAIN, named))
    permits = predig("file", plan, *CRS, *FIRM, *days(), "--permits", "each").lines
    assert [(one["title"], one["status"]) for one in permits] == [
        ("给水管 · 1", "conflict"),
        ("给水管 · 田里", "clear"),
    ]
    assert [len(one["files"]) for one in permits] == [1, 1]
    many = write("many.geojson", collection(*[IN_THE_FIELD] * 51))
    refused = predig("file", many, *CRS, *FIRM, *days(), "--permits", "each")
    assert (refused.code, refused.codes) == (2, ["plan_too_many_permits"])
    assert len(predig("show").lines) == 2
    monkeypatch.setenv("PREDIG_PLAN_WALL_S", "0.1")
    readers._template.end()  # to start another takes longer than that
    kml = write("a.kml", "<kml/>")
    assert predig("file", kml, *CRS, *FIRM, *days()).codes == ["file_too_hard"]
