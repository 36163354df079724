"""Rows that could not become assets: why, and the ground each leaves unreadable."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

import numpy as np
import shapely
from numpy.typing import NDArray

from ingest.files.rows import ID, Rows, id_text, is_none
from ingest.networks.changes import REMOVED
from ingest.networks.reasons import REASONS
from spatial.columns import Coded
from spatial.crs import DeclaredCrs, Passage, open_passage
from spatial.errors import Refused
from spatial.judging.doubt import asset_uncertainty
from spatial.measuring.boxes import widen
from spatial.rules.profile import RuleProfile
from spatial.values import Box, RejectedRow


def rejected_rows(
    rows: Rows,
    register: NDArray[np.object_],
    fault: NDArray[np.object_],
    ids: Sequence[str],
    passage: Passage,
    profile: RuleProfile,
    *,
    promised: bool,
    on: date,
) -> tuple[RejectedRow, ...]:
    """Each row that has a fault. register: the shapes as well-known binary in the register, None where not carried; ids: of
    all rows, made up where a row brings none; promised: those it brings are stable."""
    faulty = np.flatnonzero(~is_none(fault) & (fault != REMOVED)).tolist()
    if not faulty:  # to count the ids of a million rows takes a second
        return ()
    # Nothing is known about a rejected row but its box, so the box holds all an unknown pipe might.
    doubt = asset_uncertainty(
        survey_class=None,
        cover_m=None,
        stated_m=None,
        frame=passage.frame,
        operation_accuracy_m=passage.accuracy_m,
        on=on,
        profile=profile,
    )
    margin_m = sum(term.metres for term in doubt) + profile.largest_unknown_radius_m
    brought = rows.columns.get(ID, Coded.all_alike(None, len(rows)))
    bearers = Counter(ids)
    rejected = []
    for row in faulty:
        code = fault[row]
        en, zh = REASONS[code]
        replaceable = promised and id_text(brought[row]) is not None and bearers[ids[row]] == 1
        carried = register[row]
        box = (
            shapely.from_wkb(carried).bounds
            if carried is not None
            else _carried_box(passage.declared, rows.bounds[row])
        )
        rejected.append(
            RejectedRow(
                row + 1, ids[row], code, en, zh, _widened(box, margin_m) if box else None, replaceable
            )
        )
    return tuple(rejected)


def _carried_box(declared: DeclaredCrs, bounds: NDArray[np.float64]) -> Box | None:
    """The box in the register, or None when the row has no coordinates or they lie nowhere on earth.

    A row outside the extent needs a passage of its own: the network's does not reach there.
    """
    if np.isnan(bounds).any():
        return None
    own: Box = tuple(bounds.tolist())
    try:
        return open_passage(declared, own).carry_box(own)
    except Refused:
        return None


def _widened(box: Sequence[float], margin_m: float) -> Box:
    west, south, east, north = widen(np.array([box], dtype=np.float64), margin_m)[0].tolist()
    return max(west, -180.0), max(south, -90.0), min(east, 180.0), min(north, 90.0)
