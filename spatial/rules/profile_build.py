"""A rule profile from its document: what a schema cannot say is checked here, every fault at once.

Reading the file and holding it against its schema is the dock's work (ingest).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from spatial.errors import Faults
from spatial.measuring.footprint import defaults_of
from spatial.rules.profile import (
    DIG_DEPTH,
    AdviceLimits,
    Age,
    BoreDefaults,
    MachineSwitch,
    Note,
    OwnDistance,
    Plan,
    RuleProfile,
    Ruling,
    Support,
    UncertaintyDefaults,
    Widths,
)
from spatial.words import Act, AssetKind, Drawn, PressureClass, Requirement, Zone


def build(document: Mapping[str, Any], sha256: str) -> RuleProfile:
    """A profile from a document that satisfies rule-profile.schema.json.

    :raises Refused: every gap or contradiction a schema cannot see, all at once.
    """
    faults = Faults()
    widths: dict[tuple[AssetKind, PressureClass], Widths] = {}
    for number, row in enumerate(document["zones"]):
        if row["protection_m"] > row["control_m"]:
            faults.add(
                "profile_widths",
                en=f"protection_m {row['protection_m']} is more than control_m {row['control_m']}: exchange or correct "
                "them",
                zh=f"保护范围 {row['protection_m']} m 大于控制范围 {row['control_m']} m，请更正",
                pointer=f"/zones/{number}",
            )
        for asset in row["assets"]:
            for name in row["classes"]:
                key = (AssetKind(asset), PressureClass(name))
                if key in widths:
                    faults.add(
                        "profile_twice",
                        en=f"{asset} {name} has two widths; keep one",
                        zh=f"{asset} {name} 的范围定义了两次，请保留一个",
                        pointer=f"/zones/{number}",
                    )
                widths[key] = Widths(
                    row["protection_m"],
                    row["control_m"],
                    row["clause"],
                    tuple(row["source"]),
                    row["verified"],
                    AssetKind(asset),
                    _note(row),
                )
    for kind in AssetKind:
        for pressure_class in PressureClass:
            if (kind, pressure_class) not in widths:
                faults.add(
                    "profile_gap",
                    en=f"no widths for {kind} of class {pressure_class}; add a [[zones]] row",
                    zh=f"缺少 {kind} {pressure_class} 的范围，请补充 [[zones]]",
                    pointer="/zones",
                )
    rulings: dict[tuple[Zone, Act], Ruling] = {}
    for number, row in enumerate(document["rules"]):
        for name in row["acts"]:
            rule_key = (Zone(row["zone"]), Act(name))
            if rule_key in rulings:
                faults.add(
                    "profile_twice",
                    en=f"{name} in the {row['zone']} zone has two rules; keep one",
                    zh=f"{row['zone']} 范围内的 {name} 有两条规则，请保留一条",
                    pointer=f"/rules/{number}",
                )
            rulings[rule_key] = Ruling(
                Requirement(row["requirement"]),
                Act(name),
                row["clause"],
                tuple(row["source"]),
                row["verified"],
                note=_note(row),
            )
    for zone in (Zone.PROTECTION, Zone.CONTROL):
        if not any(where is zone for where, _ in rulings):
            faults.add(
                "profile_gap",
                en=f"no rule at all for the {zone} zone; add [[rules]]",
                zh=f"{zone} 范围没有任何规则，请补充 [[rules]]",
                pointer="/rules",
            )
    _check_sources(document, faults)
    unknown = document["unknown"]
    stand_in = PressureClass(unknown["pressure_class"])
    for kind in AssetKind:
        of_kind = [width for (asset, _), width in widths.items() if asset is kind]
        taken = widths.get((kind, stand_in))
        if taken is not None and any(
            width.control_m > taken.control_m or width.protection_m > taken.protection_m for width in of_kind
        ):
            faults.add(
                "profile_narrow_unknown",
                en=f"unknown.pressure_class {stand_in} is narrower for {kind} than the widest class; "
                "unknown must take the widest",
                zh=f"未知压力级别按 {stand_in} 处理时，{kind} 的范围不是最宽；未知必须取最宽",
                pointer="/unknown/pressure_class",
            )
    _check_unknown_is_widest(document, faults)
    _check_survey_classes(document, faults)
    own_distances = _own_distances(document.get("act_distances", []), faults)
    from_centre_line = document["measured_from"] == "centre_line"
    if from_centre_line:
        _check_wall_lies_inside(document, faults)
    faults.raise_if_any()

    emergency = document.get("emergency", {})
    return RuleProfile(
        profile_id=document["id"],
        version=document["version"],
        sha256=sha256,
        title_zh=document["title_zh"],
        title_en=document["title_en"],
        tolerance_m=document["tolerance"]["limit_m"],
        widths=widths,
        rulings=rulings,
        mechanical_in_protection=_machine_switch(document["switches"]),
        own_distances=own_distances,
        unknown_class=stand_in,
        unknown_diameter_mm={
            PressureClass(name): float(value) for name, value in unknown["diameter_mm"].items()
        },
        unknown_half_width_m=float(unknown["site"]["half_width_m"]),
        uncertainty=_uncertainty(document["uncertainty"]),
        valid_days=document["validity"]["days"],
        reply_working_days=document["reply"]["working_days"],
        reply_verified=document["reply"]["verified"],
        paper_hours=emergency.get("paper_hours"),
        paper_hours_verified=emergency.get("verified", True),
        plan_clause=document["reply"].get("plan_clause", RuleProfile.plan_clause),
        long_distance=document.get("applies_to") == "long_distance",
        from_centre_line=from_centre_line,
        advice=_advice(document.get("advice")),
        support=_support(document.get("support")),
        bore=_bore(document.get("bore")),
        footprint=defaults_of(document.get("footprint")),
    )


def _note(row: Mapping[str, Any]) -> Note | None:
    return (row["note_zh"], row["note_en"]) if "note_zh" in row else None


def _machine_switch(section: Mapping[str, Any]) -> MachineSwitch:
    return MachineSwitch(
        Requirement(section["mechanical_in_protection"]),
        section.get("clause"),
        tuple(section.get("source", ())),
        section.get("verified", False),
    )


def _own_distances(
    rows: Sequence[Mapping[str, Any]], faults: Faults
) -> dict[tuple[Act, AssetKind], OwnDistance]:
    """A row without `assets` holds for every kind; one without `requirement` needs a plan."""
    own: dict[tuple[Act, AssetKind], OwnDistance] = {}
    for number, row in enumerate(rows):
        for name in row.get("assets", list(AssetKind)):
            key = (Act(row["act"]), AssetKind(name))
            if key in own:
                faults.add(
                    "profile_twice",
                    en=f"{row['act']} has two distances of its own from a {name}; keep one",
                    zh=f"{row['act']} 对 {name} 的单独距离定义了两次，请保留一个",
                    pointer=f"/act_distances/{number}",
                )
            own[key] = OwnDistance(
                float(row["distance_m"]),
                Ruling(
                    Requirement(row.get("requirement", Requirement.PLAN_REQUIRED)),
                    Act(row["act"]),
                    row["clause"],
                    tuple(row["source"]),
                    row["verified"],
                    note=_note(row),
                ),
            )
    return own


def _check_wall_lies_inside(document: Mapping[str, Any], faults: Faults) -> None:
    """Counted from the centre line, a zone must reach beyond the wall of the widest pipe."""
    radius_m = max(document["unknown"]["diameter_mm"].values()) / 2000.0
    for number, row in enumerate(document["zones"]):
        if row["protection_m"] <= radius_m:
            faults.add(
                "profile_centre_line",
                en=f"protection_m {row['protection_m']} from the centre line does not leave a pipe of radius "
                f"{radius_m} m (unknown.diameter_mm); widen it, or measure from the outer wall",
                zh=f"自中心线起 {row['protection_m']} m 的保护范围未超出半径 {radius_m} m 的管道"
                "（unknown.diameter_mm）；请加宽，或改为自管外壁起算",
                pointer=f"/zones/{number}",
            )


def _advice(section: Mapping[str, Any] | None) -> AdviceLimits:
    if section is None:
        return AdviceLimits()
    return AdviceLimits(
        largest_shift_m=float(section["largest_shift_m"]),
        least_half_width_m=float(section["least_half_width_m"]),
        least_share_kept=float(section["least_share_kept"]),
        trial_hole_spacing_m=float(section["trial_hole_spacing_m"]),
    )


def _support(section: Mapping[str, Any] | None) -> Support | None:
    if section is None:
        return None
    return Support(float(section["reach_ratio"]), ", ".join(section["source"]), section["verified"])


def _bore(section: Mapping[str, Any] | None) -> BoreDefaults | None:
    return (
        None if section is None else BoreDefaults(plan=_plan(section["plan"]), depth=_plan(section["depth"]))
    )


def _check_unknown_is_widest(document: Mapping[str, Any], faults: Faults) -> None:
    """Knowing less must never judge milder: the stand-ins are no smaller than what they stand in for."""
    unknown = document["unknown"]
    diameters = unknown["diameter_mm"]
    stand_in, largest = diameters[unknown["pressure_class"]], max(diameters.values())
    if stand_in < largest:
        faults.add(
            "profile_narrow_unknown",
            en=f"unknown.diameter_mm of {unknown['pressure_class']}, which stands in for an unknown class, is "
            f"{stand_in} mm; make it the largest, {largest} mm",
            zh=f"未知压力级别按 {unknown['pressure_class']} 处理，其未知管径 {stand_in} mm 不是最大；"
            f"请改为 {largest} mm",
            pointer="/unknown/diameter_mm",
        )
    default_m = document["uncertainty"]["pipe_default"]["plan_m"]
    age_m = document["uncertainty"].get("age", {}).get("most_m", 0.0)
    for number, row in enumerate(document["uncertainty"]["survey_classes"]):
        class_m = round(row.get("plan_m", 0.0) + age_m, 4)
        if class_m > default_m:
            faults.add(
                "profile_narrow_unknown",
                en=f"survey class {row['names'][0]} has {class_m} m with the most that age adds, more than "
                f"uncertainty.pipe_default {default_m} m of a pipe nothing is known about; raise the default",
                zh=f"测量类别 {row['names'][0]} 的不确定度（含测龄最大附加值）{class_m} m 大于未知管位的默认值"
                f" {default_m} m；请提高默认值",
                pointer=f"/uncertainty/survey_classes/{number}",
            )


def _check_survey_classes(document: Mapping[str, Any], faults: Faults) -> None:
    """Of two rows of one name the last would be taken, and it may be the milder. Upper and lower case are one."""
    seen: set[str] = set()
    for number, row in enumerate(document["uncertainty"]["survey_classes"]):
        for name in row["names"]:
            if name.lower() in seen:
                faults.add(
                    "profile_twice",
                    en=f"survey class {name} has two uncertainties; keep one",
                    zh=f"测量类别 {name} 的不确定度定义了两次，请保留一个",
                    pointer=f"/uncertainty/survey_classes/{number}",
                )
            seen.add(name.lower())


def _uncertainty(section: Mapping[str, Any]) -> UncertaintyDefaults:
    drift = section["drift"]
    return UncertaintyDefaults(
        pipe_default=_plan(section["pipe_default"]),
        receiver=_plan(section["receiver"]),
        gcj02=_plan(section["gcj02"]),
        bd09=_plan(section["bd09"]),
        drift_m_per_year=drift["m_per_year"],
        drift_since_year=drift["since_year"],
        drift_source=", ".join(drift["source"]),
        drift_verified=drift["verified"],
        survey_classes={
            name.lower(): _plan(row) for row in section["survey_classes"] for name in row["names"]
        },
        drawn={Drawn(way): _plan(row) for way, row in section.get("drawn", {}).items()},
        dig_depth=_plan(section["dig_depth"]) if "dig_depth" in section else DIG_DEPTH,
        survey_depths={
            name.lower(): Plan(
                plan_m=row.get("depth_m"),
                ratio_of_depth=row.get("depth_ratio"),
                least_depth_m=row.get("least_depth_m"),
                source=", ".join(row["source"]),
                verified=row["verified"],
            )
            for row in section["survey_classes"]
            if "depth_m" in row or "depth_ratio" in row
            for name in row["names"]
        },
        age=_age(section.get("age")),
        road_rebuilt=_plan(section["road_rebuilt"]) if "road_rebuilt" in section else None,
    )


def _age(section: Mapping[str, Any] | None) -> Age | None:
    if section is None:
        return None
    return Age(
        after_years=section["after_years"],
        m_per_year=section["m_per_year"],
        most_m=section["most_m"],
        source=", ".join(section["source"]),
        verified=section["verified"],
    )


def _plan(row: Mapping[str, Any]) -> Plan:
    return Plan(
        plan_m=row.get("plan_m"),
        ratio_of_depth=row.get("ratio_of_depth"),
        least_depth_m=row.get("least_depth_m"),
        source=", ".join(row["source"]),
        verified=row["verified"],
    )


def _check_sources(document: Mapping[str, Any], faults: Faults) -> None:
    """Every `source` anywhere in the document is a key of [sources]."""
    known = set(document["sources"])

    def walk(node: Any, pointer: str) -> None:
        if isinstance(node, Mapping):
            for key, value in node.items():
                if key == "source":
                    for name in value:
                        if name not in known:
                            faults.add(
                                "profile_source",
                                en=f"source {name!r} is not in [sources]; name it there",
                                zh=f"来源 {name!r} 未在 [sources] 中列出，请补充",
                                pointer=pointer,
                            )
                else:
                    walk(value, f"{pointer}/{key}")
        elif isinstance(node, list):
            for number, value in enumerate(node):
                walk(value, f"{pointer}/{number}")

    walk(document, "")
