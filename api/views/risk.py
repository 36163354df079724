"""Use cases of the task force: the risk map's counts, and the summary of everything that is open."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import shapely

from maps.counties import QINGHAI, County, counties_of
from maps.risk.view import CountyRisk, RiskView, Tally
from spatial.ground import area_km2, vouched_ground
from spatial.values import Coverage, DatasetState, Utility, UtilityGround
from spatial.words import Grade, GroundKind
from sql.vault import DeclaredGround, PermitRecord, Vault

OUTSIDE = -1
"""The place of a site that lies in none of the counties."""


def risk_view(vault: Vault, on: date, province: str = QINGHAI) -> RiskView:
    """What the risk map of a province shows on this day.

    A site belongs to the county where a point on its surface lies. Unreadable rows take nothing away from
    the ground that registers vouch for: they are told to each filing they touch, and too small to be drawn.
    """
    counties = counties_of(province)
    permits = vault.permits(open_on=on, on=on)
    alerts = vault.alerts(state="open")
    grounds = _grounds(vault)
    vouched = vouched_ground(grounds, on)
    places = _places(permits, counties)
    revisions = vault.revisions()
    return RiskView(
        on=on,
        counties=tuple(
            _county_risk(county, _tally(number, permits, places, alerts), grounds, vouched)
            for number, county in enumerate(counties)
        ),
        total=_tally(None, permits, places, alerts),
        outside=_tally(OUTSIDE, permits, places, alerts),
        vouched=vouched,
        unbounded=tuple(ground.utility.name for ground in grounds if ground.service_area is None),
        register_revision=revisions[0].revision if revisions else 0,
    )


def summary(vault: Vault, on: date) -> dict[str, Any]:
    """Everything that is open, JSON-ready: permits by status and worst grade, alerts, registers, the queue.

    `permits` and `conflicts` count open permits only (status and worst standing grade); `alerts` counts open
    alerts per utility and grade; `register` has a row per utility, with None where it has brought nothing.
    """
    permits = vault.permits(open_on=on, on=on)
    alerts: dict[str, Counter[str]] = {}
    for alert in vault.alerts(state="open"):
        alerts.setdefault(alert["utility"], Counter())[alert["grade"]] += 1
    datasets = vault.datasets()
    revisions = vault.revisions()
    status = vault.status()
    return {
        "on": on.isoformat(),
        "permits": dict(Counter(permit.status.value for permit in permits)),
        "conflicts": {
            grade.value: sum(permit.grade == grade for permit in permits) for grade in reversed(Grade)
        },
        "alerts": [
            {"utility": code, "open": counts.total(), "grades": dict(sorted(counts.items()))}
            for code, counts in sorted(alerts.items())
        ],
        "register": [_register_row(utility, datasets) for utility in vault.utilities()],
        "register_revision": revisions[0].revision if revisions else 0,
        "jobs": status["jobs"],
        "oldest_job": status["oldest_job"],
    }


def _grounds(vault: Vault) -> tuple[UtilityGround, ...]:
    """What each utility has declared, as the mind takes it, everywhere at once."""
    declared = vault.declared_ground()
    datasets = vault.datasets()
    boxless = _boxless_rejected(vault, declared)
    return tuple(
        _ground_of(
            utility,
            [row for row in datasets if row["utility"] == utility.code],
            [row for row in declared if row.utility == utility.code],
            boxless.get(utility.code, 0),
        )
        for utility in vault.utilities()
    )


def _ground_of(
    utility: Utility,
    datasets: Sequence[Mapping[str, Any]],
    declared: Sequence[DeclaredGround],
    boxless_rejected: int,
) -> UtilityGround:
    service_areas = [row.geometry for row in declared if row.kind is GroundKind.SERVICE_AREA]
    return UtilityGround(
        utility=utility,
        service_area=service_areas[0] if service_areas else None,
        coverages=tuple(
            Coverage(row.pipe_kind, row.geometry, row.as_of, row.max_age_days, row.assumed)
            for row in declared
            if row.kind is GroundKind.COVERAGE and row.pipe_kind is not None and row.as_of is not None
        ),
        blanks=tuple(row.geometry for row in declared if row.kind is GroundKind.BLANK),
        unreadable=(),
        boxless_rejected=boxless_rejected,
        datasets=tuple(DatasetState(row["dataset"], row["revision"], row["data_date"]) for row in datasets),
    )


def _boxless_rejected(vault: Vault, declared: Sequence[DeclaredGround]) -> dict[str, int]:
    """Utility -> its rows of unknown place that nobody has confirmed: they hold all it vouches for in doubt.

    Asked as a filing asks, at a point inside each ground that could vouch for anything.
    """
    points = [
        shapely.point_on_surface(row.geometry)
        for row in declared
        if row.kind is GroundKind.COVERAGE and not row.assumed
    ]
    found = vault.find([[(point.x, point.y, point.x, point.y)] for point in points])
    return {here.utility.code: here.boxless_rejected for grounds in found.ground for here in grounds}


def _county_risk(
    county: County, tally: Tally, grounds: Sequence[UtilityGround], vouched: shapely.MultiPolygon
) -> CountyRisk:
    shapely.prepare(county.borders)
    present: list[str] = []
    declared: list[Coverage] = []
    for ground in grounds:
        # Coverage of no data vouches for nothing, and is no register either.
        here = [
            row for row in ground.coverages if ground.datasets and county.borders.intersects(row.geometry)
        ]
        declared += here
        if here or (ground.service_area is not None and county.borders.intersects(ground.service_area)):
            present.append(ground.utility.name)
    # What the utility itself said comes before what was only drawn round its data.
    said = [row for row in declared if not row.assumed]
    return CountyRisk(
        county=county,
        tally=tally,
        utilities=tuple(present),
        register_as_of=min((row.as_of for row in said or declared), default=None),
        only_assumed=bool(declared) and not said,
        uncovered_share=_uncovered_share(county, vouched),
    )


def _uncovered_share(county: County, vouched: shapely.MultiPolygon) -> float:
    here = shapely.intersection(county.borders, vouched)
    return 1.0 if here.is_empty else max(0.0, 1.0 - area_km2(here) / area_km2(county.borders))


def _places(permits: Iterable[PermitRecord], counties: Sequence[County]) -> dict[str, tuple[int, ...]]:
    """Permit -> for each site the index of its county, or OUTSIDE; the first by code on a common border."""
    tree = shapely.STRtree([county.borders for county in counties])
    places: dict[str, tuple[int, ...]] = {}
    for permit in permits:
        points = shapely.point_on_surface(np.asarray([site.geometry for site in permit.sites], dtype=object))
        found = [tree.query(point, predicate="intersects") for point in points]
        places[permit.permit_id] = tuple(int(hits.min()) if len(hits) else OUTSIDE for hits in found)
    return places


def _tally(
    place: int | None,
    permits: Sequence[PermitRecord],
    places: Mapping[str, tuple[int, ...]],
    alerts: Sequence[Mapping[str, Any]],
) -> Tally:
    """Of the permits with a site in `place`; None = of all. An alert of a permit that is no longer open
    counts in the total only: where its sites lie is not asked any more."""
    here = [permit for permit in permits if place is None or place in places[permit.permit_id]]
    known = {permit.permit_id for permit in here}
    return Tally(
        by_status=Counter(permit.status for permit in here),
        by_grade=Counter(Grade(permit.grade) for permit in here if permit.grade),
        open_alerts=sum(place is None or alert["permit_id"] in known for alert in alerts),
    )


def _register_row(utility: Utility, datasets: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    own = [row for row in datasets if row["utility"] == utility.code]
    return {
        "utility": utility.code,
        "name": utility.name,
        "datasets": len(own),
        "assets": sum(row["assets"] for row in own),
        "data_date": min((row["data_date"].isoformat() for row in own), default=None),
        "revision": max((row["revision"] for row in own), default=None),
    }
