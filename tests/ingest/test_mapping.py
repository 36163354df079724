"""The renaming map is small, and every mistake in it is named."""

from pathlib import Path

import pytest

from ingest import parse_mapping, read_mapping
from spatial.errors import Refused
from tests.ingest.dock import codes, collection, feature, line, network, written


def test_a_map_file_is_read(tmp_path: Path) -> None:
    text = """
        encoding = "GB18030"
        [columns]
        diameter_mm = "DIAM"
        pressure_class = "thema"
        [values.pressure_class]
        gasLageDruk = "LP"
        gasHogeDruk = ""
        [units]
        diameter_mm = "cm"
        [constants]
        laid_on = 2001-02-03
        kind = "main"
    """
    found = read_mapping(written(tmp_path, text, "map.toml"))
    assert found.columns["diameter_mm"] == "DIAM" and found.encoding == "GB18030"
    path = written(
        tmp_path, collection(feature(line(), DIAM=11, thema="gasHogeDruk"), feature(line(), DIAM=6.3))
    )
    high, _ = network(path, mapping=found).assets
    assert high.pressure_class is None and high.diameter_mm == 110.0 and str(high.laid_on) == "2001-02-03"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("columns = 3", "map_table_expected"),
        ("[kolumns]\na='b'", "map_key_unknown"),
        ("[columns]\ndiam='b'", "map_column_unknown"),
        ("[columns]\ndiameter_mm=3", "map_text_expected"),
        ("[units]\ndiameter_mm='inch'", "map_unit"),
        ("[units]\nmaterial='mm'", "map_unit"),
        ("[values]\nkind='main'", "map_table_expected"),
        ("[values.kind]\nx='pipeline'", "map_word_unknown"),
        ("[constants]\npressure_class='medium'", "map_word_unknown"),
        ("[constants]\ndiameter_mm=0", "map_word_unknown"),
        ("[constants]\nkind='main'\n[columns]\nkind='K'", "map_twice"),
        ("encoding='klingon'", "map_encoding"),
        ("[columns", "map_unreadable"),
        ("[constants]\ndiameter_mm=1" + "0" * 5_000, "map_unreadable"),
        ("[constants]\ndiameter_mm=0x" + "F" * 5_000, "map_word_unknown"),
        ("[values.kind]\nx=-0x" + "F" * 5_000, "map_unreadable"),
        ("encoding=0x" + "F" * 5_000, "map_encoding"),
        ("encoding='zlib'", "map_encoding"),
        ("encoding='undefined'", "map_encoding"),
        ("[units]\ndiameter_mm=['mm']", "map_unit"),
        ("[values.kind]\nx." + "a." * 190 + "a=1", "map_word_unknown"),
        ("[values.kind]\nx." + "a." * 20_000 + "a=1", "map_unreadable"),
        ("[values.kind]\nx=" + "[" * 400 + "]" * 400, "map_word_unknown"),
    ],
)
def test_a_mistake_in_a_map_is_refused_with_its_place(text: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_mapping(text)
    assert codes(caught.value) == {code}
    assert all(len(fault.en) < 500 for fault in caught.value.faults)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(Refused) as caught:
        parse_mapping("[columns]\ndiam='b'\n[units]\nkind='mm'\n[values.kind]\nx='pipeline'")
    assert [fault.pointer for fault in caught.value.faults] == [
        "/columns/diam",
        "/units/kind",
        "/values/kind/x",
    ]


def test_a_map_that_names_a_column_the_file_lacks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="DIAMM"):
        network(
            written(tmp_path, collection(feature(line(), DIAM=11))),
            mapping=parse_mapping("[columns]\ndiameter_mm='DIAMM'"),
        )
