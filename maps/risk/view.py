"""What the risk map shows: counts and shares per county, no pipe, no dig site. Built by the doors, drawn here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from shapely.geometry import MultiPolygon

from maps.counties import County
from spatial.words import Grade, PermitStatus


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of open permits: by status, and those with conflicts by their worst grade.

    A permit that waits to be judged again counts as pending and still under the grade it last had.
    """

    by_status: Mapping[PermitStatus, int]
    by_grade: Mapping[Grade, int]
    open_alerts: int

    @property
    def permits(self) -> int:
        return sum(self.by_status.values())

    @property
    def worst(self) -> Grade | None:
        return next((grade for grade in Grade if self.by_grade.get(grade)), None)

    @property
    def undecided(self) -> int:
        """Permits nobody can say anything of: pending or cannot_tell."""
        return sum(
            self.by_status.get(status, 0) for status in (PermitStatus.PENDING, PermitStatus.CANNOT_TELL)
        )


@dataclass(frozen=True, slots=True)
class CountyRisk:
    """One county. utilities: names of those that serve it or declare their register complete in it.

    register_as_of: the oldest day any register in it was declared complete; None = no register.
    only_assumed: there is a register, but its extent was only drawn round the data. uncovered_share: of the
    county's ground, 0 to 1, no register in force vouches for; 1.0 exactly when none does anywhere.
    """

    county: County
    tally: Tally
    utilities: tuple[str, ...]
    register_as_of: date | None
    only_assumed: bool
    uncovered_share: float

    @property
    def has_register(self) -> bool:
        return self.register_as_of is not None


@dataclass(frozen=True, slots=True)
class RiskView:
    """The province on one day. Days are Asia/Shanghai calendar days.

    total: every open permit once; a permit with sites in two counties counts in both, so that columns may
    add up to more. outside: permits with a site in none of the counties, never lost. vouched: the ground
    that registers in force vouch for, lon/lat EPSG:4490. unbounded: names of the utilities that have not
    said where they serve and so may own pipes anywhere. register_revision: the newest.
    """

    on: date
    counties: tuple[CountyRisk, ...]
    total: Tally
    outside: Tally
    vouched: MultiPolygon
    unbounded: tuple[str, ...]
    register_revision: int
