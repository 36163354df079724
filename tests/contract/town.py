"""A small town to put into vaults: pipes in metres round a place, and the words said about its ground."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
import shapely
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry

from spatial.errors import Refused
from spatial.found import Found
from spatial.measuring.boxes import widen
from spatial.measuring.pieces import Cuts, cut
from spatial.values import (
    Asset,
    Box,
    ChangeSet,
    Contact,
    DigSite,
    NetworkIntake,
    PermitParties,
    RegisterGeometry,
    RejectedRow,
    UncertaintyTerm,
)
from spatial.words import AssetKind, GroundKind, PipeKind, PressureClass
from sql.vault import Filing, GroundDeclaration, ImportReport, Job, NewScreening, Vault
from tests.support.builders import area, laid, make_site

DAY = date(2026, 11, 1)
FAR_OFF = date(2099, 1, 1)
REACH_M = 60.0
PROFILE = "f" * 64


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a network file. shape: metres round the place."""

    name: str
    shape: BaseGeometry
    pressure_class: str | None = "MP-A"
    diameter_mm: float | None = 200.0
    doubt_m: float = 0.5
    kind: str = "pipe"

    def asset(self) -> Asset:
        shape = self.shape
        if self.kind == "pipe" and shape.geom_type == "LineString":
            shape = shapely.MultiLineString([shape])
        geometry = laid(shape)
        content = repr((self.pressure_class, self.diameter_mm, self.doubt_m, self.kind, geometry.wkb))
        return Asset(
            source_id=self.name,
            kind=AssetKind(self.kind),
            geometry=RegisterGeometry(geometry),
            pressure_class=PressureClass(self.pressure_class) if self.pressure_class else None,
            diameter_mm=self.diameter_mm,
            cover_m=1.1,
            material="PE\t100",
            status=None,
            survey_class=None,
            laid_on=date(2012, 2, 29),
            pipe_kind=PipeKind.MAIN,
            uncertainty=(UncertaintyTerm("pipe_stated", self.doubt_m, "\\.register\n", True),),
            digest=hashlib.sha256(content.encode()).hexdigest(),
        )


def pipe(name: str, north_m: float, east_m: float = 0.0, **about: Any) -> Row:
    """A pipe of 80 m running east-west."""
    shape = shapely.LineString([(east_m - 40, north_m), (east_m, north_m + 0.1), (east_m + 40, north_m)])
    return Row(name, shape, **about)


def intake(
    rows: Sequence[Row],
    *,
    rejected: Sequence[RejectedRow] = (),
    stable: bool = True,
    removed: Sequence[str] | None = None,
) -> NetworkIntake:
    """removed: it is a change set, and takes these away."""
    return NetworkIntake(
        received=len(rows) + len(rejected) + len(removed or ()),
        assets=tuple(row.asset() for row in rows),
        rejected=tuple(rejected),
        warnings={"cover_missing": 2},
        crs="EPSG:4543",
        operation="EPSG:4543 to EPSG:4490",
        operation_accuracy_m=0.0,
        stable_ids=stable,
        sources=(("town.geojson", "0" * 64),),
        changes=None if removed is None else ChangeSet((), tuple(row.name for row in rows), tuple(removed)),
    )


def cuts_of(taken: NetworkIntake) -> Cuts:
    by_m = [(asset.diameter_mm or 630.0) / 2000 + asset.uncertainty_m for asset in taken.assets]
    return cut([asset.geometry for asset in taken.assets], np.array(by_m))


def bring(
    vault: Vault,
    rows: Sequence[Row],
    *,
    utility: str = "G1",
    dataset: str = "town",
    on: date = DAY,
    coverage: GroundDeclaration | None = None,
    confirmed: int = 0,
    read_as: Mapping[str, Any] | None = None,
    **about: Any,
) -> ImportReport:
    taken = intake(rows, **about)
    return vault.import_network(
        taken,
        cuts_of(taken),
        utility=utility,
        dataset=dataset,
        on=on,
        coverage=coverage,
        confirmed_rejected=confirmed,
        read_as=read_as,
    )


def rejected(number: int, box: Box | None, name: str | None = None) -> RejectedRow:
    """name: its own, stable id."""
    return RejectedRow(
        number, name, "geometry_missing", "no geometry", "没有图形", box, replaceable=name is not None
    )


def declared(
    ground: str, shape: MultiPolygon | None = None, *, utility: str = "G1", **about: Any
) -> GroundDeclaration:
    kind = GroundKind(ground)
    if kind is GroundKind.COVERAGE:
        about = {"pipe_kinds": tuple(PipeKind), "as_of": DAY, "max_age_days": 365} | about
    return GroundDeclaration(utility, kind, area(2000) if shape is None else shape, **about)


def boxes_round(*shapes: BaseGeometry, by_m: float = REACH_M) -> tuple[Box, ...]:
    """Query boxes in degrees round shapes given in metres."""
    bounds = np.array([laid(shape).bounds for shape in shapes])
    return tuple((float(w), float(s), float(e), float(n)) for w, s, e, n in widen(bounds, by_m))


HERE = boxes_round(shapely.Point(0, 0))


def all_of(found: Found) -> list[tuple[Any, ...]]:
    """Everything a Found says of its pairs, comparable; ids left out."""
    pieces, assets = found.pieces, found.pieces.assets
    return [
        (
            int(pieces.site[row]),
            shapely.to_wkb(pieces.geometry[row]),
            float(pieces.from_m[row]),
            float(pieces.to_m[row]),
            *(
                repr(getattr(assets, name)[pieces.asset[row]])
                for name in assets.__dataclass_fields__
                if name != "asset_id"
            ),
        )
        for row in range(len(pieces))
    ]


def names(found: Found) -> list[str]:
    """The source ids found, sorted, one an asset."""
    return sorted(str(name) for name in found.pieces.assets.source_id)


# -- permits ----------------------------------------------------------------------------------------------


def site(east_m: float = 0.0, **about: Any) -> DigSite:
    return make_site(shapely.box(east_m - 2, -2, east_m + 2, 2), **about)


def site_boxes(*easts_m: float) -> list[tuple[Box, ...]]:
    return [boxes_round(shapely.box(east_m - 2, -2, east_m + 2, 2)) for east_m in easts_m]


def parties_of(ends_on: date = FAR_OFF, title: str = "Trench") -> PermitParties:
    """Every party named, and every word that can be unknown once known and once not."""
    return PermitParties(
        title,
        DAY,
        ends_on,
        Contact("Road works", "王工", "0971-1"),
        builder=Contact("City"),
        supervisor=Contact("监理", phone="0971-2"),
        permit_numbers=("路 7", "建 8"),
        machine="挖掘机 青A-1",
        driver=Contact("李师傅", phone="139"),
    )


def file(vault: Vault, *easts_m: float, ends_on: date = FAR_OFF) -> str:
    """File a permit with a site at each easting."""
    vault.keep_profile("profile", PROFILE, "cn-gb55009", "1")
    parties = parties_of(ends_on)
    places = easts_m or (0.0,)
    return vault.file_permit(
        parties, PROFILE, [site(east_m) for east_m in places], site_boxes(*places)
    ).permit_id


def filing_at(east_m: float, **about: Any) -> Filing:
    """A permit with one site at an easting, to be filed with others."""
    return Filing(parties_of(), PROFILE, (site(east_m),), tuple(site_boxes(east_m)), **about)


def claim(vault: Vault) -> Job | None:
    """The next job alone."""
    jobs = vault.claim_jobs(1)
    return jobs[0] if jobs else None


def conflict(source_id: str, grade: str = "II", **about: Any) -> dict[str, Any]:
    return {
        "pipe_id": "7",
        "source_id": source_id,
        "utility": "G1",
        "dataset": "town",
        "pressure_class": "MP-A",
        "diameter_mm": None,
        "centreline_distance_m": 1.1,
        "clearance_m": 0.1 + 0.2,
        "uncertainty_m": 0.5,
        "certainty": "certain",
        "zone": "protection",
        "act": "excavate",
        "requirement": "plan_required",
        "clause": "GB 55009-2021 5.1.10",
        "grade": grade,
        "affected_length_m": 4.0,
        "pipe_intervals_m": [[1.5, 5.5]],
        "site_intervals_m": [],
        "reasons": [{"code": "in_protection", "protection_m": 1.0}],
        "advice": [],
        "at_worst": {"grade": grade},
    } | about


def judged(
    revision: int,
    *conflicts: Mapping[str, Any],
    index: int = 0,
    outcome: str | None = None,
    valid_until: date = FAR_OFF,
    amendment: int = 0,
    rules: str = PROFILE,
    north_m: float = 0.0,
) -> NewScreening:
    """north_m: how far off its query boxes lie."""
    return NewScreening(
        site_index=index,
        register_revision=revision,
        screened_on=DAY,
        site=site(),
        query_boxes=boxes_round(shapely.box(-2, north_m - 2, 2, north_m + 2)),
        ends_on=FAR_OFF,
        profile_sha256=rules,
        engine="predig/1",
        outcome=outcome or ("conflict" if conflicts else "clear"),
        grade=str(conflicts[0]["grade"]) if conflicts else None,
        valid_until=valid_until,
        document='{"on":"2026-11-01","名":"沟"}',
        document_sha256="0" * 64,
        conflicts=tuple(dict(row) for row in conflicts),
        amendment=amendment,
    )


def changes(vault: Vault, permit_id: str) -> list[tuple[str, str, str]]:
    """What was told of a permit: (the utility's own id, grade, change), oldest first."""
    return [(row["source_id"], row["grade"], row["change"]) for row in vault.alerts(permit_id)]


def code_of(refusal: pytest.ExceptionInfo[Refused]) -> str:
    """The code of a refusal that is said in both languages."""
    fault = refusal.value.faults[0]
    assert fault.en and fault.zh
    return fault.code


def refuses(code: str, work: Callable[[], object]) -> None:
    with pytest.raises(Refused) as refusal:
        work()
    assert code_of(refusal) == code


def day_after(day: date) -> date:
    return day + timedelta(days=1)
