"""Scenes with one of everything: facilities, bores, floors, piles, wide areas, pipes wholly inside them."""

from dataclasses import replace

import numpy as np
import shapely

from bench.scenes import Scene, lay_shapes, scene
from spatial.found import Region
from spatial.measuring.pieces import cut
from spatial.values import BorePath, DigSite, RegisterGeometry, UncertaintyTerm
from spatial.words import Act, AssetKind, Method

XINING = (101.75, 36.6)
"""Where planes meet: a site here lies on two of them."""
DEPTH_DOUBT = (UncertaintyTerm("depth_stated", 0.1, "permit"),)


def mixed_scene(seed: int, places: int = 6, sites_each: int = 5, pipes_each: int = 9) -> Scene:
    """Places stand 3 km apart on either side of a seam of planes."""
    rng = np.random.default_rng(seed)
    at = np.array(XINING) + np.column_stack([rng.normal(0, 1e-4, places), np.arange(places) * 0.03])
    drawn = scene(seed, places, sites_each, pipes_each, at=at, most_vertices=12)
    pipes, kind = drawn.pipes.copy(), drawn.assets.kind.copy()
    for number in range(len(pipes)):
        what = rng.integers(0, 8)
        place = at[drawn.pipe_place[number]][None]
        where = rng.uniform(-60, 60, 2)
        if what == 0:
            kind[number], shape = AssetKind.VALVE.value, shapely.Point(where)
        elif what == 1:
            kind[number], shape = AssetKind.REGULATOR.value, shapely.MultiPoint([where, where + 30.0])
        elif what == 2:
            half = rng.choice([4.0, 150.0])  # the wide one may hold a site whole
            shell = shapely.box(*(where - half), *(where + half))
            hole = shapely.box(*(where - half / 2), *(where + half / 2))
            kind[number] = AssetKind.STATION.value
            shape = shell if rng.random() < 0.5 else shapely.difference(shell, hole)
        else:
            continue
        pipes[number] = lay_shapes(np.array([shape], dtype=object), place)[0]
    count = len(pipes)
    known = rng.random(count) < 0.5
    assets = replace(
        drawn.assets,
        kind=kind,
        cover_m=np.round(rng.uniform(0.4, 4.0, count), 2),
        cover_most_m=np.round(rng.uniform(4.0, 5.0, count), 2),
        profiled=known,
        depth_uncertainty_m=np.where(rng.random(count) < 0.8, 0.1, np.nan),
    )
    sites = tuple(_changed(rng, site, at[drawn.site_place[n]]) for n, site in enumerate(drawn.sites))
    return replace(drawn, sites=sites, pipes=pipes, assets=assets)


def _changed(rng: np.random.Generator, site: DigSite, place: np.ndarray) -> DigSite:
    what = rng.integers(0, 8)
    if what <= 1:  # a floor, dug from above, its doubt known or not
        return replace(
            site,
            acts=(Act.EXCAVATE,),
            method=Method.MECHANICAL,
            depth_m=float(np.round(rng.uniform(0.2, 3.0), 2)),
            depth_uncertainty=DEPTH_DOUBT if rng.random() < 0.8 else (),
        )
    if what == 2:
        return replace(
            site, acts=(Act.PILE,), method=Method.PILING, depth_m=6.0, depth_uncertainty=DEPTH_DOUBT
        )
    if what == 3:  # wide enough to hold pipes whole, with a hole that may hold one too
        shell, hole = shapely.box(-300, -250, 300, 250), shapely.box(-30, -30, 120, 130)
        shapes = [
            shell,
            shapely.difference(shell, hole),
            shapely.MultiPolygon([shapely.box(-300, -9, -20, 9), hole]),
        ]
        dense = shapely.segmentize(np.array([shapes[rng.integers(0, 3)]], dtype=object), 100.0)
        shape = lay_shapes(dense, place[None])[0]
        return replace(site, geometry=RegisterGeometry(shape), half_width_m=0.0)
    if what == 4 and site.geometry.geom_type == "LineString":
        length = 500.0
        return replace(
            site,
            acts=(Act.BORE,),
            method=Method.TRENCHLESS,
            depth_m=None,
            depth_uncertainty=DEPTH_DOUBT,
            bore=BorePath(((0.0, 0.0), (10.0, 9.0), (length, 9.0)), 110.0, 0.1, 0.1),
        )
    return site


def region_of(drawn: Scene) -> Region:
    """All pipes of a scene, their boxes as an import widens them."""
    diameter = drawn.assets.diameter_mm
    radius = np.where(np.isnan(diameter), 0.711, diameter / 2000)
    return Region.of(drawn.assets, cut(list(drawn.pipes), radius + drawn.assets.uncertainty_m))
