"""The rule profile: widths, requirements and defaults as frozen values. spatial.rules.profile_build makes one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from spatial.measuring.footprint import NO_DEFAULTS, FootprintDefaults
from spatial.words import Act, AssetKind, Drawn, Method, PressureClass, Requirement, Zone

STRICTNESS = {requirement: rank for rank, requirement in enumerate(Requirement)}
"""0 is the strictest."""


OPENS_GROUND = frozenset({Act.EXCAVATE, Act.LAY_PIPE})
"""Acts that a machine does by digging from above."""


Note = tuple[str, str]
"""(zh, en): what there is to know of a number or a rule, as a sentence for the reader."""


@dataclass(frozen=True, slots=True)
class Widths:
    """Zone widths of one kind of asset and class, metres from the outer wall.

    inside_m: how much of a limit counted from the centre line lies within the asset and is already taken
    off: its radius. 0 where the profile measures from the outer wall, which is where town gas does.
    """

    protection_m: float
    control_m: float
    clause: str
    source: tuple[str, ...]
    verified: bool
    kind: AssetKind
    note: Note | None = None
    inside_m: float = 0.0


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
    note: Note | None = None


@dataclass(frozen=True, slots=True)
class OwnDistance:
    """How far from one kind of asset an act matters by itself, whatever the zone: blasting and the like."""

    distance_m: float
    ruling: Ruling


@dataclass(frozen=True, slots=True)
class MachineSwitch:
    """What digging by machine needs at least in the protection zone; clause None: no text found says so."""

    requirement: Requirement
    clause: str | None
    source: tuple[str, ...]
    verified: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """An uncertainty in plan or, where it says so, of a depth: fixed, or a ratio of the depth h with a least
    depth. Metres, 95 %."""

    plan_m: float | None
    ratio_of_depth: float | None
    least_depth_m: float | None
    source: str
    verified: bool


DIG_DEPTH = Plan(plan_m=0.3, ratio_of_depth=None, least_depth_m=None, source="PREDIG", verified=False)


@dataclass(frozen=True, slots=True)
class Age:
    """What a survey's age adds to its doubt, in plan and in depth: m_per_year beyond after_years, up to most_m."""

    after_years: int
    m_per_year: float
    most_m: float
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Support:
    """How far beside a floor ground may give way: reach_ratio times the height from a pipe's underside down to it."""

    reach_ratio: float
    source: str
    verified: bool


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
    survey_depths: Mapping[str, Plan] = field(default_factory=dict)
    """Lower-case survey class -> the doubt of its depths; a class that is not here says nothing of depths."""
    age: Age | None = None
    """None: a profile that knows no ageing."""
    road_rebuilt: Plan | None = None
    """What a road rebuilt since the survey adds in plan; its depths say nothing any more, with or without this."""


@dataclass(frozen=True, slots=True)
class BoreDefaults:
    """What is taken of a bore whose tool nobody described: both accuracies are shares of its greatest depth."""

    plan: Plan
    depth: Plan


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


def _strictest(rulings: Sequence[Ruling]) -> Ruling:
    """Of equals, the first."""
    return min(rulings, key=lambda ruling: STRICTNESS[ruling.requirement])


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
    mechanical_in_protection: MachineSwitch
    own_distances: Mapping[tuple[Act, AssetKind], OwnDistance]
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
    plan_clause: str = "城镇燃气管理条例 第三十七条"
    """Who makes the protection plan, and with whom."""
    long_distance: bool = False
    """Made for pipes upstream of the city gate only: of town gas it says nothing (管道保护法 第二条)."""
    from_centre_line: bool = False
    """Widths and own distances count from the centre line, not from the outer wall."""
    footprint: FootprintDefaults = NO_DEFAULTS
    advice: AdviceLimits = AdviceLimits()
    """A profile older than redraw hints takes the values above."""
    support: Support | None = None
    """None: a profile that does not say how far ground gives way, so that no answer speaks of it."""
    bore: BoreDefaults | None = None
    """None: a profile older than bores. A tool's plan accuracy is then that of an unknown pipe, its depth unknown."""

    def widths_of(self, kind: AssetKind, pressure_class: PressureClass | None) -> Widths:
        """Unknown class: the widths of the profile's stand-in, the widest it has."""
        return self.widths[kind, pressure_class or self.unknown_class]

    def widths_from_wall(
        self, kind: AssetKind, pressure_class: PressureClass | None, radius_m: float
    ) -> Widths:
        """As widths_of(), counted from the outer wall of an asset of this radius (0 for one drawn by its wall)."""
        widths = self.widths_of(kind, pressure_class)
        if not self.from_centre_line or radius_m == 0:
            return widths
        return replace(
            widths,
            protection_m=round(widths.protection_m - radius_m, 4),
            control_m=round(widths.control_m - radius_m, 4),
            inside_m=radius_m,
        )

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
        return _strictest(rulings)

    def ruling_at(
        self, zone: Zone, acts: Sequence[Act], method: Method | None, clearance_m: float, widths: Widths
    ) -> Ruling:
        """The strictest ruling at one place: of the zone for all acts, and of each act that its own distance
        brings so far. Beyond the control zone only these count: what one act demands there is not asked of
        another. Outside everything, what holds at the outermost limit is the ruling to prepare for.

        widths: as widths_from_wall(); clearance_m: from the outer wall.
        """
        own_m = {
            act: round(self.own_distances[act, widths.kind].distance_m - widths.inside_m, 4)
            for act in acts
            if (act, widths.kind) in self.own_distances
        }
        if not own_m:
            return self.ruling(zone, acts, method)
        if zone is Zone.OUTSIDE:
            zone, clearance_m = Zone.CONTROL, max(widths.control_m, *own_m.values())
        rulings = [
            self.own_distances[act, widths.kind].ruling
            for act, distance_m in own_m.items()
            if clearance_m <= round(distance_m + self.tolerance_m, 4)
        ]
        if clearance_m <= round(widths.control_m + self.tolerance_m, 4):
            rulings.insert(0, self.ruling(zone, acts, method))
        return _strictest(rulings)

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
            machine = self.mechanical_in_protection
            if STRICTNESS[machine.requirement] < STRICTNESS[ruling.requirement]:
                return Ruling(
                    machine.requirement,
                    act,
                    machine.clause or ruling.clause,
                    machine.source or ruling.source,
                    machine.verified,
                )
        return ruling

    def own_distance_m(self, acts: Iterable[Act], kind: AssetKind | None = None) -> float:
        """The widest distance an act itself demands of a kind of asset (None: of any), 0 when none does."""
        if self._reaching_acts.isdisjoint(acts):
            return 0.0
        kinds = AssetKind if kind is None else (kind,)
        distances = (self.own_distances.get((act, of)) for act in acts for of in kinds)
        return max((own.distance_m for own in distances if own is not None), default=0.0)

    @cached_property
    def _reaching_acts(self) -> frozenset[Act]:
        return frozenset(act for act, _ in self.own_distances)

    def reach_m(self, acts: Iterable[Act]) -> float:
        """Farthest clearance at which anything can matter, tolerance included."""
        return max(self.widest_control_m, self.own_distance_m(acts)) + self.tolerance_m

    @cached_property
    def widest_control_m(self) -> float:
        return max(widths.control_m for widths in self.widths.values())

    @cached_property
    def narrowest_control_m(self) -> float:
        return min(widths.control_m for (kind, _), widths in self.widths.items() if kind is AssetKind.PIPE)

    @property
    def doubt_of_unknown_m(self) -> float:
        """95 % bound of the position of a pipe nothing is known about."""
        assert self.uncertainty.pipe_default.plan_m is not None
        return self.uncertainty.pipe_default.plan_m

    @cached_property
    def largest_unknown_radius_m(self) -> float:
        return max(self.unknown_diameter_mm.values()) / 2000.0
