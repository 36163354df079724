"""Values of `spatial` as rows and back, in one place. Every number comes back bit for bit."""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from spatial import canonical
from spatial.measuring.boxes import METRES_PER_DEGREE_LATITUDE, FloatArray, widen
from spatial.measuring.footprint import bore_of, part_of, section_document, trench_of
from spatial.measuring.pieces import BOX_SLACK_M, Cuts
from spatial.saying.terms import terms_text
from spatial.values import (
    Asset,
    Box,
    Contact,
    DigSite,
    NetworkIntake,
    PermitParties,
    RegisterGeometry,
    RejectedRow,
    UncertaintyTerm,
)
from spatial.words import Act, AssetKind, GroundKind, Method, PermitKind, PipeKind, PressureClass
from sql.records import GroundDeclaration

SRID = 4490
UNREADABLE = "unreadable"
"""The kind of ground no utility declares: what a rejected row leaves behind."""

CONFLICT_COLUMNS = (
    "pipe_id",
    "source_id",
    "utility",
    "dataset",
    "pressure_class",
    "diameter_mm",
    "centreline_distance_m",
    "clearance_m",
    "uncertainty_m",
    "certainty",
    "zone",
    "act",
    "requirement",
    "clause",
    "grade",
    "affected_length_m",
)
"""Fields of a conflict kept as columns; all others stand together in `rest`."""


def ewkb(geometries: Sequence[BaseGeometry] | NDArray[np.object_]) -> list[str]:
    """Hex EWKB, 2D, SRID 4490: the text form PostGIS takes for a geometry."""
    flat = shapely.force_2d(np.asarray(geometries, dtype=object))
    return [str(text) for text in shapely.to_wkb(shapely.set_srid(flat, SRID), hex=True, include_srid=True)]


def shapes(wkb: Sequence[Any]) -> NDArray[np.object_]:
    """Geometries from bytea values as the driver gives them."""
    made: NDArray[np.object_] = shapely.from_wkb(np.array([bytes(value) for value in wkb], dtype=object))
    return made


# -- uncertainty ------------------------------------------------------------------------------------------


def terms_json(terms: Sequence[UncertaintyTerm]) -> str:
    """The terms of an uncertainty, exact."""
    return canonical.dumps([[term.code, float(term.metres), term.source, term.verified] for term in terms])


def sum_m(terms: Sequence[UncertaintyTerm]) -> float:
    """The 95 % bound in metres: the terms add linearly, as in Asset.uncertainty_m."""
    return round(sum(term.metres for term in terms), 4)


@lru_cache(maxsize=4096)
def terms_of(text: str) -> tuple[UncertaintyTerm, ...]:
    return tuple(UncertaintyTerm(*fields) for fields in json.loads(text))


@lru_cache(maxsize=4096)
def shown_terms(text: str) -> str:
    """The form Assets.uncertainty_terms carries, of the exact form. A dataset has few different ones."""
    return terms_text(terms_of(text))


# -- assets -----------------------------------------------------------------------------------------------


def asset_row(asset: Asset) -> dict[str, Any]:
    """The attribute columns of `asset`."""
    return {
        "source_id": asset.source_id,
        "kind": asset.kind.value,
        "pressure_class": asset.pressure_class.value if asset.pressure_class else None,
        "diameter_mm": asset.diameter_mm,
        "cover_m": asset.cover_m,
        "material": asset.material,
        "status": asset.status,
        "survey_class": asset.survey_class,
        "laid_on": asset.laid_on,
        "pipe_kind": asset.pipe_kind.value if asset.pipe_kind else None,
        "uncertainty": terms_json(asset.uncertainty),
        "uncertainty_m": asset.uncertainty_m,
        "digest": asset.digest,
        "cover_most_m": asset.cover_most_m,
        "profiled": asset.profiled,
        "depth_uncertainty": terms_json(asset.depth_uncertainty),
        "depth_uncertainty_m": asset.depth_uncertainty_m,
        "surveyed_on": asset.surveyed_on,
        "resurfaced_on": asset.resurfaced_on,
    }


def asset_of(row: Mapping[str, Any], geometry: BaseGeometry) -> Asset:
    return Asset(
        source_id=row["source_id"],
        kind=AssetKind(row["kind"]),
        geometry=RegisterGeometry(geometry),
        pressure_class=PressureClass(row["pressure_class"]) if row["pressure_class"] else None,
        diameter_mm=row["diameter_mm"],
        cover_m=row["cover_m"],
        material=row["material"],
        status=row["status"],
        survey_class=row["survey_class"],
        laid_on=row["laid_on"],
        pipe_kind=PipeKind(row["pipe_kind"]) if row["pipe_kind"] else None,
        uncertainty=terms_of(row["uncertainty"]),
        digest=row["digest"],
        cover_most_m=row["cover_most_m"],
        profiled=row["profiled"],
        depth_uncertainty=terms_of(row["depth_uncertainty"]),
        surveyed_on=row["surveyed_on"],
        resurfaced_on=row["resurfaced_on"],
    )


def widened_by_m(cuts: Cuts, assets: int) -> FloatArray:
    """(assets,) metres by which each asset's boxes were widened, without the slack, rounded up to 0.1 mm.

    Read off the boxes, because the radius of a pipe of unknown diameter is the rule profile's business.
    """
    south = shapely.bounds(cuts.geometry)[:, 1]
    by_m = (south - cuts.boxes[:, 1]) * METRES_PER_DEGREE_LATITUDE - BOX_SLACK_M
    widest = np.zeros(assets)
    np.maximum.at(widest, cuts.asset, by_m)
    # 1e-7 m below the next step is noise of the subtraction, not width.
    return np.ceil(widest * 1e4 - 1e-3) / 1e4 + 0.0


def length_m(cuts: Cuts, assets: int) -> float:
    """Geodesic length of all assets together."""
    return round(float(lengths_m(cuts, assets).sum()), 3)


def lengths_m(cuts: Cuts, assets: int) -> FloatArray:
    """(assets,) geodesic length of each."""
    longest = np.zeros(assets)
    np.maximum.at(longest, cuts.asset, cuts.to_m)
    return longest


def ordinals(asset: NDArray[np.int64]) -> NDArray[np.int64]:
    """The number of each piece within its asset, from 0. asset: sorted, as cut() gives it."""
    first = np.flatnonzero(np.r_[True, asset[1:] != asset[:-1]]) if len(asset) else np.empty(0, np.int64)
    counts = np.diff(np.r_[first, len(asset)])
    numbers: NDArray[np.int64] = np.arange(len(asset)) - np.repeat(first, counts)
    return numbers


def dataset_state(
    intake: NetworkIntake,
    cuts: Cuts,
    *,
    on: date,
    boxless_rejected: int,
    read_as: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The columns of `dataset` that describe an intake. boxless_rejected: of the whole dataset."""
    return {
        "data_date": on.isoformat(),
        "received": intake.received,
        "rejected": len(intake.rejected),
        "boxless_rejected": boxless_rejected,
        "assets": len(intake.assets),
        "length_m": length_m(cuts, len(intake.assets)),
        "crs": intake.crs,
        "operation": intake.operation,
        "operation_accuracy_m": intake.operation_accuracy_m,
        "stable_ids": intake.stable_ids,
        "sources": [list(source) for source in intake.sources],
        "warnings": dict(intake.warnings),
        "findings": intake.findings,
        "read_as": read_as,
    }


# -- ground -----------------------------------------------------------------------------------------------


def ground_rows(declaration: GroundDeclaration) -> list[dict[str, Any]]:
    """One row a word: for coverage one per kind of pipe. An empty geometry withdraws the word."""
    kinds: Sequence[PipeKind | None] = (
        tuple(dict.fromkeys(declaration.pipe_kinds)) if declaration.ground is GroundKind.COVERAGE else (None,)
    )
    coverage = declaration.ground is GroundKind.COVERAGE
    return [
        _ground_row(
            declaration.ground.value,
            None if declaration.geometry.is_empty else declaration.geometry,
            pipe_kind=kind.value if kind else None,
            as_of=declaration.as_of if coverage else None,
            max_age_days=declaration.max_age_days if coverage else None,
            assumed=declaration.assumed and coverage,
            source=declaration.source,
        )
        for kind in kinds
    ]


def unreadable_rows(rejected: Sequence[RejectedRow]) -> list[dict[str, Any]]:
    """The ground under rejected rows, of each that has a box. A box may be a point or a line: the slack makes it an area.

    How far a pipe may lie outside its box is doubt, and spatial.judging.coverage adds that.
    """
    boxes = [row.box for row in rejected if row.box is not None]
    if not boxes:
        return []
    areas = widen(np.array(boxes, dtype=np.float64), BOX_SLACK_M).clip(
        [-180, -90, -180, -90], [180, 90, 180, 90]
    )
    return [
        _ground_row(UNREADABLE, shapely.MultiPolygon([shapely.box(*area)]), source="rejected row")
        for area in areas
    ]


def _ground_row(
    kind: str,
    geometry: BaseGeometry | None,
    *,
    pipe_kind: str | None = None,
    as_of: date | None = None,
    max_age_days: int | None = None,
    assumed: bool = False,
    source: str = "",
) -> dict[str, Any]:
    shape = shapely.to_wkb(geometry, hex=True) if geometry is not None else None
    said = [kind, pipe_kind, as_of.isoformat() if as_of else None, max_age_days, assumed, shape]
    return {
        "kind": kind,
        "pipe_kind": pipe_kind,
        "as_of": as_of,
        "max_age_days": max_age_days,
        "assumed": assumed,
        "source": source,
        "geometry": geometry,
        "digest": canonical.sha256(canonical.dumps(said)),
    }


# -- who answers for a dig --------------------------------------------------------------------------------


def parties_rest(parties: PermitParties) -> str:
    """What of the parties has no column of its own (firm, title, dates have): unknown is left out."""

    def contact(one: Contact | None) -> dict[str, str] | None:
        if one is None:
            return None
        said = {"name": one.name, "person": one.person, "phone": one.phone}
        return {key: value for key, value in said.items() if value is not None}

    rest = {
        "contractor": contact(parties.contractor),
        "builder": contact(parties.builder),
        "supervisor": contact(parties.supervisor),
        "permit_numbers": list(parties.permit_numbers),
        "machine": parties.machine,
        "driver": contact(parties.driver),
    }
    return canonical.dumps({key: value for key, value in rest.items() if value})


def parties_of(row: Mapping[str, Any]) -> PermitParties:
    """row: firm, title, starts_on, ends_on, extra. A permit filed before contacts were kept has none."""
    extra = row["extra"]

    def contact(name: str) -> Contact | None:
        return Contact(**extra[name]) if name in extra else None

    return PermitParties(
        title=row["title"],
        starts_on=row["starts_on"],
        ends_on=row["ends_on"],
        contractor=contact("contractor") or Contact(row["firm"]),
        builder=contact("builder"),
        supervisor=contact("supervisor"),
        permit_numbers=tuple(extra.get("permit_numbers", ())),
        machine=extra.get("machine"),
        driver=contact("driver"),
    )


# -- dig sites and conflicts ------------------------------------------------------------------------------


def site_json(site: DigSite) -> str:
    """A dig site without its shape."""
    return canonical.dumps(
        {
            "feature_id": site.feature_id,
            "half_width_m": site.half_width_m,
            "half_width_known": site.half_width_known,
            "start_station_m": site.start_station_m,
            "acts": [act.value for act in site.acts],
            "method": site.method.value if site.method else None,
            "depth_m": site.depth_m,
            "kind": site.kind.value,
            "uncertainty": terms_json(site.uncertainty),
            "received": site.received,
            "crs": site.crs,
            "operation": site.operation,
            **section_document(site),
            **({"depth_uncertainty": terms_json(site.depth_uncertainty)} if site.depth_uncertainty else {}),
        }
    )


@lru_cache(maxsize=256)
def site_row(site: DigSite) -> dict[str, str]:
    """A dig site as two columns: its words and its shape. Filed and kept with its judgement, it is asked for twice."""
    return {"site": site_json(site), "geom": ewkb([site.geometry])[0]}


def site_of(document: Mapping[str, Any], wkb: Any) -> DigSite:
    return DigSite(
        feature_id=document["feature_id"],
        geometry=RegisterGeometry(shapely.from_wkb(bytes(wkb))),
        half_width_m=document["half_width_m"],
        half_width_known=document["half_width_known"],
        start_station_m=document["start_station_m"],
        acts=tuple(Act(act) for act in document["acts"]),
        method=Method(document["method"]) if document["method"] else None,
        depth_m=document["depth_m"],
        kind=PermitKind(document["kind"]),
        uncertainty=terms_of(document["uncertainty"]),
        received=document["received"],
        crs=document["crs"],
        operation=document["operation"],
        trench=trench_of(document),
        part=part_of(document),
        of_feature=document.get("of_feature"),
        depth_uncertainty=terms_of(document.get("depth_uncertainty", "[]")),
        bore=bore_of(document),
    )


def conflict_row(conflict: Mapping[str, Any]) -> dict[str, Any]:
    rest = dict(conflict)
    row = {name: rest.pop(name, None) for name in CONFLICT_COLUMNS}
    row["pipe_id"] = canonical.dumps(row["pipe_id"])
    row["rest"] = canonical.dumps(rest)
    return row


def conflict_of(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in CONFLICT_COLUMNS} | row["rest"]


# -- ids --------------------------------------------------------------------------------------------------


def uuid_or_nil(text: str) -> str:
    """The id as the database takes it; for what is no id, the one that names nothing."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return str(uuid.UUID(int=0))


# -- boxes ------------------------------------------------------------------------------------------------


def box_arrays(boxes: Iterable[Box]) -> dict[str, str]:
    """`boxes`: the one flat array the functions of the vault take, in PostgreSQL's text form.

    Written by hand because this is the hot path: the driver takes longer over lists than the server over the
    search. repr() is the shortest text that gives the same number back.
    """
    return {"boxes": "{" + ",".join(repr(float(value)) for box in boxes for value in box) + "}"}


def boxes_of(edges: Sequence[float]) -> tuple[Box, ...]:
    """The boxes of one flat array."""
    return tuple((edges[at], edges[at + 1], edges[at + 2], edges[at + 3]) for at in range(0, len(edges), 4))


def numbers_text(numbers: Iterable[int]) -> str:
    """Whole numbers as an array in PostgreSQL's text form."""
    return "{" + ",".join(str(int(number)) for number in numbers) + "}"
