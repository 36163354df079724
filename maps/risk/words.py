"""The risk map's own sentences, in Chinese and English; words of the trade come from spatial.saying.texts."""

from collections.abc import Mapping

from spatial.errors import Language

WORDS: Mapping[str, tuple[str, str]] = {
    "title": (
        "青海省燃气管道第三方施工风险图",
        "Qinghai: excavation near gas pipes, risk map",
    ),
    "internal": ("内部资料", "Internal"),
    "dated": ("统计日期 {on} · 登记版本 {revision}", "As of {on}, register revision {revision}"),
    "open_permits": ("在办许可", "open permits"),
    "with_conflicts": ("涉及燃气管道", "involve gas pipes"),
    "pending": ("待判定", "pending"),
    "cannot_tell": ("资料不足", "cannot tell"),
    "open_alerts": ("待确认告警", "open alerts"),
    "no_register_counties": ("无登记资料的县", "counties without a register"),
    "prefecture": ("州市", "prefecture"),
    "county": ("县（市、区）", "county"),
    "by_grade": ("涉管许可（按最高等级）", "permits with conflicts, by worst grade"),
    "register": ("登记资料截至", "register as of"),
    "uncovered": ("无有效资料", "not vouched for"),
    "utilities": ("燃气企业", "gas utilities"),
    "age": ("{on}（{days} 天）", "{on} ({days} d)"),
    "assumed_age": ("仅推定 {on}", "assumed, {on}"),
    "no_register": ("无登记", "none"),
    "total": ("全省", "province"),
    "outside": ("界线以外", "outside"),
    "legend": ("图例", "Legend"),
    "worst_grade": ("在办许可最高为 {grade}", "worst open grade: {grade}"),
    "undecided": ("只有待判定或资料不足的许可", "only pending or undecided permits"),
    "no_permits": ("没有上述许可（不表示没有管道）", "none of these (does not mean there is no pipe)"),
    "hatch": ("无有效登记资料的地块", "ground no register in force vouches for"),
    "cross": ("全县无登记资料", "county without any register"),
    "enlarged": ("西宁、海东（放大）", "Xining and Haidong, enlarged"),
    "unknowable": ("— 无登记资料，无从判断", "- no register: it cannot be known"),
    "counting": (
        "许可在其每个作业面所在的县各计一次，全省按许可计；待判定的许可仍计入上次的等级",
        "A permit counts in every county it has a site in, once in the province; pending ones keep their last grade",
    ),
    "outside_note": (
        "另有 {count} 个在办许可不在本省界线内，未画出",
        "{count} more open permits lie outside the borders and are not drawn",
    ),
    "unbounded_note": (
        "有 {count} 家燃气企业未申明服务范围，其管道可能在任何地方，各处资料均不能视为完整",
        "{count} gas utilities have not said where they serve: their pipes may be anywhere, so no ground is vouched for",
    ),
    "no_pipes": ("本图不含管线位置", "No pipe is shown on this map"),
    "north": ("北", "N"),
    "whole": ("全省", "province"),
    "basin": ("西宁、海东", "Xining, Haidong"),
    "town": ("西宁市区", "Xining town"),
    "no_script": (
        "此页需要启用脚本才能显示",
        "This page needs scripts to be shown",
    ),
}


def own_word(name: str, language: Language, **fields: object) -> str:
    """A sentence of the risk map in the reader's language."""
    return WORDS[name][0 if language == "zh" else 1].format(**fields)
