"""What is written of a pipe's size becomes its outside diameter, the larger where it is not sure."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ingest import parse_mapping
from ingest.networks.columns import reader
from ingest.networks.diameters import IRON, PE, STEEL, Size, outside_mm, written_size
from spatial.words import PressureClass
from tests.ingest.dock import LINE, ON, collection, feature, network, written


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("DN100", Size(100, "nominal")),
        ("dn 100", Size(100, "nominal")),
        ("ＤＮ１００", Size(100, "nominal")),
        ("De110", Size(110, "outside")),
        ("de110×10.0", Size(110, "outside")),
        ("D219x6", Size(219, "outside")),
        ("φ159*4.5", Size(159, "outside")),
        ("Φ325", Size(325, "outside")),
        ("108X4", Size(108, "outside")),
        ("300X400", Size(500, "outside")),  # the corners of a section
        ("内径100mm", Size(100, "inner")),
        ("100", None),
        ("DN", None),
        ("4 in", None),
        ("DN100/DN200", None),
    ],
)
def test_a_written_size(text: str, size: Size | None) -> None:
    assert written_size(text) == size


@pytest.mark.parametrize(
    ("size", "material", "outside"),
    [
        (Size(100, "nominal"), "钢", 114.3),
        (Size(100, "nominal"), "3PE防腐钢管", 114.3),
        (Size(100, "nominal"), "球墨铸铁", 118.0),
        (Size(100, "nominal"), "PE80", 125.0),
        (Size(100, "nominal"), "钢骨架聚乙烯", 125.0),
        (Size(100, "nominal"), None, 125.0),
        (Size(200, "inner"), "PE", 250.0),
        (Size(110, "outside"), "PE", 110.0),
        (Size(2500, "nominal"), "钢", 2750.0),
    ],
)
def test_outside_by_material(size: Size, material: str | None, outside: float) -> None:
    assert outside_mm(size, material) == outside


@pytest.mark.parametrize("table", [STEEL, IRON, PE])
def test_a_table_grows_and_no_pipe_is_thinner_than_its_bore(table: dict[Any, float]) -> None:
    assert list(table) == sorted(table) and list(table.values()) == sorted(table.values())
    assert all(outside > bore for bore, outside in table.items())


def test_what_a_bare_number_measures_is_as_the_file_says(tmp_path: Path) -> None:
    def read(map_text: str = "", **cells: Any) -> tuple[float | None, Counter[str]]:
        path = written(tmp_path, collection(feature(LINE, **cells)))
        intake = network(path, mapping=parse_mapping(map_text))
        (asset,) = intake.assets
        return asset.diameter_mm, Counter(intake.warnings)

    assert read(diameter_mm=200, material="钢")[0] == 200.0
    assert read(diameter_mm="DN200", material="钢")[0] == 219.1
    for basis, outside in (("nominal", 219.1), ("outside", 200.0), ("inner", 219.1)):
        assert read(f'[defaults]\ndiameter_basis = "{basis}"', diameter_mm=200, material="钢")[0] == outside
    unsure, warnings = read(diameter_mm=200, material="钢", diameter_basis="")
    assert unsure == 219.1 and warnings["diameter_basis_missing"] == 1
    assert read(diameter_mm=159, material="钢", diameter_basis="")[0] == 159.0  # no nominal size
    assert read('[units]\ndiameter_mm = "in"', diameter_mm=4)[0] == 101.6


@pytest.mark.parametrize(
    ("cell", "unit", "found"),
    [
        ("0.4MPa", None, PressureClass.MP_A),
        ("0.2 mpa", None, PressureClass.MP_B),
        ("400kPa", None, PressureClass.MP_A),
        ("4 bar", None, PressureClass.MP_A),
        ("2kPa", None, PressureClass.LP),
        ("10 kPa", None, PressureClass.MP_B),
        ("1.6MPa", None, PressureClass.SHP_A),
        ("6.3MPa", None, PressureClass.UHP),
        (0.4, "MPa", PressureClass.MP_A),
        ("4", "bar", PressureClass.MP_A),
        (0.4, None, None),
        ("0.4", None, None),
        ("0 MPa", None, None),
        (0, "MPa", None),
        ("中压A", "MPa", PressureClass.MP_A),
    ],
)
def test_a_pressure_is_a_class_only_with_its_unit(cell: Any, unit: str | None, found: Any) -> None:
    assert reader("pressure_class", unit, ON)(cell)[0] == found
