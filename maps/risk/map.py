"""The task force's risk map: one HTML file that opens without a network. The picture to print is risk_picture's."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from maps.assets import own
from maps.days import day
from maps.page import PlanMap, offline_page
from maps.risk import sheet as risk_sheet
from maps.risk.picture import ENLARGED, risk_png
from maps.risk.shapes import CountyShape, county_shapes, prefecture_borders
from maps.risk.view import CountyRisk, RiskView
from maps.risk.words import own_word
from spatial.errors import Language
from spatial.words import Grade

__all__ = ["risk_html", "risk_png"]

TOWN = ("630102", "630103", "630104", "630105")
"""The four town districts of Xining."""
_DECIMALS = 4
"""Ten metres: the borders are no better."""
_BEFORE = '<div class="kind" id="kind"></div><header id="head"></header><div id="sheet"><section id="stage">'
_AFTER = (
    '<section id="legend"></section><section id="notes"></section></section><main class="wide" id="table"></main></div>'
    '<noscript><p class="no-script">{no_script}</p></noscript>'
)


def risk_html(view: RiskView, language: Language, tiles: str | None = None) -> str:
    """The risk map with its table as one HTML page; the same view gives the same bytes.

    tiles: URL template of a basemap, or None for bare paper. Without tiles no request leaves the page; foreign
    text is in it as JSON only. The policy for a server to send along: maps.policy.policy_of(html).

    :raises spatial.errors.Refused: (`assets_missing`) Leaflet is not installed.
    """
    data = risk_document(view, language, over_tiles=tiles is not None)
    (south, west), (north, east) = data["bounds"]
    plan = PlanMap(
        ((south + north) / 2, (west + east) / 2),
        tiles,
        zoom_start=6,
        min_zoom=5,
        max_zoom=13,
        zoom_snap=0,
        zoom_delta=0.5,
    )
    return offline_page(
        plan,
        data,
        language=language,
        title=risk_sheet.title(language),
        styles=[own("static/risk.css")],
        scripts=[own("static/elements.js"), own("static/risk.js")],
        before=_BEFORE,
        after=_AFTER.format(no_script=own_word("no_script", language)),
    )


def risk_document(view: RiskView, language: Language, *, over_tiles: bool = False) -> dict[str, Any]:
    """All that the page shows, JSON-ready; coordinates are [latitude, longitude]."""
    shapes = county_shapes(view)
    drawn = list(zip(view.counties, shapes, strict=True))
    whole = _bounds(shapes)
    basin = _bounds([shape for risk, shape in drawn if risk.county.prefecture_code in ENLARGED])
    town = _bounds([shape for risk, shape in drawn if risk.county.code in TOWN])
    lack = {risk.county.code for risk in view.counties if not risk.has_register or risk.only_assumed}
    return {
        "title": risk_sheet.title(language),
        "internal": own_word("internal", language),
        "dated": own_word("dated", language, on=day(view.on, language), revision=view.register_revision),
        "facts": risk_sheet.facts(view, language),
        "head": risk_sheet.head(language),
        "by_grade": own_word("by_grade", language),
        "rows": [asdict(row) | {"lack": row.code in lack} for row in risk_sheet.table(view, language)],
        "unknown": risk_sheet.UNKNOWN,
        "legend": {
            "title": own_word("legend", language),
            "tints": risk_sheet.tint_legend(language),
            "hatches": [(name, own_word(name, language)) for name in ("hatch", "cross")],
        },
        "notes": risk_sheet.notes(view, language),
        "hatch_colour": risk_sheet.HATCH_COLOUR,
        "opacity": 0.6 if over_tiles else 1,
        "bounds": whole,
        "views": [
            [own_word(name, language), bounds]
            for name, bounds in (("whole", whole), ("basin", basin), ("town", town))
        ],
        "counties": [_county(risk, shape) for risk, shape in drawn],
        "prefectures": [_rings(border) for border in prefecture_borders(view, shapes)],
    }


def _bounds(shapes: Sequence[CountyShape]) -> list[list[float]]:
    west, south, east, north = shapely.total_bounds([shape.borders for shape in shapes]).tolist()
    return [[south, west], [north, east]]


def _county(risk: CountyRisk, shape: CountyShape) -> dict[str, Any]:
    hatch = "cross" if not risk.has_register else "" if shape.bare.is_empty else "hatch"
    worst = list(Grade).index(risk.tally.worst) if risk.tally.worst else 4 if risk.tally.undecided else 5
    lon, lat = shape.label
    return {
        "code": risk.county.code,
        "short_name": risk.county.short_name,
        "tint": risk_sheet.tint(risk.tally),
        "marks": [asdict(mark) for mark in risk_sheet.marks(risk.tally)],
        "hatch": hatch,
        "borders": _polygons(shape.borders),
        "bare": _polygons(shape.bare) if hatch == "hatch" else [],
        "label": [round(lat, _DECIMALS), round(lon, _DECIMALS)],
        # Who gives way where names crowd: the milder, then the smaller.
        "rank": worst - min(shape.borders.area / 100, 0.99),
    }


def _polygons(geometry: BaseGeometry) -> list[list[list[list[float]]]]:
    return [
        [_points(ring) for ring in (polygon.exterior, *polygon.interiors)]
        for polygon in shapely.get_parts(geometry)
    ]


def _rings(boundary: BaseGeometry) -> list[list[list[float]]]:
    return [_points(line) for line in shapely.get_parts(boundary)]


def _points(line: BaseGeometry) -> list[list[float]]:
    lonlat = shapely.get_coordinates(line)
    points: list[list[float]] = np.round(lonlat[:, ::-1], _DECIMALS).tolist()
    return points
