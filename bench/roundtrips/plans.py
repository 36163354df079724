"""Dig plans as the programs of site managers write them, each judged against the same network as its GeoJSON twin.

Same outcome, same pipes, same grades and requirements, and every clearance within 1 mm.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pyproj import Transformer

from bench.roundtrips.network import NEAR_M, ON
from ingest import DigOptions, Reading, load_profile, read_dig_plans, read_network
from ingest.files.rows import READ_ALL
from spatial.measuring.pieces import cut
from spatial.screening import query_boxes, screen
from spatial.values import Extent
from sql.memory import MemoryVault

CRS = "EPSG:4543"
DEGREES = "EPSG:4326"
AT = np.array([478_600.0, 4_052_700.0])
"""East, north of Xining's digs, EPSG:4543."""
WORLD = Extent(-180.0, -85.0, 180.0, 85.0)
PROFILE, _ = load_profile("cn-gb55009")
BESIDE_M = (-60.0, -14.0, -6.3, -0.4, 3.1, 9.7, 25.0, 58.0)
"""Where pipes run past the middle of a dig, so that some are reached and some are only near."""

PIT = [(0.0, 0.0), (22.5, 0.0), (22.5, 9.25), (12.0, 9.25), (12.0, 16.125), (0.0, 16.125)]
TRENCH = [(0.0, 40.0), (31.5, 44.25), (80.0, 41.0)]
HALF_WIDTH_M = 0.6


@dataclass(frozen=True, slots=True)
class Plan:
    """A file some program wrote, and the features of its twin; both in `crs`, or the twin in `twin_crs`."""

    tool: str
    what: str
    path: Path
    crs: str
    twin: Sequence[dict[str, Any]]
    points_are: str | None = None
    reading: Reading = READ_ALL


def placed(points: Sequence[tuple[float, float]]) -> list[list[float]]:
    """Metres from AT -> EPSG:4543."""
    return [(np.array(point) + AT).tolist() for point in points]


def degrees(points: Sequence[tuple[float, float]]) -> list[list[float]]:
    """Metres from AT -> longitude, latitude, as PROJ of our own carries them there."""
    there = Transformer.from_crs(CRS, DEGREES, always_xy=True)
    return [list(there.transform(*point)) for point in placed(points)]


def area(ring: Sequence[Sequence[float]], **own: Any) -> dict[str, Any]:
    return _feature("Polygon", [[*ring, ring[0]]], own)


def line(points: Sequence[Sequence[float]], **own: Any) -> dict[str, Any]:
    return _feature("LineString", points, own)


def point(at: Sequence[float], **own: Any) -> dict[str, Any]:
    return _feature("Point", at, own)


def _feature(kind: str, coordinates: Any, own: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": own,
    }


def twin_file(path: Path, features: Sequence[dict[str, Any]], **members: Any) -> Path:
    document = {"type": "FeatureCollection", "features": list(features), **members}
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def apart(plan: Plan, scratch: Path) -> list[str]:
    """How the judgement of a file differs from that of its twin. :raises Refused: it was not read."""
    twin = twin_file(scratch / "twin.geojson", plan.twin)
    wanted = _judged(twin, plan.crs, None, READ_ALL, scratch)
    found = _judged(plan.path, plan.crs, plan.points_are, plan.reading, scratch)
    if len(found) != len(wanted):
        return [f"{len(wanted)} sites were drawn, {len(found)} were read"]
    if not any(one["conflicts"] for one in wanted):
        return ["nothing lies near the twin: nothing was compared"]
    wrong = []
    for number, (one, other) in enumerate(zip(found, wanted, strict=True), 1):
        mine, theirs = ({row["source_id"]: row for row in each["conflicts"]} for each in (one, other))
        if (one["outcome"], one["grade"], mine.keys()) != (other["outcome"], other["grade"], theirs.keys()):
            wrong.append(f"site {number}: {one['outcome']} {sorted(mine)}, its twin {sorted(theirs)}")
            continue
        for name, row in mine.items():
            off_m = abs(row["clearance_m"] - theirs[name]["clearance_m"])
            same = all(row[key] == theirs[name][key] for key in ("grade", "requirement", "zone"))
            if off_m > NEAR_M or not same:
                wrong.append(f"site {number}, {name}: {off_m * 1000:.2f} mm apart, {row['grade']}")
    return wrong


def _judged(
    path: Path, crs: str, points_are: str | None, reading: Reading, scratch: Path
) -> list[dict[str, Any]]:
    sites = read_dig_plans(
        path,
        crs=crs,
        options=DigOptions(acts=("excavate",), method="mechanical", depth_m=1.8),
        extent=WORLD,
        profile=PROFILE,
        on=ON,
        reading=reading,
        points_are=points_are,
    )
    vault = _vault(sites[0].geometry.centroid, scratch)
    near = vault.find([query_boxes(site, PROFILE) for site in sites])
    return [one.document for one in screen(sites, near, PROFILE, on=ON)]


_VAULTS: dict[tuple[float, float], MemoryVault] = {}


def _vault(middle: Any, scratch: Path) -> MemoryVault:
    """A register with pipes beside and under a place, on all sides of it; the same for a file and its twin."""
    place = (round(middle.x, 3), round(middle.y, 3))
    if place not in _VAULTS:
        east, north = 1 / (111_300 * np.cos(np.radians(place[1]))), 1 / 111_000
        pipes = []
        for beside in BESIDE_M:
            by = 3 * beside
            pipes.append(
                [
                    (place[0] - 200 * east, place[1] + by * north),
                    (place[0] + 200 * east, place[1] + (by + 9) * north),
                ]
            )
            pipes.append(
                [
                    (place[0] + by * east, place[1] - 200 * north),
                    (place[0] + (by - 7) * east, place[1] + 200 * north),
                ]
            )
        features = [
            {**line(pipe, pressure_class="MP-A", diameter_mm=219, no=f"P{number}"), "id": f"P{number}"}
            for number, pipe in enumerate(pipes)
        ]
        intake = read_network(
            [twin_file(scratch / "pipes.geojson", features)],
            crs=DEGREES,
            id_field="no",
            mapping=None,
            extent=WORLD,
            profile=PROFILE,
            on=ON,
        )
        cuts = cut(
            [asset.geometry for asset in intake.assets],
            np.array([asset.diameter_mm / 2000 + asset.uncertainty_m for asset in intake.assets]),
        )
        vault = MemoryVault()
        vault.import_network(intake, cuts, utility="GAS", dataset="all", on=ON)
        _VAULTS[place] = vault
    return _VAULTS[place]
