"""The closed lists of the trade. Every word here is stored, shown and judged under this spelling."""

from enum import StrEnum


class PressureClass(StrEnum):
    """Gas pipes by maximum operating pressure (GB 55009-2021 5.1.1), lowest first."""

    LP = "LP"
    MP_B = "MP-B"
    MP_A = "MP-A"
    SHP_B = "SHP-B"
    SHP_A = "SHP-A"
    HP_B = "HP-B"
    HP_A = "HP-A"
    UHP = "UHP"


class AssetKind(StrEnum):
    """What lies in the ground. A pipe is a line; the others are facilities, points or areas."""

    PIPE = "pipe"
    VALVE = "valve"
    REGULATOR = "regulator"
    STATION = "station"


class PipeKind(StrEnum):
    """The part of a network a pipe belongs to; coverage is declared per kind."""

    MAIN = "main"
    COURTYARD = "courtyard"
    SERVICE = "service"
    CUSTOMER_OWNED = "customer_owned"


class Act(StrEnum):
    """What a permit does to the ground."""

    EXCAVATE = "excavate"
    BORROW_SOIL = "borrow_soil"
    PILE = "pile"
    DRILL = "drill"
    JACK = "jack"
    BORE = "bore"
    BLAST = "blast"
    BUILD = "build"
    LAY_PIPE = "lay_pipe"
    CROSSING = "crossing"
    PLANT_DEEP_ROOT = "plant_deep_root"
    STORE_FLAMMABLE = "store_flammable"
    DISCHARGE_CORROSIVE = "discharge_corrosive"
    OPEN_FLAME = "open_flame"
    HEAVY_LOAD = "heavy_load"


class Method(StrEnum):
    HAND = "hand"
    VACUUM = "vacuum"
    MECHANICAL = "mechanical"
    TRENCHLESS = "trenchless"
    PILING = "piling"
    BLASTING = "blasting"


class PermitKind(StrEnum):
    NORMAL = "normal"
    EMERGENCY = "emergency"
    DESIGN = "design"


class SitePart(StrEnum):
    """What a stretch of a site is: the ground opened, or ground only loaded beside it."""

    OPENED = "opened"
    SPOIL = "spoil"
    MACHINE_PATH = "machine_path"


class Drawn(StrEnum):
    """How the shape of a site came to be: the doubt of its place follows from it. Surest first."""

    SURVEYED = "surveyed"
    CAD = "cad"
    MAP = "map"
    SCREEN = "screen"
    HAND = "hand"


class Zone(StrEnum):
    """Where the dig site stands towards one pipe; the order is from the wall outwards."""

    PROTECTION = "protection"
    CONTROL = "control"
    OUTSIDE = "outside"


class Requirement(StrEnum):
    """What the law asks, strictest first."""

    FORBIDDEN = "forbidden"
    PLAN_REQUIRED = "plan_required"
    NOTIFY = "notify"


class Grade(StrEnum):
    """I red, II orange, III yellow, IV blue; I is the worst."""

    I = "I"  # noqa: E741 - the trade writes grades as roman numerals
    II = "II"
    III = "III"
    IV = "IV"


class Level(StrEnum):
    """How deep a dig goes beside or over a pipe, all doubts counted."""

    ABOVE = "above"
    """The floor stays above the pipe's top, whatever the doubts."""
    REACHES = "reaches"
    """The floor may come to the pipe's depth."""
    BELOW = "below"
    """The floor is deeper than the pipe's underside, whatever the doubts."""
    UNKNOWN = "unknown"


class Side(StrEnum):
    """Where something is, looking along a line dig or a bore."""

    LEFT = "left"
    RIGHT = "right"
    OVER = "over"
    """In plan on the line itself."""
    BOTH = "both"


class Passes(StrEnum):
    """How a bore crosses a pipe at record, wall against wall."""

    OVER = "over"
    UNDER = "under"
    MEETS = "meets"


class Certainty(StrEnum):
    CERTAIN = "certain"
    POSSIBLE = "possible"


class Outcome(StrEnum):
    """What one screening found, worst first."""

    CONFLICT = "conflict"
    CANNOT_TELL = "cannot_tell"
    CLEAR = "clear"


class SectionVerdict(StrEnum):
    """What one stretch of a line dig may do, as far as the registers go."""

    HELD = "held"
    CANNOT_TELL = "cannot_tell"
    MAY_START = "may_start"


class PermitStatus(StrEnum):
    PENDING = "pending"
    CONFLICT = "conflict"
    CANNOT_TELL = "cannot_tell"
    CLEAR = "clear"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class GroundKind(StrEnum):
    """What a utility can declare about a stretch of ground."""

    SERVICE_AREA = "service_area"
    COVERAGE = "coverage"
    BLANK = "blank"


class Change(StrEnum):
    """What an alert says against the judgement before."""

    NEW = "new"
    WORSE = "worse"
    BETTER = "better"
    GONE = "gone"


class AlertState(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
