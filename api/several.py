"""One dig plan becomes several permits, one for each feature."""

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from spatial.errors import Refused
from spatial.values import DigSite, PermitParties

MOST_PERMITS = 50
LONGEST_TITLE = 500
LONGEST_NAME = 100
NAMES = ("name", "Name", "NAME", "名称", "名字")
"""Properties that say what a feature is called, as programs write them."""

Plan = tuple[PermitParties, tuple[DigSite, ...]]


def each_feature(parties: PermitParties, sites: Sequence[DigSite]) -> list[Plan]:
    """Each feature with the strips beside it, under the same parties and with its own name after the title.

    :raises Refused: plan_too_many_permits.
    """
    features = [tuple(group) for _, group in groupby(sites, lambda site: site.of_feature or site.feature_id)]
    if len(features) > MOST_PERMITS:
        raise Refused.because(
            "plan_too_many_permits",
            en=f"the plan has {len(features)} features, at most {MOST_PERMITS} become permits of their own: divide it, or "
            "file it as one permit",
            zh=f"方案有 {len(features)} 个要素，最多分成 {MOST_PERMITS} 个许可：请拆分，或作为一个许可备案",
            pointer="/plan",
        )
    return [(replace(parties, title=_title(parties.title, feature[0])), feature) for feature in features]


def _title(title: str, site: DigSite) -> str:
    suffix = f" · {_name(site)[:LONGEST_NAME]}"
    return title[: LONGEST_TITLE - len(suffix)] + suffix


def _name(site: DigSite) -> str:
    """What the feature is called, else its id or number."""
    properties = json.loads(site.received).get("properties") or {}
    names = (properties.get(name) for name in NAMES)
    return next((name.strip() for name in names if isinstance(name, str) and name.strip()), site.feature_id)
