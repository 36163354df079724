"""The oracle campaign: 20,000 random (site, pipe) pairs judged by every path and by judges of another make.

Paths: the vault in PostGIS, its twin in memory, and every pair of a neighbourhood without any index.
Judges: ST_Distance(geography), and geodesics by GeographicLib with the law typed a second time.
"""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import psycopg2
import shapely
from sqlalchemy import make_url

from bench.geodesic import Shape, distance_m, margin_m
from bench.house import temporary_home
from bench.scenes import FloatArray, IntArray, Scene, found_of, pieces_of, scene
from spatial.found import Pieces
from spatial.judging.judge import Conflicts, judge
from spatial.measuring.measure import pair_up, project
from spatial.measuring.pieces import Cuts, cut
from spatial.rules.profile import RuleProfile
from spatial.screening import query_boxes
from spatial.values import Asset, NetworkIntake, RegisterGeometry, UncertaintyTerm
from spatial.words import AssetKind, PipeKind, PressureClass
from sql.cluster import ADMIN, APP, embedded_cluster
from sql.memory import MemoryVault
from sql.migrate import migrate
from sql.postgis import PostgisVault
from sql.vault import Vault

SITES_EACH, PIPES_EACH = 2, 5
DAY = date(2026, 11, 1)
GEODESIC_M = 0.001
"""Agreement asked of GeographicLib at 50 m."""
GEOGRAPHY_M, GEOGRAPHY_SHARE = 0.001, 2e-5
"""Agreement asked of ST_Distance(geography): 1 mm + 2e-5 d."""
MOST_OVERESTIMATES = 0.005
FINDS_AT_ONCE = 400

Key = tuple[int, str]
"""(site, the utility's own id of the pipe)."""


@dataclass
class Report:
    """What was compared, how far apart the worst were, and every difference in words."""

    pairs: int = 0
    conflicts: int = 0
    too_near_to_tell: int = 0
    worst_geodesic_mm: float = 0.0
    worst_geography_mm: float = 0.0
    geography_overestimates: int = 0
    worst_overestimate_mm: float = 0.0
    differences: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        return [
            f"pairs {self.pairs}, conflicts {self.conflicts}",
            f"GeographicLib: worst difference {self.worst_geodesic_mm:.4f} mm up to 50 m",
            f"ST_Distance(geography): worst difference {self.worst_geography_mm:.4f} mm over 2e-5 d, save "
            f"{self.geography_overestimates} pairs it puts too far, by up to {self.worst_overestimate_mm:.1f} mm, "
            "where GeographicLib is with us",
            f"pairs within 0.2 mm of a limit, left to either side: {self.too_near_to_tell}",
            *(f"DIFFERS: {said}" for said in self.differences[:20]),
            f"differences: {len(self.differences)}",
        ]


def compare(
    drawn: Scene,
    profile: RuleProfile,
    vaults: Mapping[str, Vault],
    geography_m: Callable[[Sequence[bytes], Sequence[bytes]], FloatArray],
) -> Report:
    """Every path against every judge. vaults: empty registers. geography_m: distances of WKB pairs, metres."""
    site, pipe = drawn.pairs()
    report = Report(pairs=len(site))
    brute = judge(drawn.sites, found_of(drawn).pieces, profile)
    expected = _facts(brute, drawn.assets.source_id)
    report.conflicts = len(expected)

    axis_m = _axis_m(drawn, site, pipe)
    truth_m = _against_geodesics(report, drawn, site, pipe, axis_m, expected)
    _against_geography(report, drawn, site, pipe, axis_m, truth_m, geography_m)

    intake, cuts = intake_of(drawn, profile)
    for name, vault in vaults.items():
        vault.import_network(intake, cuts, utility="G1", dataset="town", on=DAY)
        _against_vault(report, name, vault, drawn, profile, expected)
    return report


def _facts(found: Conflicts, source_id: Sequence[str]) -> dict[Key, tuple[object, ...]]:
    return {
        (int(found.site[row]), str(source_id[found.asset[row]])): (
            float(found.clearance_m[row]),
            float(found.uncertainty_m[row]),
            str(found.zone[row]),
            str(found.grade[row]),
            found.pipe_intervals_m[row],
            found.site_intervals_m[row],
        )
        for row in range(len(found))
    }


def _axis_m(drawn: Scene, site: IntArray, pipe: IntArray) -> FloatArray:
    """Predig's own distance of every pair, in the order of the pairs."""
    pieces: Pieces = pieces_of(drawn.pipes, drawn.assets, site, pipe)
    measured = pair_up(pieces, project(drawn.sites, pieces))
    at = {
        (int(s), int(p)): float(d)
        for s, p, d in zip(measured.site, measured.asset, measured.axis_m, strict=True)
    }
    return np.array([at[int(s), int(p)] for s, p in zip(site, pipe, strict=True)])


def _against_geodesics(
    report: Report,
    drawn: Scene,
    site: IntArray,
    pipe: IntArray,
    axis_m: FloatArray,
    expected: Mapping[Key, tuple[object, ...]],
) -> FloatArray:
    """Distances and conflicts by GeographicLib; the true distances."""
    truth_m = np.empty(len(site))
    site_shapes = [_shape(one.geometry) for one in drawn.sites]
    pipe_shapes = [_shape(one) for one in drawn.pipes]
    for row, (s, p, ours) in enumerate(zip(site, pipe, axis_m, strict=True)):
        truth = truth_m[row] = distance_m(site_shapes[s], pipe_shapes[p])
        apart = abs(ours - truth)
        if truth <= 50.0:
            report.worst_geodesic_mm = max(report.worst_geodesic_mm, apart * 1000)
        if apart > GEODESIC_M * max(truth / 50.0, 1.0):
            report.differences.append(f"site {s} pipe {p}: {ours:.5f} m, GeographicLib {truth:.5f} m")
        diameter = float(drawn.assets.diameter_mm[p])
        margin = margin_m(
            truth,
            half_width_m=drawn.sites[s].half_width_m,
            uncertainty_m=drawn.sites[s].uncertainty_m + float(drawn.assets.uncertainty_m[p]),
            pressure_class=drawn.assets.pressure_class[p],
            diameter_mm=None if np.isnan(diameter) else diameter,
            acts=drawn.sites[s].acts,
        )
        if abs(margin) <= 0.0002:
            report.too_near_to_tell += 1
        elif (margin <= 0) != ((int(s), str(drawn.assets.source_id[p])) in expected):
            report.differences.append(f"site {s} pipe {p}: {margin:.5f} m from the limit, judged otherwise")
    return truth_m


def _against_geography(
    report: Report,
    drawn: Scene,
    site: IntArray,
    pipe: IntArray,
    axis_m: FloatArray,
    truth_m: FloatArray,
    geography_m: Callable[[Sequence[bytes], Sequence[bytes]], FloatArray],
) -> None:
    """PostGIS tests whether the foot of a perpendicular lies on an edge with a tolerance of 1e-12 in a cosine,
    about 9 m on the ground: near an edge's end it may take the end instead, centimetres too far. Such a
    pair is left to GeographicLib; anything else apart, or too near, or too often, is a difference."""
    sites = shapely.to_wkb(np.array([one.geometry for one in drawn.sites], dtype=object))
    pipes = shapely.to_wkb(drawn.pipes)
    theirs = geography_m(list(sites[site]), list(pipes[pipe]))
    apart = np.abs(axis_m - theirs)
    agrees = apart <= GEOGRAPHY_M + GEOGRAPHY_SHARE * theirs
    too_far = ~agrees & (theirs > truth_m) & (np.abs(axis_m - truth_m) <= GEODESIC_M)
    report.worst_geography_mm = float(np.max((apart - GEOGRAPHY_SHARE * theirs)[agrees])) * 1000
    report.geography_overestimates = int(np.count_nonzero(too_far))
    report.worst_overestimate_mm = float(np.max(apart[too_far], initial=0.0)) * 1000
    if report.geography_overestimates > MOST_OVERESTIMATES * len(site):
        report.differences.append(f"ST_Distance is too far in {report.geography_overestimates} pairs")
    for row in np.flatnonzero(~agrees & ~too_far):
        report.differences.append(
            f"site {site[row]} pipe {pipe[row]}: {axis_m[row]:.5f} m, ST_Distance {theirs[row]:.5f} m"
        )


def _against_vault(
    report: Report,
    name: str,
    vault: Vault,
    drawn: Scene,
    profile: RuleProfile,
    expected: Mapping[Key, tuple[object, ...]],
) -> None:
    """The conflicts found through an index must be those found without one, to the last digit."""
    judged: dict[Key, tuple[object, ...]] = {}
    for first in range(0, len(drawn.sites), FINDS_AT_ONCE):
        batch = drawn.sites[first : first + FINDS_AT_ONCE]
        pieces = vault.find([query_boxes(one, profile) for one in batch]).pieces
        for (row, source), facts in _facts(judge(batch, pieces, profile), pieces.assets.source_id).items():
            judged[first + row, source] = facts
    for key in sorted(expected.keys() | judged.keys()):
        if expected.get(key) != judged.get(key):
            report.differences.append(
                f"{name}: site {key[0]} pipe {key[1]}: {judged.get(key)}, without an index {expected.get(key)}"
            )


def _shape(geometry: shapely.geometry.base.BaseGeometry) -> Shape:
    area = geometry.geom_type in ("Polygon", "MultiPolygon")
    parts = [
        ring for part in shapely.get_parts(geometry) for ring in (shapely.get_rings(part) if area else [part])
    ]
    return Shape(tuple(shapely.get_coordinates(part) for part in parts), area)


def intake_of(drawn: Scene, profile: RuleProfile) -> tuple[NetworkIntake, Cuts]:
    """The pipes of a scene as the dock would hand them over, and their pieces."""
    columns = drawn.assets
    assets = []
    for row, shape in enumerate(drawn.pipes):
        diameter = float(columns.diameter_mm[row])
        name = columns.pressure_class[row]
        assets.append(
            Asset(
                source_id=str(columns.source_id[row]),
                kind=AssetKind(columns.kind[row]),
                geometry=RegisterGeometry(shape),
                pressure_class=None if name is None else PressureClass(name),
                diameter_mm=None if np.isnan(diameter) else diameter,
                cover_m=float(columns.cover_m[row]),
                material=None,
                status=None,
                survey_class=None,
                laid_on=None,
                pipe_kind=PipeKind.MAIN,
                uncertainty=(UncertaintyTerm("pipe_stated", float(columns.uncertainty_m[row]), "register"),),
                digest=f"{row:064x}",
            )
        )
    widen_by_m = [
        profile.diameter_or_largest_mm(asset.diameter_mm, asset.pressure_class) / 2000 + asset.uncertainty_m
        for asset in assets
    ]
    intake = NetworkIntake(
        received=len(assets),
        assets=tuple(assets),
        rejected=(),
        warnings={},
        crs="EPSG:4490",
        operation="identity",
        operation_accuracy_m=0.0,
        stable_ids=True,
        sources=(("scene", "0" * 64),),
    )
    return intake, cut([asset.geometry for asset in assets], np.array(widen_by_m))


def geography_in(url: str) -> Callable[[Sequence[bytes], Sequence[bytes]], FloatArray]:
    """ST_Distance(geography) in the database at `url`."""
    parsed = make_url(url)

    def measure(one: Sequence[bytes], other: Sequence[bytes]) -> FloatArray:
        connection = psycopg2.connect(
            host=parsed.query["host"],
            port=parsed.query["port"],
            user=parsed.username,
            dbname=parsed.database,
        )
        with closing(connection), connection.cursor() as cursor:
            cursor.execute(
                "SELECT ST_Distance(ST_GeomFromWKB(a, 4490)::geography, ST_GeomFromWKB(b, 4490)::geography) "
                "FROM unnest(%s::bytea[], %s::bytea[]) WITH ORDINALITY AS pair(a, b, row) ORDER BY row",
                (list(one), list(other)),
            )
            return np.array([row[0] for row in cursor.fetchall()], dtype=np.float64)

    return measure


def run(seed: int, pairs: int, owner_url: str, app_url: str, profile: RuleProfile) -> Report:
    """A campaign of `pairs` pairs in one migrated, empty database."""
    drawn = scene(seed, pairs // (SITES_EACH * PIPES_EACH), SITES_EACH, PIPES_EACH)
    with closing(PostgisVault(app_url)) as postgis:
        return compare(drawn, profile, {"postgis": postgis, "twin": MemoryVault()}, geography_in(owner_url))


def main() -> int:
    from ingest import load_profile

    began = time.monotonic()
    profile, _ = load_profile("cn-gb55009")
    with temporary_home() as home, embedded_cluster(home) as cluster:
        owner = cluster.url(ADMIN, "predig")
        migrate(owner)
        report = run(20_261_123, 20_000, owner, cluster.url(APP, "predig"), profile)
    print("\n".join(report.lines()))
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if report.differences else 0


if __name__ == "__main__":
    sys.exit(main())
