"""What the demo works on: a real town's gas network in Xining's coordinates, and three dig plans.

The network is Schutterwald's, from the PyPI package pandapipes (BSD-3): 2,559 pipes, all medium pressure, moved
without turning to the middle of Xining in EPSG:4543. One high-pressure line is added and labelled synthetic.
"""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from spatial.errors import Language

CRS = "EPSG:4543"
UTILITY = "DEMOGAS"
EAST_SHIFT_M = -2_937_626.1365
NORTH_SHIFT_M = -1_315_230.6344
"""From Gauss-Krueger zone 3 (EPSG:31467) to the middle of Xining."""

TOWN = (479_026.0, 4_053_183.0, 481_291.0, 4_054_900.0)
"""West, south, east, north of the moved network, metres in EPSG:4543."""

PLAN_NAMES = (
    ("横穿干管的沟", "高压管线旁 30 m 的坑", "空地上的坑"),
    ("trench across a main", "pit 30 m from the high-pressure line", "pit in an open field"),
)
"""(zh, en)."""

HIGH_PRESSURE_LINE = [[478_800.0, 4_052_900.0], [481_400.0, 4_052_900.0]]
NEW_MAIN = [[480_560.0, 4_054_330.0], [480_640.0, 4_054_372.0]]
"""Laid after the permits were filed, through the open field."""


def write_inputs(out: Path, language: Language) -> None:
    """All input files of the demo, into `out`."""
    town, around = _widened(TOWN, 700), _widened(TOWN, 5_000)
    laid = {"id": "SYNTHETIC-MP-2", "pressure_class": "MP-A", "diameter_mm": 160.0, "kind": "main"}
    pipes = network()
    for name, document in {
        "network.geojson": _collection(pipes),
        "network-later.geojson": _collection([*pipes, _feature(laid, "LineString", NEW_MAIN)]),
        "coverage.geojson": _collection([_feature({}, "Polygon", [_ring(*town)])]),
        "service-area.geojson": _collection([_feature({}, "Polygon", [_ring(*around)])]),
        "dig-plans.geojson": _collection(dig_plans(language)),
    }.items():
        (out / name).write_text(json.dumps(document, ensure_ascii=False, indent=0), encoding="utf-8")


def network() -> list[dict[str, Any]]:
    """The moved network as GeoJSON features with Predig's canonical columns."""
    grid = json.loads(_network_file().read_text(encoding="utf-8"))["_object"]
    pipes, junctions = json.loads(grid["pipe"]["_object"]), json.loads(grid["junction_geodata"]["_object"])
    place = {
        number: [round(x + EAST_SHIFT_M, 4), round(y + NORTH_SHIFT_M, 4)]
        for number, (x, y) in zip(junctions["index"], junctions["data"], strict=True)
    }
    features = []
    for number, row in zip(pipes["index"], pipes["data"], strict=True):
        pipe = dict(zip(pipes["columns"], row, strict=True))
        # "125 PE 100 SDR 11": the outside diameter in mm comes first; house connections do not state one.
        size = (pipe["stanet_std_type"] or "").split()
        properties = {
            "id": f"SW-{number}",
            "pressure_class": "MP-B",
            "diameter_mm": float(size[0]) if size else None,
            "material": "PE" if size else None,
            "kind": "service" if pipe["type"] == "house_connection" else "main",
        }
        features.append(
            _feature(properties, "LineString", [place[pipe["from_junction"]], place[pipe["to_junction"]]])
        )
    synthetic = {"id": "SYNTHETIC-HP-1", "pressure_class": "HP-A", "diameter_mm": 711.0, "kind": "main"}
    features.append(_feature(synthetic, "LineString", HIGH_PRESSURE_LINE))
    return features


def dig_plans(language: Language) -> list[dict[str, Any]]:
    """One trench across a main, one pit in a control zone, one pit far from every pipe."""
    names = PLAN_NAMES[0 if language == "zh" else 1]
    by_machine = {"act": "excavate", "method": "mechanical"}
    shapes: list[tuple[str, Any, dict[str, Any]]] = [
        ("LineString", [[480_222.3, 4_053_553.5], [480_268.1, 4_053_514.7]], {"half_width_m": 0.6}),
        ("Polygon", [_ring(480_000, 4_052_930, 480_020, 4_052_945)], {}),
        ("Polygon", [_ring(480_595, 4_054_345, 480_605, 4_054_355)], {}),
    ]
    return [
        _feature({"id": name} | by_machine | more, kind, coordinates)
        for name, (kind, coordinates, more) in zip(names, shapes, strict=True)
    ]


def _network_file() -> Path:
    package = find_spec("pandapipes")  # found, not imported: only its data file is wanted
    if package is None or not package.submodule_search_locations:
        raise SystemExit("the demo needs the data file of the package pandapipes: run `make setup`")
    return Path(
        package.submodule_search_locations[0], "networks/network_files/gas_net_schutterwald_1bar.json"
    )


def _widened(box: tuple[float, float, float, float], by_m: float) -> tuple[float, float, float, float]:
    return box[0] - by_m, box[1] - by_m, box[2] + by_m, box[3] + by_m


def _ring(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def _feature(properties: dict[str, Any], kind: str, coordinates: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def _collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    urn = f"urn:ogc:def:crs:{CRS.replace(':', '::')}"
    crs = {"type": "name", "properties": {"name": urn}}
    return {"type": "FeatureCollection", "crs": crs, "features": features}
