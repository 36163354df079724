"""Workbooks and CSV come from strangers: what they hold is counted before it is unpacked."""

import zipfile
from pathlib import Path

import pytest

import ingest.files.sheets as sheets
from ingest.files.sheets import read_sheets
from spatial.errors import Refused
from tests.ingest.dock import codes
from tests.ingest.surveys import LINES, POINTS, text_table, workbook


def refusal(path: Path, encoding: str | None = None) -> set[str]:
    with pytest.raises(Refused) as refused:
        read_sheets(path, encoding)
    return codes(refused.value)


def repacked(path: Path, **members: bytes) -> Path:
    """The workbook with members put in or in place of its own; the names with / as __."""
    changed = {name.replace("__", "/") + ".xml": data for name, data in members.items()}
    with zipfile.ZipFile(path) as archive:
        whole = {name: archive.read(name) for name in archive.namelist()} | changed
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in whole.items():
            archive.writestr(name, data)
    return path


def sheet_xml(rows: bytes) -> bytes:
    return (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        + rows
        + b"</sheetData></worksheet>"
    )


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return workbook(tmp_path / "a.xlsx", 点表=POINTS, 线表=LINES)


def test_rows_keep_their_numbers_and_blank_ones_are_left_out(tmp_path: Path) -> None:
    found, source = read_sheets(
        workbook(tmp_path / "a.xlsx", 一=[(1, None), (), (None, " "), ("x", None, 2)]), None
    )
    assert [(sheet.name, sheet.rows, sheet.numbers) for sheet in found] == [
        ("a.xlsx/一", [(1,), ("x", None, 2)], [1, 4])
    ]
    assert source[0] == "a.xlsx" and len(source[1]) == 64


def test_a_workbook_with_entities_is_refused(book: Path) -> None:
    evil = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + sheet_xml(
        b"<row><c><v>&e;</v></c></row>"
    )
    assert refusal(repacked(book, xl__worksheets__sheet1=evil)) == {"workbook_has_entities"}


def test_entities_in_another_encoding_are_seen_too(book: Path) -> None:
    evil = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY e "1">]><x>&e;</x>'.encode("utf-16")
    assert refusal(repacked(book, docProps__other=evil)) == {"workbook_has_entities"}


def test_a_workbook_that_unpacks_too_far_is_refused_before_it_is(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "MOST_UNPACKED_BYTES", 10_000_000)
    assert refusal(repacked(book, xl__sharedStrings=b" " * 20_000_000)) == {"workbook_too_large"}


def test_a_row_or_a_column_far_away_does_not_fill_the_memory(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = sheet_xml(b'<row r="999999999"><c r="A999999999"><v>1</v></c></row>')
    assert refusal(repacked(book, xl__worksheets__sheet1=far)) == {"sheet_too_large"}
    monkeypatch.setattr(sheets, "MOST_CELLS", 100_000)
    wide = b"".join(b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (row, row) for row in range(1, 20))
    assert refusal(repacked(book, xl__worksheets__sheet1=sheet_xml(wide))) == {"sheet_too_large"}


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "sheet_old_format"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "sheet_old_format"),
        ("a.xlsx", b"point,x,y\n", "file_unreadable"),
        ("a.xlsx", b"PK\x03\x04" + b"\0" * 40, "file_unreadable"),
        ("a.csv", b"PK\x03\x04 a,b", "file_not_what_it_says"),
        ("a.csv", b"a,b\x00c", "file_not_what_it_says"),
        ("a.csv", b"\xff\xff\xff,1", "csv_encoding_unknown"),
        ("a.csv", b'"a,b\n1,2', "csv_unreadable"),
        ("a.csv", b"", "file_empty"),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(
    tmp_path: Path, name: str, data: bytes, code: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert refusal(path) == {code}


def test_a_zip_that_is_no_workbook(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("pipes.shp", b"x")
    assert refusal(tmp_path / "a.xlsx") == {"file_not_what_it_says"}


def test_a_damaged_workbook_is_refused_whatever_is_damaged(book: Path) -> None:
    whole = book.read_bytes()
    for at in range(0, len(whole), max(1, len(whole) // 60)):
        book.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            read_sheets(book, None)
        except Refused as refused:
            codes(refused)


def test_an_encoding_stated_by_the_map_is_the_one(tmp_path: Path) -> None:
    path = text_table(tmp_path / "a.csv", [("管線點號", "X", "Y")], "big5")
    (sheet,), _ = read_sheets(path, "big5")
    assert sheet.rows[0][0] == "管線點號"
