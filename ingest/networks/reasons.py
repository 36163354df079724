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
    "outside_crs_area": (
        "this row lies far outside the area its coordinate system is made for, unlike the other rows; correct its "
        "coordinates",
        "该行远在坐标系适用范围之外（与其他行不同），请更正其坐标",
    ),
    "point_number_missing": (
        "this line names no point at one of its ends; fill in the point number, or delete the row",
        "该管线缺少一端的点号，请补填点号或删除该行",
    ),
    "point_missing": (
        "a point this line runs to stands in no point table; add it, or correct the point number",
        "该管线连接的点在点表中找不到，请补充该点或更正点号",
    ),
    "point_doubled": (
        "a point number stands in the tables with several places; give each point a number of its own",
        "同一点号对应多个不同坐标，请为每个点使用唯一点号",
    ),
    "point_without_place": (
        "a point has no usable coordinates (empty, 0 or not a number); fill in X and Y",
        "点缺少可用坐标（为空、0 或不是数字），请补填 X、Y",
    ),
    "entity_unreadable": (
        "this entity of the drawing cannot be read; turn it into lines in the CAD program (EXPLODE) and export it again",
        "图中该对象无法读取，请在 CAD 中分解为普通线（EXPLODE）后重新导出",
    ),
    "id_duplicate": (
        "another row before this one has the same id; give each its own",
        "前面已有相同编号的记录，请使用唯一编号",
    ),
}

_OF_PLANS: Mapping[str, tuple[str, str]] = {
    "geometry_missing": (
        "this has no geometry (a note, a folder's description or an empty row): draw the ground to be dug, or delete it from the "
        "file",
        "此处没有几何图形（可能是说明文字或空记录）：请补画开挖范围，或从文件中删除",
    ),
    "geometry_empty": (
        "this has an empty geometry: draw the ground to be dug, or delete it from the file",
        "此处的几何图形为空：请补画开挖范围，或从文件中删除",
    ),
    "geometry_degenerate": (
        "the points of this shape cannot be told apart; redraw it",
        "该图形的点无法区分，请重新绘制",
    ),
    "point_number_missing": (
        "this line names no point at one of its ends; fill in the point number, or delete it from the file",
        "该线缺少一端的点号，请补填点号或从文件中删除",
    ),
}
"""Where a dig plan is read like a network: nobody who digs is to be told to draw a pipe."""

WARNINGS: Mapping[str, tuple[str, str]] = {
    "id_missing": ("rows without an id: they are named by their row number", "行没有编号，以行号代替"),
    "survey_class_unknown": (
        "rows whose survey class the rules do not know: the default uncertainty is taken",
        "行的测量类别不在规则内，按默认不确定度处理",
    ),
    "asset_contradicts_geometry": (
        "rows whose kind does not fit their shape: the shape decides",
        "行的设施类型与图形不符，以图形为准",
    ),
    "wall_drawn_as_line": (
        "regulators or stations drawn with a line: all ground within that wall is taken as theirs",
        "个调压设施或厂站以线表示：按围墙线计，围墙以内均属该设施",
    ),
    "profiled_without_depths": (
        "rows said to be profiled of which a depth is missing: their depth counts as not followed; fill cover_m and "
        "cover_end_m, or leave the column out",
        "行注明沿全长探过埋深，却缺少埋深：按未沿全长探明处理；请补全 cover_m 和 cover_end_m，或去掉该列",
    ),
    "points_unused": (
        "points that no line uses: nothing is taken of them; look whether a line is missing",
        "个点没有任何管线使用，未作为管线接收；请检查是否漏了管线",
    ),
    "link_listed_once": (
        "links listed at one of their points only, where others are listed at both",
        "条连接只在一端的点上列出（其他连接两端均列出）",
    ),
    "link_sides_differ": (
        "cells in which the two rows of one link contradict one another: taken as unknown",
        "个单元格在同一连接的两行中互相矛盾：按未知处理",
    ),
    "depth_contradicts_elevation": (
        "depths that differ from ground level minus pipe level by more than 5 cm: taken as unknown",
        "个埋深与“地面高程减管线高程”相差超过 5 厘米：按未知处理",
    ),
    "line_of_another_kind": (
        "lines of other kinds of pipe or cable (by their class, such as JS or DL): left out",
        "条其他类别的管线（按管线类别，如 JS、DL）：不导入",
    ),
    "sheet_not_read": (
        "rows on sheets that are no point table and no line table: not read",
        "行位于既非点表也非线表的工作表：未读入",
    ),
    "drawing_other_layers": (
        "entities of the drawing are on layers that were not chosen: left out",
        "个对象在未选的图层上：未读入",
    ),
    "drawing_on_paper": (
        "entities of the chosen layers are drawn on a sheet (paper space), not on the ground: left out",
        "个所选图层的对象画在图纸空间（布局）中，不是实地坐标：未读入",
    ),
    "drawing_annotations": (
        "texts, measures and pictures on the chosen layers: left out",
        "个文字、标注或图片在所选图层上：未读入",
    ),
    "drawing_units_overruled": (
        "entities read in the units that were given, though the drawing's header says others",
        "个对象按所给单位读取（与图纸头部所写单位不同）",
    ),
    "kml_overlay": (
        "pictures laid over the map are left out: what they show is not in the data",
        "个贴图（图片叠加层）未读入：图中内容不在数据里",
    ),
    "kml_label": (
        "points on an area of the same place are left out: they hold its name",
        "个点位于同一地标的面内：视为名称标注，未读入",
    ),
    "easting_looks_cut": (
        "rows with an easting below 100 km, as if its first digit had been cut off: they lie hundreds of kilometres west "
        "of the middle of their zone; look at them on a map before you import them",
        "行的东坐标小于 100 公里，像是首位数字被截掉：位置在本带中央以西数百公里处；导入前请在地图上核对",
    ),
    "facility_kind_unknown": (
        "points or areas of unknown kind: judged as stations, the widest",
        "个点或面未说明设施类型，按范围最宽的厂站处理",
    ),
}

_COLUMN_WARNINGS: Mapping[str, tuple[str, str]] = {
    "missing": (
        "rows without {column}: unknown, so judged by the widest that may be",
        "行缺少 {column}：按未知处理，取可能的最宽值",
    ),
    "unusable": (
        "rows whose {column} cannot be used (0, a stand-in or an unknown word): taken as unknown",
        "行的 {column} 无法使用（0、占位值或无法识别）：按未知处理",
    ),
}


def reason_text(code: str) -> tuple[str, str]:
    """(English, Chinese): why a row was rejected and what to do; a code that no version knows any more stands for itself."""
    return REASONS.get(code, (code, code))


def plan_reason_text(code: str) -> tuple[str, str]:
    """The same of a row of a dig plan."""
    return _OF_PLANS.get(code) or reason_text(code)


def warning_text(code: str) -> tuple[str, str]:
    """(English, Chinese) of a warning of an intake, to stand after the number of rows; of one that is none any more, its
    code."""
    if code in WARNINGS:
        return WARNINGS[code]
    column, _, kind = code.rpartition("_")
    english, chinese = _COLUMN_WARNINGS.get(kind, (code, code))
    return english.format(column=column), chinese.format(column=column)
