"""Use case of looking: what the briefing map of a permit or of a screening shows, read from one register revision."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import shapely

from api.advice import with_advice
from api.notice import start_of
from api.screen import rules_of
from api.settings import today
from api.views.answers import screening_answer
from ingest import parse_profile
from maps.briefing.view import DrawnAsset, FiledPermit, JudgedSite, MapView
from spatial.found import Found
from spatial.measuring.boxes import widen
from spatial.rules.profile import RuleProfile
from spatial.screening import query_boxes
from spatial.values import DigSite, Utility
from spatial.words import AssetKind, PermitStatus, PressureClass
from sql.vault import PermitRecord, ScreeningRecord, Vault

SURROUNDINGS_M = 20.0
"""Shown beyond the reach of the rules, so that the reader can find his way; no more, since output is the leak."""


def permit_map_view(vault: Vault, permit: PermitRecord) -> MapView:
    """The newest judgement of each site of a permit. A site that nobody judged is shown without any pipe."""
    records = [vault.screening(screening_id) for screening_id in permit.screening_ids]
    by_site = {record.site_index: record for record in records}
    profile = parse_profile(vault.profile(records[0].profile_sha256 if records else permit.profile))
    filed = FiledPermit(
        permit.permit_id,
        permit.status,
        permit.parties,
        start_of(permit, rules_of(vault, permit.profile).profile),
    )
    judged = [
        (by_site[number].site if number in by_site else site, by_site.get(number))
        for number, site in enumerate(permit.sites)
    ]
    return _view(vault, judged, profile, today(), filed, lapsed=False)


def screening_map_view(vault: Vault, record: ScreeningRecord, *, on: date | None = None) -> MapView:
    """One judgement as it was made. on: the day it is looked at, today by default; after its validity, or when
    its permit has a newer one or no longer stands by it, it is shown as lapsed."""
    day = on or today()
    lapsed = day > record.valid_until
    if record.permit_id is not None:
        permit = vault.permit(record.permit_id, on=day)
        lapsed = lapsed or permit.status.value not in ("conflict", "cannot_tell", "clear")
        lapsed = lapsed or record.screening_id not in permit.screening_ids
    profile = parse_profile(vault.profile(record.profile_sha256))
    return _view(vault, [(record.site, record)], profile, day, None, lapsed)


def _view(
    vault: Vault,
    judged: Sequence[tuple[DigSite, ScreeningRecord | None]],
    profile: RuleProfile,
    on: date,
    permit: FiledPermit | None,
    lapsed: bool,
) -> MapView:
    records = [record for _, record in judged if record is not None]
    assets: dict[str, DrawnAsset] = {}
    contacts: dict[str, Utility] = {}
    # The register is read as it was for each judgement: what is drawn is what was judged.
    for revision in sorted({record.register_revision for record in records}):
        sites = [record.site for record in records if record.register_revision == revision]
        found = vault.find([_boxes(site, profile) for site in sites], as_of=revision)
        assets |= drawn_assets(found, sites, profile)
        contacts |= {row.utility.code: row.utility for ground in found.ground for row in ground}
    # What would help is said of what holds, not of a judgement that is out of date.
    holds = not lapsed and (permit is None or permit.status is PermitStatus.CONFLICT)
    told = with_advice(vault, records) if holds else [screening_answer(record) for record in records]
    answers = {answer["id"]: answer for answer in told}
    return MapView(
        sites=tuple(
            JudgedSite(site, None if record is None else answers[record.screening_id])
            for site, record in judged
        ),
        assets=tuple(assets.values()),
        contacts=contacts,
        margin_m=margin_m(
            [record.site for record in records],
            [conflict for record in records for conflict in record.conflicts],
            profile,
        ),
        rules_title=(profile.title_zh, profile.title_en),
        on=on,
        permit=permit,
        lapsed=lapsed,
    )


def _boxes(site: DigSite, profile: RuleProfile) -> list[tuple[float, float, float, float]]:
    """What was asked for the judgement, and the surroundings."""
    wider = widen(np.array(query_boxes(site, profile)), SURROUNDINGS_M)
    return [(float(w), float(s), float(e), float(n)) for w, s, e, n in wider]


def margin_m(sites: Sequence[DigSite], conflicts: Sequence[Mapping[str, Any]], profile: RuleProfile) -> float:
    """How far from a site's edge to draw: the reach of the rules and some surroundings, and no conflict left out."""
    reach = max((profile.reach_m(site.acts) for site in sites), default=0.0)
    farthest = max((conflict["centreline_distance_m"] for conflict in conflicts), default=0.0)
    return float(max(reach, farthest)) + SURROUNDINGS_M


def drawn_assets(found: Found, sites: Sequence[DigSite], profile: RuleProfile) -> dict[str, DrawnAsset]:
    """Asset id -> what of it is drawn: each once, in the register's order, its pieces put together again."""
    pieces, assets = found.pieces, found.pieces.assets
    acts = {act for site in sites for act in site.acts}
    drawn: dict[str, DrawnAsset] = {}
    for row in np.lexsort([assets.asset_id]):
        parts = pieces.geometry[pieces.asset == row]
        if len(parts) == 0:
            continue
        kind = AssetKind(assets.kind[row])
        pressure_class = PressureClass(assets.pressure_class[row]) if assets.pressure_class[row] else None
        diameter = None if np.isnan(assets.diameter_mm[row]) else float(assets.diameter_mm[row])
        by_wall = shapely.get_dimensions(parts[0]) == 2
        radius_m = 0.0 if by_wall else profile.diameter_or_largest_mm(diameter, pressure_class) / 2000.0
        widths = profile.widths_from_wall(kind, pressure_class, radius_m)
        asset_id = str(int(assets.asset_id[row]))
        drawn[asset_id] = DrawnAsset(
            asset_id=asset_id,
            source_id=str(assets.source_id[row]),
            utility=str(assets.utility[row]),
            dataset=str(assets.dataset[row]),
            kind=kind,
            pressure_class=pressure_class,
            diameter_mm=diameter,
            status=None if assets.status[row] is None else str(assets.status[row]),
            geometry=_whole(parts),
            radius_m=radius_m,
            protection_m=widths.protection_m,
            control_m=max(widths.control_m, profile.own_distance_m(acts, kind) - widths.inside_m),
            uncertainty_m=float(assets.uncertainty_m[row]),
        )
    return drawn


def _whole(parts: np.ndarray) -> shapely.geometry.base.BaseGeometry:
    """Pieces joined where they were cut, in one order whatever order they came in."""
    unique = sorted({part.wkb: part for part in parts}.items())
    joined = shapely.union_all([part for _, part in unique])
    return shapely.line_merge(joined) if joined.geom_type == "MultiLineString" else joined
