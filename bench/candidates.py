"""`predig bench`: what one look into a register of 100,000 pipes costs, as a ratio to `select 1` in the same run.

Eight towns of short pipes and one line of 150 km past the first of them. For each of some hundred dig sites,
in turn: `select 1`, the shipped candidate query, and the vault's whole find(). Medians and their ratios are
printed, with the plan of the candidate query under default planner settings.
"""

import json
import statistics
from dataclasses import dataclass
from datetime import date
from time import perf_counter
from typing import Any

import numpy as np
import shapely

from api.register import cut_assets
from bench.house import temporary_home
from ingest import load_profile
from spatial.canonical import sha256
from spatial.rules.profile import RuleProfile
from spatial.screening import query_boxes
from spatial.values import Asset, Box, DigSite, NetworkIntake, RegisterGeometry, UncertaintyTerm
from spatial.words import Act, AssetKind, PermitKind, PipeKind, PressureClass
from sql.cluster import ADMIN, APP, embedded_cluster
from sql.migrate import migrate
from sql.postgis import PostgisVault
from sql.postgis.connection import Door
from sql.queries import FIND
from sql.rows import box_arrays, numbers_text

TOWNS = np.array(
    [
        (101.78, 36.62),
        (102.1, 36.5),
        (94.9, 36.42),
        (97.37, 37.37),
        (97.0, 33.0),
        (100.6, 36.28),
        (98.2, 34.5),
        (102.0, 35.5),
    ]
)
TOWN_SPREAD_DEGREES = 0.02
"""As dense as Schutterwald: some 600 pipes a km2."""
LONG_LINE_M = 150_000.0
CLASSES = (PressureClass.LP, PressureClass.MP_A, PressureClass.SHP_A, PressureClass.HP_A)
SHARES = (0.69, 0.25, 0.05, 0.01)
GOAL = 5.0
"""candidates <= 5 x `select 1` at the median."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Medians in milliseconds, and what the planner does by default."""

    pipes: int
    pieces: int
    sites: int
    pieces_found: float
    import_s: float
    select_1_ms: float
    candidates_ms: float
    find_ms: float
    plan: str

    @property
    def candidates_ratio(self) -> float:
        """Candidate query against `select 1`."""
        return self.candidates_ms / self.select_1_ms

    @property
    def index_used(self) -> bool:
        """The plan reads pieces by their boxes, and no table is read from end to end."""
        return "piece_box" in self.plan and "Seq Scan on piece" not in self.plan

    def record(self) -> dict[str, Any]:
        """One JSON object."""
        return {
            "pipes": self.pipes,
            "pieces": self.pieces,
            "sites": self.sites,
            "pieces_found_median": self.pieces_found,
            "import_s": round(self.import_s, 1),
            "select_1_ms": round(self.select_1_ms, 3),
            "candidates_ms": round(self.candidates_ms, 3),
            "candidates_ratio": round(self.candidates_ratio, 2),
            "find_ms": round(self.find_ms, 3),
            "find_ratio": round(self.find_ms / self.select_1_ms, 2),
            "goal_candidates_ratio": GOAL,
            "index_used": self.index_used,
            "plan": self.plan,
        }


def run(pipes: int, sites: int) -> Bench:
    """Make the register, measure, throw it away."""
    rng = np.random.default_rng(7)
    profile, _ = load_profile("cn-gb55009")
    with temporary_home() as home, embedded_cluster(home) as cluster:
        migrate(cluster.url(ADMIN))
        vault = PostgisVault(cluster.url(APP))
        door = Door(cluster.url(APP))
        try:
            intake = town_network(rng, pipes, profile)
            cuts = cut_assets(intake.assets, profile)
            begun = perf_counter()
            vault.import_network(intake, cuts, utility="BENCH", dataset="towns", on=date(2026, 1, 1))
            import_s = perf_counter() - begun
            queries = [query_boxes(town_site(rng), profile) for _ in range(sites)]
            times, counts = _measure(door, vault, queries)
            plan = _plan(cluster.url(ADMIN), queries[0])
        finally:
            door.close()
            vault.close()
    select_1, candidates, find = (statistics.median(column) * 1000 for column in zip(*times, strict=True))
    return Bench(
        pipes=len(intake.assets),
        pieces=len(cuts.asset),
        sites=sites,
        pieces_found=statistics.median(counts),
        import_s=import_s,
        select_1_ms=select_1,
        candidates_ms=candidates,
        find_ms=find,
        plan=plan,
    )


def _measure(
    door: Door, vault: PostgisVault, queries: list[tuple[Box, ...]]
) -> tuple[list[tuple[float, float, float]], list[int]]:
    """Seconds of `select 1`, candidates, find for each query, taken in turn; and pieces found."""
    times: list[tuple[float, float, float]] = []
    counts: list[int] = []

    def paired(connection: Any) -> None:
        for boxes in [*queries[:20], *queries]:
            asked = _asked(boxes)
            start = perf_counter()
            connection.exec_driver_sql("select 1").all()
            middle = perf_counter()
            rows = connection.exec_driver_sql(FIND["candidates"], asked).all()
            end = perf_counter()
            vault.find([boxes])
            times.append((middle - start, end - middle, perf_counter() - end))
            counts.append(len(rows))

    door.read(paired)
    return times[20:], counts[20:]


def _asked(boxes: tuple[Box, ...]) -> dict[str, Any]:
    """The parameters of the candidate query for one site at the first revision."""
    return box_arrays(boxes) | {"site": numbers_text([0] * len(boxes)), "as_of": 1}


def _plan(admin_url: str, boxes: tuple[Box, ...]) -> str:
    """The plan of the statement inside the candidate function, as auto_explain reports it."""
    door = Door(admin_url)

    def explained(connection: Any) -> str:
        # The driver's own cursor: SQLAlchemy empties the notices after each statement.
        cursor = connection.connection.cursor()
        for statement in (
            "LOAD 'auto_explain'",
            "SET auto_explain.log_min_duration = 0",
            "SET auto_explain.log_nested_statements = on",
            "SET client_min_messages = log",
        ):
            cursor.execute(statement)
        cursor.execute(FIND["candidates"], _asked(boxes))
        return next(notice for notice in cursor.connection.notices if "piece p" in notice)

    try:
        return door.read(explained)
    finally:
        door.close()


def town_network(rng: np.random.Generator, pipes: int, profile: RuleProfile) -> NetworkIntake:
    """About `pipes` short pipes in eight towns, and a line of 150 km past the first of them."""
    town = TOWNS[rng.integers(0, len(TOWNS), pipes)]
    starts = town + rng.normal(0, TOWN_SPREAD_DEGREES, (pipes, 2)) * (1.0, 0.8)
    counts = rng.integers(2, 9, pipes)
    heading = rng.uniform(0, 2 * np.pi, pipes)
    assets = []
    for number in range(pipes):
        step = rng.exponential(9e-5, (counts[number] - 1, 1)) + 1e-6
        turn = heading[number] + rng.normal(0, 0.2, counts[number] - 1)
        walk = np.cumsum(step * np.column_stack([np.cos(turn), np.sin(turn)]), axis=0)
        line = np.vstack([starts[number], starts[number] + walk])
        assets.append(_asset(f"P{number}", line, CLASSES[rng.choice(len(CLASSES), p=SHARES)], rng))
    bearing = np.linspace(0, LONG_LINE_M / 111_000, 3_001)
    long_line = np.column_stack([TOWNS[0, 0] - bearing, TOWNS[0, 1] + 0.1 * np.sin(bearing * 8)])
    assets.append(_asset("LONG", long_line, PressureClass.HP_A, rng))
    return NetworkIntake(
        received=len(assets),
        assets=tuple(assets),
        rejected=(),
        warnings={},
        crs="EPSG:4490",
        operation="no change; exact",
        operation_accuracy_m=0.0,
        stable_ids=True,
        sources=(("generated", sha256("bench")),),
    )


def _asset(name: str, line: np.ndarray, pressure_class: PressureClass, rng: np.random.Generator) -> Asset:
    return Asset(
        source_id=name,
        kind=AssetKind.PIPE,
        geometry=RegisterGeometry(shapely.multilinestrings([shapely.linestrings(line)])),
        pressure_class=pressure_class,
        diameter_mm=219.0,
        cover_m=None,
        material=None,
        status=None,
        survey_class=None,
        laid_on=None,
        pipe_kind=PipeKind.MAIN,
        uncertainty=(UncertaintyTerm("pipe_stated", float(rng.choice([0.1, 0.5, 2.0])), "bench"),),
        digest=sha256(name),
    )


def town_site(rng: np.random.Generator) -> DigSite:
    """Trenches and pits in the towns, a fiftieth of them beside the long line."""
    if rng.random() < 0.02:
        centre = TOWNS[0] - (rng.uniform(0, 1.3), 0.0)
    else:
        centre = TOWNS[rng.integers(0, len(TOWNS))] + rng.normal(0, TOWN_SPREAD_DEGREES, 2) * (1.0, 0.8)
    size = rng.uniform(5e-5, 1e-3)
    geometry = (
        shapely.box(centre[0], centre[1], centre[0] + size / 3, centre[1] + size / 4)
        if rng.random() < 0.6
        else shapely.linestrings([centre, centre + rng.normal(0, size, 2)])
    )
    return DigSite(
        feature_id="bench",
        geometry=RegisterGeometry(geometry),
        half_width_m=0.0 if geometry.geom_type == "Polygon" else 0.6,
        half_width_known=True,
        start_station_m=0.0,
        acts=(Act.EXCAVATE,),
        method=None,
        depth_m=None,
        kind=PermitKind.NORMAL,
        uncertainty=(),
        received="{}",
        crs="EPSG:4490",
        operation="no change; exact",
    )


if __name__ == "__main__":
    print(json.dumps(run(100_000, 400).record(), indent=1))
