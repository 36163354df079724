"""Nine real networks from the README's own steps: look with --propose, import with the map as it was proposed.

What must come of each is counted here from the files themselves, by code that shares nothing with Predig's readers.
"""

import json
import math
import tomllib
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

Call = Callable[..., list[dict[str, Any]]]
"""predig(environment, *words): its JSON lines."""

NETHERLANDS = "3.2,50.7,7.3,53.7"
ORTENAU = "7.5,48.2,8.2,48.7"
CHINA = "73,3,136,54"
SCHUTTERWALD = (
    ("pipes_epsg31467", "EPSG:31467", ORTENAU),
    ("pipes_transplanted_xining_epsg4543", "EPSG:4543", CHINA),
)


def clusters(folder: Path) -> list[str]:
    return sorted(path.stem.removeprefix("EXPECTED_") for path in (folder / "klic").glob("EXPECTED_*.json"))


def take_networks(predig: Call, environment: dict[str, str], folder: Path, scratch: Path) -> int:
    """Import all; how many checks failed. Each cluster of the Dutch pools is utility KL-<cluster> afterwards."""
    wrong = 0
    print(f"{'network':<38}{'rows':>6}{'taken':>7}  as counted from the file")
    for cluster in clusters(folder):
        wrong += _klic(
            predig, environment, folder / "klic" / f"POOL_{cluster}_gaspipes_28992.geojson", cluster, scratch
        )
    wrong += _in_centimetres(predig, environment, folder / "klic" / "POOL_C_gaspipes_28992.geojson", scratch)
    for name, crs, extent in SCHUTTERWALD:
        there = {**environment, "PREDIG_EXTENT": extent}
        wrong += _schutterwald(predig, there, folder / "schutterwald" / f"{name}.geojson", crs, scratch)
    return wrong


def _klic(predig: Call, environment: dict[str, str], file: Path, cluster: str, scratch: Path) -> int:
    rows = _properties(file)
    done, read, _ = _by_proposal(predig, environment, file, "EPSG:28992", f"KL-{cluster}", scratch)
    must = {
        "accepted": len(rows),
        "rejected": 0,
        "diameter_mm": sum(_number(row["diameter"]) is None for row in rows),
        "pressure_class": sum(not _number(row["pressure"]) for row in rows),
        "cover_m": len(rows),
        "units": {"diameter_mm": "mm", "pressure_class": "bar"},
        "days_to_come": sum(row["validFrom"].startswith("9999") for row in rows),
    }
    found = {
        "accepted": done["accepted"],
        "rejected": done["rejected"],
        **{name: _unknown(done, name) for name in ("diameter_mm", "pressure_class", "cover_m")},
        "units": read["units"],
        "days_to_come": _unknown(done, "laid_on"),
    }
    return _compare(file.name, rows, done, must, found)


def _in_centimetres(predig: Call, environment: dict[str, str], file: Path, scratch: Path) -> int:
    """The same pool with its diameters in centimetres is the same pool; with some in each nobody's unit is certain."""
    document = json.loads(file.read_text())
    wrong = 0
    for name, changed in (("in_cm", lambda at: True), ("mixed", lambda at: at % 2 == 0)):
        for at, row in enumerate(document["features"]):
            row["properties"] |= _said_in_cm(row["properties"]) if changed(at) else {}
        path = scratch / f"C_{name}.geojson"
        path.write_text(json.dumps(document))
        document = json.loads(file.read_text())
        done, read, _ = _by_proposal(predig, environment, path, "EPSG:28992", "KL-C", scratch, dry_run=True)
        rows = _properties(path)
        changes = done["changes"]
        sure = name == "in_cm"
        must = {"unit": "cm" if sure else None, "unchanged": len(rows) if sure else 0}
        found = {"unit": read.get("units", {}).get("diameter_mm"), "unchanged": changes["unchanged"]}
        wrong += _compare(path.name, rows, done, must, found)
    return wrong


def _said_in_cm(row: Mapping[str, Any]) -> dict[str, Any]:
    size = _number(row["diameter"])
    return {"diameter": size and str(size / 10), "diameter_uom": "cm"}


def _schutterwald(predig: Call, environment: dict[str, str], file: Path, crs: str, scratch: Path) -> int:
    features = json.loads(file.read_text())["features"]
    rows = [row["properties"] for row in features]
    done, read, looked = _by_proposal(predig, environment, file, crs, f"SW-{crs[-4:]}", scratch)
    off = [row["properties"]["id"] for row in features if _is_off(row)]
    check = next(check for check in looked["checks"] if check["code"] == "length_differs")
    must = {
        "accepted": len(rows),
        "diameter_mm": 0,
        "pressure_class": len(rows),
        "basis": "inner",
        "lengths": (len(off), [str(name) for name in off[:10]]),
    }
    found = {
        "accepted": done["accepted"],
        **{name: _unknown(done, name) for name in ("diameter_mm", "pressure_class")},
        "basis": read["constants"]["diameter_basis"],
        "lengths": (check["count"], check["examples"]),
    }
    return _compare(file.name, rows, done, must, found)


def _is_off(feature: Mapping[str, Any]) -> bool:
    """Whether a pipe is drawn more than 5 % and 1 m longer or shorter than declared, in the plane of its CRS."""
    line, stated = feature["geometry"]["coordinates"], feature["properties"]["length_m"]
    drawn = sum(math.dist(one[:2], other[:2]) for one, other in pairwise(line))
    return abs(drawn - stated) > max(1.0, 0.05 * stated)


def _by_proposal(
    predig: Call,
    environment: dict[str, str],
    file: Path,
    crs: str,
    utility: str,
    scratch: Path,
    dry_run: bool = False,
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """(what the import said, the map, what the look said)."""
    draft = scratch / f"{file.stem}.toml"
    predig(environment, "network", "inspect", str(file), "--propose", str(draft))
    how = (str(file), "--crs", crs, "--id-field", "id", "--map", str(draft))
    (looked,) = predig(environment, "network", "inspect", *how)
    more = ("--dataset", "pool", *(["--dry-run"] if dry_run else []))
    (done,) = predig(environment, "network", "import", *how, "--utility", utility, *more)
    return done, tomllib.loads(draft.read_text(encoding="utf-8")), looked


def _unknown(done: Mapping[str, Any], name: str) -> int:
    return sum(done["warnings"].get(f"{name}_{what}", 0) for what in ("missing", "unusable"))


def _compare(
    name: str, rows: list[Any], done: Mapping[str, Any], must: dict[str, Any], found: dict[str, Any]
) -> int:
    wrong = list(_differing(must, found))
    print(f"{name:<38}{len(rows):>6}{done['accepted']:>7}  {'exact' if not wrong else 'DIFFERS'}")
    for one in wrong:
        print(f"    {one}: must be {must[one]}, is {found[one]}")
    return len(wrong)


def _differing(must: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    return (name for name in must if must[name] != found[name])


def _properties(file: Path) -> list[dict[str, Any]]:
    return [row["properties"] for row in json.loads(file.read_text())["features"]]


def _number(text: Any) -> float | None:
    return float(text) if text else None
