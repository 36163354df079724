"""The rule profile: widths, requirements and defaults as frozen values, built from a checked document.

Reading the file and checking it against its schema is the dock's work (ingest); what a schema cannot
say - every class has a width, every source is named - is checked here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from spatial.errors import Faults
from spatial.footprint import NO_DEFAULTS, FootprintDefaults, defaults_of
from spatial.words import Act, AssetKind, Drawn, Method, PressureClass, Requirement, Zone

STRICTNESS = {requirement: rank for rank, requirement in enumerate(Requirement)}
"""0 is the strictest."""


OPENS_GROUND = frozenset({Act.EXCAVATE, Act.LAY_PIPE})
"""Acts that a machine does by digging from above."""


@dataclass(frozen=True, slots=True)
class Widths:
    """Zone widths of one kind of asset and class, metres from the outer wall."""

    protection_m: float
    control_m: float
    clause: str
    source: tuple[str, ...]
    verified: bool


@dataclass(frozen=True, slots=True)
class Ruling:
    """What one act needs in one zone, and the clause it rests on.

    by_default: no rule names the act, so the strictest requirement of the zone was taken.
    """

    requirement: Requirement
    act: Act
    clause: str
    source: tuple[str, ...]
    verified: bool
    by_default: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan uncertainty: fixed, or a ratio of the depth h with a least depth. Metres, 95 %."""

    plan_m: float | None
    ratio_of_depth: float | None
    least_depth_m: float | None
    source: str
    verified: bool


DIG_DEPTH = Plan(plan_m=0.3, ratio_of_depth=None, least_depth_m=None, source="PREDIG", verified=False)


@dataclass(frozen=True, slots=True)
class UncertaintyDefaults:
    pipe_default: Plan
    receiver: Plan
    gcj02: Plan
    bd09: Plan
    drift_m_per_year: float
    drift_since_year: int
    drift_source: str
    drift_verified: bool
    survey_classes: Mapping[str, Plan]
    """Lower-case survey class -> its uncertainty."""
    drawn: Mapping[Drawn, Plan]
    """How a site came to be drawn -> its uncertainty; a way the profile does not number takes `receiver`."""
    dig_depth: Plan
    """Of the depth of a dig nobody stated the accuracy of; DIG_DEPTH in a profile older than that."""


@dataclass(frozen=True, slots=True)
class BoreDefaults:
    """What is taken of a bore whose tool nobody described: both accuracies are shares of its greatest depth."""

    diameter_mm: float
    plan: Plan
    depth: Plan
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class AdviceLimits:
    """How far a redraw hint may go. They bound what is offered; whatever is offered is judged by the rules."""

    largest_shift_m: float = 20.0
    """No edge and no site is moved farther."""
    least_half_width_m: float = 0.25
    """No line or point is narrowed below it."""
    least_share_kept: float = 0.5
    """No edge is moved so far that less than this share of the drawn ground is left."""
    trial_hole_spacing_m: float = 1.0
    """Between the holes of a row that looks for a pipe whose place is in doubt."""


@dataclass(frozen=True)
class RuleProfile:
    """One version of the rules. `sha256` is of the document it was read from."""

    profile_id: str
    version: str
    sha256: str
    title_zh: str
    title_en: str
    tolerance_m: float
    widths: Mapping[tuple[AssetKind, PressureClass], Widths]
    rulings: Mapping[tuple[Zone, Act], Ruling]
    mechanical_in_protection: Requirement
    act_distance_m: Mapping[Act, float]
    act_distance_ruling: Mapping[Act, Ruling]
    unknown_class: PressureClass
    unknown_diameter_mm: Mapping[PressureClass, float]
    unknown_half_width_m: float
    uncertainty: UncertaintyDefaults
    valid_days: int
    reply_working_days: int
    reply_verified: bool
    paper_hours: int | None
    """After an emergency dig: how soon the written filing follows; None = the profile does not say."""
    paper_hours_verified: bool
    footprint: FootprintDefaults = NO_DEFAULTS
    advice: AdviceLimits = AdviceLimits()
    """A profile older than redraw hints takes the values above."""
    bore: BoreDefaults | None = None
    """None: a profile older than bores. A tool's plan accuracy is then that of an unknown pipe, its depth unknown."""

    def widths_of(self, kind: AssetKind, pressure_class: PressureClass | None) -> Widths:
        """Unknown class: the widths of the profile's stand-in, the widest it has."""
        return self.widths[kind, pressure_class or self.unknown_class]

    def diameter_or_largest_mm(
        self, diameter_mm: float | None, pressure_class: PressureClass | None
    ) -> float:
        """Outside diameter; unknown: the largest of the class; class unknown too: the largest of all."""
        if diameter_mm is not None:
            return diameter_mm
        return self.unknown_diameter_mm[pressure_class or self.unknown_class]

    def ruling(self, zone: Zone, acts: Iterable[Act], method: Method | None) -> Ruling:
        """The strictest ruling of a permit's acts in a zone; of equals, the first act's.

        Outside every zone only a doubt leads here, so the control zone's ruling is the one to prepare for.
        A method nobody stated is taken for mechanical.
        """
        judged = Zone.CONTROL if zone is Zone.OUTSIDE else zone
        rulings = [self._ruling_of(judged, act, method) for act in acts]
        return min(rulings, key=lambda ruling: STRICTNESS[ruling.requirement])

    def _ruling_of(self, zone: Zone, act: Act, method: Method | None) -> Ruling:
        ruling = self.rulings.get((zone, act))
        if ruling is None:
            strictest = min(
                (rule for (where, _), rule in self.rulings.items() if where is zone),
                key=lambda rule: STRICTNESS[rule.requirement],
            )
            return Ruling(
                strictest.requirement, act, strictest.clause, strictest.source, False, by_default=True
            )
        by_machine = method in (None, Method.MECHANICAL) and act in OPENS_GROUND
        if zone is Zone.PROTECTION and by_machine:
            harder = min(ruling.requirement, self.mechanical_in_protection, key=STRICTNESS.__getitem__)
            if harder is not ruling.requirement:
                return Ruling(harder, act, ruling.clause, ruling.source, False)
        return ruling

    def own_distance_m(self, acts: Iterable[Act]) -> float:
        """The widest distance an act itself demands (blasting and the like), 0 when none does."""
        return max((self.act_distance_m.get(act, 0.0) for act in acts), default=0.0)

    def reach_m(self, acts: Iterable[Act]) -> float:
        """Farthest clearance at which anything can matter, tolerance included."""
        return max(self.widest_control_m, self.own_distance_m(acts)) + self.tolerance_m

    @cached_property
    def widest_control_m(self) -> float:
        return max(widths.control_m for widths in self.widths.values())

    @property
    def doubt_of_unknown_m(self) -> float:
        """95 % bound of the position of a pipe nothing is known about."""
        assert self.uncertainty.pipe_default.plan_m is not None
        return self.uncertainty.pipe_default.plan_m

    @cached_property
    def largest_unknown_radius_m(self) -> float:
        return max(self.unknown_diameter_mm.values()) / 2000.0


def build(document: Mapping[str, Any], sha256: str) -> RuleProfile:
    """A profile from a document that satisfies rule-profile.schema.json.

    :raises Refused: every gap or contradiction a schema cannot see, all at once.
    """
    faults = Faults()
    widths: dict[tuple[AssetKind, PressureClass], Widths] = {}
    for number, row in enumerate(document["zones"]):
        if row["protection_m"] >= row["control_m"]:
            faults.add(
                "profile_widths",
                en=f"protection_m {row['protection_m']} is not less than control_m {row['control_m']}",
                zh=f"保护范围 {row['protection_m']} m 不小于控制范围 {row['control_m']} m",
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
    faults.raise_if_any()

    distances = document.get("act_distances", [])
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
        mechanical_in_protection=Requirement(document["switches"]["mechanical_in_protection"]),
        act_distance_m={Act(row["act"]): float(row["distance_m"]) for row in distances},
        act_distance_ruling={
            Act(row["act"]): Ruling(
                Requirement.PLAN_REQUIRED,
                Act(row["act"]),
                row["clause"],
                tuple(row["source"]),
                row["verified"],
            )
            for row in distances
        },
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
        advice=_advice(document.get("advice")),
        bore=_bore(document.get("bore")),
        footprint=defaults_of(document.get("footprint")),
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


def _bore(section: Mapping[str, Any] | None) -> BoreDefaults | None:
    if section is None:
        return None
    return BoreDefaults(
        diameter_mm=float(section["diameter_mm"]),
        plan=_plan(section["plan"]),
        depth=_plan(section["depth"]),
        source=", ".join(section["source"]),
        verified=section["verified"],
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
    for number, row in enumerate(document["uncertainty"]["survey_classes"]):
        if row.get("plan_m", 0.0) > default_m:
            faults.add(
                "profile_narrow_unknown",
                en=f"survey class {row['names'][0]} has {row['plan_m']} m, more than uncertainty.pipe_default "
                f"{default_m} m of a pipe nothing is known about; raise the default",
                zh=f"测量类别 {row['names'][0]} 的不确定度 {row['plan_m']} m 大于未知管位的默认值 {default_m} m；"
                "请提高默认值",
                pointer=f"/uncertainty/survey_classes/{number}",
            )


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
