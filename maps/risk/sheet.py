"""The risk map's texts: table, totals, legend and notes, the same on the page and on the printed picture."""

from dataclasses import dataclass

from maps.counties import borders_source
from maps.risk.view import CountyRisk, RiskView, Tally
from maps.risk.words import own_word
from maps.styles import GRADE_MARKS, OUTCOME_MARKS
from spatial.errors import Language
from spatial.saying.texts import word
from spatial.words import Grade, Outcome, PermitStatus

TINTS = {
    Grade.I: "#F3C1BD",
    Grade.II: "#F9D9BF",
    Grade.III: "#F3E6B3",
    Grade.IV: "#CFDDF2",
}
"""Fills of counties: pale kin of the grades' colours, so that names stay readable on them."""
UNDECIDED_TINT = "#E4D7EE"
PAPER_TINT = "#FFFFFF"
HATCH_COLOUR = "#6F7880"
UNKNOWN = "—"


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign with its count: colour #RRGGBB, shape one character."""

    shape: str
    colour: str
    count: int


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. grades: cells I to IV. code: of the county, "" for sums."""

    code: str
    prefecture: str
    county: str
    grades: tuple[str, ...]
    pending: str
    cannot_tell: str
    alerts: str
    register: str
    uncovered: str
    utilities: str
    tint: str


def title(language: Language) -> str:
    return own_word("title", language)


def head(language: Language) -> tuple[str, ...]:
    """Names of the columns of a Row from prefecture to utilities, in its order."""
    return (
        own_word("prefecture", language),
        own_word("county", language),
        *(grade.value for grade in Grade),
        own_word("pending", language),
        own_word("cannot_tell", language),
        own_word("open_alerts", language),
        own_word("register", language),
        own_word("uncovered", language),
        own_word("utilities", language),
    )


def table(view: RiskView, language: Language) -> tuple[Row, ...]:
    """A row per county in order of codes, then what lies outside if anything does, then the province."""
    rows = [_county_row(risk, view, language) for risk in view.counties]
    if view.outside.permits:
        rows.append(_sum_row(own_word("outside", language), view.outside))
    rows.append(_sum_row(own_word("total", language), view.total))
    return tuple(rows)


def facts(view: RiskView, language: Language) -> tuple[tuple[str, str], ...]:
    """The province in six numbers: (name, number)."""
    return (
        (own_word("open_permits", language), str(view.total.permits)),
        (own_word("with_conflicts", language), str(sum(view.total.by_grade.values()))),
        (own_word("pending", language), _of(view.total, PermitStatus.PENDING)),
        (own_word("cannot_tell", language), _of(view.total, PermitStatus.CANNOT_TELL)),
        (own_word("open_alerts", language), str(view.total.open_alerts)),
        (
            own_word("no_register_counties", language),
            f"{sum(not risk.has_register for risk in view.counties)} / {len(view.counties)}",
        ),
    )


def marks(tally: Tally) -> tuple[Mark, ...]:
    """What stands under a county's name: a sign and a count for every grade, then for what nobody can say."""
    signs = [
        Mark(GRADE_MARKS[grade].shape, GRADE_MARKS[grade].colour, tally.by_grade[grade])
        for grade in Grade
        if tally.by_grade.get(grade)
    ]
    if tally.undecided:
        doubt = OUTCOME_MARKS[Outcome.CANNOT_TELL]
        signs.append(Mark(doubt.shape, doubt.colour, tally.undecided))
    return tuple(signs)


def tint(tally: Tally) -> str:
    """The fill of a county: by its worst open grade, else by whether anything is undecided. Never green."""
    if tally.worst is not None:
        return TINTS[tally.worst]
    return UNDECIDED_TINT if tally.undecided else PAPER_TINT


def tint_legend(language: Language) -> tuple[tuple[str, str, str, str], ...]:
    """(tint, shape, colour of the shape, what it means), worst first."""
    doubt = OUTCOME_MARKS[Outcome.CANNOT_TELL]
    return (
        *(
            (
                TINTS[grade],
                GRADE_MARKS[grade].shape,
                GRADE_MARKS[grade].colour,
                own_word("worst_grade", language, grade=word("grade", grade, language)),
            )
            for grade in Grade
        ),
        (UNDECIDED_TINT, doubt.shape, doubt.colour, own_word("undecided", language)),
        (PAPER_TINT, "", "", own_word("no_permits", language)),
    )


def notes(view: RiskView, language: Language) -> tuple[str, ...]:
    """What must be read with the map."""
    said = [
        own_word("unknowable", language),
        own_word("counting", language),
    ]
    if view.outside.permits:
        said.append(own_word("outside_note", language, count=view.outside.permits))
    if view.unbounded:
        said.append(own_word("unbounded_note", language, count=len(view.unbounded)))
    chinese, english = borders_source()
    return (*said, own_word("no_pipes", language), chinese if language == "zh" else english)


def _county_row(risk: CountyRisk, view: RiskView, language: Language) -> Row:
    # Without a register nothing can be found: an absent count is not a nought.
    nothing = "0" if risk.has_register else UNKNOWN
    by_grade = risk.tally.by_grade
    return Row(
        code=risk.county.code,
        prefecture=risk.county.prefecture,
        county=risk.county.name,
        grades=tuple(str(by_grade[grade]) if by_grade.get(grade) else nothing for grade in Grade),
        pending=_of(risk.tally, PermitStatus.PENDING),
        cannot_tell=_of(risk.tally, PermitStatus.CANNOT_TELL),
        alerts=str(risk.tally.open_alerts),
        register=_register(risk, view, language),
        uncovered=_share(risk.uncovered_share),
        utilities=("、" if language == "zh" else ", ").join(risk.utilities),
        tint=tint(risk.tally),
    )


def _sum_row(name: str, tally: Tally) -> Row:
    return Row(
        code="",
        prefecture=name,
        county="",
        grades=tuple(str(tally.by_grade.get(grade, 0)) for grade in Grade),
        pending=_of(tally, PermitStatus.PENDING),
        cannot_tell=_of(tally, PermitStatus.CANNOT_TELL),
        alerts=str(tally.open_alerts),
        register="",
        uncovered="",
        utilities="",
        tint=PAPER_TINT,
    )


def _register(risk: CountyRisk, view: RiskView, language: Language) -> str:
    as_of = risk.register_as_of
    if as_of is None:
        return own_word("no_register", language)
    if risk.only_assumed:
        return own_word("assumed_age", language, on=as_of.isoformat())
    return own_word("age", language, on=as_of.isoformat(), days=(view.on - as_of).days)


def _share(share: float) -> str:
    """Never rounded to all or nothing: 100% is said only where not one patch is vouched for."""
    if share == 1.0:
        return "100%"
    if share > 0.999:
        return ">99.9%"
    if 0.0 < share < 0.001:
        return "<0.1%"
    return f"{share:.1%}" if share else "0%"


def _of(tally: Tally, status: PermitStatus) -> str:
    return str(tally.by_status.get(status, 0))
