"""What is filed and imported while processes die: a few thousand pipes, digs among them, changes now and then."""

import json
from contextlib import closing
from datetime import date, timedelta
from typing import Any

import numpy as np
import psycopg2
import shapely
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy import make_url

from api.register import cut_assets
from bench.race_town import asset_of, intake_of
from spatial.rules.profile import RuleProfile
from spatial.values import Utility
from spatial.words import GroundKind, PipeKind, PressureClass
from sql.vault import GroundDeclaration, Vault

UTILITY, NEIGHBOUR = "GAS", "GAS2"
WEST, SOUTH, SPAN = 101.70, 36.58, 0.06
CLASSES = (PressureClass.LP, PressureClass.MP_A, PressureClass.SHP_A, PressureClass.HP_A)
SHARES = (0.5, 0.35, 0.1, 0.05)
AGREE_M = 0.005

# Pipes of now near the sites of open permits, by the index on whole shapes and not by pieces; how far each is
# inside (-) or outside (+) of the law's limit.
NEAR = """
SELECT s.permit_id::text, a.utility, a.dataset, a.source_id,
       greatest(ST_Distance(s.geom::geography, g.geom::geography) - a.diameter_mm / 2000, 0) - a.uncertainty_m - 0.01
       - CASE WHEN a.pressure_class IN ('LP', 'MP-B', 'MP-A') THEN 5 WHEN a.pressure_class LIKE 'SHP%%' THEN 15 ELSE 50 END
  FROM predig.permit p
  JOIN predig.permit_site s ON s.permit_id = p.permit_id AND s.amendment = p.amendment
  JOIN predig.pipe g ON g.geom && ST_Expand(s.geom, 0.002)
  JOIN predig.asset a ON a.asset_id = g.asset_id AND a.valid_to IS NULL
 WHERE p.cancelled_at IS NULL
"""

Told = tuple[str, str, str, str]
"""permit, utility, dataset, source id."""


class FaultTown:
    """The network as it should be now, and plans of digs. Not for several threads at once."""

    def __init__(self, profile: RuleProfile, on: date, seed: int, pipes: int) -> None:
        self._profile, self._on = profile, on
        self._rng = np.random.default_rng(seed)
        self._pipes = {f"P{number}": self._pipe() for number in range(pipes)}
        self._blank = False
        self._again = ("import", 0.1)

    def settle(self, vault: Vault) -> None:
        """Both utilities with all that `clear` needs; the neighbour serves a corner."""
        for code, dataset, area in ((UTILITY, "town", _area(1.0)), (NEIGHBOUR, "corner", _area(0.1))):
            vault.set_utility(Utility(code, f"Gas company {code}", duty_phone="0971-1"))
            if code == UTILITY:
                self.bring(vault)
            else:
                far = {
                    "far": (
                        _line(np.array([[WEST - 0.02, SOUTH - 0.02], [WEST - 0.019, SOUTH - 0.02]])),
                        CLASSES[0],
                    )
                }
                self._import(vault, code, dataset, far)
            vault.declare_ground(GroundDeclaration(code, GroundKind.SERVICE_AREA, area))
            vault.declare_ground(self._coverage(code, area))

    def bring(self, vault: Vault) -> None:
        self._import(vault, UTILITY, "town", self._pipes)

    def change(self, vault: Vault) -> str:
        """One change of the register, by lot: some pipes moved and added, the corner's coverage, a blank."""
        what = str(self._rng.choice(["import", "import", "coverage", "blank"]))
        if what == "import":
            names = list(self._pipes)
            for number in self._rng.choice(len(names), 5, replace=False):
                del self._pipes[names[number]]
            for number in self._rng.choice(len(names), 5, replace=False):
                if names[number] in self._pipes:
                    self._pipes[names[number]] = self._pipe()
            self._pipes |= {f"N{self._rng.integers(1 << 40)}": self._pipe() for _ in range(5)}
        elif what == "blank":
            self._blank = not self._blank
        self._again = (what, float(self._rng.uniform(0.05, 0.1)))
        return self.again(vault)

    def again(self, vault: Vault) -> str:
        """The last change once more: where it was made already, nothing differs."""
        what, share = self._again
        if what == "import":
            self.bring(vault)
        elif what == "coverage":
            vault.declare_ground(self._coverage(NEIGHBOUR, _area(share)))
        else:
            shape = MultiPolygon(
                [shapely.box(WEST, SOUTH, WEST + 0.002, SOUTH + 0.002)] if self._blank else []
            )
            vault.declare_ground(GroundDeclaration(UTILITY, GroundKind.BLANK, shape))
        return what

    def plan(self, rng: np.random.Generator, key: str) -> bytes:
        """A filing of one dig of some metres somewhere in town, as it is sent."""
        lon, lat = rng.uniform((WEST, SOUTH), (WEST + SPAN, SOUTH + SPAN))
        east, north = rng.uniform(2e-5, 8e-5, 2)
        ring = [[lon, lat], [lon + east, lat], [lon + east, lat + north], [lon, lat + north], [lon, lat]]
        return json.dumps(
            {
                "crs": "EPSG:4490",
                "plan": {"type": "Polygon", "coordinates": [[[round(x, 9), round(y, 9)] for x, y in ring]]},
                "acts": ["excavate"],
                "method": "mechanical",
                "title": key,
                "starts_on": (self._on + timedelta(days=20)).isoformat(),
                "ends_on": (self._on + timedelta(days=40)).isoformat(),
                "contractor": {"name": "Road works"},
            }
        ).encode()

    def _import(
        self, vault: Vault, utility: str, dataset: str, pipes: dict[str, tuple[BaseGeometry, PressureClass]]
    ) -> None:
        intake = intake_of([asset_of(name, shape, cls) for name, (shape, cls) in pipes.items()])
        cuts = cut_assets(intake.assets, self._profile)
        vault.import_network(intake, cuts, utility=utility, dataset=dataset, on=self._on)

    def _coverage(self, code: str, area: MultiPolygon) -> GroundDeclaration:
        return GroundDeclaration(
            code, GroundKind.COVERAGE, area, pipe_kinds=tuple(PipeKind), as_of=self._on, max_age_days=365
        )

    def _pipe(self) -> tuple[BaseGeometry, PressureClass]:
        start = self._rng.uniform((WEST, SOUTH), (WEST + SPAN, SOUTH + SPAN))
        steps = self._rng.normal(0, 3e-4, (int(self._rng.integers(1, 6)), 2))
        pressure_class = CLASSES[int(self._rng.choice(len(CLASSES), p=SHARES))]
        return _line(np.vstack([start, start + np.cumsum(steps, axis=0)])), pressure_class


def conflicts_that_are(owner_url: str) -> tuple[set[Told], set[Told]]:
    """By brute force over all open permits: those beyond doubt, and those not ruled out (5 mm either way)."""
    parts = make_url(owner_url)
    with (
        closing(
            psycopg2.connect(
                host=parts.query["host"], port=parts.query["port"], user=parts.username, dbname=parts.database
            )
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(NEAR, ())
        rows: list[Any] = cursor.fetchall()
    must = {tuple(row[:4]) for row in rows if row[4] <= -AGREE_M}
    return must, {tuple(row[:4]) for row in rows if row[4] <= AGREE_M}


def _line(xy: Any) -> BaseGeometry:
    return shapely.MultiLineString([shapely.segmentize(shapely.LineString(xy.round(9)), 0.0009)])


def _area(share: float) -> MultiPolygon:
    """The south-west corner of the town with a margin, that share of its sides; edges under 100 m."""
    box = shapely.box(
        WEST - 0.05, SOUTH - 0.05, WEST + SPAN * share + 0.05 * share, SOUTH + SPAN * share + 0.05 * share
    )
    return MultiPolygon([shapely.segmentize(box, 0.0009)])
