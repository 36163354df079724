"""Pieces the twin found, as the columns that spatial judges."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from spatial.found import Assets, Pieces
from sql import rows
from sql.memory.versions import AssetVersion, Piece


def columns(pairs: Sequence[tuple[int, AssetVersion, Piece]]) -> Pieces:
    """Pairs by site, asset and place along it."""
    by_id = {version.asset_id: version for _, version, _ in pairs}
    ids = sorted(by_id)
    versions = [by_id[asset_id] for asset_id in ids]
    ordered = sorted(pairs, key=lambda pair: (pair[0], pair[1].asset_id, pair[1].pieces.index(pair[2])))

    def words(values: Sequence[Any]) -> Any:
        column = np.empty(len(values), dtype=object)
        column[:] = values
        return column

    about = [rows.asset_row(version.asset) for version in versions]
    return Pieces(
        site=np.array([site for site, _, _ in ordered], dtype=np.int64),
        asset=np.array([ids.index(version.asset_id) for _, version, _ in ordered], dtype=np.int64),
        geometry=words([piece.geometry for _, _, piece in ordered]),
        from_m=np.array([piece.from_m for _, _, piece in ordered], dtype=np.float64),
        to_m=np.array([piece.to_m for _, _, piece in ordered], dtype=np.float64),
        assets=Assets(
            asset_id=np.array(ids, dtype=np.int64),
            source_id=words([row["source_id"] for row in about]),
            utility=words([version.utility for version in versions]),
            dataset=words([version.dataset for version in versions]),
            revision=np.array([version.lived.valid_from for version in versions], dtype=np.int64),
            kind=words([row["kind"] for row in about]),
            pressure_class=words([row["pressure_class"] for row in about]),
            diameter_mm=np.array([row["diameter_mm"] for row in about], dtype=np.float64),
            cover_m=np.array([row["cover_m"] for row in about], dtype=np.float64),
            status=words([row["status"] for row in about]),
            pipe_kind=words([row["pipe_kind"] for row in about]),
            uncertainty_m=np.array([row["uncertainty_m"] for row in about], dtype=np.float64),
            uncertainty_terms=words([rows.shown_terms(row["uncertainty"]) for row in about]),
        ),
    )
