"""Regions read out of the twin, by brute force."""

import numpy as np

from spatial.found import Region
from spatial.measuring.pieces import Cuts
from spatial.values import Box
from sql.memory import MemoryVault, reading
from sql.memory.versions import meets


def region_of(vault: MemoryVault, box: Box) -> Region:
    """What the twin holds in a box now, every piece once."""
    now = vault._register
    revision = now.newest
    near = [
        (version, [piece for piece in version.pieces if meets(piece.box, box)])
        for version in sorted(now.assets, key=lambda version: version.asset_id)
        if version.lived.at(revision)
    ]
    here = [(version, pieces) for version, pieces in near if pieces]
    columns = reading._columns([(0, version, piece) for version, pieces in here for piece in pieces])
    cuts = Cuts(
        asset=columns.asset,
        geometry=columns.geometry,
        from_m=columns.from_m,
        to_m=columns.to_m,
        boxes=np.array([piece.box for _, pieces in here for piece in pieces], dtype=np.float64).reshape(
            -1, 4
        ),
    )
    ground = [
        version.row
        for version in now.ground
        if version.lived.at(revision) and meets(version.row.geometry.bounds, box)
    ]
    made = Region.of(columns.assets, cuts, revision=revision, book=now.book(revision), ground=ground)
    return Region(**made.__getstate__() | {"box": box})
