"""The register of the twin, read by brute force."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from shapely.geometry.base import BaseGeometry

from spatial.comparing.changes import Beside
from spatial.declared import ground_of_site
from spatial.found import Assets, Found, Pieces, Region
from spatial.values import Box
from spatial.words import AssetKind, GroundKind, PipeKind
from sql import rows
from sql.errors import refused
from sql.memory.versions import AssetVersion, Piece, Register, meets
from sql.records import DeclaredGround, WholeAsset

WIDEST_BOX_DEGREES = 0.3


def find(now: Register, queries: Sequence[Sequence[Box]], as_of: int | None) -> Found:
    revision = now.settled(as_of)
    _refuse_wide([box for boxes in queries for box in boxes])
    standing = [version for version in now.assets if version.lived.at(revision)]
    pairs = [
        (site, version, piece)
        for site, boxes in enumerate(queries)
        for version in standing
        for piece in version.pieces
        if any(meets(piece.box, box) for box in boxes)
    ]
    ground = [version.row for version in now.ground if version.lived.at(revision)]
    book = now.book(revision)
    owners: list[set[str]] = [set() for _ in queries]
    for site, version, _ in pairs:
        owners[site].add(version.utility)
    return Found(
        revision,
        _columns(pairs),
        tuple(ground_of_site(book, ground, boxes, here) for boxes, here in zip(queries, owners, strict=True)),
    )


def region(now: Register, box: Box, as_of: int | None) -> Region:
    revision = now.settled(as_of)
    _refuse_wide([box])
    here = [
        (0, version, piece)
        for version in sorted(now.assets, key=lambda version: version.asset_id)
        if version.lived.at(revision)
        for piece in version.pieces
        if meets(piece.box, box)
    ]
    found = _columns(here)
    return Region(
        revision=revision,
        box=box,
        asset=found.asset,
        ordinal=np.array([version.pieces.index(piece) for _, version, piece in here], dtype=np.int64),
        geometry=found.geometry,
        from_m=found.from_m,
        to_m=found.to_m,
        boxes=np.array([piece.box for *_, piece in here], dtype=np.float64).reshape(-1, 4),
        assets=found.assets,
        book=now.book(revision),
        ground=tuple(
            version.row
            for version in sorted(now.ground, key=lambda version: version.row.ground_id)
            if version.lived.at(revision) and meets(version.row.geometry.bounds, box)
        ),
    )


def beside(now: Register, box: Box, utility: str, dataset: str) -> Beside:
    _refuse_wide([box])
    others = [
        version
        for version in sorted(now.assets, key=lambda version: version.asset_id)
        if version.lived.valid_to is None
        and version.asset.kind is AssetKind.PIPE
        and (version.utility, version.dataset) != (utility, dataset)
        and any(meets(piece.box, box) for piece in version.pieces)
    ]
    here = [
        (number, piece.geometry)
        for number, version in enumerate(others)
        for piece in version.pieces
        if meets(piece.box, box)
    ]
    geometry = np.empty(len(here), dtype=object)
    geometry[:] = [shape for _, shape in here]
    return Beside(
        asset=np.array([number for number, _ in here], np.int64),
        geometry=geometry,
        name=tuple((version.utility, version.dataset, version.asset.source_id) for version in others),
    )


def find_whole(now: Register, boxes: Sequence[Box], as_of: int) -> tuple[WholeAsset, ...]:
    revision = now.settled(as_of)
    _refuse_wide(boxes)
    return tuple(
        WholeAsset(
            asset_id=version.asset_id,
            utility=version.utility,
            dataset=version.dataset,
            revision=version.lived.valid_from,
            asset=version.asset,
            stored_digest=version.asset.digest,
        )
        for version in now.assets
        if version.lived.at(revision) and any(meets(version.asset.geometry.bounds, box) for box in boxes)
    )


def stored_pieces(
    now: Register, asset_ids: Sequence[int]
) -> dict[int, tuple[tuple[BaseGeometry, float, float], ...]]:
    wanted = {int(asset_id) for asset_id in asset_ids}
    return {
        version.asset_id: tuple((piece.geometry, piece.from_m, piece.to_m) for piece in version.pieces)
        for version in now.assets
        if version.asset_id in wanted
    }


def declared_ground(now: Register) -> tuple[DeclaredGround, ...]:
    standing = [version.row for version in now.ground if version.lived.valid_to is None]
    return tuple(
        DeclaredGround(
            utility=row.utility,
            kind=GroundKind(row.kind),
            pipe_kind=PipeKind(row.pipe_kind) if row.pipe_kind is not None else None,
            as_of=row.as_of,
            max_age_days=row.max_age_days,
            assumed=row.assumed,
            geometry=row.geometry,
        )
        for row in sorted(standing, key=lambda row: (row.utility, row.ground_id))
        if row.kind != rows.UNREADABLE
    )


def position_doubt_m(now: Register, as_of: int) -> float:
    revision = now.settled(as_of)
    return max((row.widened_by_m for row in now.assets if row.lived.at(revision)), default=0.0)


def _refuse_wide(boxes: Sequence[Box]) -> None:
    for west, south, east, north in boxes:
        if not (0 <= east - west <= WIDEST_BOX_DEGREES and 0 <= north - south <= WIDEST_BOX_DEGREES):
            raise refused("query_too_wide")


def _columns(pairs: Sequence[tuple[int, AssetVersion, Piece]]) -> Pieces:
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
            cover_most_m=np.array([version.asset.greatest_cover_m for version in versions], dtype=np.float64),
            profiled=np.array([row["profiled"] for row in about], dtype=np.bool_),
            depth_uncertainty_m=np.array([row["depth_uncertainty_m"] for row in about], dtype=np.float64),
            depth_terms=words([rows.shown_terms(row["depth_uncertainty"]) for row in about]),
        ),
    )
