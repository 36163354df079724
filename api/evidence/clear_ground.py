"""Why the ground round a dig site does not support `clear`, found by another road than a screening.

For `predig reconcile`: all ground that is declared now is read whole, without an index, and the rules of
`spatial.judging.coverage` are written a second time. What rejected rows make unreadable is not seen from here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import shapely
from shapely.geometry.base import BaseGeometry

from api.evidence.brute_force import AGREE_M, boxes_round, on_plane_of, reach_m
from spatial.rules.profile import RuleProfile
from spatial.values import DigSite
from spatial.words import GroundKind, PipeKind
from sql.vault import DeclaredGround, Vault

WINDOW = 4.0
"""Ground is cut to this many reaches round the site: what lies farther cannot matter, and the cut's own edges
lie beyond the reach."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What is declared at one revision. with_data: utilities that have brought a network."""

    revision: int
    utilities: tuple[str, ...]
    with_data: frozenset[str]
    rows: tuple[DeclaredGround, ...]


def read_ground(vault: Vault, revision: int) -> Ground:
    """The ground declared now; `revision` is the newest one known before it was read."""
    return Ground(
        revision,
        tuple(utility.code for utility in vault.utilities()),
        frozenset(row["utility"] for row in vault.datasets()),
        vault.declared_ground(),
    )


def why_not_clear(ground: Ground, site: DigSite, profile: RuleProfile, on: date) -> list[str]:
    """One sentence a reason; empty when `clear` is supported on that day. Half a centimetre counts for it."""
    near = _Near(site, profile)
    reasons: list[str] = []
    served = False
    for code in ground.utilities:
        rows = [row for row in ground.rows if row.utility == code]
        areas = _shapes(rows, GroundKind.SERVICE_AREA)
        if any(near.within(blank) for blank in _shapes(rows, GroundKind.BLANK)):
            reasons.append(f"{code} has declared a blank here")
        if not areas:
            reasons.append(f"{code} has not said where it serves")
        elif not any(near.within(area) for area in areas):
            continue
        served = served or bool(areas)
        if code not in ground.with_data:
            reasons.append(f"{code} has no network in the register")
        for kind in PipeKind:
            vouched = [row.geometry for row in rows if _vouches(row, kind, on)]
            if not near.held_by(vouched):
                reasons.append(f"{code} does not vouch for {kind.value} pipes here")
    if not served:
        reasons.append("no utility serves this ground")
    if not site.half_width_known:
        reasons.append("the width of the dig is unknown")
    return reasons


def _vouches(row: DeclaredGround, kind: PipeKind, on: date) -> bool:
    return (
        row.kind is GroundKind.COVERAGE
        and row.pipe_kind is kind
        and not row.assumed
        and row.as_of is not None
        and row.max_age_days is not None
        and on <= row.as_of + timedelta(days=row.max_age_days)
    )


def _shapes(rows: Iterable[DeclaredGround], kind: GroundKind) -> list[BaseGeometry]:
    return [row.geometry for row in rows if row.kind is kind]


class _Near:
    """The site on a plane through its middle, and ground brought there."""

    def __init__(self, site: DigSite, profile: RuleProfile) -> None:
        self._reach_m = reach_m(site, profile)
        self._middle = site.geometry.representative_point()
        self._site = on_plane_of(self._middle, site.geometry)
        boxes = boxes_round(site.geometry, WINDOW * self._reach_m)
        self._window = shapely.union_all([shapely.box(*box) for box in boxes])

    def within(self, shape: BaseGeometry) -> bool:
        """Some of it lies within the reach, clearly."""
        if not shape.intersects(self._window):
            return False
        part = on_plane_of(self._middle, shape.intersection(self._window))
        return bool(shapely.distance(self._site, part) <= self._reach_m - AGREE_M)

    def held_by(self, shapes: Sequence[BaseGeometry]) -> bool:
        """Together they hold the site and all ground within the reach."""
        parts = [shape.intersection(self._window) for shape in shapes]
        whole = shapely.union_all([on_plane_of(self._middle, part) for part in parts])
        if whole.is_empty or not whole.covers(self._site):
            return False
        return bool(shapely.distance(self._site, whole.boundary) >= self._reach_m - AGREE_M)
