"""A briefing map's view without a database: a few pipes and dig sites in metres, judged by the shipped rules."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import shapely

from api.views.map_view import drawn_assets, margin_m
from maps.briefing.view import FiledPermit, JudgedSite, MapView
from spatial.screening import screen
from spatial.values import Contact, DigSite, PermitParties, Utility, UtilityGround
from spatial.words import Act, Method, PermitStatus
from tests.support.builders import DAY, Pipe, make_found, make_ground, make_profile, make_site, straight

ENDS = date(2026, 11, 20)
PARTIES = PermitParties(
    title="给水管改造",
    starts_on=date(2026, 11, 10),
    ends_on=ENDS,
    contractor=Contact("某某市政", "张工", "call the office"),
    builder=Contact("某某街道办"),
    supervisor=Contact("某某监理", "李工"),
    permit_numbers=("占道字 7 号",),
    machine="挖掘机",
    driver=Contact("王师傅"),
)
PIPES = (
    Pipe(shapely.LineString([(0, -300), (0, 300)]), "MP-B", 125.0, 0.5, source_id="crossing"),
    Pipe(straight(4.0, 300.0), "MP-A", 200.0, 0.3, source_id="beside"),
    Pipe(straight(-6.0, 300.0), None, None, 2.0, source_id="unknown class"),
    Pipe(straight(-53.0, 300.0), "HP-A", 711.0, 5.0, source_id="only at worst"),
    Pipe(straight(-58.0, 300.0), "MP-A", 200.0, 0.3, source_id="near, no conflict"),
    Pipe(straight(200.0, 300.0), "MP-A", 200.0, 0.3, source_id="far away"),
    Pipe(shapely.Point(8, 3), "MP-A", None, 0.5, kind="valve", source_id="valve"),
    Pipe(shapely.box(14, 2, 18, 6), "MP-A", None, 0.5, kind="regulator", source_id="regulator"),
)


def trench(**about: Any) -> DigSite:
    """A trench of 60 m from west to east over the place, by machine."""
    shape = shapely.LineString([(-30, 0), (30, 0)])
    about = {
        "half_width_m": 0.6,
        "method": Method.MECHANICAL,
        "acts": (Act.EXCAVATE,),
        "uncertainty_m": 0.2,
    } | about
    return make_site(shape, **about)


def pit(east_m: float = 0.0, **about: Any) -> DigSite:
    """A pit of 6 x 4 m."""
    about = {"method": Method.MECHANICAL, "feature_id": "pit"} | about
    return make_site(shapely.box(east_m - 3, -30, east_m + 3, -26), **about)


def make_view(
    sites: Sequence[DigSite] | None = None,
    pipes: Sequence[Pipe] = PIPES,
    *,
    status: PermitStatus | None = PermitStatus.CONFLICT,
    judged: bool = True,
    lapsed: bool = False,
    ground: Sequence[UtilityGround] | None = None,
) -> MapView:
    """As api.views.map_view makes it of what the vault holds. status None: an enquiry, without a permit."""
    sites = [trench()] if sites is None else sites
    profile = make_profile()
    found = make_found(pipes, [make_ground()] if ground is None else ground, sites=len(sites))
    screenings = screen(sites, found, profile, on=DAY, ends_on=ENDS)
    conflicts = [conflict for screening in screenings for conflict in screening.conflicts]
    return MapView(
        sites=tuple(
            JudgedSite(
                screening.site,
                screening.document
                | {"id": f"s-{number}", "hash": screening.sha256, "conflicts": list(screening.conflicts)}
                if judged
                else None,
            )
            for number, screening in enumerate(screenings, 1)
        ),
        assets=tuple(drawn_assets(found, sites, profile).values()) if judged else (),
        contacts={"G1": Utility("G1", "某燃气公司", "0971-1234567", "0971-7654321")},
        margin_m=margin_m(sites, conflicts, profile),
        rules_title=(profile.title_zh, profile.title_en),
        on=DAY,
        permit=None if status is None else FiledPermit("permit-1", status, PARTIES),
        lapsed=lapsed,
    )


def with_screening(view: MapView, **changes: Any) -> MapView:
    """The view with fields of its first judgement changed."""
    first, *others = view.sites
    assert first.screening is not None
    changed = JudgedSite(first.site, {**first.screening, **changes})
    return replace(view, sites=(changed, *others))
