"""What a briefing map draws, cut to the ground near the site and written as latitude, longitude for Leaflet.

Everything is made in metres on one local plane and only for the eye: no buffer here decides anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from pyproj import Proj
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from maps.briefing.view import DrawnAsset, JudgedSite, MapView
from spatial.measuring.pieces import CGCS2000
from spatial.measuring.plane import from_plane, nearest_meridian, to_plane
from spatial.saying.texts import station
from spatial.words import SitePart

DEGREE_DECIMALS = 7
"""About a centimetre: a drawing needs no more, and gives away no more."""

ROUND = 16
"""Segments in a quarter of a drawn circle."""

NEAREST_M = 0.02
"""Parts of a pipe whose distance to the site differs by less are alike to the eye."""

EVEN_M = 0.02
"""Drawn outlines are simplified by this much."""

STEPS_M = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
MOST_TICKS = 10
LABEL_SPOTS = (0.5, 0.35, 0.65, 0.22, 0.78, 0.1, 0.9)
"""Where along a pipe its label may stand, best first."""

GRID_LINES = 7
MOST_CORNERS = 12
ROOM_M = 12.0
"""Ground shown round the sites and the conflicts when the map opens."""

LatLon = list[float]
Ring = list[LatLon]


class Paper:
    """The plane of one map, and the way from it back to the globe."""

    def __init__(self, geometry: BaseGeometry) -> None:
        self.meridian = int(nearest_meridian(np.asarray([geometry], dtype=object))[0])

    def flat(self, geometry: BaseGeometry) -> BaseGeometry:
        """lon/lat -> metres on the plane."""
        shape: BaseGeometry = to_plane(np.asarray([geometry], dtype=object), self.meridian)[0]
        return shape

    def globe(self, geometry: BaseGeometry) -> BaseGeometry:
        """Metres on the plane -> lon/lat."""
        shape: BaseGeometry = from_plane(np.asarray([geometry], dtype=object), self.meridian)[0]
        return shape

    def point(self, point: BaseGeometry) -> LatLon:
        return self._pairs(point)[0]

    def lines(self, geometry: BaseGeometry) -> list[Ring]:
        """Every line of a geometry of any kind; a polygon's rings."""
        parts = [part for part in shapely.get_parts(geometry) if not part.is_empty]
        rings = [part.exterior if part.geom_type == "Polygon" else part for part in parts]
        return [self._pairs(ring) for ring in rings if ring.geom_type in ("LineString", "LinearRing")]

    def polygons(self, geometry: BaseGeometry) -> list[list[Ring]]:
        """Polygons, each its outer ring and its holes."""
        parts = [part for part in _areas(geometry) if not part.is_empty]
        return [
            [self._pairs(part.exterior), *(self._pairs(hole) for hole in part.interiors)] for part in parts
        ]

    def _pairs(self, geometry: BaseGeometry) -> Ring:
        lonlat = shapely.get_coordinates(self.globe(geometry)).round(DEGREE_DECIMALS)
        return [[float(lat), float(lon)] for lon, lat in lonlat]


@dataclass(frozen=True, slots=True)
class FlatSite:
    """A site on the plane. axis: as judged; area: the ground opened; doubt: where it may lie at worst."""

    axis: BaseGeometry
    area: BaseGeometry
    doubt: BaseGeometry


def drawing(view: MapView) -> dict[str, Any]:
    """The map's shapes, JSON-ready: all within view.margin_m of a site, coordinates [lat, lon].

    `pipes` and `marks` carry the numbers of asset and conflict in the view; words are added elsewhere.
    """
    everything = shapely.union_all([judged.site.geometry for judged in view.sites])
    paper = Paper(everything)
    sites = [_flat_site(judged, paper) for judged in view.sites]
    window = shapely.union_all([site.doubt.buffer(view.margin_m, quad_segs=ROUND) for site in sites])
    shapely.prepare(window)
    axes = [paper.flat(asset.geometry) for asset in view.assets]
    drawn = [number for number, axis in enumerate(axes) if window.intersects(axis)]
    conflicting = {conflict["pipe_id"] for judged in view.sites for conflict in _conflicts(judged)}
    marks = [
        mark
        for number, judged in enumerate(view.sites)
        for mark in _marks(number, judged, sites[number], view.assets, axes, paper)
    ]
    return {
        "bounds": _bounds(sites, marks, paper),
        "window": paper.polygons(window.simplify(EVEN_M)),
        "grid": _grid(everything, window, paper),
        "zones": _zones([(view.assets[number], axes[number]) for number in drawn], window, paper),
        "pipes": [
            _pipe(number, view.assets[number], shapely.intersection(axes[number], window), paper)
            | {"conflict": view.assets[number].asset_id in conflicting}
            for number in drawn
        ],
        "sites": [
            _site(judged, sites[number], paper)
            | {"bounds": _bounds([sites[number]], [mark for mark in marks if mark["site"] == number], paper)}
            for number, judged in enumerate(view.sites)
        ],
        "marks": marks,
    }


def corners(judged: JudgedSite) -> tuple[str, list[tuple[str, str, str]]]:
    """The name of the grid, and the vertices of a site as (number, X north, Y east), at most MOST_CORNERS.

    CGCS2000, Gauss-Krueger, the nearest 3 degree zone, metres, without the zone's number in front of Y.
    """
    lonlat = shapely.get_coordinates(judged.site.geometry)
    if judged.site.geometry.geom_type in ("Polygon", "MultiPolygon"):
        lonlat = lonlat[:-1]
    zone = _zone(float(lonlat[:, 0].mean()))
    east, north = _gauss_krueger(zone)(lonlat[:, 0], lonlat[:, 1])
    rows = [
        (str(number), f"{x:.2f}", f"{y:.2f}")
        for number, (x, y) in enumerate(zip(north, east, strict=True), 1)
    ]
    if len(rows) > MOST_CORNERS:  # densified edges bring many; the ends and an even choice between say enough
        kept = np.unique(np.linspace(0, len(rows) - 1, MOST_CORNERS).round().astype(int))
        rows = [rows[number] for number in kept]
    return f"CGCS2000 / 3° GK CM {3 * zone}E", rows


def _conflicts(judged: JudgedSite) -> Sequence[dict[str, Any]]:
    return judged.screening["conflicts"] if judged.screening is not None else ()


def _flat_site(judged: JudgedSite, paper: Paper) -> FlatSite:
    site = judged.site
    axis = paper.flat(site.geometry)
    # Round at its ends, as it is measured: what is drawn must not look farther from a pipe than what was judged.
    area = axis.buffer(site.half_width_m, quad_segs=ROUND)
    if area.is_empty:
        area = axis
    return FlatSite(axis, area, area.buffer(site.uncertainty_m, quad_segs=ROUND))


def _zones(
    near: Sequence[tuple[DrawnAsset, BaseGeometry]], window: BaseGeometry, paper: Paper
) -> dict[str, list[list[Ring]]]:
    """Protection, control and possible ground, each joined over all pipes: apart, and cut to the window."""
    areas: dict[str, list[BaseGeometry]] = {"protection": [], "control": [], "possible": []}
    # The zone of what runs on beyond the edge still reaches in: cut the pipes later than their zones.
    widest_m = max((asset.radius_m + asset.control_m + asset.uncertainty_m for asset, _ in near), default=0.0)
    around = window.buffer(widest_m, quad_segs=ROUND)
    for asset, axis in near:
        control_m = asset.radius_m + asset.control_m
        part = shapely.intersection(axis, around)
        areas["protection"].append(part.buffer(asset.radius_m + asset.protection_m, quad_segs=ROUND))
        areas["control"].append(part.buffer(control_m, quad_segs=ROUND))
        areas["possible"].append(part.buffer(control_m + asset.uncertainty_m, quad_segs=ROUND))
    joined = {name: shapely.union_all(of) for name, of in areas.items()}
    joined["possible"] = shapely.difference(joined["possible"], joined["control"])
    return {
        name: paper.polygons(shapely.intersection(area, window).simplify(EVEN_M))
        for name, area in joined.items()
    }


def _pipe(number: int, asset: DrawnAsset, part: BaseGeometry, paper: Paper) -> dict[str, Any]:
    longest = max(shapely.get_parts(part), key=lambda one: float(one.length), default=part)
    shape: dict[str, Any] = {"asset": number, "lines": paper.lines(part), "areas": paper.polygons(part)}
    shape["points"] = [paper.point(one) for one in shapely.get_parts(part) if one.geom_type == "Point"]
    shape["spots"] = []
    if longest.geom_type == "LineString":
        shape["spots"] = [
            {
                "at": paper.point(longest.interpolate(along, normalized=True)),
                "turn": _turn(longest, along * longest.length),
            }
            for along in LABEL_SPOTS
        ]
    return shape


def _site(judged: JudgedSite, flat: FlatSite, paper: Paper) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "area": paper.polygons(flat.area),
        "doubt": paper.polygons(flat.doubt) if judged.site.uncertainty_m > 0 else [],
        "axis": paper.lines(flat.axis) if flat.axis.geom_type == "LineString" else [],
        "at": paper.point(flat.area.representative_point()),
        "ticks": [],
    }
    # A strip beside a dig has the dig's own stationing, which stands there already.
    if isinstance(flat.axis, LineString) and judged.site.part is SitePart.OPENED:
        shape["ticks"] = _ticks(judged, flat.axis, paper)
    return shape


def _ticks(judged: JudgedSite, axis: LineString, paper: Paper) -> list[dict[str, Any]]:
    """Stationing along a line: both ends and every round step between."""
    length_m = _geodesic_m(judged)
    first = judged.site.start_station_m
    step = next((step for step in STEPS_M if length_m / step <= MOST_TICKS), STEPS_M[-1])
    between = np.arange(np.floor(first / step) + 1, np.ceil((first + length_m) / step)) * step
    # A round step too near an end would write over the end's own label.
    kept = [float(at) for at in between if first + step / 3 < at < first + length_m - step / 3]
    ticks = []
    for at in [first, *kept, first + length_m]:
        along = (at - first) / length_m * axis.length
        ticks.append(
            {
                "at": paper.point(axis.interpolate(along)),
                "turn": _turn(axis, along, upright=False),
                "text": station(at).removesuffix(".0"),
            }
        )
    return ticks


def _geodesic_m(judged: JudgedSite) -> float:
    length: float = CGCS2000.geometry_length(judged.site.geometry)
    return length


def _marks(
    number: int,
    judged: JudgedSite,
    flat: FlatSite,
    assets: Sequence[DrawnAsset],
    axes: Sequence[BaseGeometry],
    paper: Paper,
) -> list[dict[str, Any]]:
    """One mark a conflict: where it stands, the clearance as a dimension, the stretches of a line it holds."""
    place = {asset.asset_id: row for row, asset in enumerate(assets)}
    marks = []
    for row, conflict in enumerate(_conflicts(judged)):
        asset = place[conflict["pipe_id"]]
        mark: dict[str, Any] = {"site": number, "row": row, "grade": conflict["grade"], "asset": asset}
        mark |= _nearest(flat, axes[asset], assets[asset].radius_m, paper)
        mark["stretches"] = _stretches(judged, flat, conflict, paper)
        marks.append(mark)
    return marks


def _nearest(flat: FlatSite, axis: BaseGeometry, radius_m: float, paper: Paper) -> dict[str, Any]:
    inside = shapely.intersection(flat.area, axis)
    if not inside.is_empty:
        return {"at": paper.point(_middle(inside)), "from": None, "to": None}
    # Where a pipe runs alongside, the middle of the run: nearest everywhere is nowhere in particular.
    alongside = shapely.intersection(axis, flat.area.buffer(float(axis.distance(flat.area)) + NEAREST_M))
    line = shapely.shortest_line(flat.area, _middle(alongside))
    if line.length <= radius_m:
        return {"at": paper.point(Point(line.coords[-1])), "from": None, "to": None}
    wall = line.interpolate(line.length - radius_m)
    return {"at": paper.point(wall), "from": paper.point(Point(line.coords[0])), "to": paper.point(wall)}


def _middle(shape: BaseGeometry) -> BaseGeometry:
    """The middle of the longest part of a line; some point of anything else."""
    longest = max(shapely.get_parts(shape), key=lambda one: float(one.length))
    if longest.geom_type == "LineString":
        return longest.interpolate(0.5, normalized=True)
    return longest.representative_point()


def _stretches(
    judged: JudgedSite, flat: FlatSite, conflict: dict[str, Any], paper: Paper
) -> list[dict[str, Any]]:
    if not isinstance(flat.axis, LineString):
        return []
    scale = flat.axis.length / _geodesic_m(judged)
    first = judged.site.start_station_m
    found = []
    for certain, spans in (
        (False, conflict["site_intervals_m"]),
        (True, conflict["at_record"]["site_intervals_m"]),
    ):
        for low, high in spans:
            part = substring(flat.axis, (low - first) * scale, (high - first) * scale)
            if part.geom_type == "LineString":
                found.append({"certain": certain, "line": paper.lines(part)[0]})
    return found


def _bounds(sites: Sequence[FlatSite], marks: Sequence[dict[str, Any]], paper: Paper) -> list[LatLon]:
    at = [Point(mark["at"][1], mark["at"][0]) for mark in marks]
    points = [paper.flat(point) for point in at]
    west, south, east, north = shapely.union_all([*(site.area for site in sites), *points]).bounds
    room = max(ROOM_M, 0.12 * max(east - west, north - south))
    box = shapely.box(west - room, south - room, east + room, north + room)
    west, south, east, north = paper.globe(box).bounds
    return [[round(south, 7), round(west, 7)], [round(north, 7), round(east, 7)]]


def _grid(sites: BaseGeometry, window: BaseGeometry, paper: Paper) -> dict[str, Any]:
    """Crosses of the survey grid (X north, Y east) inside the window, as Chinese site plans have them."""
    zone = _zone(float(sites.centroid.x))
    survey = _gauss_krueger(zone)
    spans = []
    for part in shapely.get_parts(window):
        west, south, east, north = paper.globe(part).bounds
        xs, ys = survey(np.array([west, east, west, east]), np.array([south, south, north, north]))
        spans.append((xs.min(), xs.max(), ys.min(), ys.max()))
    widest = max(max(high - low, top - bottom) for low, high, bottom, top in spans)
    step = next((step for step in STEPS_M if widest / step <= GRID_LINES), STEPS_M[-1])
    # Windows that lie side by side may share a cross.
    at = {
        (float(east), float(north))
        for low, high, bottom, top in spans
        for east in np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
        for north in np.arange(np.ceil(bottom / step), np.floor(top / step) + 1) * step
    }
    crosses = []
    for east, north in sorted(at):
        lon, lat = survey(east, north, inverse=True)
        if window.contains(paper.flat(Point(lon, lat))):
            here = [round(float(lat), DEGREE_DECIMALS), round(float(lon), DEGREE_DECIMALS)]
            crosses.append({"at": here, "x": f"{north:.0f}", "y": f"{east:.0f}"})
    return {"step_m": step, "crosses": crosses, "name": f"CGCS2000 / 3° GK CM {3 * zone}E"}


def _zone(lon: float) -> int:
    return round(lon / 3)


def _gauss_krueger(zone: int) -> Proj:
    return Proj(proj="tmerc", lat_0=0, lon_0=3 * zone, k=1, x_0=500_000, y_0=0, a=6378137.0, rf=298.257222101)


def _turn(line: LineString, at_m: float, upright: bool = True) -> float:
    """Degrees clockwise on screen that text turns to run along the line; upright: never head down."""
    reach = max(min(line.length / 4, 2.0), 0.05)
    start, end = line.interpolate(max(at_m - reach, 0.0)), line.interpolate(min(at_m + reach, line.length))
    turn = float(np.degrees(np.arctan2(start.y - end.y, end.x - start.x)))
    if upright and not -90.0 < turn <= 90.0:
        turn += 180.0 if turn <= -90.0 else -180.0
    return round(turn, 1)


def _areas(geometry: BaseGeometry) -> list[BaseGeometry]:
    return [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
