"""The fingerprint of an asset: what it is and where, not what its source calls it."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.values import Asset

DIGEST_DECIMALS = 9
"""Degrees are rounded to 0.1 mm, so that a re-export through another program is recognised."""


def digests(geometry: NDArray[np.object_], attributes: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    """sha256 in hex, one per asset.

    geometry: lon/lat EPSG:4490. attributes: per asset kind, pressure class, diameter_mm, cover_m, material,
    status, survey class, laid on, pipe kind, uncertainty terms.
    """
    # Adding 0.0 turns -0.0 into 0.0: the same place must not have two fingerprints.
    rounded = shapely.transform(geometry, lambda xy: np.round(xy, DIGEST_DECIMALS) + 0.0)
    for wkb, row in zip(shapely.to_wkb(rounded, byte_order=1, output_dimension=2), attributes, strict=True):
        *plain, laid_on, pipe_kind, terms = row
        said = [
            *plain,
            laid_on.isoformat() if laid_on else None,
            pipe_kind,
            [[term.code, term.metres, term.source, term.verified] for term in terms],
        ]
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        yield hashlib.sha256(text.encode() + b"\n" + wkb).hexdigest()


def asset_digest(asset: Asset) -> str:
    """The digest an asset must have; differs from `asset.digest` when a stored value was altered."""
    row = (
        asset.kind,
        asset.pressure_class,
        asset.diameter_mm,
        asset.cover_m,
        asset.material,
        asset.status,
        asset.survey_class,
        asset.laid_on,
        asset.pipe_kind,
        asset.uncertainty,
    )
    return next(digests(np.array([asset.geometry], dtype=object), [row]))
