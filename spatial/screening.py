"""A screening: the outcome for each dig site, with every conflict, every unknown and what to do.

Gathered columns go in; documents come out that hold no timestamp and no id, so that recomputing one from
the versioned register gives the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from spatial import canonical
from spatial.found import Found
from spatial.judging.coverage import GroundAnswer, farthest_axis_m, unknowns_of
from spatial.judging.depth import gives_way_within_m
from spatial.judging.judge import ENGINE, judge
from spatial.judging.sections import Section, section_documents, sections_of
from spatial.measuring.boxes import widened
from spatial.measuring.footprint import section_document
from spatial.rules.profile import RuleProfile
from spatial.saying.findings import conflict_documents
from spatial.saying.terms import term_document
from spatial.values import Box, DigSite, UtilityGround
from spatial.words import Grade, Outcome

QUERY_RUN_VERTICES = 8
"""A long line is asked about in runs of this many edges, so that its box does not cover a city."""

LEAST_CELL_DEG = 0.05
MOST_CELL_DEG = 0.2
CELLS_A_SIDE = 128
"""A wide area is asked about in cells of a grid: about 5 km, wider for one wider than 6 degrees."""

_GRADE_RANK = {grade.value: rank for rank, grade in enumerate(Grade)}


@dataclass(frozen=True, slots=True)
class Screening:
    """One site judged. document: the canonical content; text and sha256: its canonical JSON and hash.

    conflicts: the document's conflicts, each with the register's pipe_id added.
    """

    site: DigSite
    register_revision: int
    on: date
    ends_on: date | None
    outcome: Outcome
    grade: Grade | None
    valid_until: date
    conflicts: tuple[dict[str, Any], ...]
    document: dict[str, Any]
    text: str
    sha256: str


def query_boxes(site: DigSite, profile: RuleProfile) -> tuple[Box, ...]:
    """The boxes to ask the register for: the site widened by all that can bring it nearer to a pipe.

    A piece's own box holds its radius and uncertainty; the largest radius is added once more, so that a
    profile with larger stand-in diameters than those of the import cannot lose a pipe; so is the doubt of a
    row nobody could read, whose ground must be found too.
    """
    by_m = farthest_axis_m(site, profile) + profile.doubt_of_unknown_m
    kind = site.geometry.geom_type
    if kind == "LineString":
        bounds = _line_bounds(shapely.get_coordinates(site.geometry).T.tolist())
    elif kind in ("Point", "Polygon"):
        bounds = _area_bounds(site.geometry)
    else:
        bounds = [box for part in shapely.get_parts(site.geometry) for box in _area_bounds(part)]
    return tuple(widened(box, by_m) for box in bounds)


def _line_bounds(xy: Sequence[Sequence[float]]) -> list[Box]:
    """Of each run of a line's edges. xy: of all vertices."""
    x, y = xy
    runs = [slice(at, at + QUERY_RUN_VERTICES + 1) for at in range(0, len(x) - 1, QUERY_RUN_VERTICES)]
    return [(min(x[run]), min(y[run]), max(x[run]), max(y[run])) for run in runs]


def _area_bounds(part: BaseGeometry) -> list[Box]:
    """Boxes that together hold an area: its bounds, or for a long one the cells of a grid it meets.

    A square kilometre may be a strip 50 km long. One box round it would ask for a city, or for more than the
    register answers.
    """
    west, south, east, north = part.bounds
    if max(east - west, north - south) <= LEAST_CELL_DEG:
        return [(west, south, east, north)]
    step = min(max(max(east - west, north - south) / CELLS_A_SIDE, LEAST_CELL_DEG), MOST_CELL_DEG)
    columns = np.linspace(west, east, max(int(np.ceil((east - west) / step)), 1) + 1)
    rows = np.linspace(south, north, max(int(np.ceil((north - south) / step)), 1) + 1)
    left, low = (grid.ravel() for grid in np.meshgrid(columns[:-1], rows[:-1]))
    right, high = (grid.ravel() for grid in np.meshgrid(columns[1:], rows[1:]))
    shapely.prepare(part)
    met = shapely.intersects(part, shapely.box(left, low, right, high))
    cells = np.column_stack([left, low, right, high])[met]
    return [(w, s, e, n) for w, s, e, n in cells.tolist()]


def screen(
    sites: Sequence[DigSite], found: Found, profile: RuleProfile, *, on: date, ends_on: date | None = None
) -> tuple[Screening, ...]:
    """Judge a batch of sites against one snapshot. on: the day judged for; ends_on: the permit's last day."""
    return screen_each(sites, found, profile, on=on, ends_on=[ends_on] * len(sites))


def screen_each(
    sites: Sequence[DigSite],
    found: Found,
    profile: RuleProfile,
    *,
    on: date,
    ends_on: Sequence[date | None],
) -> tuple[Screening, ...]:
    """As screen(), for sites of several permits: ends_on holds the last day of each site's."""
    judged = judge(sites, found.pieces, profile)
    conflicts = conflict_documents(judged, found.pieces.assets, sites, found.ground, profile)
    sections = sections_of(sites, judged, found.pieces.assets, profile)
    return tuple(
        _screening(
            site,
            conflicts[number],
            sections[number],
            unknowns_of(site, found.ground[number], on, profile),
            found.ground[number],
            found,
            profile,
            on,
            ends_on[number],
        )
        for number, site in enumerate(sites)
    )


def _screening(
    site: DigSite,
    conflicts: list[dict[str, Any]],
    sections: Sequence[Section],
    ground: GroundAnswer,
    owners: Sequence[UtilityGround],
    found: Found,
    profile: RuleProfile,
    on: date,
    ends_on: date | None,
) -> Screening:
    conflicts.sort(key=lambda row: (_GRADE_RANK[row["grade"]], row["clearance_m"]))
    if conflicts:
        outcome = Outcome.CONFLICT
    elif ground.unknowns:
        outcome = Outcome.CANNOT_TELL
    else:
        outcome = Outcome.CLEAR
    grade = Grade(conflicts[0]["grade"]) if conflicts else None
    last = on + timedelta(days=profile.valid_days)
    valid_until = min(last, ends_on) if ends_on is not None else last
    if outcome is Outcome.CLEAR and ground.vouched_until is not None:
        valid_until = min(valid_until, ground.vouched_until)
    document = {
        "engine": ENGINE,
        "rule_profile": {"id": profile.profile_id, "version": profile.version, "sha256": profile.sha256},
        "on": on.isoformat(),
        "ends_on": ends_on.isoformat() if ends_on else None,
        "register_revision": found.revision,
        "site": site_document(site),
        "outcome": outcome.value,
        "grade": grade.value if grade else None,
        "valid_until": valid_until.isoformat(),
        "conflicts": [_without_id(row) for row in conflicts],
        "sections": section_documents(sections, unknown=bool(ground.unknowns)),
        "unknowns": list(ground.unknowns),
        "utilities": [_utility(declared, holds) for declared, holds in ground.concerned],
        "advice": _site_advice(site, conflicts, ground, owners, profile),
    }
    text = canonical.dumps(document)
    return Screening(
        site=site,
        register_revision=found.revision,
        on=on,
        ends_on=ends_on,
        outcome=outcome,
        grade=grade,
        valid_until=valid_until,
        conflicts=tuple(conflicts),
        document=document,
        text=text,
        sha256=canonical.sha256(text),
    )


def _without_id(conflict: dict[str, Any]) -> dict[str, Any]:
    """pipe_id is of one register: recomputed from another it would be another."""
    bare = conflict.copy()
    del bare["pipe_id"]
    return bare


def site_document(site: DigSite) -> dict[str, Any]:
    """The dig site as judged, and a hash of it as received."""
    return {
        "feature_id": site.feature_id,
        "geometry": canonical.geojson(site.geometry),
        # float(): 2 and 2.0 are one length, and must be one text.
        "half_width_m": float(site.half_width_m),
        "half_width_known": site.half_width_known,
        "start_station_m": float(site.start_station_m),
        "acts": [act.value for act in site.acts],
        "method": site.method.value if site.method else None,
        "depth_m": None if site.depth_m is None else float(site.depth_m),
        "kind": site.kind.value,
        "uncertainty_m": float(site.uncertainty_m),
        "uncertainty": [term_document(term) for term in site.uncertainty],
        "crs": site.crs,
        "operation": site.operation,
        "received_sha256": canonical.sha256(site.received),
        **section_document(site),
        **(
            {"depth_uncertainty": [term_document(term) for term in site.depth_uncertainty]}
            if site.depth_uncertainty
            else {}
        ),
    }


def _site_advice(
    site: DigSite,
    conflicts: list[dict[str, Any]],
    ground: GroundAnswer,
    owners: Sequence[UtilityGround],
    profile: RuleProfile,
) -> list[dict[str, Any]]:
    """What to do before anything else: whom to call, what to look for, what to send in."""
    advice: list[dict[str, Any]] = []
    if conflicts:
        advice.append({"code": "do_not_start"})
    codes = {unknown["code"] for unknown in ground.unknowns}
    to_call = {row["utility"] for row in conflicts} | {
        unknown["utility"] for unknown in ground.unknowns if "utility" in unknown
    }
    for declared in sorted(owners, key=lambda row: row.utility.code):
        if declared.utility.code in to_call:
            phone = declared.utility.duty_phone or declared.utility.phone
            who = {"utility": declared.utility.code, "name": declared.utility.name}
            advice.append(
                {"code": "call", **who, "phone": phone} if phone else {"code": "call_no_phone", **who}
            )
    if "no_utility" in codes or "service_area_undeclared" in codes:
        advice.append({"code": "ask_authority"})
    if ground.unknowns:
        advice += [{"code": "look_for"}, {"code": "trial_pits"}]
    if "site_width_unknown" in codes:
        advice.append({"code": "state_width"})
    if "top_width_unknown" in codes:
        advice.append({"code": "state_depth"})
    if "strip_place_unknown" in codes:
        advice.append({"code": "state_offset"})
    if site.trench is not None and not site.trench.slope_known:
        advice.append({"code": "state_slope", "slope_ratio": site.trench.slope_ratio})
    # The zones are horizontal: a pit deeper than they are wide may empty the ground under a pipe that is no conflict.
    within_m = gives_way_within_m(site, profile)
    if profile.support is not None and within_m > profile.narrowest_control_m:
        advice.append({"code": "deep_dig", "within_m": within_m, "verified": profile.support.verified})
    advice.append({"code": "duty_of_care", "clause": "GB 55009-2021 5.1.10"})
    return advice


def _utility(declared: UtilityGround, holds: bool) -> dict[str, Any]:
    dates = [coverage.as_of for coverage in declared.coverages] or [
        state.data_date for state in declared.datasets
    ]
    return {
        "code": declared.utility.code,
        "name": declared.utility.name,
        "phone": declared.utility.phone,
        "duty_phone": declared.utility.duty_phone,
        "coverage": "holds" if holds else "does_not_hold",
        "revisions": {state.dataset: state.revision for state in declared.datasets},
        "data_date": min(dates).isoformat() if dates else None,
    }
