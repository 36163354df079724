"""Small scenes in words: shapes are given in metres round one place and laid on the ellipsoid by geodesics."""

import copy
import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry

from bench.scenes import assets_of, densify, dig_site, lay_shapes, pieces_of
from spatial.found import Found, Pieces
from spatial.rules.profile import RuleProfile
from spatial.rules.profile_build import build
from spatial.values import Coverage, DatasetState, DigSite, Unreadable, Utility, UtilityGround
from spatial.words import Act, PipeKind

XINING = (101.78, 36.62)
DAY = date(2026, 11, 1)


@cache
def rules_text() -> str:
    return (resources.files("spatial") / "rules" / "cn-gb55009.toml").read_text(encoding="utf-8")


def rules_document(changes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The shipped rules as a document; changes: dotted path -> value, list indices as numbers."""
    document = copy.deepcopy(tomllib.loads(rules_text()))
    for path, value in (changes or {}).items():
        *way, last = path.split(".")
        node: Any = document
        for step in way:
            node = node[int(step)] if isinstance(node, list) else node[step]
        if isinstance(node, list):
            node[int(last)] = value
        else:
            node[last] = value
    return document


def make_profile(changes: Mapping[str, Any] | None = None) -> RuleProfile:
    """The shipped rules, changed where a test needs it."""
    return build(rules_document(changes), hashlib.sha256(rules_text().encode()).hexdigest())


def own_distance(act: Act, distance_m: float) -> dict[str, Any]:
    """An [[act_distances]] row."""
    return {
        "act": act.value,
        "distance_m": distance_m,
        "clause": "test clause",
        "source": ["PREDIG"],
        "verified": True,
    }


def laid(shape: BaseGeometry, at: tuple[float, float] = XINING, *, dense: bool = True) -> BaseGeometry:
    """A shape in metres round `at` -> lon/lat, with edges of at most 100 m."""
    one = np.asarray([shape], dtype=object)
    placed: BaseGeometry = lay_shapes(densify(one) if dense else one, np.asarray([at]))[0]
    return placed


@dataclass(frozen=True, slots=True)
class Pipe:
    """One asset in a few words. shape: metres round the place; a LineString is made multi.

    depth_doubt_m: 95 % bound of the cover, None where nobody knows.
    """

    shape: BaseGeometry
    pressure_class: str | None = "MP-A"
    diameter_mm: float | None = 200.0
    uncertainty_m: float = 0.0
    cover_m: float | None = 1.0
    kind: str = "pipe"
    source_id: str = "p1"
    utility: str = "G1"
    status: str | None = None
    cover_most_m: float | None = None
    profiled: bool = False
    depth_doubt_m: float | None = None


def line(*xy: tuple[float, float]) -> BaseGeometry:
    return shapely.LineString(xy)


def straight(away_m: float, half_length_m: float = 40.0) -> BaseGeometry:
    """A pipe running east-west, `away_m` north of the place."""
    return shapely.LineString([(-half_length_m, away_m), (0.0, away_m), (half_length_m, away_m)])


def make_site(
    shape: BaseGeometry | None = None, *, at: tuple[float, float] = XINING, **about: Any
) -> DigSite:
    """A site in metres round `at`; by default a point at it, dug by hand. about: as bench.scenes.dig_site."""
    return dig_site(laid(shape if shape is not None else shapely.Point(0, 0), at), **about)


def make_pieces(pipes: Sequence[Pipe], *, sites: int = 1, at: tuple[float, float] = XINING) -> Pieces:
    """Every piece of every pipe for every site, without boxes."""
    shapes = np.empty(len(pipes), dtype=object)
    for number, pipe in enumerate(pipes):
        shape = shapely.MultiLineString([pipe.shape]) if pipe.shape.geom_type == "LineString" else pipe.shape
        shapes[number] = laid(shape, at)
    assets = assets_of(
        [pipe.pressure_class for pipe in pipes],
        np.array([np.nan if pipe.diameter_mm is None else pipe.diameter_mm for pipe in pipes]),
        np.array([pipe.uncertainty_m for pipe in pipes]),
        kind=[pipe.kind for pipe in pipes],
        source_id=[pipe.source_id for pipe in pipes],
        utility=[pipe.utility for pipe in pipes],
        cover_m=np.array([pipe.cover_m for pipe in pipes], dtype=np.float64),
        cover_most_m=np.array(
            [pipe.cover_m if pipe.cover_most_m is None else pipe.cover_most_m for pipe in pipes],
            dtype=np.float64,
        ),
        profiled=np.array([pipe.profiled for pipe in pipes], dtype=np.bool_),
        depth_uncertainty_m=np.array([pipe.depth_doubt_m for pipe in pipes], dtype=np.float64),
        status=[pipe.status for pipe in pipes],
    )
    site, asset = np.divmod(np.arange(sites * len(pipes)), max(len(pipes), 1))
    return pieces_of(shapes, assets, site, asset)


def make_found(
    pipes: Sequence[Pipe],
    ground: Sequence[UtilityGround] = (),
    *,
    sites: int = 1,
    at: tuple[float, float] = XINING,
) -> Found:
    """A snapshot that holds `pipes` and, for each site alike, `ground`."""
    return Found(1, make_pieces(pipes, sites=sites, at=at), (tuple(ground),) * sites)


def area(half_m: float, at: tuple[float, float] = XINING) -> MultiPolygon:
    """A square of 2 x half_m round the place, as declared ground."""
    return block(-half_m, -half_m, half_m, half_m, at=at)


def block(
    west_m: float, south_m: float, east_m: float, north_m: float, *, at: tuple[float, float] = XINING
) -> MultiPolygon:
    """A rectangle in metres round the place, as declared ground."""
    return MultiPolygon([laid(shapely.box(west_m, south_m, east_m, north_m), at)])


def make_ground(
    *,
    code: str = "G1",
    service_area: MultiPolygon | str | None = "wide",
    coverage: MultiPolygon | str = "wide",
    coverages: Sequence[Coverage] | None = None,
    kinds: Sequence[PipeKind] = tuple(PipeKind),
    as_of: date = DAY,
    max_age_days: int | None = 90,
    assumed: bool = False,
    blanks: Sequence[MultiPolygon] = (),
    unreadable: Sequence[Unreadable] = (),
    boxless_rejected: int = 0,
    at: tuple[float, float] = XINING,
) -> UtilityGround:
    """A utility whose word supports `clear` everywhere near, unless a test takes some of it away."""
    covered = area(2000, at) if isinstance(coverage, str) else coverage
    served = area(2000, at) if isinstance(service_area, str) else service_area
    if coverages is None:
        coverages = [Coverage(kind, covered, as_of, max_age_days, assumed) for kind in kinds]
    return UtilityGround(
        utility=Utility(code, f"Gas company {code}", phone="0971-1", duty_phone=None),
        service_area=served,
        coverages=tuple(coverages),
        blanks=tuple(blanks),
        unreadable=tuple(unreadable),
        boxless_rejected=boxless_rejected,
        datasets=(DatasetState("town", 1, as_of),),
    )
