"""What a change set says of its rows: every word known is read, and no other."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.networks.changes import ADDED_WORDS, CHANGED_WORDS, REMOVED_WORDS
from spatial.errors import Refused
from tests.ingest.dock import collection, feature, line, network, written

KINDS = {"added": ADDED_WORDS, "changed": CHANGED_WORDS, "removed": REMOVED_WORDS}
WORDS = [(kind, word) for kind, words in KINDS.items() for word in words]


def read(folder: Path, rows: list[dict[str, Any]]) -> Any:
    return network(written(folder, collection(*rows)), id_field="id", change_field="op")


def test_every_word_is_read_in_any_case_and_width(tmp_path: Path) -> None:
    said = [
        *WORDS,
        *((kind, f" {word.lower()} ") for kind, word in WORDS),
        ("removed", "Ｄ"),
        ("changed", "ｍ"),
    ]
    rows = [feature(line(dy=at), id=f"p{at}", op=word) for at, (_, word) in enumerate(said)]
    intake = read(tmp_path, rows)
    for kind in KINDS:
        names = [f"p{at}" for at, (meant, _) in enumerate(said) if meant == kind]
        assert list(getattr(intake.changes, kind)) == names
    assert intake.received == len(intake.assets) + len(intake.rejected) + len(intake.removed)
    assert not {asset.source_id for asset in intake.assets} & {*intake.removed}


@pytest.mark.parametrize(
    "word", [None, "", " ", "X", "C", "R", 1, True, "停用", "废弃", "报废", "新", "删", "AD", "keep"]
)
def test_no_other_word_is_guessed_at(word: object, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refusal:
        read(tmp_path, [feature(line(), id="a", op="A"), feature(line(dy=9), id="b", op=word)])
    assert [fault.code for fault in refusal.value.faults] == ["change_unknown"]
    assert "rows 2." in refusal.value.faults[0].en and "第 2 行" in refusal.value.faults[0].zh


SHAPES = st.sampled_from(
    [line(), None, {"type": "LineString", "coordinates": []}, line(length=0.0), {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}, {"type": "LineString", "coordinates": [[0, 0], [0, 0]]}]
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(said=st.lists(st.tuples(st.sampled_from(WORDS), SHAPES), min_size=1, max_size=8))
def test_every_row_is_accepted_rejected_or_a_removal(said: list[Any], tmp_path: Path) -> None:
    rows = [feature(shape, id=f"p{at}", op=word) for at, ((_, word), shape) in enumerate(said)]
    try:
        intake = read(tmp_path, rows)
    except Refused as refusal:
        assert {fault.code for fault in refusal.faults} <= {
            "network_no_geometry",
            "network_nothing_accepted",
            "outside_extent",
        }
        return
    accepted, refused = (
        {asset.source_id for asset in intake.assets},
        {row.source_id for row in intake.rejected},
    )
    assert len(rows) == intake.received == len(accepted) + len(refused) + len(intake.removed)
    assert accepted | refused | {*intake.removed} == {f"p{at}" for at in range(len(rows))}
    assert {row.number for row in intake.rejected} == {int(str(name)[1:]) + 1 for name in refused}
    assert all(row.replaceable for row in intake.rejected)
