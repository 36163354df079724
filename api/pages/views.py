"""What a page shows of a judgement, a permit, an alert: strings ready to be set as text, in the reader's language.

Templates and scripts only paint these; wording and numbers are made here, once.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from api.pages.texts import text
from api.settings import CHINA_TIME
from maps.days import day, with_days
from maps.plain import plain
from maps.styles import GRADE_MARKS, OUTCOME_MARKS
from spatial.errors import Language
from spatial.saying.advice_texts import advice_lines
from spatial.saying.foreman import crossing_lines, route_lines, stretch_lines
from spatial.saying.texts import say, station, word
from spatial.words import Grade, Outcome

MOST_SITES = 50
MOST_CONFLICTS = 30
"""Shown of an enquiry; a permit's page shows MOST_FILED_CONFLICTS, its map and the API all."""
MOST_FILED_CONFLICTS = 200
GRAVEST = 3
"""Conflicts whose advice joins the site's; each conflict shows its own beside it."""

View = dict[str, Any]


def verdict_view(
    answers: Sequence[Mapping[str, Any]], language: Language, most: int = MOST_CONFLICTS
) -> View:
    """Screenings (the answer form of api.views.answers) of one plan, the worst outcome over all first."""
    outcome = min((Outcome(answer["outcome"]) for answer in answers), key=list(Outcome).index)
    counts = Counter(conflict["grade"] for answer in answers for conflict in answer["conflicts"])
    return {
        "outcome": outcome.value,
        "mark": OUTCOME_MARKS[outcome].shape,
        "sentence": _sentence(outcome, answers, language),
        "counts": [
            grade_view(grade, language) | {"count": counts[grade]} for grade in Grade if counts[grade]
        ],
        "sites": [site_view(answer, language, most) for answer in answers[:MOST_SITES]],
        "more": text("more_sites", language, count=len(answers) - MOST_SITES)
        if len(answers) > MOST_SITES
        else "",
        "several": len(answers) > 1,
    }


def site_view(answer: Mapping[str, Any], language: Language, most: int) -> View:
    """One dig site's judgement."""
    outcome, conflicts = Outcome(answer["outcome"]), answer["conflicts"]
    return {
        "id": answer["id"],
        "title": text("site", language, feature_id=plain(answer["feature_id"])),
        "outcome": outcome.value,
        "mark": OUTCOME_MARKS[outcome].shape,
        "sentence": _sentence(outcome, [answer], language),
        "valid": text("valid_until", language, day=day(answer["valid_until"], language)),
        "conflicts_title": text("conflicts", language, count=len(conflicts)),
        "conflicts": [conflict_view(conflict, language) for conflict in conflicts[:most]],
        "more": text("more_conflicts", language, count=len(conflicts) - most)
        if len(conflicts) > most
        else "",
        "route": [plain(line) for line in route_lines(answer["sections"], language)],
        "stretches": [plain(line) for line in stretch_lines(answer["sections"], language)],
        "unknowns": _sentences(answer["unknowns"], language),
        "advice": _sentences(_advice(answer), language),
        "helps": [plain(line) for line in advice_lines(answer["helps"], language)]
        if "helps" in answer
        else [],
        "geometry": answer["site"]["geometry"],
        "half_width_m": answer["site"]["half_width_m"],
        "uncertainty_m": answer["site"]["uncertainty_m"],
    }


def conflict_view(conflict: Mapping[str, Any], language: Language) -> View:
    """One pipe and one dig site."""
    possible = conflict["certainty"] == "possible"
    return {
        "grade": grade_view(Grade(conflict["grade"]), language),
        "pipe_id": conflict["pipe_id"],
        "pipe": plain(f"{conflict['utility']} {conflict['source_id']}"),
        "what": _what(conflict, language),
        "clearance": f"{conflict['clearance_m']:.2f} m",
        "doubt": f"± {conflict['uncertainty_m']:.2f} m",
        "zone": word("zone", conflict["zone"], language),
        "certainty": word("certainty", "possible", language) if possible else "",
        "where": _where(conflict, language),
        "crossings": [plain(line) for line in crossing_lines(conflict, language)],
        "requirement": word("requirement", conflict["requirement"], language),
        "clause": plain(conflict["clause"]),
        "why": _sentences(conflict["reasons"], language),
        "advice": _sentences(conflict["advice"], language),
    }


def grade_view(grade: Grade, language: Language) -> View:
    """Colour class, shape and word: no reader needs all three, everyone gets one."""
    return {"code": grade.value, "mark": GRADE_MARKS[grade].shape, "word": word("grade", grade, language)}


def alert_view(alert: Mapping[str, Any], title: str, language: Language) -> View:
    """One row of the inbox. title: of its permit."""
    return {
        "id": alert["alert_id"],
        "grade": grade_view(Grade(alert["grade"]), language),
        "change": alert["change"],
        "change_word": word("change", alert["change"], language),
        "utility": plain(alert["utility"]),
        "dataset": plain(alert["dataset"]),
        "pipe": plain(alert["source_id"]),
        "permit_id": alert["permit_id"],
        "title": plain(title),
        "site": text("site", language, feature_id=alert["site_index"] + 1),
        "raised_at": stamp(alert["raised_at"], language),
        "acknowledged": text(
            "acknowledged_by",
            language,
            by=plain(alert["acknowledged_by"]),
            stamp=stamp(alert["acknowledged_at"], language),
        )
        if alert["acknowledged_at"]
        else "",
        "note": plain(alert["note"] or ""),
        "cancelled": bool(alert["permit_cancelled"]),
    }


def stamp(moment: datetime | str, language: Language) -> str:
    """A moment, in China's time."""
    known = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return known.astimezone(CHINA_TIME).strftime(text("stamp", language))


def _sentence(outcome: Outcome, answers: Sequence[Mapping[str, Any]], language: Language) -> str:
    dates = [row["data_date"] for answer in answers for row in answer["utilities"] if row["data_date"]]
    return word(
        "outcome",
        outcome,
        language,
        valid_until=day(min(answer["valid_until"] for answer in answers), language),
        data_date=day(min(dates, default="?"), language),
    )


def _what(conflict: Mapping[str, Any], language: Language) -> str:
    name, diameter = conflict["pressure_class"], conflict["diameter_mm"]
    said = [
        word("asset", conflict["asset"], language),
        word("pressure_class", name, language) if name else text("class_unknown", language),
    ]
    if diameter is not None:
        said.append(text("diameter", language, mm=f"{diameter:g}"))
    elif conflict["asset"] == "pipe":
        said.append(text("diameter_unknown", language))
    return " · ".join(said)


def _where(conflict: Mapping[str, Any], language: Language) -> str:
    spans = conflict["site_intervals_m"]
    if spans:
        return ", ".join(f"{station(low)}–{station(high)}" for low, high in spans)
    return text("along", language, metres=f"{conflict['affected_length_m']:.1f}")


def _advice(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The site's, then that of its gravest conflicts; the duty of care ends it."""
    entries = [*answer["advice"], *(row for one in answer["conflicts"][:GRAVEST] for row in one["advice"])]
    return sorted(entries, key=lambda entry: entry["code"] == "duty_of_care")


def _sentences(entries: Iterable[Mapping[str, Any]], language: Language) -> list[str]:
    """Each once, in order."""
    return list(dict.fromkeys(plain(say(with_days(entry, language), language)) for entry in entries))
