"""The fingerprint of an asset: what it is and where, not what its source calls it."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.values import Asset, UncertaintyTerm

DIGEST_DECIMALS = 9
"""Degrees are rounded to 0.1 mm, so that a re-export through another program is recognised."""


def digests(geometry: NDArray[np.object_], attributes: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    """sha256 in hex, one per asset.

    geometry: lon/lat EPSG:4490. attributes: per asset kind, pressure class, diameter_mm, cover_m, material,
    status, survey class, laid on, pipe kind, uncertainty terms, and what depth() gives.
    """
    # Adding 0.0 turns -0.0 into 0.0: the same place must not have two fingerprints.
    rounded = shapely.transform(geometry, lambda xy: np.round(xy, DIGEST_DECIMALS) + 0.0)
    for wkb, row in zip(shapely.to_wkb(rounded, byte_order=1, output_dimension=2), attributes, strict=True):
        *plain, laid_on, pipe_kind, terms, of_depth = row
        said = [*plain, laid_on.isoformat() if laid_on else None, pipe_kind, _listed(terms)]
        if of_depth:
            said.append(of_depth)
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        yield hashlib.sha256(text.encode() + b"\n" + wkb).hexdigest()


def depth(
    cover_most_m: float | None,
    profiled: bool,
    terms: Sequence[UncertaintyTerm],
    surveyed_on: date | None,
    resurfaced_on: date | None,
) -> dict[str, Any]:
    """What is known of depth and dates; nothing where nothing is, so that what was registered before these were
    asked for keeps its digest."""
    said = {
        "cover_most_m": cover_most_m,
        "profiled": profiled,
        "depth": _listed(terms),
        "surveyed_on": surveyed_on.isoformat() if surveyed_on else None,
        "resurfaced_on": resurfaced_on.isoformat() if resurfaced_on else None,
    }
    return {name: value for name, value in said.items() if value}


def _listed(terms: Sequence[UncertaintyTerm]) -> list[list[Any]]:
    return [[term.code, term.metres, term.source, term.verified] for term in terms]


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
        depth(
            asset.cover_most_m,
            asset.profiled,
            asset.depth_uncertainty,
            asset.surveyed_on,
            asset.resurfaced_on,
        ),
    )
    return next(digests(np.array([asset.geometry], dtype=object), [row]))
