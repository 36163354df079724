"""The files of one dataset: survey tables belong together, every other file stands for itself."""

from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path

from ingest.files.geojson import too_many_rows
from ingest.files.layers import check_no_layers, check_no_units
from ingest.files.rows import MAX_ROWS, Pick, Reading, Rows
from ingest.files.sheets import is_sheet_file
from ingest.files.table import read_tables
from ingest.networks.mapping import ColumnMap
from ingest.networks.survey.rows import read_survey
from spatial.errors import Refused


def read_sources(
    paths: Sequence[str | PathLike[str]], pick: Pick, column_map: ColumnMap, reading: Reading
) -> list[Rows]:
    """One Rows a file, and one of all survey tables; the encoding is the map's. :raises Refused: as read_tables and
    read_survey."""
    reading = replace(reading, encoding=column_map.encoding)
    sheets = [path for path in paths if is_sheet_file(path)]
    if not sheets:
        return read_tables(paths, pick, reading)
    if len(set(map(str, sheets))) < len(sheets):
        raise Refused.because(
            "file_twice", en="a file is named twice; name each once", zh="同一文件被指定了两次，请只指定一次"
        )
    for path in sheets:
        check_no_layers(Path(path).name, reading)
        check_no_units(Path(path).name, reading)
    others = [path for path in paths if not is_sheet_file(path)]
    tables = read_tables(others, pick, reading) if others else []
    tables.append(read_survey(sheets, pick, column_map.encoding, column_map.unit("cover_m")))
    if sum(map(len, tables)) > MAX_ROWS:
        raise too_many_rows(tables[-1].sources[-1][0])
    return tables
