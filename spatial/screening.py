"""A screening: the outcome for each dig site, with every conflict, every unknown and what to do.

Gathered columns go in; documents come out that hold no timestamp and no id, so that recomputing one from
the versioned register gives the same bytes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from math import isnan
from typing import Any, NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from spatial import canonical
from spatial.boxes import FloatArray, widen
from spatial.coverage import GroundAnswer, farthest_axis_m, unknowns_of
from spatial.found import Assets, Found
from spatial.judge import ENGINE, Conflicts, judge
from spatial.measure import QUANTUM_DECIMALS, Intervals, affected_lengths_m, quantise
from spatial.profile import STRICTNESS, RuleProfile, Ruling, Widths
from spatial.texts import station
from spatial.values import Box, DigSite, UncertaintyTerm, UtilityGround
from spatial.words import AssetKind, Certainty, Grade, Method, Outcome, Requirement, Zone

QUERY_RUN_VERTICES = 8
"""A long line is asked about in runs of this many edges, so that its box does not cover a city."""

LEAST_CELL_DEG = 0.05
MOST_CELL_DEG = 0.2
CELLS_A_SIDE = 128
"""A wide area is asked about in cells of a grid: about 5 km, wider for one wider than 6 degrees."""

_GRADE_RANK = {grade.value: rank for rank, grade in enumerate(Grade)}

IN_USE = ("in_use", "functional", "0", "在用", "active")
"""Register words for a pipe that carries gas; any other stated status is shown, and judged all the same."""


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
    if site.geometry.geom_type == "LineString":
        xy = shapely.get_coordinates(site.geometry)
        starts = range(0, len(xy) - 1, QUERY_RUN_VERTICES)
        runs: list[FloatArray] = [xy[start : start + QUERY_RUN_VERTICES + 1] for start in starts]
        bounds = np.array([[*run.min(axis=0), *run.max(axis=0)] for run in runs])
    else:
        bounds = np.concatenate([_area_bounds(part) for part in shapely.get_parts(site.geometry)])
    return tuple((float(w), float(s), float(e), float(n)) for w, s, e, n in widen(bounds, by_m))


def _area_bounds(part: BaseGeometry) -> FloatArray:
    """(n, 4) boxes that together hold an area: its bounds, or for a long one the cells of a grid it meets.

    A square kilometre may be a strip 50 km long. One box round it would ask for a city, or for more than the
    register answers.
    """
    west, south, east, north = (float(edge) for edge in shapely.bounds(part))
    step = min(max(max(east - west, north - south) / CELLS_A_SIDE, LEAST_CELL_DEG), MOST_CELL_DEG)
    columns = np.linspace(west, east, max(int(np.ceil((east - west) / step)), 1) + 1)
    rows = np.linspace(south, north, max(int(np.ceil((north - south) / step)), 1) + 1)
    left, low = (grid.ravel() for grid in np.meshgrid(columns[:-1], rows[:-1]))
    right, high = (grid.ravel() for grid in np.meshgrid(columns[1:], rows[1:]))
    shapely.prepare(part)
    met = shapely.intersects(part, shapely.box(left, low, right, high)) if len(left) > 1 else [True]
    cells: FloatArray = np.column_stack([left, low, right, high])[met]
    return cells


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
    conflicts: list[list[dict[str, Any]]] = [[] for _ in sites]
    names = [{declared.utility.code: declared.utility.name for declared in ground} for ground in found.ground]
    for row in _rows(judge(sites, found.pieces, profile)):
        conflicts[row.site].append(
            _conflict(row, found.pieces.assets, sites[row.site], names[row.site], profile)
        )
    return tuple(
        _screening(
            site,
            conflicts[number],
            unknowns_of(site, found.ground[number], on, profile),
            found.ground[number],
            found,
            profile,
            on,
            ends_on[number],
        )
        for number, site in enumerate(sites)
    )


class _Row(NamedTuple):
    """A row of Conflicts, with what follows from it."""

    site: int
    asset: int
    centreline_distance_m: float
    clearance_m: float
    uncertainty_m: float
    control_m: float
    radius_m: float
    zone: Zone
    zone_at_worst: Zone
    grade: Grade
    grade_at_record: Grade | None
    grade_at_worst: Grade
    certainty: Certainty
    ruling: Ruling
    ruling_at_worst: Ruling
    widths: Widths
    pipe_intervals_m: Intervals
    pipe_intervals_at_record_m: Intervals
    site_intervals_m: Intervals
    site_intervals_at_record_m: Intervals
    clearance_at_worst_m: float
    affected_length_m: float


def _rows(found: Conflicts) -> list[_Row]:
    """The columns as rows of Python's own numbers: taking them out of a column one by one costs more."""
    if not len(found):
        return []
    columns = [getattr(found, name) for name in _Row._fields[:-2]]
    columns.append(np.maximum(quantise(found.clearance_m - found.uncertainty_m), 0.0))
    columns.append(affected_lengths_m(found.pipe_intervals_m))
    lists = [column.tolist() if isinstance(column, np.ndarray) else column for column in columns]
    return [_Row(*row) for row in zip(*lists, strict=True)]


def _screening(
    site: DigSite,
    conflicts: list[dict[str, Any]],
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
        "conflicts": [{key: value for key, value in row.items() if key != "pipe_id"} for row in conflicts],
        "unknowns": list(ground.unknowns),
        "utilities": [_utility(declared, holds) for declared, holds in ground.concerned],
        "advice": _site_advice(conflicts, ground, owners),
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
        "uncertainty": [_term(term) for term in site.uncertainty],
        "crs": site.crs,
        "operation": site.operation,
        "received_sha256": canonical.sha256(site.received),
    }


def _conflict(
    row: _Row, assets: Assets, site: DigSite, names: Mapping[str, str], profile: RuleProfile
) -> dict[str, Any]:
    asset = row.asset
    ruling = row.ruling
    diameter = float(assets.diameter_mm[asset])
    utility = str(assets.utility[asset])
    conflict: dict[str, Any] = {
        "pipe_id": str(int(assets.asset_id[asset])),
        "source_id": str(assets.source_id[asset]),
        "utility": utility,
        "dataset": str(assets.dataset[asset]),
        "asset": str(assets.kind[asset]),
        "pressure_class": assets.pressure_class[asset],
        "diameter_mm": None if isnan(diameter) else diameter,
        "centreline_distance_m": row.centreline_distance_m,
        "clearance_m": row.clearance_m,
        "uncertainty_m": row.uncertainty_m,
        "certainty": row.certainty.value,
        "zone": row.zone.value,
        "act": ruling.act.value,
        "requirement": ruling.requirement.value,
        "clause": ruling.clause,
        "grade": row.grade.value,
        "affected_length_m": row.affected_length_m,
        "pipe_intervals_m": _listed(row.pipe_intervals_m),
        "site_intervals_m": _listed(row.site_intervals_m),
        "at_record": {
            "zone": row.zone.value,
            "grade": row.grade_at_record.value if row.grade_at_record else None,
            "pipe_intervals_m": _listed(row.pipe_intervals_at_record_m),
            "site_intervals_m": _listed(row.site_intervals_at_record_m),
        },
        "at_worst": {
            "clearance_m": row.clearance_at_worst_m,
            "zone": row.zone_at_worst.value,
            "grade": row.grade_at_worst.value,
            "requirement": row.ruling_at_worst.requirement.value,
        },
    }
    conflict["reasons"] = _reasons(row, assets, site, profile)
    conflict["advice"] = _conflict_advice(conflict, site, names.get(utility, utility), profile)
    return conflict


def _listed(intervals: Intervals) -> list[list[float]]:
    return [list(span) for span in intervals]


def _reasons(row: _Row, assets: Assets, site: DigSite, profile: RuleProfile) -> list[dict[str, Any]]:
    """Every term of the judgement: what was measured, what the rule says, what was not known."""
    ruling, at_worst, widths, zone = row.ruling, row.ruling_at_worst, row.widths, row.zone
    clearance, doubt, control = row.clearance_m, row.uncertainty_m, row.control_m
    reasons: list[dict[str, Any]] = []
    measured = {"clearance_m": clearance, "clause": widths.clause}
    if clearance <= profile.tolerance_m:
        reasons.append({"code": "wall_reached"})
    if zone is Zone.PROTECTION:
        reasons.append({"code": "in_protection", "protection_m": widths.protection_m, **measured})
    elif zone is Zone.CONTROL:
        reasons.append({"code": "in_control", "control_m": control, **measured})
    else:
        reasons.append({"code": "only_at_worst", "control_m": control, "uncertainty_m": doubt, **measured})
    if 0 < clearance <= round(doubt + profile.tolerance_m, QUANTUM_DECIMALS):
        reasons.append({"code": "doubt_reaches_wall", "clearance_m": clearance, "uncertainty_m": doubt})
    if control > widths.control_m:
        demanding = max(site.acts, key=lambda act: profile.own_distance_m([act]))
        reasons.append({"code": "own_distance", "act": demanding.value, "control_m": control})
    if ruling.requirement is Requirement.FORBIDDEN and zone is not Zone.OUTSIDE:
        reasons.append(
            {"code": "forbidden_act", "zone": zone.value, "act": ruling.act.value, "clause": ruling.clause}
        )
    if STRICTNESS[at_worst.requirement] < STRICTNESS[ruling.requirement]:
        reasons.append(
            {
                "code": "stricter_if_nearer",
                "requirement": at_worst.requirement.value,
                "clause": at_worst.clause,
            }
        )
    if ruling.by_default:
        reasons.append({"code": "rule_by_default", "act": ruling.act.value})
    elif not ruling.verified:
        reasons.append({"code": "rule_unverified"})
    if not widths.verified:
        reasons.append({"code": "widths_unverified"})
    if site.method is None:
        reasons.append({"code": "method_unknown"})
    reasons += _register_gaps(assets, row.asset, row.radius_m, profile)
    reasons += [dict(term) for term in _terms(assets.uncertainty_terms[row.asset])]
    reasons += [_term(term) for term in site.uncertainty]
    return reasons


def _register_gaps(assets: Assets, asset: int, radius_m: float, profile: RuleProfile) -> list[dict[str, Any]]:
    gaps: list[dict[str, Any]] = []
    if assets.pressure_class[asset] is None:
        gaps.append({"code": "class_unknown", "assumed": profile.unknown_class.value})
    if np.isnan(assets.diameter_mm[asset]) and radius_m > 0:
        gaps.append({"code": "diameter_unknown", "assumed_mm": round(radius_m * 2000)})
    if assets.kind[asset] == AssetKind.PIPE and np.isnan(assets.cover_m[asset]):
        gaps.append({"code": "cover_unknown"})
    status = assets.status[asset]
    if status is not None and str(status).lower() not in IN_USE:
        gaps.append({"code": "not_in_use", "status": str(status)})
    return gaps


def _term(term: UncertaintyTerm) -> dict[str, Any]:
    return {
        "code": term.code,
        "metres": round(float(term.metres), QUANTUM_DECIMALS),
        "source": term.source,
        "verified": term.verified,
    }


@lru_cache(maxsize=4096)
def _terms(text: str) -> tuple[Mapping[str, Any], ...]:
    """What terms_text() wrote, read once for all pipes that say the same."""
    return tuple({"code": term["code"], **term} for term in json.loads(text))


def terms_text(terms: Sequence[UncertaintyTerm]) -> str:
    """The form Assets.uncertainty_terms carries: canonical JSON of the terms."""
    return canonical.dumps([_term(term) for term in terms])


def _conflict_advice(
    conflict: dict[str, Any], site: DigSite, name: str, profile: RuleProfile
) -> list[dict[str, Any]]:
    advice: list[dict[str, Any]] = []
    requirement = conflict["requirement"]
    if requirement == Requirement.FORBIDDEN and conflict["zone"] != Zone.OUTSIDE:
        advice.append({"code": "drop_forbidden_act", "zone": conflict["zone"], "act": conflict["act"]})
    if requirement == Requirement.NOTIFY:
        advice.append({"code": "notify_utility", "name": name, "working_days": profile.reply_working_days})
    else:
        advice.append({"code": "agree_plan", "name": name, "clause": "城镇燃气管理条例 第三十七条"})
    by_machine = site.method in (None, Method.MECHANICAL)
    if conflict["at_worst"]["zone"] == Zone.PROTECTION and by_machine:
        spans = conflict["site_intervals_m"]
        if spans:
            stretch = ", ".join(f"{station(low)}–{station(high)}" for low, high in spans)
            advice.append({"code": "hand_dig", "stretch": stretch})
        else:
            advice.append({"code": "hand_dig_all", "source_id": conflict["source_id"]})
    if conflict["at_worst"]["zone"] == Zone.PROTECTION or conflict["certainty"] == Certainty.POSSIBLE:
        advice.append({"code": "trial_holes", "source_id": conflict["source_id"]})
    if requirement != Requirement.NOTIFY:
        advice.append({"code": "site_guard", "name": name})
    return advice


def _site_advice(
    conflicts: list[dict[str, Any]], ground: GroundAnswer, owners: Sequence[UtilityGround]
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
