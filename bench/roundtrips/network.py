"""The network that goes round: what it is, and how what comes back is held against it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from ingest import ColumnMap, Reading, load_profile, read_network
from ingest.files.rows import READ_ALL, Rows
from ingest.files.table import joined
from ingest.networks.survey.sources import read_sources
from spatial.columns import Coded
from spatial.values import CHINA

ON = date(2026, 11, 1)
NEAR_M = 0.001
METRES_PER_DEGREE = 111_300.0

THEIRS: Mapping[str, str] = {
    "pressure_class": "压力级别",
    "diameter_mm": "外径",
    "cover_m": "埋深",
    "material": "材质",
    "laid_on": "敷设日期",
    "kind": "管道类型",
}
"""Ours -> as a Chinese utility heads it; none is longer than the ten bytes a Shapefile has for it in GB18030."""
IDS = "编号"
MAP = ColumnMap(columns=THEIRS)
OF_ASSET = {"kind": "pipe_kind"}


@dataclass(frozen=True, slots=True)
class Pipe:
    """parts: lines in the CRS of its file, east first. cells: our column -> as the file has it; meant: what it means."""

    id: str
    parts: tuple[tuple[tuple[float, float], ...], ...]
    cells: Mapping[str, Any]
    meant: Mapping[str, Any]

    def shape(self) -> BaseGeometry:
        return shapely.MultiLineString(self.parts)


@dataclass(frozen=True, slots=True)
class Written:
    """Files some program wrote. ids: their column, None where only the order of the rows tells them apart.

    kept: our columns the format can carry. missing: ids of entities that come back as rejected rows with a place.
    """

    tool: str
    what: str
    paths: Sequence[Path]
    crs: str
    ids: str | None
    kept: Sequence[str]
    mapping: ColumnMap = MAP
    reading: Reading = READ_ALL
    lonlat: bool = False
    missing: Sequence[str] = field(default_factory=tuple)


def made_network(pipes: int = 200, seed: int = 20261129) -> list[Pipe]:
    """Pipes of Xining in EPSG:4543: bends, some of two parts, coordinates to 0.1 mm, cells with gaps and odd signs."""
    chance = Random(seed)
    made = []
    for at in range(pipes):
        x, y = 478_000 + chance.uniform(0, 4_000), 4_052_000 + chance.uniform(0, 4_000)
        parts = [_walk(chance, x, y)] + ([_walk(chance, x + 300, y)] if at % 17 == 0 else [])
        made.append(Pipe(f"XN-{at:04d}", tuple(parts), *_cells(chance, at)))
    return made


def _walk(chance: Random, x: float, y: float) -> tuple[tuple[float, float], ...]:
    points = [(round(x, 4), round(y, 4))]
    for _ in range(chance.randrange(1, 8)):
        x, y = x + chance.uniform(1, 60), y + chance.uniform(-40, 40)
        points.append((round(x, 4), round(y, 4)))
    return tuple(points)


def _cells(chance: Random, at: int) -> tuple[dict[str, Any], dict[str, Any]]:
    said, pressure = chance.choice([("中压A", "MP-A"), ("低压", "LP"), ("次高压B", "SHP-B"), (None, None)])
    material = chance.choice(["PE", "钢", "球墨铸铁, “K9”", "镀锌钢；3PE", None])
    diameter = chance.choice([63.0, 110.0, 159.5, 325.0, None])
    kind, meant = chance.choice([("庭院", "courtyard"), ("市政", "main"), ("引入", "service"), (None, None)])
    laid = date(1990 + at % 35, 1 + at % 12, 1 + at % 28)
    cover = round(chance.uniform(0.6, 2.4), 2)
    cells = {
        "pressure_class": said, "diameter_mm": diameter, "cover_m": cover, "material": material,
        "laid_on": laid.isoformat(), "kind": kind,
    }  # fmt: skip
    return cells, {**cells, "pressure_class": pressure, "laid_on": laid, "kind": meant}


def differences(written: Written, pipes: Sequence[Pipe]) -> list[str]:
    """What did not come back as it went out. Coordinates are compared in the file's own CRS, before any passage."""
    must = {pipe.id: pipe for pipe in pipes}
    rows = _rows(written)
    good = [row for row, fault in enumerate(rows.fault) if fault is None]
    names = [rows.columns["@"][row] for row in good] if written.ids else list(must)
    if sorted(map(str, names)) != sorted(must):
        return [f"{len(pipes)} pipes were written, {len(good)} rows came back, or their ids are others"]
    wrong = []
    for name, row in zip(names, good, strict=True):
        apart = _apart_m(rows.geometry[row], must[name].shape(), written.lonlat)
        if not apart <= NEAR_M:
            wrong.append(f"{name} came back {apart * 1000:.2f} mm away")
    return wrong + _attributes(written, must, names)


def _rows(written: Written) -> Rows:
    def pick(names: Sequence[str]) -> dict[str, str]:
        return {"@": written.ids} if written.ids else {}

    return joined(read_sources(written.paths, pick, written.mapping, written.reading))


def _apart_m(one: BaseGeometry, other: BaseGeometry, lonlat: bool) -> float:
    """The furthest any vertex moved; infinite where their number or order is not the same."""
    found, must = shapely.get_coordinates(one), shapely.get_coordinates(other)
    if found.shape != must.shape:
        return float("inf")
    return float(abs(found - must).max()) * (METRES_PER_DEGREE if lonlat else 1.0)


def _attributes(written: Written, must: Mapping[str, Pipe], names: Sequence[Any]) -> list[str]:
    intake = read_network(
        written.paths,
        crs=written.crs,
        id_field=written.ids,
        mapping=written.mapping,
        reading=written.reading,
        extent=CHINA,
        profile=load_profile("cn-gb55009")[0],
        on=ON,
    )
    if len(intake.assets) != len(must) or len(intake.rejected) != len(written.missing):
        return [f"{len(intake.assets)} assets and {len(intake.rejected)} rejected rows of {len(must)} pipes"]
    wrong = [f"rejected row {row.number} has no ground" for row in intake.rejected if row.box is None]
    columns = {ours: getattr_column(intake, OF_ASSET.get(ours, ours)) for ours in written.kept}
    for at, name in enumerate(names):
        for ours, column in columns.items():
            if column[at] != must[name].meant[ours]:
                wrong.append(f"{ours} of {name} was {must[name].meant[ours]!r}, came back as {column[at]!r}")
    return wrong


def getattr_column(intake: Any, name: str) -> Coded:
    column: Coded = intake.assets.attributes[name]
    return column
