"""How well a position is known: 95 % bounds in metres, term by term. Terms add linearly."""

import math
from datetime import date

from spatial.rules.profile import Plan, RuleProfile
from spatial.values import UncertaintyTerm
from spatial.words import Drawn

DEVICE_TO_95 = math.sqrt(math.log(0.05) / math.log(0.32))
"""1.62: phones state the circle that holds 68 % of fixes (Android: Location.getAccuracy); of a round normal error this many
times its radius holds 95 %."""


def asset_uncertainty(
    *,
    survey_class: str | None,
    cover_m: float | None,
    stated_m: float | None,
    frame: str,
    operation_accuracy_m: float,
    on: date,
    profile: RuleProfile,
    surveyed_on: date | None = None,
    laid_on: date | None = None,
    resurfaced_on: date | None = None,
) -> tuple[UncertaintyTerm, ...]:
    """The plan uncertainty of a pipe or facility.

    stated_m: the 95 % bound the utility states for the row; it wins. survey_class: looked up in the
    profile; a class that needs the depth and has none falls back to the profile's default. cover_m: the most
    there is along the pipe: doubt grows with depth.
    A survey by its class ages, up to the data date `on`. It is no older than the pipe, so that laid_on stands in
    for a surveyed_on nobody gave; without either the oldest is taken. What a utility states, and what is taken
    where nothing is known, stand for themselves and do not age. A road rebuilt since the survey, or at a time that
    may have been since, adds its own term to all of them.
    frame, operation_accuracy_m: of the passage into the register (spatial.crs).
    """
    position = _position(survey_class, cover_m, stated_m, profile)
    ages = stated_m is None and position.code == "pipe_survey"
    rebuilt = profile.uncertainty.road_rebuilt
    return (
        position,
        *(_age(surveyed_on or laid_on, on, profile) if ages else ()),
        *(
            (_fixed("road_rebuilt", rebuilt),)
            if rebuilt is not None and _rebuilt_since(surveyed_on or laid_on, resurfaced_on)
            else ()
        ),
        *_passage(frame, operation_accuracy_m, on, profile),
    )


def asset_depth_uncertainty(
    *,
    survey_class: str | None,
    cover_m: float | None,
    stated_m: float | None,
    surveyed_on: date | None,
    laid_on: date | None,
    resurfaced_on: date | None,
    ground_change_m: float | None,
    on: date,
    profile: RuleProfile,
) -> tuple[UncertaintyTerm, ...]:
    """The 95 % bound of a pipe's cover; nothing where it is not known: that relieves nobody.

    cover_m: the most there is along the pipe; without one there is nothing to doubt. stated_m: as the utility
    states it; it wins over what the profile says of the survey class. Ages as the position does.
    resurfaced_on: a road rebuilt since the survey, or at a time that may have been since, leaves no depth known.
    ground_change_m: how much the ground has risen or sunk since the survey, either way.
    """
    surveyed = profile.uncertainty.survey_depths.get(_class_key(survey_class))
    if cover_m is None or _rebuilt_since(surveyed_on or laid_on, resurfaced_on):
        return ()
    if stated_m is not None:
        known: tuple[UncertaintyTerm, ...] = (UncertaintyTerm("depth_stated", stated_m, "register"),)
    elif surveyed is not None:
        known = (
            _of_depth("depth_survey", surveyed, cover_m, profile),
            *_age(surveyed_on or laid_on, on, profile),
        )
    else:
        return ()
    changed = abs(ground_change_m or 0.0)
    return (*known, *((UncertaintyTerm("ground_changed", changed, "register"),) if changed else ()))


def site_uncertainty(
    *,
    stated_m: float | None,
    device_m: float | None = None,
    drawn_as: Drawn | None = None,
    frame: str,
    operation_accuracy_m: float,
    on: date,
    profile: RuleProfile,
) -> tuple[UncertaintyTerm, ...]:
    """The plan uncertainty of a dig site.

    stated_m: what the firm states for how it measured or drew; device_m: the accuracy a phone or receiver gave with the
    place, as it gives it; of the two the wider. drawn_as: how it was drawn, for which the profile has a
    number. Without any, a raw WGS 84 position (and what was derived from one, GCJ-02 and BD-09) is a
    receiver's; a survey grid's is taken as drawn.
    """
    defaults = profile.uncertainty
    of_device_m = None if device_m is None else round(device_m * DEVICE_TO_95, 4)
    if of_device_m is not None and of_device_m > (stated_m or 0.0):
        drawn: tuple[UncertaintyTerm, ...] = (UncertaintyTerm("site_device", of_device_m, "permit"),)
    elif stated_m is not None:
        drawn = (UncertaintyTerm("site_stated", stated_m, "permit"),)
    elif drawn_as is not None:
        drawn = (_drawn(drawn_as, profile),)
    elif frame in ("wgs84", "gcj02", "bd09"):
        drawn = (_fixed("site_receiver", defaults.receiver),)
    else:
        drawn = ()
    return (*drawn, *_passage(frame, operation_accuracy_m, on, profile))


def _drawn(way: Drawn, profile: RuleProfile) -> UncertaintyTerm:
    """A way of drawing the profile has no number for is taken for a receiver's position."""
    plan = profile.uncertainty.drawn.get(way, profile.uncertainty.receiver)
    match way:
        case Drawn.SURVEYED:
            return _fixed("drawn_surveyed", plan)
        case Drawn.CAD:
            return _fixed("drawn_cad", plan)
        case Drawn.MAP:
            return _fixed("drawn_map", plan)
        case Drawn.SCREEN:
            return _fixed("drawn_screen", plan)
        case Drawn.HAND:
            return _fixed("drawn_hand", plan)


def depth_doubt(
    depth_m: float | None, stated_m: float | None, profile: RuleProfile
) -> tuple[UncertaintyTerm, ...]:
    """The 95 % bound of the floor of a dig: as stated, else the profile's default; nothing without a depth."""
    if depth_m is None:
        return ()
    if stated_m is not None:
        return (UncertaintyTerm("dig_depth_stated", stated_m, "permit"),)
    return (_fixed("dig_depth_default", profile.uncertainty.dig_depth),)


def _position(
    survey_class: str | None, cover_m: float | None, stated_m: float | None, profile: RuleProfile
) -> UncertaintyTerm:
    defaults = profile.uncertainty
    if stated_m is not None:
        return UncertaintyTerm("pipe_stated", stated_m, "register")
    plan = defaults.survey_classes.get(_class_key(survey_class))
    if plan is None:
        return _fixed("pipe_unknown", defaults.pipe_default)
    if plan.plan_m is not None:
        return _fixed("pipe_survey", plan)
    if cover_m is None:
        return _fixed("pipe_survey_no_depth", defaults.pipe_default)
    return _of_depth("pipe_survey", plan, cover_m, profile)


def _class_key(survey_class: str | None) -> str:
    return (survey_class or "").strip().lower()


def _of_depth(code: str, plan: Plan, cover_m: float, profile: RuleProfile) -> UncertaintyTerm:
    """A fixed bound, or a ratio of h, the depth of the pipe's centre: the radius is taken as the largest there is."""
    if plan.plan_m is not None:
        return UncertaintyTerm(code, plan.plan_m, plan.source, plan.verified)
    assert plan.ratio_of_depth is not None and plan.least_depth_m is not None
    centre_m = max(cover_m + profile.largest_unknown_radius_m, plan.least_depth_m)
    return UncertaintyTerm(code, round(plan.ratio_of_depth * centre_m, 4), plan.source, plan.verified)


def _age(since: date | None, on: date, profile: RuleProfile) -> tuple[UncertaintyTerm, ...]:
    """In whole years, so that an export of the next day is the same."""
    age = profile.uncertainty.age
    if age is None:
        return ()
    if since is None:
        return (
            (UncertaintyTerm("survey_undated", age.most_m, age.source, age.verified),) if age.most_m else ()
        )
    years = max(on.year - since.year - age.after_years, 0)
    added_m = min(round(years * age.m_per_year, 4), age.most_m)
    return (UncertaintyTerm("survey_age", added_m, age.source, age.verified),) if added_m else ()


def _rebuilt_since(surveyed_on: date | None, resurfaced_on: date | None) -> bool:
    """An unknown survey may have been before."""
    return resurfaced_on is not None and (surveyed_on is None or resurfaced_on >= surveyed_on)


def _passage(
    frame: str, operation_accuracy_m: float, on: date, profile: RuleProfile
) -> tuple[UncertaintyTerm, ...]:
    """The terms of getting into CGCS2000: the datum operation, and the drift of everything tied to WGS 84."""
    defaults = profile.uncertainty
    terms = []
    if operation_accuracy_m > 0:
        # Into CGCS2000 itself no published operation leads: only the parameters of a registered grid.
        source = "register" if frame == "cgcs2000" else "EPSG"
        terms.append(UncertaintyTerm("datum_operation", operation_accuracy_m, source))
    if frame == "gcj02":
        terms.append(_fixed("gcj02_residual", defaults.gcj02))
    if frame == "bd09":
        terms.append(_fixed("bd09_residual", defaults.bd09))
    if frame != "cgcs2000":
        terms.append(
            UncertaintyTerm(
                "wgs84_drift",
                wgs84_drift_m(profile, on),
                defaults.drift_source,
                defaults.drift_verified,
            )
        )
    return tuple(terms)


def wgs84_drift_m(profile: RuleProfile, on: date) -> float:
    """How far WGS 84 has moved against CGCS2000 by a day, in whole years."""
    years = max(on.year - profile.uncertainty.drift_since_year, 0)
    return round(years * profile.uncertainty.drift_m_per_year, 4)


def _fixed(code: str, plan: Plan) -> UncertaintyTerm:
    assert plan.plan_m is not None
    return UncertaintyTerm(code, plan.plan_m, plan.source, plan.verified)
