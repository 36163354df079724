"""What depth says of a conflict, as a document: the numbers, the reasons and what to do about them."""

from collections.abc import Mapping
from math import isnan
from typing import Any

from spatial.found import Assets
from spatial.judging.depth import takes_ground_away
from spatial.judging.judge import Conflicts
from spatial.measuring.measure import QUANTUM_DECIMALS
from spatial.rules.profile import RuleProfile
from spatial.saying.terms import term_document, told
from spatial.values import DigSite
from spatial.words import AssetKind, Level


def vertical_documents(found: Conflicts) -> list[dict[str, Any]]:
    """One a conflict: {relation, floor_m, top_m, underside_m, uncertainty_m}, metres below ground at record.

    top_m, underside_m: [least, most] along the pipe, whatever its diameter may be; uncertainty_m: 95 % bound of
    floor against pipe. None is unknown; relation "unknown" says that no relation could be told, whatever is stated.
    """
    depths = found.depths
    columns = (
        found.level,
        depths.floor_m,
        depths.top_least_m,
        depths.top_most_m,
        depths.top_least_m + depths.thin_m,
        depths.top_most_m + depths.thick_m,
        depths.floor_uncertainty_m + depths.pipe_uncertainty_m,
    )
    return [
        {
            "relation": level.value,
            "floor_m": _known(floor),
            "top_m": _range(least, most),
            "underside_m": _range(under_least, under_most),
            "uncertainty_m": _known(doubt),
        }
        for level, floor, least, most, under_least, under_most, doubt in zip(
            *(column.tolist() for column in columns), strict=True
        )
    ]


def _known(metres: float) -> float | None:
    return None if isnan(metres) else round(metres, QUANTUM_DECIMALS) + 0.0


def _range(least: float, most: float) -> list[float] | None:
    low, high = _known(least), _known(most)
    return None if low is None or high is None else [low, high]


def depth_reasons(
    found: Conflicts,
    row: int,
    vertical: Mapping[str, Any],
    assets: Assets,
    site: DigSite,
    profile: RuleProfile,
) -> list[dict[str, Any]]:
    """Why the floor stands as it does towards the pipe of one conflict; nothing for what opens no ground."""
    asset = int(found.asset[row])
    if not takes_ground_away(site) or assets.kind[asset] != AssetKind.PIPE:
        return []
    level, floor_m, doubt_m = vertical["relation"], vertical["floor_m"], vertical["uncertainty_m"]
    reasons: list[dict[str, Any]] = []
    if level == Level.ABOVE:
        reasons.append(
            {
                "code": "floor_above",
                "floor_m": floor_m,
                "top_m": vertical["top_m"][0],
                "uncertainty_m": doubt_m,
            }
        )
    elif level == Level.REACHES:
        reasons.append(
            {
                "code": "floor_reaches",
                "floor_m": floor_m,
                "top_m": vertical["top_m"][0],
                "underside_m": vertical["underside_m"][1],
                "uncertainty_m": doubt_m,
            }
        )
    elif level == Level.BELOW:
        reasons.append(
            {
                "code": "floor_below",
                "floor_m": floor_m,
                "underside_m": vertical["underside_m"][1],
                "uncertainty_m": doubt_m,
            }
        )
    else:
        reasons += _why_unknown(vertical, bool(assets.profiled[asset]))
    if found.relieved[row] and found.clearance_m[row] <= round(
        float(found.uncertainty_m[row]) + profile.tolerance_m, QUANTUM_DECIMALS
    ):
        reasons.append({"code": "relieved_by_depth"})
    reasons += _giving_way(found, row, floor_m, profile)
    if level != Level.UNKNOWN:
        reasons += depth_terms(assets.depth_terms[asset], site)
    return reasons


def depth_terms(of_asset: str, site: DigSite) -> list[dict[str, Any]]:
    """The terms of both depths, marked so that nobody adds them to the doubt in plan."""
    terms = [*told(of_asset), *(term_document(term) for term in site.depth_uncertainty)]
    return [{**term, "of": "depth"} for term in terms]


def _why_unknown(vertical: Mapping[str, Any], profiled: bool) -> list[dict[str, Any]]:
    """A cover nobody stated is told with the other gaps of the register."""
    if vertical["floor_m"] is None:
        return [{"code": "dig_depth_unknown"}]
    if vertical["top_m"] is None:
        return []
    if not profiled:
        return [{"code": "depth_not_profiled", "top_m": vertical["top_m"]}]
    return [{"code": "depth_doubt_unknown"}]


def _giving_way(
    found: Conflicts, row: int, floor_m: float | None, profile: RuleProfile
) -> list[dict[str, Any]]:
    if profile.support is None:
        return []
    ratio = {"reach_ratio": profile.support.reach_ratio, "verified": profile.support.verified}
    from_edge_m = float(found.giving.from_edge_m[row])
    if found.giving.gives[row]:
        height_m = float(found.giving.height_m[row])
        return [{"code": "support", "from_edge_m": from_edge_m, "height_m": height_m, **ratio}]
    if found.giving.may_give[row]:
        return [{"code": "support_unknown", "from_edge_m": from_edge_m, "floor_m": floor_m, **ratio}]
    return []


def depth_advice(reasons: list[dict[str, Any]], source_id: str) -> list[dict[str, Any]]:
    """What to do about ground that may give way under a pipe."""
    codes = {reason["code"] for reason in reasons}
    if "support" in codes:
        return [{"code": "shore_and_support", "source_id": source_id}]
    if "support_unknown" in codes:
        return [{"code": "find_depth", "source_id": source_id}]
    return []
