"""The words round the map: headline, facts, the table of conflicts, what it rests on; JSON-ready, foreign text made plain."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from maps.briefing.shapes import corners
from maps.briefing.view import DrawnAsset, FiledPermit, JudgedSite, MapView
from maps.briefing.words import own_word
from maps.days import day, with_days
from maps.plain import plain
from maps.styles import GRADE_MARKS, OUTCOME_MARKS
from spatial.errors import Language
from spatial.saying.advice_texts import advice_lines
from spatial.saying.foreman import crossing_lines, route_lines, stretch_lines
from spatial.saying.texts import say, station, word
from spatial.values import Contact, DigSite, Utility
from spatial.words import Grade, Outcome, PermitStatus

Pairs = list[list[str]]
"""[[label, value], ...]."""

NOT_CURRENT = (PermitStatus.PENDING, PermitStatus.EXPIRED, PermitStatus.CANCELLED)
UNJUDGED = {"shape": "…", "tone": "pending"}

_DIALLED = re.compile(r"\+?[0-9][0-9 \-]{1,20}[0-9]")


def sheet(view: MapView, language: Language) -> dict[str, Any]:
    """Everything that is read, not drawn. Each text is one line without anything that steers or reorders it."""
    numbers = count(1)
    return {
        "headline": _headline(view, language),
        "banner": _banner(view, language),
        "facts": _facts(view, language),
        "sites": [
            _site(number, judged, view, language, numbers) for number, judged in enumerate(view.sites, 1)
        ],
        "evidence": _evidence(view, language),
        "drawn": own_word("drawn", language, margin=f"{view.margin_m:.0f}"),
    }


def asset_facts(asset: DrawnAsset, view: MapView, language: Language) -> Pairs:
    """What a tap on a pipe shows."""
    owner = view.contacts.get(asset.utility)
    widths = own_word(
        "zones_by_class", language, protection=f"{asset.protection_m:g}", control=f"{asset.control_m:g}"
    )
    facts = [
        [own_word("pipe", language), asset_label(asset, language)],
        [own_word("source_id", language), plain(asset.source_id)],
        [own_word("utility", language), plain(f"{owner.name} ({asset.utility})" if owner else asset.utility)],
        [own_word("dataset", language), plain(asset.dataset)],
        [own_word("zone", language), widths],
        [own_word("position", language), f"± {asset.uncertainty_m:.2f} m"],
    ]
    if asset.status is not None:
        facts.append([own_word("status", language), plain(asset.status)])
    return facts


def asset_label(asset: DrawnAsset, language: Language) -> str:
    """Class and outside diameter, as drawings have it: 中压B De125."""
    return _kind_label(asset.kind.value, asset.pressure_class, asset.diameter_mm, language)


def _kind_label(kind: str, pressure_class: str | None, diameter_mm: float | None, language: Language) -> str:
    if pressure_class is None:
        said = own_word("class_unknown", language)
    else:
        said = word("pressure_class", pressure_class, "zh") if language == "zh" else pressure_class
    size = [] if diameter_mm is None else [f"De{diameter_mm:g}"]
    thing = [] if kind == "pipe" else [word("asset", kind, language)]
    return " ".join([said, *thing, *size])


def _headline(view: MapView, language: Language) -> dict[str, str]:
    """The worst outcome of the sites; never a judgement that does not stand."""
    status = view.permit.status if view.permit is not None else None
    judged = [site.screening for site in view.sites if site.screening is not None]
    if status is PermitStatus.PENDING or len(judged) < len(view.sites):
        return UNJUDGED | {"sentence": own_word("pending_head", language), "grade": ""}
    if status in (PermitStatus.EXPIRED, PermitStatus.CANCELLED):
        return UNJUDGED | {"sentence": word("status", status, language), "grade": ""}
    if view.lapsed:
        return UNJUDGED | {"sentence": own_word("pending_head", language), "grade": ""}
    worst = min(judged, key=lambda row: list(Outcome).index(Outcome(row["outcome"])))
    grades = [Grade(row["grade"]) for row in judged if row["grade"]]
    grade = min(grades, key=list(Grade).index) if grades else None
    return _outcome(worst["outcome"], judged, language) | {
        "grade": f"{GRADE_MARKS[grade].shape} {word('grade', grade, language)}" if grade else ""
    }


def _outcome(outcome: str, judged: Sequence[Mapping[str, Any]], language: Language) -> dict[str, str]:
    until = day(min(row["valid_until"] for row in judged), language)
    sentence = word(
        "outcome", outcome, language, data_date=day(_data_date(judged), language), valid_until=until
    )
    if Outcome(outcome) is not Outcome.CLEAR:
        sentence += ("　" if language == "zh" else " · ") + own_word("until", language, until=until)
    return {"shape": OUTCOME_MARKS[Outcome(outcome)].shape, "tone": outcome, "sentence": sentence}


def _banner(view: MapView, language: Language) -> str:
    status = view.permit.status if view.permit is not None else None
    if all(judged.screening is None for judged in view.sites):
        return own_word("never_judged", language)
    if status is PermitStatus.PENDING or any(judged.screening is None for judged in view.sites):
        return own_word("pending", language)
    if status in (PermitStatus.EXPIRED, PermitStatus.CANCELLED):
        return own_word(str(status.value), language)
    return own_word("lapsed", language) if view.lapsed else ""


def _facts(view: MapView, language: Language) -> Pairs:
    permit = view.permit
    if permit is None:
        return []
    parties = permit.parties
    facts = [
        [own_word("title", language), plain(parties.title)],
        [
            own_word("dates", language),
            f"{day(parties.starts_on, language)} – {day(parties.ends_on, language)}",
        ],
        *_earliest(permit, language),
        [own_word("permit", language), plain(permit.permit_id)],
        [own_word("contractor", language), _contact(parties.contractor)],
        [own_word("builder", language), _contact(parties.builder)],
        [own_word("supervisor", language), _contact(parties.supervisor)],
        [own_word("permit_numbers", language), plain(_list(parties.permit_numbers, language))],
        [own_word("machine", language), plain(parties.machine or "")],
        [own_word("driver", language), _contact(parties.driver)],
    ]
    return [fact for fact in facts if fact[1]]


def _earliest(permit: FiledPermit, language: Language) -> Pairs:
    if permit.earliest is None:
        return []
    said = " ".join(say(with_days(reason, language), language) for reason in permit.earliest.reasons)
    return [[own_word("earliest", language), plain(said)]]


def _contact(contact: Contact | None) -> str:
    if contact is None:
        return ""
    return plain(" ".join(part for part in (contact.name, contact.person, contact.phone) if part))


def _site(
    number: int, judged: JudgedSite, view: MapView, language: Language, numbers: Iterator[int]
) -> dict[str, Any]:
    """numbers: conflicts are numbered through all sites, as the marks on the map are."""
    site, screening = judged.site, judged.screening
    grid, points = corners(judged)
    shown: dict[str, Any] = {
        "title": own_word("site", language, number=number),
        # A site without a name of its own is called by its number already.
        "name": plain(site.feature_id) if site.feature_id != str(number) else "",
        "facts": _site_facts(site, language),
        "grid": grid,
        "corners": [list(point) for point in points],
        "rows": [],
        "unknowns": [],
        "advice": [],
        "helps": [],
        "route": [],
        "sections": [],
    }
    if screening is None:
        return shown | UNJUDGED | {"sentence": own_word("never_judged", language)}
    stale = view.lapsed or (view.permit is not None and view.permit.status in NOT_CURRENT)
    outcome = _outcome(screening["outcome"], [screening], language)
    if stale:
        colon = "：" if language == "zh" else ": "
        outcome = UNJUDGED | {"sentence": own_word("before", language) + colon + outcome["sentence"]}
    return (
        shown
        | outcome
        | {
            "rows": [
                _row(next(numbers), conflict, judged, view, language) for conflict in screening["conflicts"]
            ],
            "route": [plain(line) for line in route_lines(screening.get("sections", ()), language)],
            "sections": [plain(line) for line in stretch_lines(screening.get("sections", ()), language)],
            "unknowns": _sentences(screening["unknowns"], language),
            "advice": _sentences(screening["advice"], language),
            "helps": [plain(line) for line in advice_lines(screening["helps"], language)]
            if "helps" in screening
            else [],
        }
    )


def _site_facts(site: DigSite, language: Language) -> Pairs:
    unsaid = own_word("not_stated", language)
    acts = _list([word("act", act, language) for act in site.acts], language)
    method = word("method", site.method, language) if site.method else unsaid
    facts = [
        [own_word("acts", language), f"{acts} · {method} · {word('permit_kind', site.kind, language)}"],
        [own_word("depth", language), unsaid if site.depth_m is None else f"{site.depth_m:g} m"],
    ]
    if site.geometry.geom_type in ("LineString", "Point"):
        width = f"{2 * site.half_width_m:g} m" + ("" if site.half_width_known else f" ({unsaid})")
        facts.append([own_word("width", language), width])
    return facts


def _row(
    number: int, conflict: Mapping[str, Any], judged: JudgedSite, view: MapView, language: Language
) -> dict[str, Any]:
    grade = Grade(conflict["grade"])
    zone = word("zone", conflict["zone"], language)
    if conflict["certainty"] != "certain":
        zone += ("，" if language == "zh" else ", ") + word("certainty", conflict["certainty"], language)
    kind = _kind_label(conflict["asset"], conflict["pressure_class"], conflict["diameter_mm"], language)
    return {
        "number": str(number),
        "grade": grade.value,
        "shape": GRADE_MARKS[grade].shape,
        "grade_word": word("grade", grade, language),
        "pipe": plain(f"{conflict['utility']} {conflict['source_id']}"),
        "kind": kind,
        "clearance": f"{conflict['clearance_m']:.2f} ± {conflict['uncertainty_m']:.2f} m",
        "gap": f"{conflict['clearance_m']:.2f} m",
        "zone": zone,
        "where": _where(conflict, language),
        "crossings": [plain(line) for line in crossing_lines(conflict, language)],
        "requirement": word("requirement", conflict["requirement"], language),
        "clause": plain(conflict["clause"]),
        "do": _sentences(conflict["advice"], language),
        "call": _whom(conflict["utility"], _utilities(judged, view), language),
        "why": _sentences(conflict["reasons"], language),
    }


def _where(conflict: Mapping[str, Any], language: Language) -> str:
    spans = conflict["site_intervals_m"]
    if spans:
        return _list([f"{station(low)}–{station(high)}" for low, high in spans], language)
    if conflict["affected_length_m"] > 0:
        return own_word("along", language, metres=f"{conflict['affected_length_m']:.1f}")
    return own_word("whole", language)


def _utilities(judged: JudgedSite, view: MapView) -> dict[str, Utility]:
    """Whom to call: as it stood in the judgement, else as the register has it."""
    said = judged.screening["utilities"] if judged.screening is not None else ()
    judged_then = {
        row["code"]: Utility(row["code"], row["name"], row["phone"], row["duty_phone"]) for row in said
    }
    return dict(view.contacts) | judged_then


def _whom(code: str, utilities: Mapping[str, Utility], language: Language) -> dict[str, Any]:
    utility = utilities.get(code, Utility(code, code))
    phones = [
        {"label": own_word(label, language), "number": plain(number), "dial": dial(number)}
        for label, number in (("duty_phone", utility.duty_phone), ("office_phone", utility.phone))
        if number
    ]
    return {
        "name": plain(utility.name),
        "phones": phones,
        "none": "" if phones else own_word("no_phone", language),
    }


def dial(phone: str) -> str:
    """The digits a phone can dial, or nothing: the one foreign thing that becomes an address, so only digits do."""
    text = phone.strip()
    return re.sub(r"[ \-]", "", text) if _DIALLED.fullmatch(text) and text.isascii() else ""


def _evidence(view: MapView, language: Language) -> Pairs:
    """What the map rests on; where the sites differ, each says its own."""
    title = view.rules_title[0 if language == "zh" else 1]
    drawn_on = [own_word("drawn_on", language), day(view.on, language)]
    judged = [site.screening for site in view.sites if site.screening is not None]
    if not judged:
        return [drawn_on, [own_word("rules", language), plain(title)]]
    dates = (
        f"{row['name']} {day(row['data_date'] or '–', language)}"
        for one in judged
        for row in one["utilities"]
    )
    profiles = (one["rule_profile"] for one in judged)
    rules = (f"{rule['id']} {rule['version']} · {rule['sha256'][:12]}" for rule in profiles)
    return [
        drawn_on,
        [own_word("judged_on", language), _each((day(one["on"], language) for one in judged), language)],
        [own_word("rules", language), plain(f"{title} · {_each(rules, language)}")],
        [own_word("revision", language), _each((str(one["register_revision"]) for one in judged), language)],
        [own_word("data_dates", language), plain(_each(dates, language)) or "–"],
        [own_word("engine", language), plain(_each((one["engine"] for one in judged), language))],
        *(
            [f"{own_word('screening', language)} {number}", plain(f"{one['id']} · {one['hash']}")]
            for number, one in enumerate(judged, 1)
        ),
    ]


def _each(values: Iterable[str], language: Language) -> str:
    return _list(sorted(set(values)), language)


def _data_date(judged: Sequence[Mapping[str, Any]]) -> str:
    dates = [row["data_date"] for one in judged for row in one["utilities"] if row["data_date"]]
    return min(dates) if dates else "?"


def _sentences(entries: Sequence[Mapping[str, Any]], language: Language) -> list[str]:
    return [plain(say(with_days(entry, language), language)) for entry in entries]


def _list(values: Iterable[str], language: Language) -> str:
    return ("、" if language == "zh" else ", ").join(values)
