"""Do they all find the same? Every pair on which two differ, with the true distance and the cause.

The truth is the least geodesic distance by GeographicLib, which shares nothing with any contestant. A difference
whose cause is not one of those written down here is a fault: of the contestant, of the bench, or of Predig.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from bench.geodesic import Shape, distance_m
from bench.limit import Hits
from bench.peers.contest import Contest
from bench.province.walks import BoolArray, FloatArray, IntArray

LISTED = 12
"""Differences told one by one; the others are counted."""
SAMPLED = 300
"""Distances of the limit held against geodesics."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a contestant may miss or add a pair that lies `margin` metres beyond (+) or within (-) the limit.

    missing: it may miss pairs that are true conflicts by at most share * reach + metres; adding: it may add pairs that
    are none by as little.
    """

    text: str
    share: float = 0.0
    metres: float = 0.0
    missing: bool = True
    adding: bool = False

    def explains(self, margin_m: float, reach_m: float, lost: bool) -> bool:
        at_most = self.share * reach_m + self.metres
        return abs(margin_m) <= at_most and (self.missing if lost else self.adding)


PLANE = Cause("a plane against geodesics: 0.2 mm from the limit both are right", metres=0.0002, adding=True)
STRETCH = Cause("a 3-degree zone stretches by up to 0.024 %, so that a distance reads too long", share=2.6e-4)
ROUNDED = Cause("Predig rounds to 0.1 mm before it judges", metres=0.0003, adding=True)
ARC = Cause("8 segments per quarter circle: a buffer falls up to 0.48 % short of its radius", share=0.005)
EDGE_END = Cause(
    "ST_Distance(geography) may take the end of an edge for its foot, centimetres too far", metres=0.25
)
GEODETIC = Cause(
    "ST_Distance(geography) finds the nearest edges on a sphere: 1e-5 of the distance", share=2e-5, metres=0.0005,
    adding=True,
)  # fmt: skip
UNEXPLAINED = "UNEXPLAINED"


@dataclass(frozen=True, slots=True)
class Agreement:
    """One contestant against the limit kernel on the digs it answered.

    causes: how many differences each explains; rows: some of them, one by one; worst_mm: the largest difference of a
    distance that both tell.
    """

    pairs: int
    missing: int
    added: int
    causes: Counter[str]
    rows: tuple[dict[str, Any], ...]
    worst_mm: float

    @property
    def explained(self) -> bool:
        return UNEXPLAINED not in self.causes

    def record(self) -> dict[str, Any]:
        return {
            "pairs": self.pairs,
            "missing": self.missing,
            "added": self.added,
            "causes": dict(self.causes),
            "differences": list(self.rows),
            "worst_distance_mm": round(self.worst_mm, 3),
        }


def compare(contest: Contest, theirs: Hits, limit: Hits, count: int, causes: Sequence[Cause]) -> Agreement:
    """theirs: of the first `count` digs; limit: of at least as many. causes: the first that explains is told."""
    limit = _of(limit, limit.site < count)
    key_theirs, key_limit = _keys(contest, theirs), _keys(contest, limit)
    missing, added = ~np.isin(key_limit, key_theirs), ~np.isin(key_theirs, key_limit)
    rows = [
        _difference(contest, int(site), int(asset), lost, causes)
        for hits, lost in ((_of(limit, missing), True), (_of(theirs, added), False))
        for site, asset in zip(hits.site, hits.asset, strict=True)
    ]
    return Agreement(
        pairs=len(limit),
        missing=int(missing.sum()),
        added=int(added.sum()),
        causes=Counter(row["cause"] for row in rows),
        rows=tuple(sorted(rows, key=lambda row: row["cause"] != UNEXPLAINED)[:LISTED]),
        worst_mm=_worst_mm(contest, theirs, limit, key_theirs, key_limit),
    )


def _difference(
    contest: Contest, site: int, asset: int, lost: bool, causes: Sequence[Cause]
) -> dict[str, Any]:
    reach = float(contest.reach_m[asset] + contest.site_reach_m[site])
    margin = true_distance_m(contest, site, asset) - reach
    cause = next((cause.text for cause in causes if cause.explains(margin, reach, lost)), UNEXPLAINED)
    return {
        "site": site,
        "pipe": asset,
        "what": "missing" if lost else "added",
        "margin_mm": round(margin * 1000, 3),
        "reach_m": round(reach, 4),
        "cause": cause,
    }


def true_distance_m(contest: Contest, site: int, asset: int) -> float:
    """The least geodesic distance of a dig's drawn shape to a pipe's axis."""
    network = contest.network
    line = network.xy[network.offsets[asset] : network.offsets[asset + 1]]
    shape = contest.sites.geometry[site]
    area = shape.geom_type == "Polygon"
    return float(distance_m(Shape((shapely.get_coordinates(shape),), area), Shape((line,), False)))


def sampled_truth_mm(contest: Contest, limit: Hits, seed: int = 3) -> float:
    """The largest difference, in mm, of the limit's distances to geodesics, on a sample."""
    rows = np.random.default_rng(seed).permutation(len(limit))[:SAMPLED]
    worst = 0.0
    for row in rows.tolist():
        truth = true_distance_m(contest, int(limit.site[row]), int(limit.asset[row]))
        worst = max(worst, abs(truth - float(limit.axis_m[row])) * 1000)
    return worst


def _of(hits: Hits, some: BoolArray) -> Hits:
    return Hits(hits.site[some], hits.asset[some], hits.axis_m[some])


def _keys(contest: Contest, hits: Hits) -> IntArray:
    return np.asarray(hits.site * len(contest.network) + hits.asset)


def _worst_mm(
    contest: Contest, theirs: Hits, limit: Hits, key_theirs: IntArray, key_limit: IntArray
) -> float:
    """Beyond the half width of the dig: nearer than that Predig tells no distance but 0."""
    _, mine, other = np.intersect1d(key_theirs, key_limit, return_indices=True)
    if not len(mine):
        return 0.0
    half_width = contest.sites.half_width_m[theirs.site[mine]]
    apart: FloatArray = np.maximum(theirs.axis_m[mine], half_width) - np.maximum(
        limit.axis_m[other], half_width
    )
    return float(np.abs(apart).max()) * 1000
