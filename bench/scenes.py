"""Random dig sites among random pipes: one generator for properties, oracles and measurements.

A scene is made in local metres round a place and laid on the ellipsoid by geodesics from that place, so
that no projection of Predig's own has a hand in it. Everything is columns; the same seed gives the same scene.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod

from spatial.found import Assets, BoolArray, Found, ObjectArray, Pieces
from spatial.measuring.pieces import cut
from spatial.saying.terms import terms_text
from spatial.values import DigSite, RegisterGeometry, UncertaintyTerm, UtilityGround
from spatial.words import Act, AssetKind, Method, PermitKind, PressureClass

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

CGCS2000 = Geod(a=6378137.0, rf=298.257222101)
NETWORK = (89.5, 32.0, 103.0, 39.0)
"""Where scenes lie, degrees: Qinghai."""

LIMITS_M = np.array([0.5, 1.5, 5.0, 15.0, 50.0])
"""Every width of the shipped profile: distances are drawn round these."""

MOST_RADIUS_M = 0.711


@dataclass(frozen=True, slots=True)
class Scene:
    """Sites and pipes, place by place. Every pair of one place is meant; places lie kilometres apart.

    pipes: lon/lat MultiLineStrings; site_place, pipe_place: the place of each; places: (n, 2) lon, lat.
    """

    sites: tuple[DigSite, ...]
    pipes: ObjectArray
    assets: Assets
    site_place: IntArray
    pipe_place: IntArray
    places: FloatArray

    def pairs(self) -> tuple[IntArray, IntArray]:
        """All (site, pipe) pairs of the same place: the brute-force neighbourhood, without any box."""
        site, pipe = np.nonzero(self.site_place[:, None] == self.pipe_place[None, :])
        return site, pipe


def lay(xy_m: FloatArray, place: FloatArray) -> FloatArray:
    """Local metres east, north of `place` (lon, lat, one or a row each) -> lon/lat, by geodesics from it."""
    place = np.broadcast_to(np.asarray(place, dtype=np.float64), xy_m.shape)
    azimuth = np.degrees(np.arctan2(xy_m[:, 0], xy_m[:, 1]))
    lon, lat, _ = CGCS2000.fwd(place[:, 0], place[:, 1], azimuth, np.hypot(xy_m[:, 0], xy_m[:, 1]))
    return np.column_stack([lon, lat])


def lay_shapes(shapes: ObjectArray, places: FloatArray) -> ObjectArray:
    """Shapes in local metres -> lon/lat; places: (n, 2), a row a shape."""
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    laid: ObjectArray = shapely.set_coordinates(shapes.copy(), lay(xy, places[owner]))
    return laid


def densify(shapes: ObjectArray) -> ObjectArray:
    """Edges of at most 100 m, as the register promises."""
    out: ObjectArray = shapely.segmentize(shapes, 100.0)
    # GEOS makes a multi shape of one part a single one; a pipe stays a MultiLineString.
    for multi, wrap in ((5, shapely.MultiLineString), (6, shapely.MultiPolygon)):
        for row in np.flatnonzero(
            (shapely.get_type_id(shapes) == multi) & (shapely.get_type_id(out) != multi)
        ):
            out[row] = wrap([out[row]])
    return out


def assets_of(
    pressure_class: Sequence[str | None],
    diameter_mm: FloatArray,
    uncertainty_m: FloatArray,
    *,
    kind: Sequence[str] | None = None,
    source_id: Sequence[str] | None = None,
    utility: Sequence[str] | None = None,
    cover_m: FloatArray | None = None,
    status: Sequence[str | None] | None = None,
    cover_most_m: FloatArray | None = None,
    profiled: BoolArray | None = None,
    depth_uncertainty_m: FloatArray | None = None,
) -> Assets:
    """Register columns with everything else alike. Without a depth_uncertainty_m the cover is in doubt."""
    count = len(pressure_class)

    def words(given: Sequence[str | None] | None, otherwise: str | None) -> ObjectArray:
        column = np.empty(count, dtype=object)
        column[:] = list(given) if given is not None else [otherwise] * count
        return column

    terms = [terms_text((UncertaintyTerm("pipe_stated", float(u), "register"),)) for u in uncertainty_m]
    cover = np.full(count, 1.0) if cover_m is None else np.asarray(cover_m, dtype=np.float64)
    depth = np.full(count, np.nan) if depth_uncertainty_m is None else np.asarray(depth_uncertainty_m, float)
    depth_terms = [
        terms_text(() if np.isnan(u) else (UncertaintyTerm("depth_stated", float(u), "register"),))
        for u in depth
    ]
    return Assets(
        asset_id=np.arange(1, count + 1),
        source_id=words(source_id or [f"p{number}" for number in range(count)], None),
        utility=words(utility, "G1"),
        dataset=words(None, "town"),
        revision=np.ones(count, dtype=np.int64),
        kind=words(kind, AssetKind.PIPE.value),
        pressure_class=words(pressure_class, None),
        diameter_mm=np.asarray(diameter_mm, dtype=np.float64),
        cover_m=cover,
        status=words(status, None),
        pipe_kind=words(None, "main"),
        uncertainty_m=np.asarray(uncertainty_m, dtype=np.float64),
        uncertainty_terms=words(terms, None),
        cover_most_m=cover if cover_most_m is None else np.asarray(cover_most_m, dtype=np.float64),
        profiled=np.zeros(count, dtype=np.bool_) if profiled is None else np.asarray(profiled, np.bool_),
        depth_uncertainty_m=depth,
        depth_terms=words(depth_terms, None),
    )


def pieces_of(shapes: ObjectArray, assets: Assets, site: IntArray, asset: IntArray) -> Pieces:
    """All pieces of the named (site, asset) pairs: what a register without any index would hand over."""
    cuts = cut(list(shapes), np.zeros(len(shapes)))
    start = np.searchsorted(cuts.asset, asset, side="left")
    counts = np.searchsorted(cuts.asset, asset, side="right") - start
    row = np.arange(counts.sum()) + np.repeat(start - (np.cumsum(counts) - counts), counts)
    return Pieces(
        site=np.repeat(site, counts).astype(np.int64),
        asset=cuts.asset[row],
        geometry=cuts.geometry[row],
        from_m=cuts.from_m[row],
        to_m=cuts.to_m[row],
        assets=assets,
    )


def found_of(scene: Scene, ground: Sequence[tuple[UtilityGround, ...]] | None = None) -> Found:
    """Every pair of every place as a snapshot, found without boxes."""
    pieces = pieces_of(scene.pipes, scene.assets, *scene.pairs())
    return Found(1, pieces, tuple(ground) if ground is not None else ((),) * len(scene.sites))


def dig_site(
    shape: shapely.geometry.base.BaseGeometry,
    *,
    feature_id: str = "1",
    half_width_m: float = 0.0,
    half_width_known: bool = True,
    uncertainty_m: float = 0.0,
    acts: tuple[Act, ...] = (Act.EXCAVATE,),
    method: Method | None = Method.HAND,
    start_station_m: float = 0.0,
) -> DigSite:
    """A normalised site round a lon/lat shape that is as the dock would leave it."""
    terms = (UncertaintyTerm("site_stated", uncertainty_m, "permit"),) if uncertainty_m else ()
    return DigSite(
        feature_id=feature_id,
        geometry=RegisterGeometry(shape),
        half_width_m=half_width_m,
        half_width_known=half_width_known,
        start_station_m=start_station_m,
        acts=acts,
        method=method,
        depth_m=None,
        kind=PermitKind.NORMAL,
        uncertainty=terms,
        received="{}",
        crs="EPSG:4490",
        operation="identity",
    )


def scene(
    seed: int,
    places: int,
    sites_each: int,
    pipes_each: int,
    *,
    at: FloatArray | None = None,
    most_vertices: int = 20,
) -> Scene:
    """Random sites and pipes. at: the places (n, 2); by default scattered over Qinghai, kilometres apart.

    Pipes have 2 to `most_vertices` vertices, one in four with 100 m edges; every class and none; diameters from 20 mm to
    the largest, some unknown; uncertainties 0-20 m, on either side. The clearance of a place's first
    (site, pipe) is brought near a limit of the profile, where it matters.
    """
    rng = np.random.default_rng(seed)
    where = _scattered(rng, places) if at is None else at
    site_place = np.repeat(np.arange(places), sites_each)
    pipe_place = np.repeat(np.arange(places), pipes_each)
    site_shapes, half_width = _site_shapes(rng, len(site_place))
    site_doubt = np.where(rng.random(len(site_place)) < 0.4, 0.0, rng.uniform(0, 20, len(site_place)))
    pipe_shapes = _pipe_shapes(rng, len(pipe_place), most_vertices)

    classes: list[str | None] = [*[name.value for name in PressureClass], None]
    drawn = rng.integers(0, len(classes), len(pipe_place))
    diameter = np.where(
        rng.random(len(pipe_place)) < 0.2, np.nan, np.round(rng.uniform(20, 1422, len(pipe_place)))
    )
    doubt = np.where(rng.random(len(pipe_place)) < 0.4, 0.0, np.round(rng.uniform(0, 20, len(pipe_place)), 4))

    # Move each pipe so that its wall stands near a limit, seen from one site of its place.
    partner = pipe_place * sites_each + rng.integers(0, sites_each, len(pipe_place))
    radius = np.where(np.isnan(diameter), MOST_RADIUS_M, diameter / 2000)
    about = rng.choice(np.array([0.0, *LIMITS_M]), len(pipe_place))
    off = rng.choice(np.array([0.005, 0.1, 2.0]), len(pipe_place)) * rng.normal(0, 1, len(pipe_place))
    band = np.where(rng.random(len(pipe_place)) < 0.5, doubt + site_doubt[partner], 0.0)
    target = np.maximum(about + off + band + radius + half_width[partner], 0.0)
    pipe_shapes = _at_distance(pipe_shapes, site_shapes[partner], target)

    acts = [
        rng.choice(np.array(list(Act), dtype=object), size=rng.integers(1, 3), replace=False)
        for _ in site_place
    ]
    methods = rng.choice(np.array([*Method, None], dtype=object), len(site_place))
    laid_sites = lay_shapes(densify(site_shapes), where[site_place])
    sites = tuple(
        dig_site(
            shape,
            feature_id=str(number + 1),
            half_width_m=float(half_width[number]),
            uncertainty_m=float(np.round(site_doubt[number], 4)),
            acts=tuple(acts[number]),
            method=methods[number],
        )
        for number, shape in enumerate(laid_sites)
    )
    return Scene(
        sites=sites,
        pipes=lay_shapes(densify(pipe_shapes), where[pipe_place]),
        assets=assets_of([classes[n] for n in drawn], diameter, doubt),
        site_place=site_place,
        pipe_place=pipe_place,
        places=where,
    )


def _scattered(rng: np.random.Generator, count: int) -> FloatArray:
    """Places over Qinghai on a jittered grid, never nearer than ~5 km to one another."""
    west, south, east, north = NETWORK
    columns = int(np.ceil(np.sqrt(count * 1.6)))
    rows = -(-count // columns)
    step = np.array([(east - west) / columns, (north - south) / rows])
    if step.min() < 0.1:
        raise ValueError(f"{count} places do not fit: at most about 9,000 lie far enough apart")
    cell = rng.permutation(rows * columns)[:count]
    grid = np.column_stack([cell % columns, cell // columns])
    jitter = rng.uniform(0.3, 0.7, (count, 2))
    return np.asarray([west, south] + (grid + jitter) * step)


def _site_shapes(rng: np.random.Generator, count: int) -> tuple[ObjectArray, FloatArray]:
    """Points with a radius, lines with a half width, polygons; within 60 m of the place. Metres."""
    shapes = np.empty(count, dtype=object)
    half_width = np.round(rng.uniform(0.1, 8.0, count), 2)
    for number in range(count):
        centre = rng.uniform(-20, 20, 2)
        kind = rng.integers(0, 3)
        if kind == 0:
            shapes[number] = shapely.Point(centre)
        elif kind == 1:
            steps = rng.normal(0, 15, (rng.integers(1, 6), 2))
            shapes[number] = shapely.LineString(np.vstack([centre, centre + np.cumsum(steps, axis=0)]))
        else:
            corners = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 9)))
            radius = rng.uniform(2, 30, len(corners))
            star = shapely.Polygon(
                centre + radius[:, None] * np.column_stack([np.cos(corners), np.sin(corners)])
            )
            shapes[number] = star if star.is_valid and star.area > 1 else shapely.box(*centre, *(centre + 8))
            half_width[number] = 0.0
    return shapes, half_width


def _pipe_shapes(rng: np.random.Generator, count: int, most_vertices: int) -> ObjectArray:
    shapes = np.empty(count, dtype=object)
    for number in range(count):
        vertices = int(rng.integers(2, most_vertices + 1))
        heading = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, 0.5, vertices - 1))
        edge = np.full(vertices - 1, 100.0) if rng.random() < 0.25 else rng.uniform(0.5, 40, vertices - 1)
        steps = edge[:, None] * np.column_stack([np.cos(heading), np.sin(heading)])
        xy = np.vstack([[0.0, 0.0], np.cumsum(steps, axis=0)])
        shapes[number] = shapely.MultiLineString([xy - xy[rng.integers(0, vertices)]])
    return shapes


def _at_distance(pipes: ObjectArray, sites: ObjectArray, target_m: FloatArray) -> ObjectArray:
    """Pipes moved, in the plane, until each lies about `target_m` from its site."""
    moved = pipes.copy()
    for _ in range(4):
        near = shapely.shortest_line(sites, moved)
        ends = shapely.get_coordinates(near).reshape(-1, 2, 2)
        away = ends[:, 1] - ends[:, 0]
        distance = np.hypot(away[:, 0], away[:, 1])
        outward = ends[:, 1] - shapely.get_coordinates(shapely.centroid(sites))
        length = np.hypot(outward[:, 0], outward[:, 1])
        crossing = distance < 1e-9
        direction = np.where(
            crossing[:, None],
            outward / np.where(length > 0, length, 1.0)[:, None],
            away / np.where(crossing, 1.0, distance)[:, None],
        )
        shift = direction * (target_m - distance)[:, None]
        xy, owner = shapely.get_coordinates(moved, return_index=True)
        moved = shapely.set_coordinates(moved, xy + shift[owner])
    return moved
