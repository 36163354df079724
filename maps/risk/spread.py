"""Names that would lie on one another are moved apart, the same way every time."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def spread(points: Floats, widths: Floats, heights: Floats, rounds: int = 400) -> Floats:
    """(n, 2) middles of boxes of these sizes, near `points` and clear of each other where there is room.

    Each round pushes every overlapping pair apart along the axis where less is needed, and draws every box a
    little towards its own point.
    """
    middles = np.array(points, dtype=np.float64)
    for _ in range(rounds):
        away = middles[:, None, :] - middles[None, :, :]
        room = np.stack(
            [(widths[:, None] + widths[None, :]) / 2, (heights[:, None] + heights[None, :]) / 2], axis=-1
        )
        overlap = room - np.abs(away)
        clash = (overlap > 0).all(axis=-1)
        np.fill_diagonal(clash, False)
        if not clash.any():
            break
        shorter = overlap.argmin(axis=-1)
        push = np.zeros_like(away)
        rows, columns = np.nonzero(clash)
        axis = shorter[rows, columns]
        side = np.where(
            away[rows, columns, axis] != 0, np.sign(away[rows, columns, axis]), np.sign(rows - columns)
        )
        push[rows, columns, axis] = side * overlap[rows, columns, axis] / 2
        middles += push.sum(axis=1) * 0.6
    return middles
