"""How far a dig plan opens the ground beyond what is drawn, what it loads beside that, and how large both are."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import pi

import numpy as np
import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from ingest.files.rows import free_name
from ingest.plans.beside import StripWish
from ingest.plans.intent import Intent
from ingest.plans.section import Outline
from ingest.plans.sizes import MAX_AREA_M2, too_large
from spatial.crs import Passage
from spatial.errors import Faults
from spatial.judging.bores import tool_doubt
from spatial.measuring.footprint import Opening, opening, strip_beside
from spatial.measuring.pieces import CGCS2000
from spatial.rules.profile import RuleProfile
from spatial.values import BorePath, DigSite, RegisterGeometry, UncertaintyTerm
from spatial.words import Act


def opening_of(intent: Intent, bore: BorePath | None, is_area: bool, profile: RuleProfile) -> Opening:
    """How far the ground is opened. A bore of a stated diameter opens as much; if a width is stated too, the more."""
    top_half_width_m = intent.half_width_m
    if bore is not None and bore.diameter_mm is not None:
        top_half_width_m = max(bore.diameter_mm / 2000, top_half_width_m or 0.0)
    return opening(
        is_area=is_area,
        from_bottom=intent.section.outline is Outline.BOTTOM,
        top_half_width_m=top_half_width_m,
        bottom_width_m=intent.section.bottom_width_m,
        slope_ratio=intent.section.slope_ratio,
        shored=intent.section.shored,
        depth_m=intent.depth_m,
        unknown_half_width_m=profile.unknown_half_width_m,
        defaults=profile.footprint,
    )


def tool_terms(
    bore: BorePath | None, profile: RuleProfile
) -> tuple[tuple[UncertaintyTerm, ...], tuple[UncertaintyTerm, ...]]:
    """How far a bore's tool may stray from the line drawn and from its depths; nothing for a dig without one."""
    if bore is None:
        return (), ()
    plan, depth = tool_doubt(bore, profile)
    return (plan,), () if depth is None else (depth,)


def vertex_m(line: BaseGeometry, passage: Passage) -> list[float]:
    """The geodesic distance of each drawn vertex of a line from its first, as its edges run when densified."""
    xy = shapely.get_coordinates(line)
    edges = np.asarray(shapely.linestrings(np.stack([xy[:-1], xy[1:]], axis=1)), dtype=object)
    length_m = [CGCS2000.line_length(*shapely.get_coordinates(edge).T) for edge in passage.carry(edges)]
    return [0.0, *np.cumsum(length_m).tolist()]


def parts_of(
    strips: Iterable[StripWish], opened: DigSite, profile: RuleProfile, used: set[str], faults: Faults
) -> Iterator[DigSite]:
    """The strips beside a trench that are only loaded, each a site of its own."""
    for wish in strips:
        assert isinstance(opened.geometry, LineString)
        # A strip nobody placed may begin at the very edge, and may lie farther out.
        spare_m = profile.footprint.strip_offset_m if wish.offset_m is None else 0.0
        inner_m = opened.half_width_m + (wish.offset_m or 0.0)
        strip = strip_beside(opened.geometry, wish.side, inner_m, wish.width_m + spare_m)
        covered_m2 = area_m2(strip.geometry, strip.half_width_m)
        if covered_m2 > MAX_AREA_M2[opened.kind]:
            too_large(covered_m2, MAX_AREA_M2[opened.kind], wish.place, faults)
        feature_id = free_name(f"{opened.feature_id}/{wish.suffix}", used)
        used.add(feature_id)
        yield replace(
            opened,
            feature_id=feature_id,
            geometry=RegisterGeometry(strip.geometry),
            half_width_m=round(strip.half_width_m, 4),
            # Where it begins follows from the trench: what is not known of that is not known of this.
            half_width_known=wish.offset_m is not None and opened.half_width_known,
            acts=(Act.HEAVY_LOAD,),
            depth_m=None,
            trench=None,
            part=wish.part,
            of_feature=opened.feature_id,
            depth_uncertainty=(),
            bore=None,
        )


def area_m2(geometry: BaseGeometry, half_width_m: float) -> float:
    """Geodesic, on CGCS2000; a line counts its length times its width, a point its circle, an area its rim."""
    if geometry.geom_type in ("Polygon", "MultiPolygon"):
        # Outer rings must run one way and holes the other for the areas to add up.
        inside_m2, around_m = CGCS2000.geometry_area_perimeter(shapely.orient_polygons(geometry))
        return abs(float(inside_m2)) + half_width_m * float(around_m) + pi * half_width_m**2
    length_m = float(CGCS2000.line_length(*shapely.get_coordinates(geometry).T))
    return 2.0 * half_width_m * length_m + pi * half_width_m**2
