"""A province in words: what each county's permits and registers say, without any database."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import shapely
from shapely.geometry import MultiPolygon

from maps.counties import counties_of
from maps.risk.view import CountyRisk, RiskView, Tally
from spatial.ground import area_km2, areas_of
from spatial.words import Grade, PermitStatus

DAY = date(2026, 11, 23)
NOTHING = Tally({}, {}, 0)
XINING = MultiPolygon([shapely.box(101.55, 36.45, 102.0, 36.85)])
GOLMUD = MultiPolygon([shapely.box(94.6, 36.2, 95.2, 36.6)])


def tally(grades: Mapping[str, int] | None = None, alerts: int = 0, **statuses: int) -> Tally:
    """tally({"I": 2}, conflict=2, pending=1)."""
    return Tally(
        {PermitStatus(name): count for name, count in statuses.items()},
        {Grade(name): count for name, count in (grades or {}).items()},
        alerts,
    )


def risk(code: str, view_vouched: MultiPolygon, **about: Any) -> CountyRisk:
    county = next(one for one in counties_of() if one.code == code)
    here = areas_of(shapely.intersection(county.borders, view_vouched))
    share = 1.0 if here.is_empty else 1.0 - area_km2(here) / area_km2(county.borders)
    fields: dict[str, Any] = {
        "tally": NOTHING,
        "utilities": (),
        "register_as_of": None,
        "only_assumed": False,
        "uncovered_share": share,
    }
    return CountyRisk(county=county, **(fields | about))


def make_risk(
    words: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    vouched: MultiPolygon | None = None,
    outside: Tally = NOTHING,
    unbounded: Sequence[str] = (),
) -> RiskView:
    """words: county code -> fields of its CountyRisk that are not the default."""
    ground = areas_of(shapely.union(XINING, GOLMUD)) if vouched is None else vouched
    said = words or {}
    counties = tuple(risk(county.code, ground, **said.get(county.code, {})) for county in counties_of())
    tallies = [*(one.tally for one in counties), outside]
    total = Tally(
        {status: sum(one.by_status.get(status, 0) for one in tallies) for status in PermitStatus},
        {grade: sum(one.by_grade.get(grade, 0) for one in tallies) for grade in Grade},
        sum(one.open_alerts for one in tallies),
    )
    return RiskView(DAY, counties, total, outside, ground, tuple(unbounded), 37)


def busy(name: str = "某燃气") -> RiskView:
    """A province as it may look: registers in Xining and Golmud, an assumed one, and much that is not known."""
    recent, old = date(2026, 9, 1), date(2025, 3, 14)
    here = {"register_as_of": recent, "utilities": (name,)}
    return make_risk(
        {
            "630102": here | {"tally": tally({"I": 2, "II": 4, "III": 1}, 7, conflict=7, pending=1)},
            "630103": here | {"tally": tally({"II": 3, "IV": 1}, 4, conflict=4, cannot_tell=2)},
            "630104": here | {"tally": tally({"III": 5}, 5, conflict=5, clear=3)},
            "630105": here | {"tally": tally({"IV": 2}, 1, conflict=2, pending=4)},
            "630106": here | {"tally": tally({"II": 1}, 1, conflict=1, cannot_tell=3)},
            "630121": here | {"tally": tally(cannot_tell=2)},
            "630203": here | {"tally": tally({"III": 2}, 2, conflict=2)},
            "630202": {"tally": tally(cannot_tell=6)},
            "630222": {"tally": tally(pending=1)},
            "630223": here,
            "632801": {
                "register_as_of": recent,
                "utilities": ("格尔木某燃气",),
                "tally": tally({"I": 1}, 1, conflict=1),
            },
            "632802": {
                "register_as_of": old,
                "utilities": (name,),
                "only_assumed": True,
                "tally": tally(cannot_tell=4),
            },
            "632701": {"tally": tally(cannot_tell=1)},
            "632521": {
                "register_as_of": old,
                "utilities": (name,),
                "tally": tally({"IV": 12}, 12, conflict=12),
            },
        },
        outside=tally(cannot_tell=1),
        unbounded=("民和某燃气",),
    )
