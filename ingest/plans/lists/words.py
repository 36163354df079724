"""What the words over the columns of a table of coordinates mean."""

import re
from collections.abc import Mapping

PLACES: Mapping[str, tuple[str, ...]] = {
    "north": tuple("X 纵 纵X X纵 北 北X X北 北Y Y北 纵Y Y纵 北向 N NORTH NORTHING".split()),
    "east": tuple("Y 横 横Y Y横 东 东Y Y东 东X X东 横X X横 东向 E EAST EASTING".split()),
    "lon": tuple("经 经度 东经 大地经度 LON LNG LONG LONGITUDE L 经度L".split()),
    "lat": tuple("纬 纬度 北纬 大地纬度 LAT LATITUDE B 纬度B".split()),
}
_OTHERS: Mapping[str, tuple[str, ...]] = {
    "number": tuple("点号 序号 编号 点名 桩号 孔号 拐点 拐点号 界址点号 NO ID POINT NAME".split()),
    "group": tuple(
        "地块 地块号 地块编号 地块名称 图形 图形号 范围 范围号 段 段号 基坑 基坑号 基坑编号 基坑名称 坑 坑号 分区 区域 区块 区块号 "
        "管段 管段号 管线编号 管线号 线路 线路名称 工点 圈号 PART GROUP".split()
    ),
    "part": tuple("名称 井号".split()),
    "depth_m": tuple("深度 挖深 开挖深度 沟深 槽深 坑深 沟槽深度 基坑深度 DEPTHM".split()),
    "half_width_m": tuple("半宽 HALFWIDTHM".split()),
    "width_m": tuple("宽度 沟宽 槽宽 开挖宽度 沟槽宽度 WIDTHM".split()),
    "radius_m": tuple("半径 RADIUSM".split()),
    "accuracy_m": tuple("精度 定位精度 水平精度 ACCURACY ACCURACYM HACC".split()),
    "act": ("ACT",),
}
"""part: of shapes, or of their points; which, only the rows tell."""
MEANT = {word: name for words in (PLACES, _OTHERS) for name, of in words.items() for word in of}
MEASURES = ("depth_m", "half_width_m", "width_m", "radius_m", "accuracy_m")
_NUMBERS = re.compile(
    r"(?!.*(?:坐标|[距长类型高深宽径连]|起[点始]|终[点止]|[上下]游)|[上下]点).*(?:点号|点名|编号|序号|拐点|界址点).*"
)
_PARTS = re.compile(
    r"(?!.*(?:(?:行政|小|辖|街|城|市|县|镇|社|园|开发|地)区|阶段)).*(?:[区坑沟槽段]|区域|范围|地块|宗地|图斑|部位|工点|线路)(?:号|编号|序号|名|名称)?",
)
"""Where a heading ends in one of these, each row may say of which pit or trench it is: 开挖区域, 沟槽编号."""

_OF_DIG = "(?:最大|最深|最宽|设计|计划|拟|预计|施工|开挖|挖掘?|基坑|工作坑|作业坑|沟槽|管沟|管槽|槽|沟|坑)*"
_SIZES = (
    ("depth_m", re.compile(_OF_DIG + "(?:深度|挖深|沟深|槽深|坑深|沟槽深|孔深|钻孔深度|钻探深度|深)")),
    ("width_m", re.compile(_OF_DIG + "(?:上口|开口|顶部?)?(?:宽度?)")),
    (
        "diameter_m",
        re.compile(_OF_DIG + "(?:直径|孔径|桩径|井径|坑径)|(?:钻孔|桩孔|桩|孔|井)(?:直径|径)|DIAMETERM?"),
    ),
    ("accuracy_m", re.compile("H_?RMS|平面RMS|水平RMS|平面精度|点位精度|平面中误差|点位中误差")),
    ("rms", re.compile("RMS|POS_?RMS")),
)


def meaning(*words: str) -> str | None:
    """What one of several spellings of a heading means: by the lists, else by what it ends in or holds."""
    listed = next((MEANT[one] for one in words if one in MEANT), None)
    if listed is not None:
        return listed
    size = next((name for name, pattern in _SIZES for one in words if pattern.fullmatch(one)), None)
    if size is not None:
        return size
    if _PARTS.fullmatch(words[0]):
        return "part"
    return "number" if _NUMBERS.fullmatch(words[0]) else None
