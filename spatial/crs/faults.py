"""The sentences with which this door refuses data."""

from spatial.crs.looks import SourceBounds, say_looks
from spatial.crs.names import DeclaredCrs, plan_crs
from spatial.crs.offsets import GCJ_RECTANGLE
from spatial.crs.operations import Shifts, area_of
from spatial.errors import Refused
from spatial.values import Box

MOST_AREAS = 4
"""Of the places that a former datum has parameters for, as many as fit into a sentence."""


def not_finite(pointer: str) -> Refused:
    return Refused.because(
        "crs_coordinates_not_finite",
        en="A coordinate is not a number (NaN, Infinity or empty). Correct it and send the data again.",
        zh="坐标中有非数值（NaN、无穷大或空值）。请改正后重新提交。",
        pointer=pointer,
    )


def outside_area(declared: DeclaredCrs, bounds: SourceBounds, place: Box | None, pointer: str) -> Refused:
    """The data cannot be what they were declared to be."""
    if declared.epsg is None:
        west, south, east, north = GCJ_RECTANGLE
        use_en = use_zh = f"{west}-{east} E, {south}-{north} N"
    else:
        area = area_of(declared.epsg)
        use_en = area.name if area else "unknown"
        use_zh = use_en if area is None else _degrees((area.west, area.south, area.east, area.north))
    where_en = (
        f"lie at {_degrees(place)}, far outside" if place else "have no place on the earth, let alone in"
    )
    where_zh = f"位于 {_degrees(place)}，远超" if place else "在地球上没有对应位置，不在"
    looks_en, looks_zh = say_looks(bounds)
    title = _title(declared)
    return Refused.because(
        "crs_outside_area",
        en=f"Read as {title}, the coordinates {_numbers(bounds)} {where_en} its area of use "
        f"({use_en.rstrip('.')}). Declare the system they are in.{looks_en}",
        zh=f"按 {title} 读取，坐标 {_numbers(bounds)} {where_zh}该坐标系的适用范围（{use_zh}）。"
        f"请声明数据实际所用的坐标系。{looks_zh}",
        pointer=pointer,
    )


def outside_grid(declared: DeclaredCrs, bounds: SourceBounds, pointer: str) -> Refused:
    """Where a registered grid lies is not told."""
    return Refused.because(
        "crs_outside_area",
        en=f"The coordinates {_numbers(bounds)} lie outside the ground for which {declared.name} is registered. "
        "Declare the system they are in, or register it anew with common points that surround the data.",
        zh=f"坐标 {_numbers(bounds)} 超出 {declared.name} 登记时的适用范围。请声明数据实际所用的坐标系，"
        "或用分布在数据四周的公共点重新登记。",
        pointer=pointer,
    )


def no_path(declared: DeclaredCrs, place: Box, found: Shifts, pointer: str) -> Refused:
    """A real system, but nothing public says how it lies to the register there."""
    elsewhere = sorted({way.area.name.rstrip(".") for way in found.usable if way.area})
    more = len(elsewhere) - MOST_AREAS
    more_en, more_zh = (f"; {more} more", f"；另有 {more} 处") if more > 0 else ("", "")
    known_en = (
        f" Published ones serve only: {'; '.join(elsewhere[:MOST_AREAS])}{more_en}." if elsewhere else ""
    )
    known_zh = f"已公布的参数仅适用于：{'；'.join(elsewhere[:MOST_AREAS])}{more_zh}。" if elsewhere else ""
    if lacking := found.lacking_at(place):
        known_en += f" Others need grid files that are not installed: {', '.join(lacking)}."
        known_zh += f"其他转换需要尚未安装的格网文件：{'、'.join(lacking)}。"
    title = _title(declared)
    return Refused.because(
        "crs_no_path",
        en=f"No transformation of known accuracy leads from {title} to CGCS2000 at {_degrees(place)}; "
        f"taking the numbers as they are would be wrong by up to some hundred metres.{known_en} Ask the owner "
        "to export in CGCS2000 (for example EPSG:4543), or for the transformation parameters: they must be "
        "registered with their source and accuracy first (`predig crs register NAME`).",
        zh=f"在 {_degrees(place)}，没有已知精度的方法可将 {title} 转换到 CGCS2000；直接使用原坐标可能偏差数十至"
        f"数百米。{known_zh}请数据单位按 CGCS2000（如 EPSG:4543）导出，或提供转换参数：参数须连同来源、精度"
        "先行登记（predig crs register NAME）。",
        pointer=pointer,
    )


def outside_bounds(declared: DeclaredCrs, pointer: str) -> Refused:
    return Refused.because(
        "crs_outside_bounds",
        en=f"Coordinates lie outside the box for which the way from {declared.name} was chosen: the extent "
        "stated in the file is wrong. Export the file again.",
        zh=f"坐标超出选定 {declared.name} 转换时所用的范围：文件中记录的范围有误，请重新导出文件。",
        pointer=pointer,
    )


def transform_failed(declared: DeclaredCrs, pointer: str) -> Refused:
    return Refused.because(
        "crs_transform_failed",
        en=f"Some coordinates have no place on the earth when read as {_title(declared)}. "
        "Check the coordinates and the declared system.",
        zh=f"部分坐标按 {_title(declared)} 读取时在地球上没有对应位置。请检查坐标和声明的坐标系。",
        pointer=pointer,
    )


def _title(declared: DeclaredCrs) -> str:
    return f"{declared.name} ({plan_crs(declared.epsg).name})" if declared.epsg else declared.name


def _degrees(box: Box) -> str:
    west, south, east, north = box
    return f"{west:.2f} to {east:.2f} E, {south:.2f} to {north:.2f} N"


def _numbers(bounds: SourceBounds) -> str:
    west, south, east, north = bounds
    return f"x {west:.10g} to {east:.10g}, y {south:.10g} to {north:.10g}"
