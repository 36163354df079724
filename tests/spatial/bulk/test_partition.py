"""Parting sites by ground: each once, in a box that holds all it asks for, neighbours together."""

import numpy as np
import pytest

from spatial.bulk.partition import CELLS_A_DEGREE, MOST_SITES, WIDEST_DEG, parting

REGION_DEG = 0.3


@pytest.mark.parametrize("count", [0, 1, MOST_SITES, MOST_SITES + 1, 4_000])
def test_each_site_is_in_one_part_whose_box_holds_what_it_asks_for(count: int) -> None:
    rng = np.random.default_rng(count)
    # Three towns, one west of Greenwich and one south of the equator, so that cells have numbers of both signs.
    towns = np.array([(101.78, 36.62), (-0.05, 51.5), (18.4, -33.9)])
    corner = towns[rng.integers(0, 3, count)] + rng.normal(0.0, 0.1, (count, 2))
    wide = rng.choice([0.0002, 0.09, 0.5], count, p=[0.9, 0.09, 0.01])
    asks = np.hstack([corner, corner + wide[:, None]])

    parted = parting(asks)

    apart = np.flatnonzero(wide > WIDEST_DEG)
    assert np.array_equal(parted.apart, apart)
    parts = [part for cell in parted.cells for part in cell.parts]
    rows = np.concatenate([np.empty(0, np.int64), *(part.rows for part in parts)])
    assert np.array_equal(np.sort(np.concatenate([rows, apart])), np.arange(count))
    assert all(len(part.rows) <= MOST_SITES for part in parts)
    for cell in parted.cells:
        assert max(cell.box[2] - cell.box[0], cell.box[3] - cell.box[1]) <= REGION_DEG
        number = np.rint(asks[cell.rows].reshape(-1, 2, 2).mean(axis=1) * CELLS_A_DEGREE)
        assert (number == number[0]).all()
        for part in cell.parts:
            for box in (part.box, cell.box):
                assert (asks[part.rows, :2] >= box[:2]).all() and (asks[part.rows, 2:] <= box[2:]).all()


def test_neighbours_follow_each_other() -> None:
    rng = np.random.default_rng(1)
    at = np.array([101.8, 36.6]) + rng.uniform(-0.09, 0.09, (5_000, 2))
    (cell,) = parting(np.hstack([at, at])).cells
    steps = np.linalg.norm(np.diff(at[cell.rows], axis=0), axis=1)
    anyhow = np.linalg.norm(np.diff(at, axis=0), axis=1)
    assert np.median(steps) < np.median(anyhow) / 20
