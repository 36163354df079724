"""How far each limit of a conflict reaches: along the pipe, and along the line of the dig.

A limit is a distance between the two drawn shapes. What lies within it is measured for all conflicts and all
their limits in one go.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from spatial.found import BoolArray, Pieces
from spatial.measuring.boxes import FloatArray
from spatial.measuring.measure import QUANTUM_M, Intervals, OnPlane, quantise, stretches
from spatial.measuring.pieces import IntArray
from spatial.values import DigSite


@dataclass(frozen=True, slots=True)
class Inner:
    """Stations of a line site on which it comes nearer to one pipe than the control zone. Metres.

    wall, protection: at record; *_at_worst: by the uncertainty too; own_control: inside the control zone proper,
    where an act's own distance reaches beyond it (else empty: then the whole stretch at record is).
    """

    wall: Intervals = ()
    wall_at_worst: Intervals = ()
    protection: Intervals = ()
    protection_at_worst: Intervals = ()
    own_control: Intervals = ()


NO_INNER = Inner()
INNER = tuple(Inner.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Limits:
    """Columns, one row a conflict: the distances that grade it, metres from the wall.

    tolerance_m is within; clearance_m is what was judged by them, quantised.
    own_control_m: the width of the control zone proper, control_m: the outer limit judged by.
    """

    clearance_m: FloatArray
    uncertainty_m: FloatArray
    protection_m: FloatArray
    own_control_m: FloatArray
    control_m: FloatArray
    radius_m: FloatArray
    half_width_m: FloatArray
    tolerance_m: float


@dataclass(frozen=True, slots=True)
class Reached:
    """Columns, one row a conflict: chainages of the pipe and stations of the site, at worst and at record."""

    pipe: list[Intervals]
    pipe_at_record: list[Intervals]
    site: list[Intervals]
    site_at_record: list[Intervals]
    inner: list[Inner]


def nowhere(count: int) -> Reached:
    """So many conflicts of which nobody asks where they are."""
    nothing: list[Intervals] = [()] * count
    return Reached(nothing, nothing, nothing, nothing, [NO_INNER] * count)


def reached(
    sites: Sequence[DigSite],
    site: IntArray,
    pieces: Pieces,
    plane: OnPlane,
    rows: Sequence[IntArray],
    limits: Limits,
) -> Reached:
    """Measure every limit that a conflict's clearance is inside of.

    site, rows: per conflict, the index of its site and all its piece rows.
    """
    count = len(rows)
    on_line = np.array([sites[number].geometry.geom_type == "LineString" for number in site.tolist()])
    on_pipe = plane.dimension[[of[0] for of in rows]] == 1
    control_m, in_control = _outer(limits)
    level, conflict, inner_m = _inner(limits, on_line)

    whose = np.concatenate([np.arange(count), np.arange(count), conflict])
    within_m = np.concatenate([control_m, control_m + limits.uncertainty_m, inner_m])
    pipe, along = stretches(
        sites, site[whose], pieces, plane, [rows[n] for n in whose.tolist()], within_m, only_sites=len(level)
    )
    # What only rounding brought inside still touches the limit somewhere: say where.
    inside = np.concatenate([in_control, np.ones(count + len(level), dtype=np.bool_)])
    lost_pipe = inside & on_pipe[whose] & ~_found(pipe)
    lost_pipe[2 * count :] = False
    lost = np.flatnonzero(lost_pipe | (inside & on_line[whose] & ~_found(along)))
    if len(lost):
        of = [rows[n] for n in whose[lost].tolist()]
        again = stretches(sites, site[whose[lost]], pieces, plane, of, within_m[lost] + QUANTUM_M)
        for number, on_pipes, on_sites in zip(lost.tolist(), *again, strict=True):
            pipe[number] = pipe[number] or on_pipes
            along[number] = along[number] or on_sites

    inner = [NO_INNER] * count
    for number, which, spans in zip(conflict.tolist(), level.tolist(), along[2 * count :], strict=True):
        inner[number] = replace(inner[number], **{INNER[which]: spans})
    return Reached(
        pipe=pipe[count : 2 * count],
        pipe_at_record=pipe[:count],
        site=along[count : 2 * count],
        site_at_record=along[:count],
        inner=inner,
    )


def _outer(limits: Limits) -> tuple[FloatArray, BoolArray]:
    """The distance between the drawn shapes at which the outer limit stands, and whether it is met at record."""
    to_axis = limits.tolerance_m + limits.radius_m + limits.half_width_m
    control, to_control = quantise(
        np.array([limits.control_m + to_axis, limits.control_m + limits.tolerance_m])
    )
    return control, limits.clearance_m <= to_control


def _inner(limits: Limits, on_line: BoolArray) -> tuple[IntArray, IntArray, FloatArray]:
    """The inner limits that conflicts of line sites are inside of: which of INNER, of which conflict, and at what
    distance between the drawn shapes."""
    if not on_line.any():
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    tolerance, clearance, doubt = limits.tolerance_m, limits.clearance_m, limits.uncertainty_m
    to_axis = tolerance + limits.radius_m + limits.half_width_m
    wall, wall_at_worst, protection, own_control = quantise(
        np.array([to_axis, doubt + to_axis, limits.protection_m + to_axis, limits.own_control_m + to_axis])
    )
    to_doubt, to_protection, at_worst = quantise(
        np.array([doubt + tolerance, limits.protection_m + tolerance, clearance - doubt])
    )
    distance = np.array([wall, wall_at_worst, protection, protection + doubt, own_control])
    met = np.array(
        [
            clearance <= tolerance,
            clearance <= to_doubt,
            clearance <= to_protection,
            at_worst <= to_protection,
            (limits.control_m > limits.own_control_m) & (clearance <= limits.own_control_m + tolerance),
        ]
    )
    conflict, level = (met & on_line).T.nonzero()
    return level, conflict, distance[level, conflict]


def _found(intervals: Sequence[Intervals]) -> BoolArray:
    return np.array([len(spans) > 0 for spans in intervals], dtype=np.bool_)
