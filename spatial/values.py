"""The values that pass between the rooms. All frozen; all geometry is lon/lat EPSG:4490.

A value of one of these types has been checked: whoever holds one need not ask again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NewType

from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry

from spatial.columns import Coded
from spatial.words import Act, AssetKind, Method, PermitKind, PipeKind, PressureClass, SitePart

RegisterGeometry = NewType("RegisterGeometry", BaseGeometry)
"""A geometry proven to be lon/lat EPSG:4490, 2D, finite, edges <= 100 m. Made by spatial.crs only."""

Box = tuple[float, float, float, float]
"""west, south, east, north in degrees, EPSG:4490."""


@dataclass(frozen=True, slots=True)
class Extent:
    """The ground this installation answers for, degrees EPSG:4490."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, box: Box) -> bool:
        """The whole box lies inside."""
        return self.west <= box[0] and self.south <= box[1] and box[2] <= self.east and box[3] <= self.north


CHINA = Extent(73.0, 3.0, 136.0, 54.0)


@dataclass(frozen=True, slots=True)
class UncertaintyTerm:
    """One summand of a 95 % bound, in metres, with where it comes from.

    `code` names the term (a key of spatial.saying.texts); `source` is a clause, a register column or a
    profile default; `verified` is False for a default nobody has confirmed.
    """

    code: str
    metres: float
    source: str
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Utility:
    code: str
    name: str
    phone: str | None = None
    duty_phone: str | None = None


@dataclass(frozen=True, slots=True)
class Asset:
    """One pipe or facility as a utility's file states it. None is unknown.

    geometry: pipe MultiLineString; facility Point, MultiPoint, Polygon or MultiPolygon.
    diameter_mm: outside diameter. cover_m: the least cover from ground to top of pipe, cover_most_m the most
    where it varies along the pipe (None: as cover_m). profiled: the depth was followed along the whole pipe;
    without it a cover says nothing about the middle.
    depth_uncertainty: terms of the 95 % bound of the cover; empty is unknown, never 0.
    surveyed_on: the day its position was measured. resurfaced_on: the day the road above was last rebuilt.
    uncertainty_m: 95 % bound of the plan position = sum of `uncertainty` (position + datum operation).
    digest: sha256 over geometry and attributes, not over source_id, so that a re-export is recognised.
    """

    source_id: str
    kind: AssetKind
    geometry: RegisterGeometry
    pressure_class: PressureClass | None
    diameter_mm: float | None
    cover_m: float | None
    material: str | None
    status: str | None
    survey_class: str | None
    laid_on: date | None
    pipe_kind: PipeKind | None
    uncertainty: tuple[UncertaintyTerm, ...]
    digest: str
    cover_most_m: float | None = None
    profiled: bool = False
    depth_uncertainty: tuple[UncertaintyTerm, ...] = ()
    surveyed_on: date | None = None
    resurfaced_on: date | None = None

    @property
    def uncertainty_m(self) -> float:
        """95 % bound in metres: the terms add linearly."""
        return round(sum(term.metres for term in self.uncertainty), 4)

    @property
    def greatest_cover_m(self) -> float | None:
        """The most cover there is along the pipe: the one stated, where no second one is."""
        return self.cover_m if self.cover_most_m is None else self.cover_most_m

    @property
    def depth_uncertainty_m(self) -> float | None:
        """95 % bound of the cover in metres: the terms add linearly; None when nobody knows."""
        if not self.depth_uncertainty:
            return None
        return round(sum(term.metres for term in self.depth_uncertainty), 4)


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that could not become an asset. `box` is the ground it leaves unreadable, if it has any.

    replaceable: its id is the utility's own, stable, and no other row of its files has it, so that a valid row, or the
    removal, of the same id stands in its place.
    """

    number: int
    source_id: str | None
    code: str
    en: str
    zh: str
    box: Box | None
    replaceable: bool = False


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """What the rows of a change set say of their ids: each stands once, rows that are rejected too."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NetworkIntake:
    """What the dock made of the files of one dataset: received == len(assets) + len(rejected), and of a change set what
    it removes besides."""

    received: int
    assets: Sequence[Asset]
    """Of a file: a spatial.asset_table.AssetTable, which makes an Asset only when one is asked for."""
    rejected: tuple[RejectedRow, ...]
    warnings: Mapping[str, int]
    """Warning code -> how many rows."""
    crs: str
    operation: str
    operation_accuracy_m: float
    stable_ids: bool
    """True when the utility named its id field; else rows are matched by digest."""
    sources: tuple[tuple[str, str], ...]
    """(file name without folder, sha256 of the bytes)."""
    stated_length_m: Coded | None = None
    """The length of each asset as the source states it, in metres; None where it does not say, or for all."""
    odd_cells: Mapping[str, tuple[tuple[int, str], ...]] = field(default_factory=dict)
    """Warning code -> the first few cells it is about: number of the asset, and the cell as the file has it."""
    findings: Mapping[str, Any] | None = None
    """What is to be kept with the dataset of what only its files tell, JSON-ready; see sql.inventory.DatasetRecord."""
    changes: ChangeSet | None = None
    """Of a change set; None where the files hold the whole dataset."""

    @property
    def removed(self) -> tuple[str, ...]:
        """The ids that a change set takes away."""
        return self.changes.removed if self.changes else ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """Where, for one kind of pipe, a utility says its register is complete."""

    pipe_kind: PipeKind
    geometry: MultiPolygon
    as_of: date
    max_age_days: int | None
    assumed: bool
    """True for a hull drawn round the data: it never supports clear."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Ground under a rejected row: whatever lies there is unknown."""

    dataset: str
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class DatasetState:
    dataset: str
    revision: int
    data_date: date


@dataclass(frozen=True, slots=True)
class UtilityGround:
    """All one utility has declared that meets a query, as of one register revision.

    service_area None = never declared: the utility may own pipes anywhere.
    boxless_rejected: rejected rows without even a box that nobody has confirmed.
    """

    utility: Utility
    service_area: MultiPolygon | None
    coverages: tuple[Coverage, ...]
    blanks: tuple[MultiPolygon, ...]
    unreadable: tuple[Unreadable, ...]
    boxless_rejected: int
    datasets: tuple[DatasetState, ...]


@dataclass(frozen=True, slots=True)
class Trench:
    """The cross section of an opened trench or pit, from which the ground opened at the surface follows.

    bottom_width_m: of a trench along a line; None for a pit drawn by its bottom outline.
    slope_ratio: horizontal per 1 vertical of each wall (1:0.67 is 0.67); 0 stands upright.
    slope_known: False when nobody said it and the profile's default was taken.
    shored: the walls are held upright (True), are not (False), or nobody said (None).
    """

    bottom_width_m: float | None
    slope_ratio: float
    slope_known: bool
    shored: bool | None


@dataclass(frozen=True, slots=True)
class BorePath:
    """Where a bore runs below its drawn line (HDD, jacking, drilling), linear between its points.

    profile: (distance in m along the drawn line from its first vertex, depth in m of the bore's AXIS below
    ground), ascending, the two ends of the line among them.
    diameter_mm: of the widest hole cut; None takes the profile's default, and says so.
    plan_accuracy_m, depth_accuracy_m: 95 % bounds of the tool as stated; None takes the profile's default.
    """

    profile: tuple[tuple[float, float], ...]
    diameter_mm: float | None
    plan_accuracy_m: float | None
    depth_accuracy_m: float | None


@dataclass(frozen=True, slots=True)
class DigSite:
    """The ground to be disturbed, normalised.

    geometry: Polygon, MultiPolygon, LineString or Point.
    half_width_m: how far the ground is really opened at the surface beyond `geometry`: half the top width
    of a line, the radius of a point, the outset of an area drawn by its bottom outline, else 0 for an area.
    half_width_known: False when nobody said it and the profile's default was taken.
    start_station_m: stationing of the first vertex of a line (K0+000 = 0); a part of a line carries the
    stationing of the trench's axis it lies beside, so its own chainage may run a little long or short in bends.
    received: the feature as it came (GeoJSON, as text) and the CRS it was declared in.
    trench: the section half_width_m was worked out from, if one was given.
    part, of_feature: what a part is, and the feature id of the opened ground it belongs to (None: itself).
    depth_uncertainty: terms of the 95 % bound of the floor's depth; empty while depth_m is unknown.
    bore: where the tool runs, for a line that is bored, jacked or drilled.
    """

    feature_id: str
    geometry: RegisterGeometry
    half_width_m: float
    half_width_known: bool
    start_station_m: float
    acts: tuple[Act, ...]
    method: Method | None
    depth_m: float | None
    kind: PermitKind
    uncertainty: tuple[UncertaintyTerm, ...]
    received: str
    crs: str
    operation: str
    trench: Trench | None = None
    part: SitePart = SitePart.OPENED
    of_feature: str | None = None
    depth_uncertainty: tuple[UncertaintyTerm, ...] = ()
    bore: BorePath | None = None

    @property
    def uncertainty_m(self) -> float:
        """95 % bound in metres: the terms add linearly."""
        return round(sum(term.metres for term in self.uncertainty), 4)

    @property
    def depth_uncertainty_m(self) -> float:
        """95 % bound in metres of the floor's depth: the terms add linearly."""
        return round(sum(term.metres for term in self.depth_uncertainty), 4)


@dataclass(frozen=True, slots=True)
class Contact:
    """A firm or a person, and whom to call there. None is unknown."""

    name: str
    person: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class PermitParties:
    """Who answers for a dig, and when it is. Dates are Asia/Shanghai calendar days.

    contractor: 施工单位, who digs and files; builder: 建设单位, whose work it is; supervisor: 监理单位.
    permit_numbers: of the road, planning or construction permits it rests on. machine: what digs;
    driver: who sits in it.
    """

    title: str
    starts_on: date
    ends_on: date
    contractor: Contact
    builder: Contact | None = None
    supervisor: Contact | None = None
    permit_numbers: tuple[str, ...] = ()
    machine: str | None = None
    driver: Contact | None = None

    @property
    def firm(self) -> str:
        """The firm that digs: the name a utility calls the permit by."""
        return self.contractor.name
