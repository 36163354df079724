"""The briefing map: one HTML file that opens with the cable pulled, for a phone at the dig and for A4 and A3 paper."""

from collections.abc import Mapping
from typing import Any

from maps.assets import own
from maps.briefing.shapes import drawing
from maps.briefing.sheet import asset_facts, asset_label, sheet
from maps.briefing.view import MapView
from maps.briefing.words import WORDS, own_word
from maps.page import PlanMap, offline_page
from maps.styles import CLASS_LINES, GRADE_MARKS
from spatial.errors import Language
from spatial.saying.texts import word
from spatial.words import Grade, PressureClass

DRAWING = ("static/briefing_map.js", "static/briefing_around.js")
"""They need folium's map, so they run after it."""

TEMPLATE = "templates/briefing_{part}.html"


def briefing_map(view: MapView, *, language: Language, tiles: str | None = None) -> str:
    """The map of a permit or screening as one HTML page; the same view gives the same bytes.

    tiles: URL template of a basemap, or None for bare paper. Without tiles no request leaves the page; foreign
    text is in it as JSON only. The policy for a server to send along: maps.policy.policy_of(html).

    :raises spatial.errors.Refused: (`assets_missing`) Leaflet is not installed.
    """
    data = map_document(view, language)
    (south, west), (north, east) = data["drawing"]["bounds"]
    # Fractions of a zoom level: a site is shown as large as the paper allows, and to a round scale in print.
    plan = PlanMap(
        ((south + north) / 2, (west + east) / 2),
        tiles,
        zoom_start=18,
        max_zoom=24,
        min_zoom=12,
        zoom_snap=0,
        zoom_delta=0.5,
        zoom_control=False,
        scroll_wheel_zoom=False,
    )
    return offline_page(
        plan,
        data,
        language=language,
        title=own_word("document", language),
        styles=[own("static/briefing.css")],
        scripts=[own("static/elements.js"), own("static/briefing_sheet.js"), "\n".join(map(own, DRAWING))],
        before=own(TEMPLATE.format(part="before")),
        after=own(TEMPLATE.format(part="after")).replace("{no_script}", own_word("no_script", language)),
    )


def map_document(view: MapView, language: Language) -> dict[str, Any]:
    """All that the page shows, JSON-ready: drawing (shapes), sheet (texts), legend and words."""
    shapes = drawing(view)
    for pipe in shapes["pipes"]:
        asset = view.assets[pipe["asset"]]
        pipe |= {
            "class": asset.pressure_class.value if asset.pressure_class else "unknown",
            "kind": asset.kind.value,
            "label": asset_label(asset, language),
            "facts": asset_facts(asset, view, language),
        }
    return {
        "language": language,
        "title": own_word("document", language),
        "drawing": shapes,
        "sheet": sheet(view, language),
        "legend": _legend(shapes, language),
        "styles": _styles(language),
        "words": {name: own_word(name, language) for name in WORDS if "{" not in WORDS[name][0]}
        | {"scale": WORDS["scale"][0 if language == "zh" else 1]},
    }


def _styles(language: Language) -> dict[str, Any]:
    return {
        "grades": {
            grade.value: {
                "colour": GRADE_MARKS[grade].colour,
                "shape": GRADE_MARKS[grade].shape,
                "word": word("grade", grade, language).split(" ")[0],
            }
            for grade in Grade
        },
        "classes": {name: _line(line) for name, line in CLASS_LINES.items()},
    }


def _line(line: Any) -> Mapping[str, Any]:
    return {"colour": line.colour, "weight": line.weight_px, "dash": line.dash, "core": line.core}


def _legend(shapes: Mapping[str, Any], language: Language) -> list[dict[str, str]]:
    """Only what this map shows: [{kind, name, text}]."""
    zones = [name for name in ("protection", "control", "possible") if shapes["zones"][name]]
    stretches = {stretch["certain"] for mark in shapes["marks"] for stretch in mark["stretches"]}
    grades = {mark["grade"] for mark in shapes["marks"]}
    classes = {pipe["class"] for pipe in shapes["pipes"] if pipe["lines"]}
    entries = [
        {"kind": "grade", "name": grade.value, "text": word("grade", grade, language)}
        for grade in Grade
        if grade.value in grades
    ]
    entries += [
        {"kind": "class", "name": cls.value, "text": f"{word('pressure_class', cls, language)} {cls.value}"}
        for cls in PressureClass
        if cls.value in classes
    ]
    if "unknown" in classes:
        entries.append({"kind": "class", "name": "unknown", "text": own_word("class_unknown", language)})
    if any(pipe["kind"] != "pipe" for pipe in shapes["pipes"]):
        entries.append(_entry("facility", language))
    entries += [_entry(name, language) for name in zones]
    entries.append(_entry("site", language))
    if any(site["doubt"] for site in shapes["sites"]):
        entries.append(_entry("doubt", language))
    if True in stretches:
        entries.append(_entry("stretch", language))
    if False in stretches:
        entries.append(_entry("stretch_possible", language))
    if any(mark["from"] for mark in shapes["marks"]):
        entries.append(_entry("dimension", language))
    grid = own_word("legend_grid", language, step=shapes["grid"]["step_m"]) + "  " + shapes["grid"]["name"]
    return [*entries, {"kind": "grid", "name": "", "text": grid}, _entry("edge", language)]


def _entry(kind: str, language: Language) -> dict[str, str]:
    return {"kind": kind, "name": "", "text": own_word(f"legend_{kind}", language)}
