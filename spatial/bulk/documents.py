"""Screenings of many sites in one region: the same documents as one at a time, with far less measured in full."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from spatial.bulk.sites import SiteColumns
from spatial.bulk.verdicts import Survey, verdicts
from spatial.found import Found, Region
from spatial.rules.profile import RuleProfile
from spatial.screening import Screening, screen_each
from spatial.values import Box, DigSite


def screen_region(
    sites: Sequence[DigSite],
    asked: Sequence[Sequence[Box]],
    region: Region,
    profile: RuleProfile,
    *,
    on: date,
    ends_on: Sequence[date | None],
) -> tuple[Screening, ...]:
    """As screen_each(). asked: of each site, as query_boxes() gives them."""
    found = conflicts_only(sites, region.find(asked), region, profile)
    return screen_each(sites, found, profile, on=on, ends_on=ends_on)


def conflicts_only(sites: Sequence[DigSite], found: Found, region: Region, profile: RuleProfile) -> Found:
    """Without the pairs that are no conflict. Most of what is found is none, and judge() measures all it is given."""
    told = verdicts(SiteColumns.of(sites, profile), Survey.of(region, profile))
    pieces, count = found.pieces, max(len(region.assets), 1)
    asset = np.searchsorted(region.assets.asset_id, pieces.assets.asset_id)[pieces.asset]
    rows = np.flatnonzero(np.isin(pieces.site * count + asset, told.site * count + told.asset))
    kept = replace(
        pieces,
        site=pieces.site[rows],
        asset=pieces.asset[rows],
        geometry=pieces.geometry[rows],
        from_m=pieces.from_m[rows],
        to_m=pieces.to_m[rows],
    )
    return replace(found, pieces=kept)
