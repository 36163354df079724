"""Some of the files of `python -m bench.mixed_files`, and that its checks can fail."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from bench.mixed.rows import made_rows
from bench.mixed.writers import WRITERS
from bench.mixed_files import fates, one_file
from tests.ingest.dock import network

KINDS = len(WRITERS) + 2


@pytest.mark.parametrize("kind", range(KINDS))
def test_every_row_of_a_mixed_file_comes_out_accepted_or_rejected(tmp_path: Path, kind: int) -> None:
    received = 0
    for number in range(kind, 5 * KINDS, KINDS):
        folder = tmp_path / str(number)
        folder.mkdir()
        _, _, told, wrong = one_file(folder, 20261129, number)
        received += told.get("received", 0)
        assert wrong == []
    assert received > 10


def test_a_row_lost_taken_wrongly_or_without_ground_would_be_seen(tmp_path: Path) -> None:
    writer = WRITERS[0]
    rows = made_rows(Random(5), writer.kinds)
    intake = network(writer.write(tmp_path, rows), crs=writer.crs, id_field=writer.ids)
    assert fates(intake, rows, writer) == [] and len(intake.rejected) > 5
    assert fates(intake, rows[:-1], writer) and fates(intake, [*rows[1:], rows[0]], writer)
    bare = replace(intake, rejected=tuple(replace(one, box=None) for one in intake.rejected))
    assert any("has no ground" in one for one in fates(bare, rows, writer))
