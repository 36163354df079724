"""How well a position is known: 95 % bounds in metres, term by term. Terms add linearly."""

from datetime import date

from spatial.profile import Plan, RuleProfile
from spatial.values import UncertaintyTerm
from spatial.words import Drawn


def asset_uncertainty(
    *,
    survey_class: str | None,
    cover_m: float | None,
    stated_m: float | None,
    frame: str,
    operation_accuracy_m: float,
    on: date,
    profile: RuleProfile,
) -> tuple[UncertaintyTerm, ...]:
    """The plan uncertainty of a pipe or facility.

    stated_m: the 95 % bound the utility states for the row; it wins. survey_class: looked up in the
    profile; a class that needs the depth and has none falls back to the profile's default.
    frame, operation_accuracy_m: of the passage into the register (spatial.crs). on: the data date.
    """
    return (
        _position(survey_class, cover_m, stated_m, profile),
        *_passage(frame, operation_accuracy_m, on, profile),
    )


def site_uncertainty(
    *,
    stated_m: float | None,
    drawn_as: Drawn | None = None,
    frame: str,
    operation_accuracy_m: float,
    on: date,
    profile: RuleProfile,
) -> tuple[UncertaintyTerm, ...]:
    """The plan uncertainty of a dig site.

    stated_m: what the firm states for how it measured or drew; drawn_as: how it did, for which the profile has a
    number. Without either, a raw WGS 84 position (and what was derived from one, GCJ-02 and BD-09) is a
    receiver's; a survey grid's is taken as drawn.
    """
    defaults = profile.uncertainty
    if stated_m is not None:
        drawn: tuple[UncertaintyTerm, ...] = (UncertaintyTerm("site_stated", stated_m, "permit"),)
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
    plan = defaults.survey_classes.get(survey_class.strip().lower()) if survey_class else None
    if plan is None:
        return _fixed("pipe_unknown", defaults.pipe_default)
    if plan.plan_m is not None:
        return _fixed("pipe_survey", plan)
    if cover_m is None:
        return _fixed("pipe_survey_no_depth", defaults.pipe_default)
    assert plan.ratio_of_depth is not None and plan.least_depth_m is not None
    # h is the depth of the pipe's centre: cover + radius, the radius taken as the largest there is.
    centre_m = max(cover_m + profile.largest_unknown_radius_m, plan.least_depth_m)
    return UncertaintyTerm(
        "pipe_survey", round(plan.ratio_of_depth * centre_m, 4), plan.source, plan.verified
    )


def _passage(
    frame: str, operation_accuracy_m: float, on: date, profile: RuleProfile
) -> tuple[UncertaintyTerm, ...]:
    """The terms of getting into CGCS2000: the datum operation, and the drift of everything tied to WGS 84."""
    defaults = profile.uncertainty
    terms = []
    if operation_accuracy_m > 0:
        terms.append(UncertaintyTerm("datum_operation", operation_accuracy_m, "EPSG"))
    if frame == "gcj02":
        terms.append(_fixed("gcj02_residual", defaults.gcj02))
    if frame == "bd09":
        terms.append(_fixed("bd09_residual", defaults.bd09))
    if frame != "cgcs2000":
        years = max(on.year - defaults.drift_since_year, 0)
        terms.append(
            UncertaintyTerm(
                "wgs84_drift",
                round(years * defaults.drift_m_per_year, 4),
                defaults.drift_source,
                defaults.drift_verified,
            )
        )
    return tuple(terms)


def _fixed(code: str, plan: Plan) -> UncertaintyTerm:
    assert plan.plan_m is not None
    return UncertaintyTerm(code, plan.plan_m, plan.source, plan.verified)
