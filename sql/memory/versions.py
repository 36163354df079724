"""What the twin remembers: versions of everything, and how a register of them is read. All frozen."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeVar

from shapely.geometry.base import BaseGeometry

from spatial.declared import Book, GroundRow
from spatial.values import Asset, Box, DatasetState, Utility
from spatial.words import GroundKind
from sql.errors import refused
from sql.records import RejectedRecord, RevisionRecord


@dataclass(frozen=True, slots=True)
class Lived:
    """valid_from and valid_to of a version; valid_to None = still valid."""

    valid_from: int
    valid_to: int | None

    def at(self, revision: int) -> bool:
        return self.valid_from <= revision and (self.valid_to is None or self.valid_to > revision)

    def changed_within(self, since: int, last: int) -> bool:
        return since < self.valid_from <= last or (
            self.valid_to is not None and since < self.valid_to <= last
        )


@dataclass(frozen=True, slots=True)
class Piece:
    geometry: BaseGeometry
    from_m: float
    to_m: float
    box: Box


@dataclass(frozen=True, slots=True)
class AssetVersion:
    asset_id: int
    utility: str
    dataset: str
    asset: Asset
    widened_by_m: float
    pieces: tuple[Piece, ...]
    lived: Lived


@dataclass(frozen=True, slots=True)
class UtilityVersion:
    utility: Utility
    lived: Lived


@dataclass(frozen=True, slots=True)
class DatasetVersion:
    utility: str
    dataset: str
    state: dict[str, Any]
    lived: Lived


@dataclass(frozen=True, slots=True)
class GroundVersion:
    row: GroundRow
    digest: str
    source: str
    lived: Lived


@dataclass(frozen=True, slots=True)
class RejectedVersion:
    utility: str
    dataset: str
    record: RejectedRecord
    lived: Lived


@dataclass(frozen=True, slots=True)
class Change:
    """A revision and how far it reaches: ground, utility or everywhere."""

    record: RevisionRecord
    touches: str
    rolls_back: int | None = None


@dataclass(frozen=True, slots=True)
class Register:
    utilities: tuple[UtilityVersion, ...] = ()
    datasets: tuple[DatasetVersion, ...] = ()
    assets: tuple[AssetVersion, ...] = ()
    ground: tuple[GroundVersion, ...] = ()
    rejected: tuple[RejectedVersion, ...] = ()
    changes: tuple[Change, ...] = field(default=())

    @property
    def newest(self) -> int:
        return self.changes[-1].record.revision if self.changes else 0

    def settled(self, as_of: int | None) -> int:
        """as_of itself, or the newest revision for None. :raises Refused: `revision_unknown`."""
        if as_of is not None and not 0 <= as_of <= self.newest:
            raise refused("revision_unknown")
        return self.newest if as_of is None else as_of

    def book(self, revision: int) -> Book:
        datasets: dict[str, list[DatasetState]] = {}
        boxless: dict[str, int] = {}
        for version in sorted(self.datasets, key=lambda version: version.dataset):
            if version.lived.at(revision):
                day = date.fromisoformat(version.state["data_date"])
                state = DatasetState(version.dataset, version.lived.valid_from, day)
                datasets.setdefault(version.utility, []).append(state)
                boxless[version.utility] = boxless.get(version.utility, 0) + version.state["boxless_rejected"]
        utilities = tuple(version.utility for version in self.utilities if version.lived.at(revision))
        return Book(
            utilities=utilities,
            datasets={code: tuple(states) for code, states in datasets.items()},
            boxless_rejected=boxless,
            without_area=frozenset(
                utility.code for utility in utilities if not self.has_area(utility.code, revision)
            ),
        )

    def has_area(self, utility: str, revision: int) -> bool:
        return any(
            version.row.kind == GroundKind.SERVICE_AREA.value
            and version.row.utility == utility
            and version.lived.at(revision)
            for version in self.ground
        )

    def utility(self, code: str) -> Utility | None:
        return next(
            (
                version.utility
                for version in self.utilities
                if version.lived.valid_to is None and version.utility.code == code
            ),
            None,
        )

    def dataset(self, utility: str, dataset: str, revision: int) -> DatasetVersion | None:
        return next(
            (
                version
                for version in self.datasets
                if (version.utility, version.dataset) == (utility, dataset) and version.lived.at(revision)
            ),
            None,
        )

    def touched(self, boxes: Sequence[Box], since: int, upto: int | None) -> bool:
        """Did a revision of (since, upto] change what can be said about these boxes?"""
        last = self.newest if upto is None else upto
        within = [change for change in self.changes if since < change.record.revision <= last]
        by_utility = {change.record.utility for change in within if change.touches == "utility"}
        return (
            any(change.touches == "everywhere" for change in within)
            or any(not self.has_area(utility, self.newest) for utility in by_utility)
            or any(
                meets(piece.box, box)
                for version in self.assets
                if version.lived.changed_within(since, last)
                for piece in version.pieces
                for box in boxes
            )
            or any(
                meets(version.row.geometry.bounds, box)
                for version in self.ground
                if version.lived.changed_within(since, last)
                or (
                    version.row.kind == GroundKind.SERVICE_AREA.value
                    and version.row.utility in by_utility
                    and (version.lived.valid_to is None or version.lived.valid_to > since)
                )
                for box in boxes
            )
        )


def meets(one: Sequence[float], other: Sequence[float]) -> bool:
    return one[0] <= other[2] and one[2] >= other[0] and one[1] <= other[3] and one[3] >= other[1]


_Version = TypeVar("_Version", AssetVersion, UtilityVersion, DatasetVersion, GroundVersion, RejectedVersion)


def close(
    versions: Iterable[_Version], where: Callable[[_Version], bool], number: int
) -> tuple[_Version, ...]:
    """The versions, those still valid that `where` names closed at revision `number`."""
    return tuple(
        replace(version, lived=Lived(version.lived.valid_from, number))
        if version.lived.valid_to is None and where(version)
        else version
        for version in versions
    )
