"""What is to be told of a foreign plan that was read: every entity accounted for, what was taken for what."""

from collections.abc import Mapping
from typing import Any

from ingest.networks.reasons import WARNINGS

Note = dict[str, Any]

_TEXTS: Mapping[str, tuple[str, str]] = {
    **{code: text for code, text in WARNINGS.items() if code.startswith(("drawing_", "kml_"))},
    "drawing_read": ("entities of the chosen layers read", "个所选图层的对象已读入"),
    "drawing_open_lines": (
        "lines are not closed and have no width: they are taken for axes of trenches; if they go round the ground to be "
        "dug, close them in the CAD program",
        "条线未闭合且未注明宽度：按沟槽轴线处理；如为开挖范围的轮廓，请在 CAD 中闭合后重新提交",
    ),
    "drawing_wide": (
        "lines are drawn wide (drawn_width_m): that is not taken for the width of a trench; state how wide the trenches are",
        "条线带有绘图线宽（drawn_width_m）：不作为沟槽宽度；请另行注明沟宽",
    ),
    "points_as_holes": (
        "single points beside closed lines: each is taken for a hole, none for the corner of an area or a point of an axis",
        "个单独的点与闭合线在同一文件中：均按孔位处理，不作为范围拐点或轴线点",
    ),
    "lines_closed": (
        "lines end up to 10 m from where they begin: they are closed by a straight edge; look at the shape on the map",
        "条线的终点距起点不超过 10 米：已用直线闭合，请在地图上核对",
    ),
    "lines_open": (
        "lines do not end where they begin and have no width: they are taken for axes of trenches; if they go round the ground "
        "to be dug, end them at the point they begin with",
        "条线首尾不重合且未注明宽度：按沟槽轴线处理；如为开挖范围的轮廓，请将末点改为与首点相同",
    ),
    "degrees_coarse": (
        "points are written to 10 m or worse, in degrees with at most four decimals or to a whole second: give more digits, or "
        "how well they are known (精度); if they are degrees, minutes and seconds, write 101°46′12.11″",
        "个点的经纬度最多四位小数或只到整秒，相当于 10 米以上：请补足位数，或注明精度；如为度分秒，请写作 101°46′12.11″",
    ),
    "degrees_packed": (
        "points are read as decimal degrees; if their digits are degrees, minutes and seconds behind a point (36.3631 for "
        "36°36′31″) they lie elsewhere: write 101°46′12.11″",
        "个点按十进制度读入；如小数点后实为分、秒（如 36.3631 表示 36°36′31″），位置会有很大偏差：请改写为 101°46′12.11″",
    ),
    "rows_below": (
        "rows under the table begin as remarks do and have no numbers in the columns of coordinates: they were not read",
        "行位于坐标表下方，为说明文字且坐标列无数值：未读入",
    ),
    "rows_of_sides": (
        "rows between the points give lengths of sides alone, and no coordinates: they were not read",
        "行位于各点之间，只有边长而无坐标：未作为点读入",
    ),
    "accuracy_unknown": (
        "shapes with an accuracy of 0 or one that cannot be read: taken as if none was given",
        "个图形的精度为 0 或无法识别：按未提供处理",
    ),
    "shape_thinned": (
        "shapes of more than 500 points drawn with fewer: areas reach up to 25 cm farther out, no axis strays by more than 1 cm",
        "个图形超过 500 个点，已减少点数：面向外扩大不超过 25 厘米，轴线偏离不超过 1 厘米",
    ),
    "track_thinned": (
        "tracks of more than 500 points drawn with fewer, and widened by as much as that may stray",
        "条轨迹超过 500 个点，已减少点数，并相应加大不确定度",
    ),
    "track_default": (
        "shapes whose file states no accuracy for all their points: 10 m are taken, for a phone that is carried",
        "个图形的文件没有给出全部点的精度：按手持手机 10 米处理",
    ),
}


def note(code: str, count: int) -> Note:
    """To be shown as `count` and the text of the reader's language. :raises KeyError: no such note."""
    en, zh = _TEXTS[code]
    return {"code": code, "count": count, "en": en, "zh": zh}


def notes_of(plan: Any) -> list[Note]:
    """The notes of what plan_document() gave; none of what somebody else wrote."""
    found = plan.get("notes") if isinstance(plan, dict) else None
    return [
        one
        for one in (found if isinstance(found, list) else [])
        if isinstance(one, dict) and one.keys() == {"code", "count", "en", "zh"}
    ]
