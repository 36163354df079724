"""The whole reasoning of one judgement, in the order in which it can be followed: what was asked, by which rules and
registers, then for each pipe what was measured, what the rules say of it, what is not known, and how the grade follows.

Only the stored document is read, so what is explained is what was decided. Every number stands beside its source: a
register, a clause, a default of the rules.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spatial.errors import Language
from spatial.saying.foreman import crossing_lines, section_line
from spatial.saying.reason_texts import REASONS
from spatial.saying.teller import Teller
from spatial.saying.texts import say, span, station, word

Document = Mapping[str, Any]


_TOLD_IN_STEPS = frozenset(
    {
        "wall_reached",
        "in_protection",
        "in_control",
        "only_at_worst",
        "doubt_reaches_wall",
        "stricter_if_nearer",
        "forbidden_act",
        "diameter_unknown",
    }
)
"""Reasons that the steps of the explanation say themselves, with their numbers."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A heading and what stands under it; `of`: the conflict it is about, None for the judgement as a whole."""

    heading: str
    lines: tuple[str, ...]
    of: int | None = None


def explain(document: Document, language: Language) -> tuple[Paragraph, ...]:
    """The document of one screening, explained."""
    tell = Teller(language)
    paragraphs = [
        Paragraph(tell("asked"), tuple(_asked(document, tell))),
        Paragraph(tell("grounds"), tuple(_grounds(document, tell))),
    ]
    for number, conflict in enumerate(document["conflicts"], 1):
        heading = tell(
            "conflict",
            number=number,
            grade=word("grade", conflict["grade"], language),
            asset=word("asset", conflict["asset"], language),
            source_id=conflict["source_id"],
            utility=conflict["utility"],
            dataset=conflict["dataset"],
        )
        paragraphs.append(Paragraph(heading, tuple(_conflict(conflict, document["site"], tell)), number))
    if document.get("sections"):
        paragraphs.append(Paragraph(tell("sections"), tuple(_sections(document, tell))))
    if document["unknowns"]:
        unknowns = tuple(say(entry, language) for entry in document["unknowns"])
        paragraphs.append(Paragraph(tell("unknowns"), unknowns))
    paragraphs.append(Paragraph(tell("outcome"), tuple(_outcome(document, tell))))
    advice = tuple(say(entry, language) for entry in document["advice"])
    paragraphs.append(Paragraph(tell("next"), advice))
    return tuple(paragraphs)


def as_text(paragraphs: Sequence[Paragraph]) -> str:
    """Plain text: numbered headings, each line under its own."""
    lines: list[str] = []
    for number, paragraph in enumerate(paragraphs, 1):
        lines += ["", f"{number}. {paragraph.heading}", *(f"   {line}" for line in paragraph.lines)]
    return "\n".join(lines[1:])


def _asked(document: Document, tell: Teller) -> Iterator[str]:
    site = document["site"]
    acts = tell.listed([tell.word("act", act) for act in site["acts"]])
    yield tell("acts", acts=acts, method=tell.word("method", site["method"]))
    opened = "part" not in site
    if site["depth_m"] is None:
        if opened and not site.get("bore"):
            yield tell("depth_unknown")
    else:
        yield tell("depth", depth_m=_m(site["depth_m"]))
    if site["half_width_m"] > 0:
        code = "half_width_bored" if site.get("bore") else "half_width" if opened else "half_width_loaded"
        yield tell(
            code if site["half_width_known"] else "half_width_assumed", half_width_m=_m(site["half_width_m"])
        )
    if site.get("trench"):
        yield tell("trench", bottom=_bottom(site, tell), walls=_walls(site["trench"], tell))
    if site.get("bore"):
        yield _path(site, tell)
    yield tell("site_crs", crs=site["crs"], operation=site["operation"])
    for term in site["uncertainty"]:
        yield tell("term", said=say(term, tell.language), source=tell.source(term["source"]))
    yield tell("site_doubt", uncertainty_m=_m(site["uncertainty_m"]))
    for term in site.get("depth_uncertainty", ()):
        yield tell("term", said=say(term, tell.language), source=tell.source(term["source"]))


def _bottom(site: Document, tell: Teller) -> str:
    width_m = site["trench"]["bottom_width_m"]
    if width_m is not None:
        return tell("bottom_width", bottom_width_m=_m(width_m))
    by_floor = site["geometry"]["type"] in ("Polygon", "MultiPolygon")
    return tell("bottom_drawn" if by_floor else "bottom_unstated")


def _walls(trench: Document, tell: Teller) -> str:
    if trench["shored"] and not trench["slope_ratio"]:
        return tell("walls_shored")
    return tell("walls" if trench["slope_known"] else "walls_assumed", ratio=f"1:{trench['slope_ratio']:g}")


def _path(site: Document, tell: Teller) -> str:
    bore = site["bore"]
    points = [f"{station(site['start_station_m'] + at)} {depth:.2f} m" for at, depth in bore["profile"]]
    diameter = bore["diameter_mm"]
    width = tell("not_stated") if diameter is None else f"{diameter:g} mm"
    return tell("bore_path", points=tell.listed(points), diameter=width)


def _grounds(document: Document, tell: Teller) -> Iterator[str]:
    rules = document["rule_profile"]
    yield tell("rules", id=rules["id"], version=rules["version"], sha256=rules["sha256"][:12])
    yield tell(
        "register",
        on=document["on"],
        revision=document["register_revision"],
        engine=document["engine"],
    )
    for utility in document["utilities"]:
        yield tell(
            "utility",
            name=utility["name"],
            code=utility["code"],
            date=utility["data_date"] or tell("not_stated"),
            revisions=tell.listed(
                [
                    tell("revision", dataset=name, number=number)
                    for name, number in utility["revisions"].items()
                ]
            )
            or tell("not_stated"),
            coverage=tell("coverage_holds" if utility["coverage"] == "holds" else "coverage_lacks"),
        )
    if not document["utilities"]:
        yield tell("no_utilities")


def _conflict(conflict: Document, site: Document, tell: Teller) -> Iterator[str]:
    yield from _measured(conflict, tell)
    yield from _limits(conflict, tell)
    yield from _doubt(conflict, tell)
    yield from _depth(conflict, tell)
    yield from _demanded(conflict, site, tell)
    yield from _graded(conflict, tell)
    for reason in conflict["reasons"]:
        if _is_note(reason):
            yield tell("note", said=say(reason, tell.language))
    yield from _where(conflict, tell)
    for entry in conflict["advice"]:
        yield tell("advice", said=say(entry, tell.language))


def _measured(conflict: Document, tell: Teller) -> Iterator[str]:
    centre_m, clearance_m = conflict["centreline_distance_m"], conflict["clearance_m"]
    if centre_m == 0:
        yield tell("axis_met")
    else:
        yield tell("axis_distance", centre_m=_mm(centre_m))
    assumed = next((row for row in conflict["reasons"] if row["code"] == "diameter_unknown"), None)
    if assumed is not None:
        yield tell("radius_assumed", radius_m=_mm(assumed["assumed_mm"] / 2000), mm=assumed["assumed_mm"])
    elif conflict["diameter_mm"] is not None and (centre_m == 0 or clearance_m < centre_m):
        # A facility drawn by its wall has a diameter in the register, too; nothing was taken off for it.
        yield tell("radius", radius_m=_mm(conflict["diameter_mm"] / 2000), mm=f"{conflict['diameter_mm']:g}")
    yield tell("clearance", clearance_m=_mm(clearance_m))


def _limits(conflict: Document, tell: Teller) -> Iterator[str]:
    limits = conflict.get("limits")
    if limits is not None:
        yield tell(
            "limits",
            asset=tell.word("asset", conflict["asset"]),
            pressure_class=tell.word("pressure_class", conflict["pressure_class"]),
            protection_m=_m(limits["protection_m"]),
            control_m=_m(limits["control_m"]),
            clause=limits["clause"],
            source=tell.listed(limits["source"]),
            verified=tell.verified(limits["verified"]),
        )
    yield tell("zone", zone=tell.word("zone", conflict["zone"]))


def _doubt(conflict: Document, tell: Teller) -> Iterator[str]:
    terms = [reason for reason in conflict["reasons"] if "metres" in reason]
    for term in terms:
        if not _is_of_depth(term):
            yield tell("term", said=say(term, tell.language), source=tell.source(term["source"]))
    at_worst = conflict["at_worst"]
    yield tell(
        "at_worst",
        uncertainty_m=_mm(conflict["uncertainty_m"]),
        clearance_m=_mm(conflict["clearance_m"]),
        worst_m=_mm(at_worst["clearance_m"]),
        zone=tell.word("zone", at_worst["zone"]),
        certainty=tell.word("certainty", conflict["certainty"]),
    )


def _is_of_depth(term: Document) -> bool:
    return term.get("of") == "depth"


def _depth(conflict: Document, tell: Teller) -> Iterator[str]:
    """What depth has to say, with the terms of its doubt."""
    for reason in conflict["reasons"]:
        if "metres" in reason and _is_of_depth(reason):
            yield tell("depth_term", said=say(reason, tell.language), source=tell.source(reason["source"]))


def _demanded(conflict: Document, site: Document, tell: Teller) -> Iterator[str]:
    yield tell(
        "requirement",
        act=tell.word("act", conflict["act"]),
        method=tell.word("method", site["method"]),
        zone=tell.word("zone", "control" if conflict["zone"] == "outside" else conflict["zone"]),
        requirement=tell.word("requirement", conflict["requirement"]),
        clause=conflict["clause"],
    )
    if conflict["at_worst"]["requirement"] != conflict["requirement"]:
        yield tell(
            "requirement_at_worst",
            requirement=tell.word("requirement", conflict["at_worst"]["requirement"]),
        )


def _graded(conflict: Document, tell: Teller) -> Iterator[str]:
    at_record, at_worst = conflict["at_record"]["grade"], conflict["at_worst"]["grade"]
    codes = {reason["code"] for reason in conflict["reasons"]}
    if at_record is None:
        yield tell("grade_at_record", grade=tell("none"), why=tell("because_outside"))
    else:
        why = "because_zone"
        if at_record == "I":
            why = "because_forbidden" if "forbidden_act" in codes else "because_wall"
        zone = tell.word("zone", conflict["zone"])
        yield tell("grade_at_record", grade=tell.word("grade", at_record), why=tell(why, zone=zone))
    why = {"I": "because_doubt", "II": "because_wide_doubt", "IV": "because_inside_at_worst"}[at_worst]
    if at_worst == "II" and codes & {"relieved_by_depth", "bore_clears"}:
        why = "because_relieved"
    yield tell("grade_at_worst", grade=tell.word("grade", at_worst), why=tell(why))
    yield tell("grade", grade=tell.word("grade", conflict["grade"]))


def _is_note(reason: Document) -> bool:
    return reason["code"] in REASONS and reason["code"] not in _TOLD_IN_STEPS and "metres" not in reason


def _where(conflict: Document, tell: Teller) -> Iterator[str]:
    if conflict["site_intervals_m"]:
        yield tell("on_site", spans=tell.listed(_stations(conflict["site_intervals_m"])))
    if conflict["pipe_intervals_m"]:
        yield tell("on_pipe", spans=tell.listed(_stations(conflict["pipe_intervals_m"])))
    yield from crossing_lines(conflict, tell.language)


def _sections(document: Document, tell: Teller) -> Iterator[str]:
    for section in document["sections"]:
        yield section_line(section, tell.language)


def _outcome(document: Document, tell: Teller) -> Iterator[str]:
    dates = [row["data_date"] for row in document["utilities"] if row["data_date"]]
    yield word(
        "outcome",
        document["outcome"],
        tell.language,
        data_date=min(dates, default=tell("not_stated")),
        valid_until=document["valid_until"],
    )
    if document["grade"]:
        yield tell("worst_grade", grade=tell.word("grade", document["grade"]))
    yield tell("valid", valid_until=document["valid_until"])


def _stations(spans: Sequence[Sequence[float]]) -> list[str]:
    return [span(low, high) for low, high in spans]


def _m(metres: float) -> str:
    return f"{metres:g}"


def _mm(metres: float) -> str:
    """To the millimetre: a limit is kept or missed by less than a centimetre."""
    return f"{metres:.3f}"
