"""The words of a briefing map that are its own, in Chinese and English; what codes mean stands in spatial.saying.texts."""

from collections.abc import Mapping
from typing import Any

from spatial.errors import Language

WORDS: Mapping[str, tuple[str, str]] = {
    "document": ("动土交底图", "Pre-dig map"),
    "restricted": ("内部资料，仅供本次作业使用", "Restricted: for this work only"),
    "no_script": (
        "本页需要启用 JavaScript 才能显示。看不到图时，按有管道对待，暂不得开工。",
        "This page needs JavaScript. While you cannot see it, treat the ground as if a pipe lay there and do not start.",
    ),
    # -- the headline
    "grade": ("等级", "grade"),
    "until": ("有效至 {until}", "valid to {until}"),
    "pending_head": ("待判定，按有管道对待", "Not judged: treat the ground as if a pipe lay there"),
    "pending": (
        "资料、规则或许可已有变动，尚未重新判定。以下是上一次的结论，可能已过时；在此之前按有管道对待，暂不得开工。",
        "The registers, the rules or the permit have changed and it has not been judged again. What stands below is "
        "the judgement before and may be out of date: until then treat the ground as if a pipe lay there and do not start.",
    ),
    "never_judged": (
        "尚未判定：图上没有画出任何管道，不等于没有管道。按有管道对待，暂不得开工。",
        "Not judged yet: no pipe is drawn, which does not mean that there is none. Treat the ground as if a pipe lay "
        "there and do not start.",
    ),
    "expired": ("本许可已过期，不得据此施工。", "This permit has expired: do not dig by it."),
    "cancelled": ("本许可已撤销，不得据此施工。", "This permit is cancelled: do not dig by it."),
    "lapsed": (
        "这份结论已过有效期，或已有更新的判定，不得据此施工；请重新查询。",
        "This judgement is past its validity, or a newer one stands: do not dig by it, ask again.",
    ),
    "before": ("上一次的结论", "the judgement before"),
    # -- facts
    "title": ("工程", "work"),
    "permit": ("许可编号", "permit"),
    "screening": ("判定编号", "screening"),
    "contractor": ("施工单位", "contractor"),
    "builder": ("建设单位", "builder"),
    "supervisor": ("监理单位", "supervisor"),
    "permit_numbers": ("许可文号", "permit numbers"),
    "machine": ("机械", "machine"),
    "driver": ("操作手", "driver"),
    "dates": ("施工日期", "dates"),
    "earliest": ("最早开工", "earliest start"),
    "acts": ("作业", "work done"),
    "depth": ("深度", "depth"),
    "width": ("开挖宽度", "width of the dig"),
    "not_stated": ("未说明", "not stated"),
    # -- the table
    "site": ("作业范围 {number}", "dig site {number}"),
    "pipe": ("管道", "pipe"),
    "clearance": ("净距", "clearance"),
    "zone": ("所在范围", "zone"),
    "where": ("位置", "where on the site"),
    "along": ("沿管 {metres} m", "{metres} m of pipe"),
    "whole": ("见图", "see the map"),
    "requirement": ("要求", "requirement"),
    "clause": ("依据", "clause"),
    "do": ("怎么办", "what to do"),
    "call": ("找谁", "who to call"),
    "duty_phone": ("值班", "duty"),
    "office_phone": ("电话", "phone"),
    "no_phone": ("未登记电话", "no phone registered"),
    "why": ("为什么", "why"),
    "class_unknown": ("级别未知", "class unknown"),
    "unknowns": ("尚不清楚", "not known"),
    "advice": ("先做什么", "what to do first"),
    "helps": ("如何减轻", "what would help"),
    "route": ("每 500 米", "Each 500 m"),
    "sections": ("沿线各段", "Stretch by stretch"),
    # -- the map
    "all_sites": ("全部", "all"),
    "legend": ("图例", "legend"),
    "legend_site": ("作业范围（按实际宽度）", "dig site at its real width"),
    "legend_doubt": ("作业位置的不确定带", "where the dig site may lie at worst"),
    "legend_protection": ("保护范围", "protection zone"),
    "legend_control": ("控制范围", "control zone"),
    "legend_possible": (
        "可能范围：管位不确定，最不利时控制范围到此",
        "possible: the control zone at worst, by the doubt of the pipe",
    ),
    "legend_stretch": ("按登记位置受影响的段", "stretch concerned by the register"),
    "legend_stretch_possible": ("最不利时受影响的段", "stretch concerned at worst"),
    "legend_facility": ("阀门、调压装置、厂站", "valve, regulator, station"),
    "legend_dimension": ("到管外壁的净距", "clearance to the outer wall"),
    "legend_edge": (
        "虚线外不绘制，不等于没有管道",
        "beyond the broken line nothing is drawn, which does not mean nothing is there",
    ),
    "legend_grid": ("坐标网 {step} m", "grid {step} m"),
    "north": ("北", "N"),
    "scale": ("比例 1:{scale}（按 A4 打印）", "scale 1:{scale} when printed on A4"),
    "zones_by_class": (
        "保护范围 {protection} m，控制范围 {control} m",
        "protection {protection} m, control {control} m",
    ),
    "tap": ("点击管道查看其资料", "tap a pipe for its facts"),
    "source_id": ("编号", "id"),
    "dataset": ("数据集", "dataset"),
    "utility": ("企业", "utility"),
    "status": ("状态", "status"),
    "position": ("管位不确定度", "position"),
    "close": ("关闭", "close"),
    # -- what it rests on
    "rests_on": ("本图依据", "what this map rests on"),
    "corners": ("作业范围坐标", "coordinates of the dig site"),
    "corner": ("点", "point"),
    "corner_x": ("X 北", "X north"),
    "corner_y": ("Y 东", "Y east"),
    "revision": ("登记册版本", "register revision"),
    "data_dates": ("各企业资料日期", "data dates"),
    "rules": ("规则", "rules"),
    "drawn_on": ("绘制日期", "drawn on"),
    "judged_on": ("判定日期", "judged on"),
    "engine": ("判定引擎", "engine"),
    "drawn": (
        "只画出作业范围外 {margin} m 以内登记在册的管线；图上位置不代替现场查明，机械开挖前须人工探明。",
        "Only what the registers hold within {margin} m of the dig site is drawn. The map does not stand in for finding "
        "the pipe on site: expose it by hand before any machine digs.",
    ),
}


def own_word(name: str, language: Language, **parameters: Any) -> str:
    """A word of the map for the reader."""
    return WORDS[name][0 if language == "zh" else 1].format(**parameters)
