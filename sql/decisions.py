"""What both vaults decide alike about ground, once the rows are there: pure, so that neither has a say of its own."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import shapely
from shapely.geometry.base import BaseGeometry

from spatial.errors import Refused
from spatial.values import Box, Coverage, DatasetState, Unreadable, Utility, UtilityGround
from spatial.words import GroundKind, PipeKind
from sql.records import GroundDeclaration

# -- declarations -----------------------------------------------------------------------------------------


def check_declaration(declaration: GroundDeclaration, utility: str) -> None:
    """:raises Refused: a coverage that says neither of what nor of when, or ground of somebody else."""
    if declaration.utility != utility:
        raise Refused.because(
            "ground_of_another",
            en=f"this ground is declared for {declaration.utility}, the network is of {utility}: use one code",
            zh=f"该范围属于 {declaration.utility}，而管网属于 {utility}：请使用同一企业代码",
        )
    if declaration.ground is GroundKind.COVERAGE and not declaration.pipe_kinds:
        raise Refused.because(
            "coverage_of_what",
            en="a coverage says for which kinds of pipe the register is complete: name them with --kind, or all",
            zh="声明覆盖范围须说明适用的管道类别：请用 --kind 指定，或 all",
        )
    if declaration.ground is GroundKind.COVERAGE and declaration.as_of is None:
        raise Refused.because(
            "coverage_of_when",
            en="a coverage holds as of a date: give it with --as-of",
            zh="覆盖范围须注明截止日期：请用 --as-of 给出",
        )


# -- ground -----------------------------------------------------------------------------------------------


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
    def of(kind: str) -> list[GroundRow]:
        return [row for row in rows if row.kind == kind]

    area = of(GroundKind.SERVICE_AREA.value)
    coverages = [
        Coverage(PipeKind(row.pipe_kind), row.geometry, row.as_of, row.max_age_days, row.assumed)
        for row in of(GroundKind.COVERAGE.value)
        if row.pipe_kind is not None and row.as_of is not None
    ]
    return UtilityGround(
        utility=utility,
        service_area=area[0].geometry
        if area
        else _NOT_HERE
        if utility.code not in book.without_area
        else None,
        coverages=tuple(sorted(coverages, key=lambda coverage: coverage.pipe_kind.value)),
        blanks=tuple(row.geometry for row in of(GroundKind.BLANK.value)),
        unreadable=tuple(Unreadable(row.dataset, row.geometry) for row in rows if row.dataset is not None),
        boxless_rejected=book.boxless_rejected.get(utility.code, 0),
        datasets=book.datasets.get(utility.code, ()),
    )
