"""Why a row of a network file could not become an asset: code -> (English, Chinese)."""

from collections.abc import Mapping

REASONS: Mapping[str, tuple[str, str]] = {
    "not_a_feature": (
        "this entry is not a GeoJSON feature; export it again",
        "该条目不是 GeoJSON 要素，请重新导出",
    ),
    "geometry_missing": (
        "this row has no geometry; draw the pipe, or delete the row",
        "该行没有几何，请补绘管线或删除该行",
    ),
    "geometry_empty": (
        "this row's geometry is empty; draw the pipe, or delete the row",
        "该行几何为空，请补绘管线或删除该行",
    ),
    "geometry_type": (
        "this row's geometry is of a kind that cannot be read; store it as line, point or polygon",
        "该行的几何类型无法读取，请改为线、点或面",
    ),
    "geometry_malformed": (
        "this row's coordinates are not built as its geometry type needs; export it again",
        "该行坐标结构与几何类型不符，请重新导出",
    ),
    "geometry_not_finite": (
        "this row has a coordinate that is not a number; correct it in the source",
        "该行存在不是数字的坐标，请在源数据中更正",
    ),
    "geometry_too_few_points": (
        "this row has fewer points than a line or an area needs; redraw it",
        "该行的点数不足以构成线或面，请重新绘制",
    ),
    "line_zero_length": (
        "this line has no length: all its points are one; redraw it",
        "该线长度为零（所有点重合），请重新绘制",
    ),
    "polygon_unclosed": (
        "this area's outline does not end where it begins; close it",
        "该面的边界未闭合，请闭合",
    ),
    "polygon_invalid": (
        "this area's outline crosses or repeats itself; redraw it",
        "该面的边界自相交或重复，请重新绘制",
    ),
    "geometry_degenerate": (
        "this row's points cannot be told apart once in the register's coordinates; redraw it",
        "该行的点在入库坐标中无法区分，请重新绘制",
    ),
    "outside_extent": (
        "this row lies outside the ground this installation answers for; check its coordinates",
        "该行位于本系统负责范围之外，请检查坐标",
    ),
    "id_duplicate": (
        "another row before this one has the same id; give each its own",
        "前面已有相同编号的记录，请使用唯一编号",
    ),
}
