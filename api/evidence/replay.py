"""Replay: recompute a stored screening from the versioned register and compare, byte for byte.

The recomputation never reads the stored conflicts and does not use the pieces the register cut at import:
it finds whole assets by another index, cuts them again and judges. Then everything stored is held against it.
"""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from api.register import cut_assets
from ingest import asset_digest, parse_profile
from spatial import canonical
from spatial.found import Assets, Found, Pieces
from spatial.judging.judge import ENGINE
from spatial.measuring.boxes import FloatArray, widen
from spatial.rules.profile import RuleProfile
from spatial.saying.terms import terms_text
from spatial.screening import Screening, query_boxes, screen
from spatial.values import Box
from sql.vault import ScreeningRecord, Vault, WholeAsset

INDEX_SLACK_M = 2.0
"""Boxes are indexed in single precision: 0.7 m at 100 degrees east."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was: where, what is stored, what was recomputed."""

    where: str
    stored: Any
    recomputed: Any


@dataclass(frozen=True, slots=True)
class Replay:
    """engine: that of now; stored_engine: the one that judged then."""

    screening_id: str
    stored_engine: str
    engine: str
    stored_sha256: str
    sha256: str
    differences: tuple[Difference, ...]
    same_decisions: bool
    """Outcome, grade and every conflict's pipe, act, requirement, zone, certainty and grade are as they were,
    and nothing in the register or in the stored text was altered."""

    @property
    def same(self) -> bool:
        """The recomputed bytes are the stored ones and nothing stored was altered."""
        return not self.differences

    @property
    def stands(self) -> bool:
        """What the judgement promised is kept: the same engine gives the same bytes, a newer one the same
        decisions."""
        return self.same or (self.stored_engine != self.engine and self.same_decisions)


DECISIONS = ("pipe_id", "act", "requirement", "zone", "certainty", "grade")
"""Fields of a conflict on which somebody acts."""


def replay(vault: Vault, screening_id: str) -> Replay:
    """:raises Refused: an unknown id."""
    record = vault.screening(screening_id)
    profile = parse_profile(vault.profile(record.profile_sha256))
    boxes = query_boxes(record.site, profile)
    whole = _assets_near(vault, record, boxes)
    all_pieces = _pieces(whole, profile)
    pieces = _meeting(all_pieces, boxes)
    at_index = vault.find([boxes], as_of=record.register_revision)
    ends_on = json.loads(record.document).get("ends_on")
    again = screen(
        [record.site],
        Found(record.register_revision, pieces.columns, at_index.ground),
        profile,
        on=record.screened_on,
        ends_on=None if ends_on is None else type(record.screened_on).fromisoformat(ends_on),
    )[0]
    altered = [
        *_register_faults(vault, whole, all_pieces),
        *_index_faults(at_index.pieces, pieces.columns, all_pieces.columns),
        *_text_faults(record),
    ]
    differences = [*altered, *_document_faults(record, again), *_conflict_faults(record, again)]
    return Replay(
        screening_id,
        record.engine,
        ENGINE,
        record.document_sha256,
        again.sha256,
        tuple(differences),
        same_decisions=not altered and _decisions(record) == _decisions(again),
    )


def _decisions(judged: ScreeningRecord | Screening) -> tuple[Any, ...]:
    rows = sorted(tuple(str(row[name]) for name in DECISIONS) for row in judged.conflicts)
    return str(judged.outcome), judged.grade and str(judged.grade), judged.valid_until, rows


def _assets_near(vault: Vault, record: ScreeningRecord, boxes: tuple[Box, ...]) -> tuple[WholeAsset, ...]:
    """By the bounds of whole assets, widened by the largest doubt in the register at that revision."""
    doubt_m = vault.position_doubt_m(record.register_revision) + INDEX_SLACK_M
    wide = widen(np.array(boxes), doubt_m)
    found = vault.find_whole(
        [(float(w), float(s), float(e), float(n)) for w, s, e, n in wide], record.register_revision
    )
    return tuple(sorted(found, key=lambda row: row.asset_id))


@dataclass(frozen=True, slots=True)
class _Recut:
    """Pieces cut again, with the boxes they were cut with."""

    columns: Pieces
    boxes: FloatArray


def _pieces(whole: tuple[WholeAsset, ...], profile: RuleProfile) -> _Recut:
    cuts = cut_assets([row.asset for row in whole], profile)
    return _Recut(
        Pieces(
            site=np.zeros(len(cuts.asset), dtype=np.int64),
            asset=cuts.asset,
            geometry=cuts.geometry,
            from_m=cuts.from_m,
            to_m=cuts.to_m,
            assets=_columns(whole),
        ),
        cuts.boxes,
    )


def _meeting(cut_again: _Recut, boxes: tuple[Box, ...]) -> _Recut:
    """The pieces whose boxes meet the query, as the register's index must give them."""
    theirs = cut_again.boxes
    meets = np.zeros(len(theirs), dtype=np.bool_)
    for west, south, east, north in boxes:
        meets |= (
            (theirs[:, 0] <= east)
            & (theirs[:, 2] >= west)
            & (theirs[:, 1] <= north)
            & (theirs[:, 3] >= south)
        )
    rows, found = np.flatnonzero(meets), cut_again.columns
    return _Recut(
        Pieces(
            site=found.site[rows],
            asset=found.asset[rows],
            geometry=found.geometry[rows],
            from_m=found.from_m[rows],
            to_m=found.to_m[rows],
            assets=found.assets,
        ),
        theirs[rows],
    )


def _columns(whole: tuple[WholeAsset, ...]) -> Assets:
    def words(values: list[Any]) -> Any:
        column = np.empty(len(values), dtype=object)
        column[:] = values
        return column

    def numbers(values: list[float | None]) -> Any:
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)

    assets = [row.asset for row in whole]
    return Assets(
        asset_id=np.array([row.asset_id for row in whole], dtype=np.int64),
        source_id=words([asset.source_id for asset in assets]),
        utility=words([row.utility for row in whole]),
        dataset=words([row.dataset for row in whole]),
        revision=np.array([row.revision for row in whole], dtype=np.int64),
        kind=words([asset.kind.value for asset in assets]),
        pressure_class=words(
            [asset.pressure_class.value if asset.pressure_class else None for asset in assets]
        ),
        diameter_mm=numbers([asset.diameter_mm for asset in assets]),
        cover_m=numbers([asset.cover_m for asset in assets]),
        status=words([asset.status for asset in assets]),
        pipe_kind=words([asset.pipe_kind.value if asset.pipe_kind else None for asset in assets]),
        uncertainty_m=numbers([asset.uncertainty_m for asset in assets]),
        uncertainty_terms=words([terms_text(asset.uncertainty) for asset in assets]),
        cover_most_m=numbers([asset.greatest_cover_m for asset in assets]),
        profiled=np.array([asset.profiled for asset in assets], dtype=np.bool_),
        depth_uncertainty_m=numbers([asset.depth_uncertainty_m for asset in assets]),
        depth_terms=words([terms_text(asset.depth_uncertainty) for asset in assets]),
    )


def _register_faults(vault: Vault, whole: tuple[WholeAsset, ...], cut_again: _Recut) -> list[Difference]:
    """Assets whose content no longer has the digest it came with, or whose stored pieces are not its own."""
    faults = []
    stored = vault.stored_pieces([row.asset_id for row in whole])
    columns = cut_again.columns
    for number, row in enumerate(whole):
        name = f"register/{row.utility}/{row.dataset}/{row.asset.source_id}"
        digest = asset_digest(row.asset)
        if digest != row.stored_digest:
            faults.append(Difference(f"{name}/digest", row.stored_digest, digest))
        own = np.flatnonzero(columns.asset == number)
        again = [
            (shapely.to_wkb(columns.geometry[piece]), columns.from_m[piece], columns.to_m[piece])
            for piece in own
        ]
        kept = [(shapely.to_wkb(shape), low, high) for shape, low, high in stored.get(row.asset_id, ())]
        if kept != again:
            faults.append(Difference(f"{name}/pieces", f"{len(kept)} pieces", f"{len(again)}, not the same"))
    return faults


def _index_faults(at_index: Pieces, expected: Pieces, possible: Pieces) -> list[Difference]:
    """The index must give every expected piece, and none that no whole asset has.

    It may give a few that only just miss: PostgreSQL keeps boxes in single precision, rounded outwards.
    """

    def keys(found: Pieces) -> set[tuple[int, bytes]]:
        ids = found.assets.asset_id
        return {
            (int(ids[asset]), shapely.to_wkb(shape))
            for asset, shape in zip(found.asset, found.geometry, strict=True)
        }

    missing, foreign = keys(expected) - keys(at_index), keys(at_index) - keys(possible)
    faults = []
    if missing:
        faults.append(Difference("register/index", "not found by it", f"{len(missing)} pieces"))
    if foreign:
        faults.append(Difference("register/index", f"{len(foreign)} pieces", "of no whole asset"))
    return faults


def _text_faults(record: ScreeningRecord) -> list[Difference]:
    """The stored text against the hash it was stored with."""
    sha256 = canonical.sha256(record.document)
    if sha256 == record.document_sha256:
        return []
    return [Difference("screening/document", record.document_sha256, sha256)]


def _document_faults(record: ScreeningRecord, again: Screening) -> list[Difference]:
    faults = []
    if record.document != again.text:
        stored, recomputed = json.loads(record.document), json.loads(again.text)
        faults += [
            Difference(f"screening/{key}", stored.get(key), recomputed.get(key))
            for key in sorted(stored.keys() | recomputed.keys())
            if stored.get(key) != recomputed.get(key)
        ]
    if record.document_sha256 != again.sha256:
        faults.append(Difference("screening/sha256", record.document_sha256, again.sha256))
    columns = (record.engine, record.outcome, record.grade, record.valid_until)
    grade = again.grade.value if again.grade else None
    recomputed_columns = (again.document["engine"], again.outcome.value, grade, again.valid_until)
    if columns != recomputed_columns:
        faults.append(
            Difference("screening/columns", list(map(str, columns)), list(map(str, recomputed_columns)))
        )
    return faults


def _conflict_faults(record: ScreeningRecord, again: Screening) -> list[Difference]:
    """The conflicts kept in columns, field by field."""
    faults = []
    for number in range(max(len(record.conflicts), len(again.conflicts))):
        stored = record.conflicts[number] if number < len(record.conflicts) else {}
        recomputed = again.conflicts[number] if number < len(again.conflicts) else {}
        faults += [
            Difference(f"conflicts/{number}/{key}", stored.get(key), recomputed.get(key))
            for key in sorted(stored.keys() | recomputed.keys())
            if stored.get(key) != recomputed.get(key)
        ]
    return faults
