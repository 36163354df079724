"""A network file becomes checked assets, or reasons: received == accepted + rejected, nothing dropped in silence."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from os import PathLike

import numpy as np
import shapely
from numpy.typing import NDArray

from ingest.files.rows import Rows, free_name, id_text, is_none, span
from ingest.files.table import joined, read_tables
from ingest.networks.attributes import Attributes, doubts_of, read_attributes, stated_assets
from ingest.networks.digest import depth, digests
from ingest.networks.mapping import ColumnMap, find_name
from ingest.networks.reasons import REASONS
from ingest.networks.shapes import usable_shapes, with_walls_filled
from ingest.place import outside, rough_bounds, roughly_inside
from spatial.crs import DeclaredCrs, Passage, check_agreement, declare, open_passage
from spatial.errors import Refused
from spatial.judging.doubt import asset_uncertainty
from spatial.measuring.boxes import widen
from spatial.rules.profile import RuleProfile
from spatial.values import Asset, Box, Extent, NetworkIntake, RejectedRow
from spatial.words import AssetKind

Progress = Callable[[int, int], None]

ID = "@id"
"""Under this name the id column travels beside ours, whatever the file calls it."""
PROGRESS_EVERY = 2_000


def read_network(
    paths: Sequence[str | PathLike[str]],
    *,
    crs: str | None,
    id_field: str | None,
    mapping: ColumnMap | None,
    extent: Extent,
    profile: RuleProfile,
    on: date,
    progress: Progress | None = None,
) -> NetworkIntake:
    """The assets of one dataset, from one or more local GeoJSON, GeoPackage or Shapefile files.

    crs: as declared; a CRS inside a file must agree with it. id_field: the column the utility promises to
    keep stable; without it the rows get what ids they have, and are matched by digest. on: the data date.
    progress: called with (rows done, rows received).

    Only a row without usable geometry or with a duplicate id is rejected; it leaves its box, widened by an
    unknown pipe's radius and uncertainty. Any other bad value becomes unknown and a counted warning.
    :raises Refused: the whole import, when a file cannot be trusted or no row could be taken.
    """
    column_map = mapping or ColumnMap()
    tables = read_tables(paths, _picker(column_map, id_field), column_map.encoding)
    rows = joined(tables)
    _check_names(rows.names, column_map, id_field)
    bounds = span(rows.bounds)
    declared = declare(crs, bounds)
    for table in tables:
        check_agreement(declared, table.embedded_crs)
    if bounds is None:
        raise Refused.because(
            "network_no_geometry",
            en="no row has any coordinates; export the pipes with their geometry",
            zh="所有记录都没有坐标，请连同几何一起导出管线",
        )
    if progress is not None:
        progress(0, len(rows))

    warnings: Counter[str] = Counter()
    shapes, fault = usable_shapes(rows.geometry, rows.fault)
    shapes, walls = with_walls_filled(shapes, stated_assets(rows, column_map, on))
    if walls:
        warnings["wall_drawn_as_line"] += walls
    inside = roughly_inside(rough_bounds(declared, rows.bounds), extent)
    fault[is_none(fault) & ~inside] = "outside_extent"
    taken = is_none(fault)
    if not taken.any():
        # Of what is usable all is outside: most likely the declared CRS or the order of x and y is wrong.
        if "outside_extent" in fault:
            raise outside(declared, span(rows.bounds[fault == "outside_extent"]) or bounds, extent)
        raise _nothing_accepted(fault)

    passage = open_passage(declared, span(rows.bounds[inside]) or bounds)
    register = np.full(len(rows), None, dtype=object)
    register[taken] = passage.carry(shapes[taken])
    _check_carried(register, fault, extent)

    ids = _source_ids(rows, id_field, fault, warnings)
    accepted = np.flatnonzero(is_none(fault))
    if not len(accepted):
        raise _nothing_accepted(fault)
    columns = read_attributes(rows, accepted, column_map, on, profile, warnings)
    assets = _assets(accepted, register, columns, ids, passage, profile, on, warnings, progress, len(rows))
    return NetworkIntake(
        received=len(rows),
        assets=assets,
        rejected=_rejected(rows, register, fault, ids, passage, profile, on),
        warnings=dict(sorted(warnings.items())),
        crs=declared.name,
        operation=passage.operation,
        operation_accuracy_m=passage.accuracy_m,
        stable_ids=id_field is not None,
        sources=rows.sources,
    )


def _picker(column_map: ColumnMap, id_field: str | None) -> Callable[[Sequence[str]], dict[str, str]]:
    def pick(names: Sequence[str]) -> dict[str, str]:
        picked = column_map.pick(names)
        own_id = find_name(id_field or "id", names)
        return picked if own_id is None else {**picked, ID: own_id}

    return pick


def _check_names(names: Sequence[str], column_map: ColumnMap, id_field: str | None) -> None:
    """Every column the user names is there: a misspelt one would silently be unknown in every row."""
    wanted = [*column_map.columns.values(), *([id_field] if id_field else [])]
    missing = [name for name in wanted if find_name(name, names) is None]
    if missing:
        there = ", ".join(sorted(names)[:40]) or "none"
        raise Refused.because(
            "column_missing",
            en=f"no column {', '.join(map(repr, missing))}; the file's columns are: {there}",
            zh=f"找不到列 {'、'.join(map(repr, missing))}；文件中的列有：{there}",
        )


def _check_carried(register: NDArray[np.object_], fault: NDArray[np.object_], extent: Extent) -> None:
    """Reject what turns out to lie outside the extent exactly, or to be no proper shape in the register."""
    taken = np.flatnonzero(is_none(fault))
    degenerate = ~shapely.is_valid(register[taken])
    fault[taken[degenerate]] = "geometry_degenerate"
    west, south, east, north = shapely.bounds(register[taken]).T
    out = (west < extent.west) | (south < extent.south) | (east > extent.east) | (north > extent.north)
    fault[taken[out & ~degenerate]] = "outside_extent"


def _source_ids(
    rows: Rows, id_field: str | None, fault: NDArray[np.object_], warnings: Counter[str]
) -> list[str]:
    """An id for every row; marks later rows with a promised id that came before as `id_duplicate`."""
    column = [id_text(cell) for cell in rows.columns.get(ID, [None] * len(rows))]
    promised = id_field is not None
    given = column if promised else [own or cell for own, cell in zip(rows.ids, column, strict=True)]
    if promised:
        warnings["id_missing"] += sum(cell is None for cell in given)
        warnings += Counter()  # drops a count of 0
    # A made-up id must not take one that a later row brings along.
    brought = {name for name in given if name is not None}
    names: list[str] = []
    used: set[str] = set()
    numbered: Counter[str] = Counter()
    for row, own in enumerate(given):
        if own is None:
            name = free_name(f"row {row + 1}", brought)
        elif promised:
            name = own
            if fault[row] is None and name in used:
                fault[row] = "id_duplicate"
        else:
            name = own
            while name in used:
                numbered[own] += 1
                name = f"{own}#{numbered[own] + 1}"
        if fault[row] is None:
            used.add(name)
        names.append(name)
    return names


def _assets(
    accepted: NDArray[np.int64],
    register: NDArray[np.object_],
    columns: Attributes,
    ids: Sequence[str],
    passage: Passage,
    profile: RuleProfile,
    on: date,
    warnings: Counter[str],
    progress: Progress | None,
    received: int,
) -> tuple[Asset, ...]:
    geometry = register[accepted]
    is_line = shapely.get_type_id(geometry) == 5
    kinds = [_kind(stated, line, warnings) for stated, line in zip(columns.asset, is_line, strict=True)]
    surveyed = profile.uncertainty.survey_classes
    unknown_survey = sum(name is not None and name.lower() not in surveyed for name in columns.survey_class)
    if unknown_survey:
        warnings["survey_class_unknown"] += unknown_survey

    covers, doubts = columns.covers, doubts_of(columns, passage, profile, on)
    attributes = list(
        zip(
            kinds,
            columns.pressure_class,
            columns.diameter_mm,
            covers.least_m,
            columns.material,
            columns.status,
            columns.survey_class,
            columns.laid_on,
            columns.kind,
            [place for place, _ in doubts],
            [
                depth(most, profiled, of_depth, columns.surveyed_on[row], columns.resurfaced(row))
                for row, (most, profiled, (_, of_depth)) in enumerate(
                    zip(covers.most_m, covers.profiled, doubts, strict=True)
                )
            ],
            strict=True,
        )
    )
    done_before = received - len(accepted)
    assets: list[Asset] = []
    for number, digest in enumerate(digests(geometry, attributes)):
        kind, pressure, diameter, cover, material, status, survey, laid, pipe_kind, doubt, _ = attributes[
            number
        ]
        assets.append(
            Asset(
                source_id=ids[accepted[number]],
                kind=kind,
                geometry=geometry[number],
                pressure_class=pressure,
                diameter_mm=diameter,
                cover_m=cover,
                material=material,
                status=status,
                survey_class=survey,
                laid_on=laid,
                pipe_kind=pipe_kind,
                uncertainty=doubt,
                digest=digest,
                cover_most_m=covers.most_m[number],
                profiled=covers.profiled[number],
                depth_uncertainty=doubts[number][1],
                surveyed_on=columns.surveyed_on[number],
                resurfaced_on=columns.resurfaced(number),
            )
        )
        if progress is not None and (number + 1) % PROGRESS_EVERY == 0:
            progress(done_before + number + 1, received)
    if progress is not None:
        progress(received, received)
    return tuple(assets)


def _kind(stated: AssetKind | None, is_line: bool, warnings: Counter[str]) -> AssetKind:
    """What an asset is: the geometry decides between pipe and facility; an unnamed facility is the widest."""
    if is_line:
        if stated not in (None, AssetKind.PIPE):
            warnings["asset_contradicts_geometry"] += 1
        return AssetKind.PIPE
    if stated is None or stated is AssetKind.PIPE:
        warnings["facility_kind_unknown"] += 1
        return AssetKind.STATION
    return stated


def _rejected(
    rows: Rows,
    register: NDArray[np.object_],
    fault: NDArray[np.object_],
    ids: Sequence[str],
    passage: Passage,
    profile: RuleProfile,
    on: date,
) -> tuple[RejectedRow, ...]:
    # Nothing is known about a rejected row but its box, so the box holds all an unknown pipe might.
    doubt = asset_uncertainty(
        survey_class=None,
        cover_m=None,
        stated_m=None,
        frame=passage.frame,
        operation_accuracy_m=passage.accuracy_m,
        on=on,
        profile=profile,
    )
    margin_m = sum(term.metres for term in doubt) + profile.largest_unknown_radius_m
    rejected = []
    for row in np.flatnonzero(~is_none(fault)).tolist():
        code = fault[row]
        en, zh = REASONS[code]
        carried = register[row]
        box = carried.bounds if carried is not None else _carried_box(passage.declared, rows.bounds[row])
        rejected.append(
            RejectedRow(row + 1, ids[row], code, en, zh, _widened(box, margin_m) if box else None)
        )
    return tuple(rejected)


def _carried_box(declared: DeclaredCrs, bounds: NDArray[np.float64]) -> Box | None:
    """The box in the register, or None when the row has no coordinates or they lie nowhere on earth.

    A row outside the extent needs a passage of its own: the network's does not reach there.
    """
    if np.isnan(bounds).any():
        return None
    own: Box = tuple(bounds.tolist())
    try:
        return open_passage(declared, own).carry_box(own)
    except Refused:
        return None


def _widened(box: Sequence[float], margin_m: float) -> Box:
    west, south, east, north = widen(np.array([box], dtype=np.float64), margin_m)[0].tolist()
    return max(west, -180.0), max(south, -90.0), min(east, 180.0), min(north, 90.0)


def _nothing_accepted(fault: NDArray[np.object_]) -> Refused:
    counted = Counter(fault.tolist()).most_common(5)
    en = "; ".join(f"{count} rows: {REASONS[code][0]}" for code, count in counted)
    zh = "；".join(f"{count} 行：{REASONS[code][1]}" for code, count in counted)
    return Refused.because(
        "network_nothing_accepted",
        en=f"no row could be taken, so nothing was imported. {en}",
        zh=f"没有任何一行可以接收，未导入任何数据。{zh}",
    )
