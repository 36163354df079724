"""The quality report of a dataset: one HTML file that opens without a network, the same view in the same bytes."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from maps.assets import own
from maps.days import day
from maps.page import PlanMap, offline_page
from maps.plain import plain
from maps.quality.drawing import Drawing, drawing_of
from maps.quality.plots import length_text, plots_of
from maps.quality.view import QualityView, ToldCheck
from maps.quality.words import own_word
from maps.styles import CLASS_LINES
from spatial.errors import Language
from spatial.saying.texts import word

MOST_ROWS = 500
"""Quarantined rows listed on the page; the JSON has all that are kept."""
MOST_PLACES = 300
OF_SHAPES = frozenset(
    "line_crosses_itself shape_twice ends_not_joined pipe_alone length_differs outside_service_area".split()
)
"""Checks of where a pipe lies: their marks are the larger ones."""
_BEFORE = (
    '<div class="kind" id="kind"></div><header id="head"></header><section id="ground"><div class="frame">'
)
_AFTER = (
    '<div id="info" role="status" hidden></div></div><div id="legend"></div></section>'
    '<main id="sheet"></main><noscript><p class="no-script">{no_script}</p></noscript>'
)


def quality_html(view: QualityView, language: Language, tiles: str | None = None) -> str:
    """The report as one page. tiles: URL template of a basemap, or None for bare paper.

    :raises spatial.errors.Refused: (`assets_missing`) Leaflet is not installed.
    """
    data = quality_document(view, language)
    west, south, east, north = data["map"]["bounds"]
    plan = PlanMap(
        ((south + north) / 2, (west + east) / 2),
        tiles,
        zoom_start=12,
        min_zoom=4,
        max_zoom=22,
        zoom_snap=0,
        zoom_delta=0.5,
        prefer_canvas=True,
        scroll_wheel_zoom=False,
    )
    return offline_page(
        plan,
        data,
        language=language,
        title=own_word("title", language),
        styles=[own("static/quality.css")],
        scripts=[own("static/elements.js"), own("static/quality_map.js"), own("static/quality.js")],
        before=_BEFORE,
        after=_AFTER.format(no_script=own_word("no_script", language)),
    )


def quality_document(view: QualityView, language: Language) -> dict[str, Any]:
    """All that the page shows, JSON-ready; foreign text is without anything that steers."""
    drawing = drawing_of(view.assets)
    return {
        "internal": own_word("internal", language),
        "dated": _dated(view, language),
        "title": own_word("title", language),
        "of": plain(f"{view.utility_name} · {view.dataset}" if view.utility else view.dataset),
        "sum": own_word(
            "sum",
            language,
            received=f"{view.received:,}",
            accepted=f"{view.accepted:,}",
            quarantined=f"{view.rejected:,}",
        ),
        "facts": _facts(view, language),
        "map": _map(drawing, view, language),
        "legend": _legend(drawing, view, language),
        "notes": _notes(drawing, view, language),
        "checks": [_check(check, language) for check in view.checks],
        "rows": [
            {
                "number": row.number,
                "id": plain(row.source_id or ""),
                "code": row.code,
                "says": _said(row.says, language),
                "place": _place(row.box, language),
                "box": row.box and [round(edge, 6) for edge in row.box],
            }
            for row in view.rejected_rows[:MOST_ROWS]
        ],
        "rows_left": own_word("rows_left", language, count=f"{view.rejected - MOST_ROWS:,}")
        if view.rejected > MOST_ROWS and len(view.rejected_rows) >= MOST_ROWS
        else "",
        "plots": [asdict(plot) for plot in plots_of(view.figures, language)],
        "rests_on": _rests_on(view, language),
        "words": {
            name: own_word(name, language)
            for name in (
                "map checks no_checks severity error warning check count finding examples rows no_rows row id why place "
                "figures rests_on show all_marks quarantine_means no_pipes"
            ).split()
        },
    }


def _dated(view: QualityView, language: Language) -> str:
    if view.revision is None or view.committed_on is None:
        return own_word("of_file", language)
    name = "rolled_back" if view.kind == "rollback" else "of_revision"
    return own_word(name, language, revision=view.revision, on=day(view.committed_on, language))


def _facts(view: QualityView, language: Language) -> list[tuple[str, str, str]]:
    """(name, number, emphasis)."""
    counted = [("received", view.received), ("accepted", view.accepted), ("quarantined", view.rejected)]
    facts = [
        (own_word(name, language), f"{number:,}", "bad" if name == "quarantined" and number else "")
        for name, number in counted
    ]
    for name, number in (view.changes or {}).items():
        facts.append((own_word(name, language), f"{number:,}", ""))
    facts.append((own_word("pipes", language), f"{view.figures.pipes:,}", ""))
    facts.append((own_word("length", language), length_text(view.figures.metres, language), ""))
    return facts


def _map(drawing: Drawing, view: QualityView, language: Language) -> dict[str, Any]:
    return {
        "origin": [round(edge, 9) for edge in drawing.origin],
        "unit": drawing.unit,
        "bounds": [round(edge, 6) for edge in drawing.bounds],
        "lines": drawing.lines,
        "styles": {
            name: {"colour": line.colour, "weight": line.weight_px, "dash": line.dash}
            for name, line in CLASS_LINES.items()
        },
        "facilities": drawing.facilities,
    }


def _legend(drawing: Drawing, view: QualityView, language: Language) -> list[dict[str, str]]:
    entries = [
        {
            "kind": "line",
            "name": name,
            "text": own_word("class_unknown", language)
            if name == "unknown"
            else f"{word('pressure_class', name, language)} {name}",
        }
        for name in drawing.lines
    ]
    if drawing.facilities:
        entries.append({"kind": "facility", "name": "", "text": own_word("facility", language)})
    for severity in ("error", "warning"):
        if any(check.severity == severity and check.places for check in view.checks):
            entries.append({"kind": severity, "name": "", "text": own_word(f"mark_{severity}", language)})
    return entries


def _notes(drawing: Drawing, view: QualityView, language: Language) -> list[str]:
    notes = [own_word("map_note", language, metres=f"{drawing.tolerance_m:.1g}")]
    if drawing.left_out:
        notes.append(own_word("thinned", language, drawn=f"{drawing.drawn:,}", left=f"{drawing.left_out:,}"))
    if any(check.count > MOST_PLACES and check.places for check in view.checks):
        notes.append(own_word("marks_left", language, most=MOST_PLACES))
    if not view.served:
        notes.append(own_word("not_served", language))
    if not view.complete:
        notes.append(own_word("not_kept", language))
    return notes


def _check(check: ToldCheck, language: Language) -> dict[str, Any]:
    return {
        "code": check.code,
        "severity": check.severity,
        "count": f"{check.count:,}",
        "says": _said(check.says, language),
        "examples": ("、" if language == "zh" else ", ").join(map(plain, check.examples)),
        "places": [list(place) for place in check.places],
        "of_shape": check.code in OF_SHAPES,
    }


def _said(says: tuple[str, str], language: Language) -> str:
    return says[1 if language == "zh" else 0]


def _place(box: tuple[float, float, float, float] | None, language: Language) -> str:
    if box is None:
        return own_word("no_place", language)
    return f"{(box[0] + box[2]) / 2:.5f}, {(box[1] + box[3]) / 2:.5f}"


def _rests_on(view: QualityView, language: Language) -> list[tuple[str, str]]:
    said: Mapping[str, str] = {
        "files": "\n".join(f"{plain(name)}  sha256 {sha256}" for name, sha256 in view.sources),
        "crs": plain(view.crs),
        "operation": plain(view.operation),
        "accuracy": own_word("metres", language, value=f"{view.operation_accuracy_m:g}"),
        **({"data_date": day(view.data_date, language)} if view.data_date else {}),
    }
    return [(own_word(name, language), text) for name, text in said.items()]
