"""How a dataset is read is said once: the next files of it are read alike, and the command says so."""

from contextlib import closing
from pathlib import Path
from typing import Any

from ingest import parse_mapping
from tests.api.conftest import Predig, Said, Write, collection, feature
from tests.api.town import CRS, E, N
from tests.conftest import VaultUrls
from tests.sql.test_walls import connect

MAP = """# 某燃气公司
[columns]
pressure_class = "压力级别"
diameter_mm = "管径"
[values.pressure_class]
"中压" = "MP-A"
"""


def rows(*north_m: float) -> list[dict[str, Any]]:
    return [
        feature("LineString", [[E, N + at], [E + 90, N + at]], 编号=f"P{at}", 压力级别="中压", 管径=200)
        for at in north_m
    ]


def give(predig: Predig, write: Write, features: list[dict[str, Any]], *more: object) -> Said:
    file = write("pipes.geojson", collection(*features))
    how = ("network", "import", file, "--utility", "GAS", "--dataset", "town", "--confirm-loss", 9_999)
    return predig(*how, *more)


def test_the_next_file_is_read_as_the_last(
    predig: Predig, said: Predig, write: Write, tmp_path: Path
) -> None:
    described = ("--id-field", "编号", "--map", write("columns.toml", MAP))
    assert give(predig, write, rows(0, 20), *CRS, *described).code == 0
    (dataset, _) = predig("network", "list").lines
    assert dataset["dataset"]["read_as"] == {
        "crs": "EPSG:4543", "id_field": "编号", "map": MAP, "layers": [], "units": None}  # fmt: skip

    again = give(said, write, rows(0, 20, 40), *CRS)
    assert "read as this dataset was last time: --id-field 编号 --map (give any" in again.err
    assert "added 1, closed 0, unchanged 2" in again.out
    assert predig("network", "list").lines[0]["dataset"]["read_as"]["map"] == MAP
    shown = said("network", "list").out
    assert "--id-field 编号" in shown and "read with" in shown

    # Whoever says anything says all.
    bare = give(said, write, rows(0, 20, 40), *CRS, "--map", tmp_path / "columns.toml", "--dry-run")
    assert "last time it was read with --id-field 编号; without it" in bare.err
    own = give(predig, write, rows(0, 20, 40), *CRS, "--id-field", "编号").lines[0]
    assert own["warnings"]["pressure_class_missing"] == 3 and own["closed"] == 3
    assert predig("network", "list").lines[0]["dataset"]["read_as"]["map"] is None

    # What is undone is undone with how it was read.
    assert predig("network", "rollback", own["revision"]).code == 0
    assert give(predig, write, rows(0, 20, 40), *CRS).lines[0]["unchanged"] == 3


def test_the_crs_is_said_each_time(predig: Predig, said: Predig, write: Write) -> None:
    assert give(predig, write, rows(0), *CRS, "--id-field", "编号").code == 0
    refused = give(predig, write, rows(0))
    assert (refused.code, refused.codes) == (2, ["crs_missing"])
    assert "last declared EPSG:4543; if these files are in it too, say so: --crs EPSG:4543" in refused.err
    other = give(said, write, rows(0), "--crs", "EPSG:4522")
    assert other.code == 2


def test_a_change_set_is_read_as_its_dataset(predig: Predig, write: Write) -> None:
    assert (
        give(predig, write, rows(0, 20), *CRS, "--id-field", "编号", "--map", write("columns.toml", MAP)).code
        == 0
    )
    (row,) = rows(40)
    done = give(
        predig, write, [row | {"properties": row["properties"] | {"变更": "新增"}}], *CRS, "--changes", "变更"
    )
    assert done.lines[0]["added"] == 1 and "pressure_class_missing" not in done.lines[0]["warnings"]
    assert predig("network", "list").lines[0]["dataset"]["read_as"]["id_field"] == "编号"


def test_the_map_comes_back_as_a_file(predig: Predig, said: Predig, write: Write, tmp_path: Path) -> None:
    assert predig("network", "mapping", "GAS", "town").codes == ["dataset_unknown"]
    file = write("columns.toml", "\ufeff" + MAP.replace("\n", "\r\n"))
    assert give(predig, write, rows(0), *CRS, "--id-field", "编号", "--map", file).code == 0
    shown = said("network", "mapping", "GAS", "town")
    assert (
        shown.out.startswith("# 某燃气公司\n[columns]\n")
        and "--crs EPSG:4543 --id-field 编号 --map" in shown.err
    )
    assert predig("network", "mapping", "GAS", "town").lines[0]["id_field"] == "编号"
    out = tmp_path / "back" / "columns.toml"
    assert predig("network", "mapping", "GAS", "town", "--out", out).code == 0
    assert parse_mapping(out.read_text("utf-8")) == parse_mapping(MAP)
    assert predig("network", "mapping", "GAS", "town", "--out", tmp_path).codes == ["file_not_written"]


def test_a_dataset_of_before_says_that_nothing_was_kept(
    predig: Predig, write: Write, vault_urls: VaultUrls
) -> None:
    assert give(predig, write, rows(0), *CRS, "--id-field", "编号").code == 0
    with closing(connect(vault_urls.owner)) as owner, owner.cursor() as cursor:
        cursor.execute("UPDATE predig.dataset SET read_as = NULL")
    assert predig("network", "mapping", "GAS", "town").codes == ["mapping_not_kept"]
    assert "read as" not in give(predig, write, rows(0), *CRS, "--dry-run").err
