"""A dig plan becomes dig sites, or is refused with every fault and its place at once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from ingest.files.geodatabase import packed
from ingest.files.geojson import embedded_crs, features_of, parse_json
from ingest.files.jsontext import read_json
from ingest.files.layers import check_no_layers, check_no_units
from ingest.files.local import GEOJSON, check_local, check_plan_kind, is_local_folder, read_bytes
from ingest.files.rows import READ_ALL, Reading, span
from ingest.place import outside, rough_bounds, rough_length_m, roughly_inside
from ingest.plans.bores import bore_path
from ingest.plans.drawn import Drawn, drawn_of
from ingest.plans.foreign import ENDINGS, read_foreign
from ingest.plans.foreign.pointed import place_plan
from ingest.plans.foreign.wkt import is_ticket
from ingest.plans.intent import NOWHERE, DigOptions, Places, read_options
from ingest.plans.opened import area_m2, opening_of, parts_of, tool_terms, vertex_m
from ingest.plans.parts import apart, with_shapes_said
from ingest.plans.sizes import (
    MANY_BYTES,
    MAX_AREA_M2,
    MAX_PLAN_BYTES,
    MAX_VERTICES,
    most_features,
    too_large,
    too_many_features,
)
from ingest.sandbox.apart import PLAN_LIMITS
from ingest.sandbox.walls import Limits
from spatial.crs import DeclaredCrs, Grid, Passage, check_agreement, declare, open_passage, say_stated
from spatial.crs.grids.pointed import Pointed
from spatial.errors import Faults, Refused
from spatial.judging.doubt import depth_doubt, site_uncertainty
from spatial.measuring.boxes import FloatArray
from spatial.rules.profile import RuleProfile
from spatial.values import DigSite, Extent, RegisterGeometry
from spatial.words import PermitKind

LONGEST_SITE_M = 1_000_000.0
"""Roughly measured before densifying; no dig of 1 km2 is longer, and 10,000 vertices a site are bearable."""
LEAST_AREA_M2 = 1e-4


def read_dig_plans(
    source: str | PathLike[str],
    *,
    crs: str | Grid | None,
    options: DigOptions,
    extent: Extent,
    profile: RuleProfile,
    on: date,
    reading: Reading = READ_ALL,
    points_are: str | None = None,
    limits: Limits = PLAN_LIMITS,
    many: bool = False,
) -> tuple[DigSite, ...]:
    """The dig sites of a local file, in file order: GeoJSON, or any kind that ingest.files.table reads, a list of
    coordinates, GPX, WKT or an open ticket, which are opened behind walls. Otherwise as parse_dig_plans.

    reading: layers, units and encoding of a file that is not GeoJSON. points_are: area, line or points, what a list or closed lines
    mean.
    limits: what opening one may cost.
    """
    local = Path(source)
    return take_dig_plans(
        plan_document(local, crs, reading, points_are, limits, many=many),
        crs=crs,
        options=options,
        extent=extent,
        profile=profile,
        on=on,
        name=local.name,
        many=many,
    )


def plan_document(
    source: str | PathLike[str],
    crs: str | Grid | None,
    reading: Reading = READ_ALL,
    points_are: str | None = None,
    limits: Limits = PLAN_LIMITS,
    points: Pointed | None = None,
    *,
    many: bool = False,
) -> Any:
    """What a file amounts to as GeoJSON, not yet checked; in EPSG:4490 where points are given, and still in the drawing's
    own coordinates where there are none of them yet. points: places of a drawing pointed at, instead of a CRS. Otherwise
    as read_dig_plans.

    :raises Refused: crs_and_points; as place_plan.
    """
    if points is not None and crs is not None:
        raise Refused.because(
            "crs_and_points",
            en="a plan is placed either by its declared CRS or by common points: leave one out",
            zh="坐标系和公共点只能用一种：请去掉其中之一",
        )
    if is_local_folder(source, ".gdb"):
        with packed(Path(source)) as archive:
            return plan_document(archive, crs, reading, points_are, limits, points)
    local = check_local(source, max_bytes=MANY_BYTES if many else MAX_PLAN_BYTES)
    document: Any = None
    if local.suffix.lower() not in ENDINGS and check_plan_kind(local) == GEOJSON:
        check_no_layers(local.name, reading)
        check_no_units(local.name, reading)
        data = read_bytes(local)
        document = parse_json(data, local.name) if many else read_json(data, local.name, local.name)
        if not is_ticket(document):
            document = with_shapes_said(document, points_are, local.name, many)
    if document is None or is_ticket(document):
        check_local(local, max_bytes=MAX_PLAN_BYTES)
        document = read_foreign(local, reading, crs, points_are, limits, own_numbers=points is not None)
    return document if points is None or not len(points.local) else place_plan(document, points, local.name)


def parse_dig_plans(
    text: str | bytes,
    *,
    crs: str | Grid | None,
    options: DigOptions,
    extent: Extent,
    profile: RuleProfile,
    on: date,
    name: str = "the dig plan",
    many: bool = False,
) -> tuple[DigSite, ...]:
    """The dig sites of a GeoJSON text: a FeatureCollection, one Feature, or a bare geometry. Of several lines, of points
    and of a collection, each part is a site.

    A feature's properties `act` or `acts`, `method`, `depth_m`, `depth_uncertainty_m`, `half_width_m` or `width_m`,
    `radius_m`, `bottom_width_m`, `slope`, `shored`, `outline`, `start_station_m`, `drawn`, `uncertainty_m` and `accuracy_m`
    (as a phone gives it) go before `options`; `bore`, and `spoil` and `machine_path` of a line, which become sites of their own after it,
    stand only there. crs: as declared; the text's own must agree. on: the day, for the drift of WGS 84.

    At most 1,000 sites (many: 100,000), each of at most 500 points and 1 km2 (a design enquiry: 2,000 and
    6.25 km2).
    :raises Refused: every fault at once, each with its JSON pointer. No shape is ever repaired.
    """
    most_bytes = MANY_BYTES if many else MAX_PLAN_BYTES
    if len(text) > most_bytes:
        raise Refused.because(
            "file_too_large",
            en=f"{name} is larger than {most_bytes // 1_000_000} MB; send the sites in several plans",
            zh=f"{name} 超过 {most_bytes // 1_000_000} MB，请分成几份方案提交",
        )
    return take_dig_plans(
        parse_json(text, name),
        crs=crs,
        options=options,
        extent=extent,
        profile=profile,
        on=on,
        name=name,
        many=many,
    )


def take_dig_plans(
    document: Any,
    *,
    crs: str | Grid | None,
    options: DigOptions,
    extent: Extent,
    profile: RuleProfile,
    on: date,
    name: str = "the dig plan",
    places: Places = NOWHERE,
    many: bool = False,
) -> tuple[DigSite, ...]:
    """As parse_dig_plans, for a plan that is part of a JSON document somebody has parsed already."""
    try:
        features = [(f"{places.plan}{pointer}", feature) for pointer, feature in features_of(document, name)]
    except Refused as refused:
        faults = Faults()
        faults.extend(refused, places.plan)
        raise Refused(faults.found) from None
    if not features:
        raise Refused.because(
            "plan_empty",
            en=f"{name} has no features; draw the ground to be dug",
            zh=f"{name} 中没有任何要素，请画出开挖范围",
            pointer=places.plan,
        )
    faults = Faults()
    most = most_features(many)
    bare = document["type"] not in ("FeatureCollection", "Feature")
    parts = apart(features, bare, most, name, places.plan)
    fallback, kind = read_options(options, faults, places)
    used: set[str] = set()
    drawn = drawn_of(parts, bare, fallback, MAX_VERTICES[kind], used, faults)
    bounds = shapely.bounds(np.array([one.shape for one in drawn], dtype=object)).reshape(-1, 4)
    declared = _declared(crs, document, bounds, places.crs, faults)
    if declared is None:
        raise Refused(faults.found)
    sites: list[DigSite] = []
    for one, passage in _passages(drawn, bounds, declared, extent, faults):
        opened = _site(one, kind, declared, passage, extent, profile, on, faults)
        if opened is not None:
            sites += [opened, *parts_of(one.intent.strips, opened, profile, used, faults)]
    if len(sites) > most:
        too_many_features(len(sites), most, name, places.plan, faults)
    faults.raise_if_any()
    return tuple(sites)


def _declared(
    crs: str | Grid | None, document: Any, bounds: FloatArray, pointer: str, faults: Faults
) -> DeclaredCrs | None:
    stated = embedded_crs(document)
    try:
        declared = declare(crs, span(bounds))
        check_agreement(declared, stated)
    except Refused as refused:
        if not crs:
            en, zh = say_stated(stated)
            refused = Refused([replace(one, en=one.en + en, zh=one.zh + zh) for one in refused.faults])
        faults.extend(refused, pointer)
        return None
    return declared


def _passages(
    drawn: list[Drawn], bounds: FloatArray, declared: DeclaredCrs, extent: Extent, faults: Faults
) -> Iterator[tuple[Drawn, Passage]]:
    """Each feature inside the extent with the passage that carries it: one for all where that can be."""
    lonlat = rough_bounds(declared, bounds)
    inside = roughly_inside(lonlat, extent)
    together = span(bounds[inside])
    try:
        shared = open_passage(declared, together) if together else None
    except Refused:
        shared = None  # some feature cannot be carried; each for itself then says which
    for one, own, where, within in zip(drawn, bounds, lonlat, inside, strict=True):
        if not within:
            faults.extend(outside(declared, one.shape.bounds, extent, pointer=one.place))
            continue
        if rough_length_m(where, one.shape.bounds, one.shape.length) > LONGEST_SITE_M:
            too_large(None, 0.0, one.place, faults)
            continue
        try:
            yield one, shared or open_passage(declared, tuple(own.tolist()), pointer=one.place)
        except Refused as refused:
            faults.extend(refused, one.place)


def _site(
    one: Drawn,
    kind: PermitKind,
    declared: DeclaredCrs,
    passage: Passage,
    extent: Extent,
    profile: RuleProfile,
    on: date,
    faults: Faults,
) -> DigSite | None:
    try:
        geometry = passage.carry(np.array([one.shape], dtype=object))[0]
    except Refused as refused:
        faults.extend(refused, one.place)
        return None
    if not extent.holds(geometry.bounds):
        faults.extend(outside(declared, one.shape.bounds, extent, pointer=one.place))
        return None
    if not geometry.is_valid:
        faults.add(
            "site_degenerate",
            en="parts of this outline lie closer together than can be told apart; redraw it",
            zh="该轮廓的某些部分过于接近，无法区分，请重新绘制",
            pointer=one.place,
        )
        return None
    intent = one.intent
    bore = None
    if intent.bore is not None:
        bore = bore_path(intent.bore, vertex_m(one.shape, passage), faults)
    strays, strays_in_depth = tool_terms(bore, profile)
    opened = opening_of(intent, bore, geometry.geom_type in ("Polygon", "MultiPolygon"), profile)
    covered_m2 = area_m2(geometry, opened.half_width_m)
    if covered_m2 < LEAST_AREA_M2:
        faults.add(
            "site_zero_area",
            en="this site is smaller than a square centimetre; check the coordinates and the declared CRS",
            zh="该范围小于一平方厘米，请检查坐标和声明的坐标系",
            pointer=one.place,
        )
    if covered_m2 > MAX_AREA_M2[kind]:
        too_large(covered_m2, MAX_AREA_M2[kind], one.place, faults)
    return DigSite(
        feature_id=one.feature_id,
        geometry=RegisterGeometry(geometry),
        half_width_m=opened.half_width_m,
        half_width_known=opened.half_width_known,
        start_station_m=intent.start_station_m,
        acts=intent.acts,
        method=intent.method,
        depth_m=intent.depth_m,
        kind=kind,
        uncertainty=(
            *site_uncertainty(
                stated_m=intent.uncertainty_m,
                device_m=intent.accuracy_m,
                drawn_as=intent.drawn,
                frame=passage.frame,
                operation_accuracy_m=passage.accuracy_m,
                on=on,
                profile=profile,
            ),
            *strays,
        ),
        received=one.received,
        crs=declared.name,
        operation=passage.operation,
        trench=opened.trench,
        # A bore has a path and no floor: what is not known of its depth is the tool's.
        depth_uncertainty=strays_in_depth
        if bore is not None
        else depth_doubt(intent.depth_m, intent.depth_uncertainty_m, profile),
        bore=bore,
    )
