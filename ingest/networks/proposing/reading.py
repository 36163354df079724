"""The names and values of files nobody has mapped yet."""

from collections.abc import Sequence
from datetime import date
from os import PathLike

from ingest.files.rows import READ_ALL, Reading
from ingest.files.sheets import is_sheet_file
from ingest.files.table import joined
from ingest.networks.columns import COLUMNS
from ingest.networks.mapping import ColumnMap
from ingest.networks.proposing.proposal import Proposal, proposal_of
from ingest.networks.survey.headings import headings_read
from ingest.networks.survey.sources import read_sources


def propose_mapping(
    paths: Sequence[str | PathLike[str]],
    *,
    encoding: str | None,
    on: date,
    reading: Reading = READ_ALL,
) -> Proposal:
    """What a map of these files may say. Needs no CRS: shapes are not looked at.

    encoding: of text whose file does not say it; it is carried into the proposal. on: the data date.
    :raises Refused: as read_network, while files are read.
    """

    def every_column(names: Sequence[str]) -> dict[str, str]:
        return {name: name for name in names}

    rows = joined(read_sources(paths, every_column, ColumnMap(encoding=encoding), reading))
    is_survey = any(is_sheet_file(path) for path in paths)
    theirs = [name for name in rows.names if name not in COLUMNS]
    known = headings_read(theirs) if is_survey else set()
    return proposal_of(rows, read_already=known, encoding=encoding, on=on)
