"""`make acceptance`: nine real networks imported by the maps that Predig proposes for them, and thirteen real Dutch
one-call requests judged against seven of them, all through the `predig` command.

Reads PREDIG_ACCEPTANCE (default ../shared/data): the folder that holds klic/ and schutterwald/. For every request the set of pipes whose axis the dig polygon
touches must equal, exactly, the set the utilities had to deliver. Then the same with the polygons in EPSG:4326,
made by the published RD polynomial (Schreutelkamp and Strang van Hees), which shares nothing with PROJ: every
touching pipe must still be a conflict.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.acceptance_networks import NETHERLANDS, clusters, take_networks
from bench.house import temporary_house

KINDS = {"graafmelding": "normal", "calamiteitenmelding": "emergency", "orientatieverzoek": "design"}

# Terms (power of dX, power of dY, seconds) of the polynomial from RD to WGS 84, origin Amersfoort; ~0.25 m.
LATITUDE_TERMS = (
    *((0, 1, 3235.65389), (2, 0, -32.58297), (0, 2, -0.24750), (2, 1, -0.84978), (0, 3, -0.06550)),
    *(
        (2, 2, -0.01709),
        (1, 0, -0.00738),
        (4, 0, 0.00530),
        (2, 3, -0.00039),
        (4, 1, 0.00033),
        (1, 1, -0.00012),
    ),
)
LONGITUDE_TERMS = (
    *((1, 0, 5260.52916), (1, 1, 105.94684), (1, 2, 2.45656), (3, 0, -0.81885), (1, 3, 0.05594)),
    *((3, 1, -0.05607), (0, 1, 0.01199), (3, 2, -0.00256), (1, 4, 0.00128), (0, 2, 0.00022)),
    *((2, 0, -0.00022), (5, 0, 0.00026)),
)


def to_wgs84(x: float, y: float) -> list[float]:
    """RD (EPSG:28992) metres to longitude, latitude WGS 84 degrees by the published polynomial."""
    dx, dy = (x - 155_000) * 1e-5, (y - 463_000) * 1e-5
    latitude = 52.15517440 + sum(k * dx**p * dy**q for p, q, k in LATITUDE_TERMS) / 3600
    longitude = 5.38720621 + sum(k * dx**p * dy**q for p, q, k in LONGITUDE_TERMS) / 3600
    return [longitude, latitude]


def run() -> int:
    """0 when all nine and all thirteen are exact; 1 otherwise; 2 when the data are not there."""
    data = Path(os.environ.get("PREDIG_ACCEPTANCE") or "../shared/data")
    folder = data / "klic"
    if not folder.is_dir() or not (data / "schutterwald").is_dir():
        print(
            f"acceptance did NOT run: {data} is not there; set PREDIG_ACCEPTANCE to the folder that holds klic/ and "
            "schutterwald/"
        )
        return 2
    expected = {
        request: (cluster, set(answer["dig_intersecting_ids"]))
        for cluster in clusters(data)
        for request, answer in json.loads((folder / f"EXPECTED_{cluster}.json").read_text()).items()
    }
    wrong = 0
    with (
        temporary_house(PREDIG_EXTENT=NETHERLANDS, PREDIG_LANG="en") as environment,
        tempfile.TemporaryDirectory() as scratch,
    ):
        networks_wrong = take_networks(predig, environment, data, Path(scratch))
        print(f"{'request':<12}{'kind':<22}{'must':>5}{'found':>6}{'EPSG:28992':>12}{'EPSG:4326':>18}")
        for request, (_, must) in sorted(expected.items()):
            plan = json.loads((folder / f"{request}_request_28992.geojson").read_text())
            digs = [row for row in plan["features"] if row["properties"]["kind"] == "Graafpolygoon"] or plan[
                "features"
            ]
            kind = digs[0]["properties"]["aanvraagSoort"]
            touching = set()
            for row in screen(environment, Path(scratch), digs, "EPSG:28992", KINDS[kind]):
                touching |= {c["source_id"] for c in row["conflicts"] if c["centreline_distance_m"] == 0}
            moved = [_moved(row) for row in digs]
            conflicts = {
                c["source_id"]
                for row in screen(environment, Path(scratch), moved, "EPSG:4326", KINDS[kind])
                for c in row["conflicts"]
            }
            exact, kept = touching == must, must <= conflicts
            wrong += (not exact) + (not kept)
            lost = f"{len(must & conflicts)} of {len(must)}"
            print(f"{request:<12}{kind:<22}{len(must):>5}{len(touching):>6}{_word(exact):>12}{lost:>18}")
            for name in sorted(touching ^ must):
                print(f"    differs: {name}")
    passed = 2 * len(expected) - wrong
    print(f"requests: {passed} passed, {wrong} failed; networks: {networks_wrong} differences")
    return 1 if wrong or networks_wrong else 0


def predig(environment: dict[str, str], *arguments: str) -> list[dict[str, Any]]:
    """Run one command with --json; its lines. A failure ends the campaign with what it said."""
    command = [sys.executable, "-m", "api", *arguments, "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"predig {' '.join(arguments)} exited {done.returncode}:\n{done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def screen(
    environment: dict[str, str], scratch: Path, features: list[dict[str, Any]], crs: str, kind: str
) -> list[dict[str, Any]]:
    """Judge some features declared in `crs`."""
    file = scratch / "plan.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return predig(environment, "screen", str(file), "--crs", crs, "--act", "excavate", "--kind", kind)


def _moved(feature: dict[str, Any]) -> dict[str, Any]:
    rings = [[to_wgs84(x, y) for x, y in ring] for ring in feature["geometry"]["coordinates"]]
    return {**feature, "geometry": {"type": "Polygon", "coordinates": rings}}


def _word(passed: bool) -> str:
    return "exact" if passed else "DIFFERS"


if __name__ == "__main__":
    sys.exit(run())
