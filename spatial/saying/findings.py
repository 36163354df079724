"""A conflict as a document: every measurement, the reason for every grade, and what to do next."""

from collections.abc import Mapping, Sequence
from math import isnan
from typing import Any, NamedTuple

import numpy as np

from spatial.found import Assets
from spatial.judging.bores import follows_path
from spatial.judging.judge import Conflicts
from spatial.judging.sections import digs_by_machine
from spatial.measuring.crossings import crossing_documents
from spatial.measuring.measure import QUANTUM_DECIMALS, Intervals, affected_lengths_m, quantise
from spatial.measuring.reaches import Inner
from spatial.rules.profile import STRICTNESS, RuleProfile, Ruling, Widths
from spatial.saying.bore_findings import add_bore
from spatial.saying.terms import term_document, told
from spatial.saying.texts import station
from spatial.saying.vertical import depth_advice, depth_reasons, vertical_documents
from spatial.values import DigSite, UtilityGround
from spatial.words import AssetKind, Certainty, Grade, Requirement, Zone

IN_USE = ("in_use", "functional", "0", "在用", "active")
"""Register words for a pipe that carries gas; any other stated status is shown, and judged all the same."""


def conflict_documents(
    found: Conflicts,
    assets: Assets,
    sites: Sequence[DigSite],
    ground: Sequence[Sequence[UtilityGround]],
    profile: RuleProfile,
) -> list[list[dict[str, Any]]]:
    """The conflicts of each site, in the order of the columns, with the register's pipe_id."""
    documents: list[list[dict[str, Any]]] = [[] for _ in sites]
    names = [{declared.utility.code: declared.utility.name for declared in of_site} for of_site in ground]
    for number, (row, vertical) in enumerate(zip(_rows(found), vertical_documents(found), strict=True)):
        site = sites[row.site]
        conflict = _conflict(row, assets, site, names[row.site], profile) | {"vertical": vertical}
        of_depth = depth_reasons(found, number, vertical, assets, site, profile)
        conflict["reasons"] += of_depth
        conflict["advice"] += depth_advice(of_depth, conflict["source_id"])
        if site.geometry.geom_type == "LineString":
            conflict["crossings"] = crossing_documents(found.crossings[number], site.half_width_m)
        add_bore(conflict, found, number, assets.depth_terms[row.asset], site, profile)
        documents[row.site].append(conflict)
    return documents


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
    inner: Inner
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
        "limits": _limits(row),
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
    by_hand = row.inner.protection_at_worst
    conflict["advice"] = _conflict_advice(conflict, by_hand, site, names.get(utility, utility), profile)
    return conflict


def _limits(row: _Row) -> dict[str, Any]:
    """The zones, and what they rest on. judged_to_m: the control zone, or an act's own distance where that is wider."""
    return {
        "protection_m": row.widths.protection_m,
        "control_m": row.widths.control_m,
        "judged_to_m": row.control_m,
        "clause": row.widths.clause,
        "source": list(row.widths.source),
        "verified": row.widths.verified,
    }


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
        demanding = max(site.acts, key=lambda act: profile.own_distance_m([act], widths.kind))
        reasons.append({"code": "own_distance", "act": demanding.value, "control_m": control})
    if widths.inside_m:
        reasons.append(_from_centre_line(widths, control))
    if profile.long_distance:
        reasons.append({"code": "long_distance_rules"})
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
    if ruling.note is not None:
        reasons.append({"code": "rule_note", "act": ruling.act.value, "note": list(ruling.note)})
    if not widths.verified:
        reasons.append({"code": "widths_unverified"})
    if widths.note is not None:
        reasons.append({"code": "widths_note", "note": list(widths.note)})
    if site.method is None and not follows_path(site):
        reasons.append({"code": "method_unknown"})
    if site.of_feature is not None:
        reasons.append({"code": "site_part", "part": site.part.value, "of_feature": site.of_feature})
    if site.trench is not None and not site.trench.slope_known:
        slope = {"slope_ratio": site.trench.slope_ratio, "verified": profile.footprint.verified}
        reasons.append({"code": "slope_assumed", **slope})
    reasons += _register_gaps(assets, row.asset, row.radius_m, profile)
    reasons += [dict(term) for term in told(assets.uncertainty_terms[row.asset])]
    reasons += [term_document(term) for term in site.uncertainty]
    return reasons


def _from_centre_line(widths: Widths, control_m: float) -> dict[str, Any]:
    """The limits as the law counts them; all others here are from the wall."""
    return {
        "code": "measured_from_centre_line",
        "protection_m": round(widths.protection_m + widths.inside_m, QUANTUM_DECIMALS),
        "control_m": round(control_m + widths.inside_m, QUANTUM_DECIMALS),
        "radius_m": widths.inside_m,
    }


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


def _conflict_advice(
    conflict: dict[str, Any], by_hand: Intervals, site: DigSite, name: str, profile: RuleProfile
) -> list[dict[str, Any]]:
    """by_hand: stations of a line that lie in the protection zone at worst."""
    advice: list[dict[str, Any]] = []
    requirement = conflict["requirement"]
    if requirement == Requirement.FORBIDDEN and conflict["zone"] != Zone.OUTSIDE:
        advice.append({"code": "drop_forbidden_act", "zone": conflict["zone"], "act": conflict["act"]})
    if requirement == Requirement.NOTIFY:
        advice.append({"code": "notify_utility", "name": name, "working_days": profile.reply_working_days})
    else:
        if profile.long_distance:
            advice.append({"code": "apply_county", "name": name, "clause": profile.plan_clause})
        advice.append({"code": "agree_plan", "name": name, "clause": profile.plan_clause})
    if conflict["at_worst"]["zone"] == Zone.PROTECTION and digs_by_machine(site):
        if by_hand:
            stretch = ", ".join(f"{station(low)}–{station(high)}" for low, high in by_hand)
            advice.append({"code": "hand_dig", "stretch": stretch})
        else:
            advice.append({"code": "hand_dig_all", "source_id": conflict["source_id"]})
    if conflict["at_worst"]["zone"] == Zone.PROTECTION or conflict["certainty"] == Certainty.POSSIBLE:
        advice.append({"code": "trial_holes", "source_id": conflict["source_id"]})
    if requirement != Requirement.NOTIFY:
        advice.append({"code": "site_guard", "name": name})
    return advice
