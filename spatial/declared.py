"""What utilities have declared of the ground, as rows, and what of it concerns one dig site: pure, so that the vault,
its twin and a region read out of either have one say."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

import shapely
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry

from spatial.values import Box, Coverage, DatasetState, Unreadable, Utility, UtilityGround
from spatial.words import GroundKind, PipeKind


@dataclass(frozen=True, slots=True)
class GroundRow:
    """One word about ground, or one unreadable row's place (`dataset` set)."""

    ground_id: int
    utility: str
    kind: str
    dataset: str | None
    pipe_kind: str | None
    as_of: date | None
    max_age_days: int | None
    assumed: bool
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class Book:
    """What one revision knows of every utility, shapes aside. without_area: codes that never declared one."""

    utilities: tuple[Utility, ...]
    datasets: Mapping[str, tuple[DatasetState, ...]]
    boxless_rejected: Mapping[str, int]
    without_area: frozenset[str]


def ground_of_site(
    book: Book, near: Iterable[GroundRow], boxes: Sequence[Box], owners: Container[str]
) -> tuple[UtilityGround, ...]:
    """The utilities a site concerns, by code, each with all it said of ground that meets the boxes.

    near: rows whose bounds may meet a box. owners: codes of those whose assets meet a box. A utility is
    concerned when its service area meets a box or was never declared, and, whatever it says of where it
    serves, when something of it is here: an asset, a blank, a row nobody could read.
    """
    rows = sorted(near, key=lambda row: row.ground_id)
    around = [shapely.box(*box) for box in boxes]
    # A utility mostly says the same of all its kinds of pipe: then the rows share one shape, looked at once.
    shapes = {id(row.geometry): row.geometry for row in rows}
    here = {key for key, shape in shapes.items() if any(shapely.intersects(shape, area) for area in around)}
    met: dict[str, list[GroundRow]] = {}
    for row in rows:
        if id(row.geometry) in here:
            met.setdefault(row.utility, []).append(row)
    return tuple(
        _utility_ground(book, utility, met.get(utility.code, []))
        for utility in sorted(book.utilities, key=lambda utility: utility.code)
        if utility.code in book.without_area
        or utility.code in owners
        or any(row.kind != GroundKind.COVERAGE.value for row in met.get(utility.code, []))
    )


_NOT_HERE = shapely.MultiPolygon()
"""A service area that was declared and does not meet the boxes: None would say it never was."""


def _utility_ground(book: Book, utility: Utility, rows: Sequence[GroundRow]) -> UtilityGround:
    def of(kind: str) -> list[tuple[GroundRow, MultiPolygon]]:
        # Whatever is no unreadable row's place was declared, and what is declared is areas.
        return [(row, cast(MultiPolygon, row.geometry)) for row in rows if row.kind == kind]

    area = of(GroundKind.SERVICE_AREA.value)
    coverages = [
        Coverage(PipeKind(row.pipe_kind), shape, row.as_of, row.max_age_days, row.assumed)
        for row, shape in of(GroundKind.COVERAGE.value)
        if row.pipe_kind is not None and row.as_of is not None
    ]
    return UtilityGround(
        utility=utility,
        service_area=area[0][1] if area else _NOT_HERE if utility.code not in book.without_area else None,
        coverages=tuple(sorted(coverages, key=lambda coverage: coverage.pipe_kind.value)),
        blanks=tuple(shape for _, shape in of(GroundKind.BLANK.value)),
        unreadable=tuple(Unreadable(row.dataset, row.geometry) for row in rows if row.dataset is not None),
        boxless_rejected=book.boxless_rejected.get(utility.code, 0),
        datasets=book.datasets.get(utility.code, ()),
    )
