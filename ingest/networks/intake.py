"""A network file becomes checked assets, or reasons: received == accepted + rejected, nothing dropped in silence."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from os import PathLike

import numpy as np
import shapely
from numpy.typing import NDArray

from ingest.files.rows import ID, READ_ALL, Reading, Rows, free_name, id_text, is_none, span
from ingest.files.table import joined
from ingest.networks.apart import check_agreement_apart, read_sources_apart
from ingest.networks.attributes import Attributes, doubts_of, read_attributes, stated_assets
from ingest.networks.changes import REMOVED, check_asked, read_changes
from ingest.networks.digest import digests
from ingest.networks.mapping import LONGEST_SHOWN, ColumnMap, find_name, shown
from ingest.networks.picking import picker
from ingest.networks.reasons import REASONS
from ingest.networks.rejected import rejected_rows
from ingest.networks.shapes import usable_shapes, with_walls_filled
from ingest.networks.survey.sources import read_sources
from ingest.place import eastings_cut, outside, passage_of_most, rows_inside
from ingest.sandbox.walls import Limits
from spatial.asset_table import AssetTable
from spatial.columns import Coded, combinations
from spatial.crs import Grid, Passage, check_agreement, declare
from spatial.errors import Refused
from spatial.rules.profile import RuleProfile
from spatial.values import ChangeSet, Extent, NetworkIntake
from spatial.wkb import MULTI_LINE, lines_wkb
from spatial.words import AssetKind

Progress = Callable[[int, int], None]

ROWS_A_BLOCK = 16_384
"""How many rows are looked at together: enough for columns to pay, few enough to be a small part of the memory."""
MOST_VERTICES = 60_000_000
"""Of one dataset, once its edges are short: what five million pipes have, and a gigabyte."""


def read_network(
    paths: Sequence[str | PathLike[str]],
    *,
    crs: str | Grid | None,
    id_field: str | None,
    mapping: ColumnMap | None,
    extent: Extent,
    profile: RuleProfile,
    on: date,
    reading: Reading = READ_ALL,
    change_field: str | None = None,
    apart: Limits | None = None,
    progress: Progress | None = None,
) -> NetworkIntake:
    """The assets of one dataset, from one or more local files of the kinds ingest.files.table reads, or survey tables
    (ingest.networks.survey).

    crs: as declared; a CRS inside a file must agree with it. id_field: the column the utility promises to
    keep stable; without it the rows get what ids they have, and are matched by digest. on: the data date.
    reading: layers, units and what was looked at; the encoding is the mapping's. change_field: the files are a change set,
    and this column says of each row what it is (ingest.networks.changes). apart: the files are a stranger's, and opened by a
    process behind walls (ingest.networks.apart) within these limits; all else is the same.
    progress: called with (rows done, rows received).

    Only a row without usable geometry or with a duplicate id is rejected; it leaves its box, widened by an
    unknown pipe's radius and uncertainty. Any other bad value becomes unknown and a counted warning.
    :raises Refused: the whole import, when a file cannot be trusted or no row could be taken (of a change set: none of
    those that have a place).
    """
    check_asked(change_field, id_field)
    column_map = mapping or ColumnMap()
    if apart is not None:
        tables = read_sources_apart(paths, column_map, reading, id_field, change_field, apart)
    else:
        tables = read_sources(paths, picker(column_map, id_field, change_field), column_map, reading)
    rows = joined(tables)
    _check_names(rows.names, column_map, id_field, change_field)
    changes = read_changes(rows) if change_field is not None else None
    if changes is not None and len(changes.removed) == len(rows):
        return _only_removed(rows, changes, crs)
    bounds = span(rows.bounds)
    declared = declare(crs, bounds)
    for stated in dict.fromkeys(table.embedded_crs for table in tables):
        if apart is None:
            check_agreement(declared, stated)
        else:
            check_agreement_apart(declared, stated, apart)
    if bounds is None:
        raise Refused.because(
            "network_no_geometry",
            en="no row has any coordinates; export the pipes with their geometry",
            zh="所有记录都没有坐标，请连同几何一起导出管线",
        )
    if progress is not None:
        progress(0, len(rows))

    warnings: Counter[str] = Counter(rows.warnings)
    fault = _check_shapes(rows, stated_assets(rows, column_map, on), warnings)
    inside = rows_inside(declared, rows.bounds, extent)
    fault[is_none(fault) & ~inside] = "outside_extent"
    if cut := eastings_cut(declared, rows.bounds[is_none(fault)]):
        warnings["easting_looks_cut"] = cut
    if not is_none(fault).any():
        # Of what is usable all is outside: most likely the declared CRS or the order of x and y is wrong.
        if "outside_extent" in fault:
            raise outside(declared, span(rows.bounds[fault == "outside_extent"]) or bounds, extent)
        if changes is None or not inside.any():
            raise _nothing_accepted(fault)

    passage, strays = passage_of_most(declared, rows.bounds, inside)
    fault[is_none(fault) & strays] = "outside_crs_area"
    register = _carried(rows, fault, passage, extent, progress)

    ids = _source_ids(rows, id_field, fault, warnings)
    accepted = np.flatnonzero(is_none(fault))
    if not len(accepted) and changes is None:
        raise _nothing_accepted(fault)
    columns = read_attributes(rows, accepted, column_map, on, profile, warnings)
    assets = _assets(accepted, register, columns, ids, passage, profile, on, warnings)
    if progress is not None:
        progress(len(rows), len(rows))
    return NetworkIntake(
        received=len(rows),
        assets=assets,
        rejected=rejected_rows(
            rows, register, fault, ids, passage, profile, promised=id_field is not None, on=on
        ),
        warnings=dict(sorted(warnings.items())),
        crs=declared.name,
        operation=passage.operation,
        operation_accuracy_m=passage.accuracy_m,
        stable_ids=id_field is not None,
        sources=rows.sources,
        stated_length_m=columns.length_m if "length_m" in columns.here else None,
        odd_cells=columns.odd_cells,
        changes=changes,
    )


def _only_removed(rows: Rows, changes: ChangeSet, crs: str | Grid | None) -> NetworkIntake:
    """Of a change set that brings nothing, so that nothing has to be carried anywhere."""
    return NetworkIntake(
        received=len(rows),
        assets=(),
        rejected=(),
        warnings=dict(rows.warnings),
        crs=declare(crs).name if crs is not None else "",
        operation="",
        operation_accuracy_m=0.0,
        stable_ids=True,
        sources=rows.sources,
        changes=changes,
    )


def _check_names(names: Sequence[str], column_map: ColumnMap, *fields: str | None) -> None:
    """Every column the user names is there: a misspelt one would silently be unknown in every row."""
    wanted = [*column_map.columns.values(), *(field for field in fields if field is not None)]
    missing = [name for name in wanted if find_name(name, names) is None]
    if missing:
        there = ", ".join(name[:LONGEST_SHOWN] for name in sorted(names)[:40]) or "none"
        raise Refused.because(
            "column_missing",
            en=f"no column {', '.join(map(shown, missing))}; the file's columns are: {there}",
            zh=f"找不到列 {'、'.join(map(shown, missing))}；文件中的列有：{there}",
        )


def _blocks(rows: int) -> list[slice]:
    return [slice(at, at + ROWS_A_BLOCK) for at in range(0, rows, ROWS_A_BLOCK)]


def _check_shapes(rows: Rows, stated: Coded, warnings: Counter[str]) -> NDArray[np.object_]:
    """The faults of all rows; what the file drew gives way to the usable shape, so that not both are there at once.
    stated: what each row says it is."""
    fault, walls = rows.fault.copy(), 0
    for block in _blocks(len(rows)):
        shapes, fault[block] = usable_shapes(rows.geometry[block], fault[block])
        rows.geometry[block], filled = with_walls_filled(shapes, stated.take(block))
        walls += filled
    if walls:
        warnings["wall_drawn_as_line"] += walls
    return fault


def _carried(
    rows: Rows, fault: NDArray[np.object_], passage: Passage, extent: Extent, progress: Progress | None
) -> NDArray[np.object_]:
    """The shapes in the register, as well-known binary; marks what turns out to lie outside the extent exactly, or to
    be no proper shape there. Takes the rows' own shapes away as it goes."""
    register = np.full(len(rows), None, dtype=object)
    vertices = 0
    for block in _blocks(len(rows)):
        taken = np.flatnonzero(is_none(fault[block])) + block.start
        is_line = shapely.get_type_id(rows.geometry[taken]) == shapely.GeometryType.LINESTRING
        lines, others = taken[is_line], taken[~is_line]
        vertices += _carry_lines(lines, rows.geometry[lines], passage, register, fault, extent)
        vertices += _carry_others(others, rows.geometry[others], passage, register, fault, extent)
        rows.geometry[block] = None
        if vertices > MOST_VERTICES:
            raise Refused.because(
                "network_too_many_vertices",
                en=f"kept straight to 100 m, the lines have more than {MOST_VERTICES:,} points; check the coordinates "
                "and their coordinate system, or split the file",
                zh=f"按 100 米加密后，管线超过 {MOST_VERTICES:,} 个顶点；请检查坐标及坐标系，或拆分文件",
            )
        if progress is not None:
            progress(min(block.stop, len(rows)), len(rows))
    return register


def _carry_lines(
    rows: NDArray[np.int64],
    shapes: NDArray[np.object_],
    passage: Passage,
    register: NDArray[np.object_],
    fault: NDArray[np.object_],
    extent: Extent,
) -> int:
    """LineStrings, without a shape for each on the way; they become MultiLineStrings of one part. How many vertices."""
    if not len(rows):
        return 0
    counts = shapely.get_num_coordinates(shapes).astype(np.int64)
    lonlat, runs = passage.carry_lines(
        shapely.get_coordinates(shapes), np.concatenate([[0], np.cumsum(counts)])
    )
    low = np.minimum.reduceat(lonlat, runs[:-1], axis=0)
    high = np.maximum.reduceat(lonlat, runs[:-1], axis=0)
    # A line is a proper one when two of its points differ.
    _mark(rows, (low == high).all(axis=1), np.column_stack([low, high]), fault, extent)
    register[rows] = lines_wkb(lonlat, runs)
    return len(lonlat)


def _carry_others(
    rows: NDArray[np.int64],
    shapes: NDArray[np.object_],
    passage: Passage,
    register: NDArray[np.object_],
    fault: NDArray[np.object_],
    extent: Extent,
) -> int:
    carried = passage.carry(shapes)
    _mark(rows, ~shapely.is_valid(carried), shapely.bounds(carried), fault, extent)
    register[rows] = shapely.to_wkb(carried, byte_order=1, output_dimension=2)
    return int(shapely.get_num_coordinates(carried).sum())


def _mark(
    rows: NDArray[np.int64],
    degenerate: NDArray[np.bool_],
    bounds: NDArray[np.float64],
    fault: NDArray[np.object_],
    extent: Extent,
) -> None:
    fault[rows[degenerate]] = "geometry_degenerate"
    west, south, east, north = bounds.T
    out = (west < extent.west) | (south < extent.south) | (east > extent.east) | (north > extent.north)
    fault[rows[out & ~degenerate]] = "outside_extent"


def _source_ids(
    rows: Rows, id_field: str | None, fault: NDArray[np.object_], warnings: Counter[str]
) -> list[str]:
    """An id for every row; marks later rows with a promised id that came before as `id_duplicate`."""
    column = list(rows.columns.get(ID, Coded.all_alike(None, len(rows))).map(id_text))
    promised = id_field is not None
    given = column if promised else [id_text(own) or cell for own, cell in zip(rows.ids, column, strict=True)]
    if None not in given and len(set(given)) == len(given):
        return [name for name in given if name is not None]  # nothing missing, nothing twice
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
) -> AssetTable:
    wkb = register[accepted]
    surveyed = profile.uncertainty.survey_classes
    unknown_survey = sum(
        count
        for name, count in zip(columns.survey_class.values, columns.survey_class.counts(), strict=True)
        if name is not None and name.lower() not in surveyed
    )
    if unknown_survey:
        warnings["survey_class_unknown"] += unknown_survey
    covers = columns.covers
    place_doubt, depth_doubt = doubts_of(columns, passage, profile, on)
    attributes = {
        "kind": _kinds(columns.asset, wkb, warnings),
        "pressure_class": columns.pressure_class,
        "diameter_mm": columns.diameter_mm,
        "cover_m": covers.least_m,
        "material": columns.material,
        "status": columns.status,
        "survey_class": columns.survey_class,
        "laid_on": columns.laid_on,
        "pipe_kind": columns.kind,
        "uncertainty": place_doubt,
        "cover_most_m": covers.most_m,
        "profiled": covers.profiled,
        "depth_uncertainty": depth_doubt,
        "surveyed_on": columns.surveyed_on,
        "resurfaced_on": columns.resurfaced(),
    }
    return AssetTable([ids[row] for row in accepted.tolist()], wkb, attributes, digests(wkb, attributes))


def _kinds(stated: Coded, wkb: NDArray[np.object_], warnings: Counter[str]) -> Coded:
    is_line = np.fromiter((shape.startswith(MULTI_LINE) for shape in wkb), np.int32, len(wkb))
    found = combinations([stated, Coded(is_line, (False, True))])
    kinds = [_kind(*said, count, warnings) for said, count in zip(found.rows, found.counts, strict=True)]
    return Coded(found.of_row, kinds)


def _kind(stated: AssetKind | None, is_line: bool, rows: int, warnings: Counter[str]) -> AssetKind:
    """What an asset is: the geometry decides between pipe and facility; an unnamed facility is the widest."""
    if is_line:
        if stated not in (None, AssetKind.PIPE):
            warnings["asset_contradicts_geometry"] += rows
        return AssetKind.PIPE
    if stated is None or stated is AssetKind.PIPE:
        warnings["facility_kind_unknown"] += rows
        return AssetKind.STATION
    return stated


def _nothing_accepted(fault: NDArray[np.object_]) -> Refused:
    counted = Counter(code for code in fault.tolist() if code != REMOVED).most_common(5)
    en = "; ".join(f"{count} rows: {REASONS[code][0]}" for code, count in counted)
    zh = "；".join(f"{count} 行：{REASONS[code][1]}" for code, count in counted)
    return Refused.because(
        "network_nothing_accepted",
        en=f"no row could be taken, so nothing was imported. {en}",
        zh=f"没有任何一行可以接收，未导入任何数据。{zh}",
    )
