"""The town in which filing and importing race: `clear` is possible, and one pipe makes it a conflict.

Places of their own, some 300 m apart, so that one race does not meet the next; one utility that declares
everything; networks kept as what they should hold now, and imported whole, as utilities do.
"""

import re
from collections.abc import Sequence
from contextlib import closing
from datetime import date, timedelta
from functools import cache
from typing import Any

import psycopg2
import shapely
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy import make_url

from api.register import cut_assets
from api.screen import Rules
from bench.scenes import dig_site
from ingest import load_profile, parse_profile
from spatial.canonical import sha256
from spatial.values import (
    Asset,
    Contact,
    DigSite,
    NetworkIntake,
    PermitParties,
    RegisterGeometry,
    UncertaintyTerm,
    Utility,
)
from spatial.words import AssetKind, GroundKind, PipeKind, PressureClass
from sql.vault import GroundDeclaration, Vault

UTILITY = "GAS"
WEST, SOUTH, COLUMNS = 101.70, 36.50, 60
EAST_STEP, NORTH_STEP = 0.0035, 0.0028
"""Degrees between places: some 310 m each way."""
DEGREE_EAST_M, DEGREE_NORTH_M = 89_500.0, 111_000.0
DIAMETER_MM, DOUBT_M = 200.0, 0.5
CONTROL_M = 5.0
"""Of a medium-pressure main (GB 55009-2021 5.1.7), which all pipes here are."""
WIDE_CONTROL_M = 100.0
"""Of every pipe by the second profile, which makes a conflict of a pipe 80 m away: farther than a dig filed under
the first one asks for."""

# Every pipe of now that lies in the control zone of an open permit's site, without any index or piece.
JOIN = """
SELECT s.permit_id::text, a.source_id
  FROM predig.permit p
  JOIN predig.permit_site s ON s.permit_id = p.permit_id AND s.amendment = p.amendment
 CROSS JOIN (SELECT a.source_id, a.diameter_mm, a.uncertainty_m, g.geom
               FROM predig.asset a JOIN predig.pipe g USING (asset_id) WHERE a.valid_to IS NULL) a
 WHERE p.cancelled_at IS NULL
   AND ST_Distance(s.geom::geography, a.geom::geography) - a.diameter_mm / 2000 - a.uncertainty_m <= %s
"""

JOBS = "SELECT job_id FROM predig.job WHERE state <> 'done' AND (permit_id = %s OR kind = 'revision')"


class Town:
    """What should stand in the register, and how to bring it there. Not for several threads at once."""

    def __init__(self, vault: Vault, owner_url: str, on: date) -> None:
        self.vault, self.on = vault, on
        self._owner_url = owner_url
        self.rules = Rules(*load_profile("cn-gb55009"))
        self.wide_rules = _wider(self.rules)
        self.pipes: dict[str, dict[str, BaseGeometry]] = {"town": {"far": pipe_at(-3, 0)}}
        self._next_place = 0

    def settle(self) -> None:
        """All that `clear` needs."""
        vault = self.vault
        vault.set_utility(Utility(UTILITY, "Gas company"))
        self.bring(vault)
        vault.declare_ground(self.ground(GroundKind.SERVICE_AREA, _all()))
        vault.declare_ground(self.coverage(_all()))
        for rules in (self.wide_rules, self.rules):
            profile = rules.profile
            vault.keep_profile(rules.text, profile.sha256, profile.profile_id, profile.version)
        self.adopt(vault, self.rules)

    def place(self) -> int:
        """A place nobody has used yet."""
        self._next_place += 1
        return self._next_place

    # -- the register

    def bring(self, vault: Vault, dataset: str = "town", **more: BaseGeometry) -> int:
        """Import a dataset as it should be now, with some pipes added; its revision, 0 when nothing differed."""
        self.pipes.setdefault(dataset, {}).update(more)
        intake = intake_of([asset_of(name, shape) for name, shape in self.pipes[dataset].items()])
        report = vault.import_network(
            intake,
            cut_assets(intake.assets, self.rules.profile),
            utility=UTILITY,
            dataset=dataset,
            on=self.on,
        )
        return report.revision or 0

    def clear_away(self) -> None:
        """Take all pipes of the races out of the register."""
        self.pipes["town"] = {"far": pipe_at(-3, 0.0)}
        self.bring(self.vault)

    def coverage(self, geometry: MultiPolygon) -> GroundDeclaration:
        return self.ground(
            GroundKind.COVERAGE, geometry, pipe_kinds=tuple(PipeKind), as_of=self.on, max_age_days=365
        )

    def ground(self, kind: GroundKind, geometry: MultiPolygon, **about: Any) -> GroundDeclaration:
        return GroundDeclaration(UTILITY, kind, geometry, **about)

    def whole_coverage(self) -> GroundDeclaration:
        return self.coverage(_all())

    def holed_coverage(self, place: int) -> GroundDeclaration:
        """Everything but the ground round a place."""
        return self.coverage(MultiPolygon([_all().geoms[0].difference(square(place, 20.0))]))

    def blank(self, place: int) -> GroundDeclaration:
        return self.ground(GroundKind.BLANK, MultiPolygon([square(place, 20.0)]))

    def no_blank(self) -> GroundDeclaration:
        return self.ground(GroundKind.BLANK, MultiPolygon())

    def adopt(self, vault: Vault, rules: Rules) -> None:
        profile = rules.profile
        vault.adopt_profile(rules.text, profile.sha256, profile.profile_id, profile.version)

    # -- permits

    def parties(self, title: str) -> PermitParties:
        return PermitParties(title, self.on, self.on + timedelta(days=60), Contact("Road works"))

    def plan(self, *places: int) -> list[DigSite]:
        """A dig of 4 m x 4 m at each place."""
        return [dig_site(square(place, 2.0), feature_id=str(place)) for place in places]

    # -- what is so

    def joined(self, control_m: float = CONTROL_M) -> set[tuple[str, str]]:
        """(permit, pipe) of every conflict there is, by brute force and ST_Distance(geography)."""
        return {(row[0], row[1]) for row in self._as_owner(JOIN, control_m + 0.01)}

    def jobs_for(self, permit_id: str) -> int:
        """Jobs not done that would have this permit looked at."""
        return len(self._as_owner(JOBS, permit_id))

    def _as_owner(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        parts = make_url(self._owner_url)
        connection = psycopg2.connect(
            host=parts.query["host"], port=parts.query["port"], user=parts.username, dbname=parts.database
        )
        with closing(connection), connection.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall())

    def told(self, permit_id: str) -> set[tuple[str, str]]:
        """(permit, pipe) of every conflict that the standing judgements of a permit tell of."""
        permit = self.vault.permit(permit_id)
        return {
            (permit_id, conflict["source_id"])
            for screening_id in permit.screening_ids
            for conflict in self.vault.screening(screening_id).conflicts
        }


def square(place: int, half_m: float) -> BaseGeometry:
    """A square round the middle of a place, lon/lat."""
    lon, lat = _middle(place)
    east, north = half_m / DEGREE_EAST_M, half_m / DEGREE_NORTH_M
    return shapely.box(lon - east, lat - north, lon + east, lat + north)


def pipe_at(place: int, north_m: float) -> BaseGeometry:
    """A pipe of 40 m running east-west, `north_m` north of the middle of a place."""
    lon, lat = _middle(place)
    north, half = lat + north_m / DEGREE_NORTH_M, 20.0 / DEGREE_EAST_M
    return shapely.MultiLineString([[(lon - half, north), (lon, north), (lon + half, north)]])


def _middle(place: int) -> tuple[float, float]:
    row, column = divmod(place, COLUMNS)
    return WEST + column * EAST_STEP, SOUTH + row * NORTH_STEP


@cache
def _all() -> MultiPolygon:
    """The ground of the whole town, edges under 100 m."""
    return MultiPolygon([shapely.segmentize(shapely.box(101.5, 36.4, 102.1, 36.9), 0.0009)])


def asset_of(name: str, shape: BaseGeometry, pressure_class: PressureClass = PressureClass.MP_A) -> Asset:
    """A main as the dock would leave it. shape: lon/lat MultiLineString with short edges."""
    return Asset(
        source_id=name,
        kind=AssetKind.PIPE,
        geometry=RegisterGeometry(shape),
        pressure_class=pressure_class,
        diameter_mm=DIAMETER_MM,
        cover_m=1.0,
        material=None,
        status=None,
        survey_class=None,
        laid_on=None,
        pipe_kind=PipeKind.MAIN,
        uncertainty=(UncertaintyTerm("pipe_stated", DOUBT_M, "register"),),
        digest=sha256(f"{pressure_class} {shape.wkt}"),
    )


def intake_of(assets: Sequence[Asset]) -> NetworkIntake:
    """A dataset that came whole and with ids its utility vouches for."""
    return NetworkIntake(len(assets), tuple(assets), (), {}, "EPSG:4490", "identity", 0.0, True, ())


def _wider(rules: Rules) -> Rules:
    text = re.sub(r'^version = "[^"]*"', 'version = "wide"', rules.text, count=1, flags=re.MULTILINE)
    text = re.sub(r"^control_m = .*$", f"control_m = {WIDE_CONTROL_M}", text, flags=re.MULTILINE)
    return Rules(parse_profile(text), text)
