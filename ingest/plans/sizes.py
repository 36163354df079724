"""How large a dig plan may be, and what is said of one that is larger. Design 8."""

from collections.abc import Mapping

import shapely

from ingest.files.geojson import too_many_positions, too_many_rows
from ingest.files.rows import Reading, Rows
from spatial.errors import Faults
from spatial.words import PermitKind

MAX_PLAN_BYTES = 20_000_000
MAX_FEATURES = 1_000
MANY_BYTES = 500_000_000
MANY_FEATURES = 100_000
"""Of a file on the disk of whoever asks, judged part by part; what comes over HTTP or becomes a permit stays small."""
MAX_VERTICES: Mapping[PermitKind, int] = {
    PermitKind.NORMAL: 500,
    PermitKind.EMERGENCY: 500,
    PermitKind.DESIGN: 2_000,
}
"""Positions of one site as received. A route of 10 km drawn every 5 m is a design enquiry."""
MOST_FOREIGN = 20_000
MOST_POSITIONS = 200_000
"""Features and points of a whole file that is not GeoJSON, so that it is answered in time whoever else is busy: all its points are gone through
several times, by several programs."""
MAX_AREA_M2: Mapping[PermitKind, float] = {
    PermitKind.NORMAL: 1e6,
    PermitKind.EMERGENCY: 1e6,
    PermitKind.DESIGN: 6.25e6,
}


def check_size(rows: Rows, reading: Reading, name: str) -> None:
    """:raises Refused: file_too_many_rows, file_too_many_points."""
    if len(rows) > reading.most_rows:
        raise too_many_rows(name, reading.most_rows)
    if shapely.get_num_coordinates(rows.geometry).sum() > reading.most_positions:
        raise too_many_positions(name, reading.most_positions)


def most_features(many: bool) -> int:
    return MANY_FEATURES if many else MAX_FEATURES


def too_many_features(count: int, most: int, name: str, pointer: str, faults: Faults) -> None:
    faults.add(
        "plan_too_many_features",
        en=f"{name} has {count} features, strips beside trenches counted, at most {most} are taken; divide it",
        zh=f"{name} 有 {count} 个要素（含沟边堆土、机械行走带），最多 {most} 个，请拆分",
        pointer=pointer,
    )


def too_many_vertices(count: int, most: int, pointer: str, faults: Faults) -> None:
    route = MAX_VERTICES[PermitKind.DESIGN]
    more = "" if most == route else f" ({route} of a design enquiry)"
    zh_more = "" if most == route else f"（设计查询 {route} 个）"
    faults.add(
        "site_too_many_vertices",
        en=f"this shape has {count} points, at most {most} are taken{more}; simplify it outwards or divide it",
        zh=f"该图形有 {count} 个点，最多 {most} 个{zh_more}；请向外简化或拆分",
        pointer=pointer,
    )


def too_large(area_m2: float | None, most_m2: float, pointer: str, faults: Faults) -> None:
    km2 = f"{area_m2 / 1e6:.2f} km2" if area_m2 is not None else "longer than 1,000 km"
    zh_km2 = f"{area_m2 / 1e6:.2f} 平方公里" if area_m2 is not None else "长度超过 1000 公里"
    limit = f", at most {most_m2 / 1e6:g} km2 is taken" if area_m2 is not None else ""
    zh_limit = f"，最大 {most_m2 / 1e6:g} 平方公里" if area_m2 is not None else ""
    faults.add(
        "site_too_large",
        en=f"this site is {km2}{limit}; divide it, and check the declared CRS",
        zh=f"该范围为{zh_km2}{zh_limit}；请拆分，并检查声明的坐标系",
        pointer=pointer,
    )
