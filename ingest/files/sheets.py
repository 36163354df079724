"""Tables of cells: the sheets of an Excel workbook (.xlsx), and CSV as Excel and WPS write it.

A workbook is a zip archive of XML: it is counted and sized before anything of it is unpacked, and XML that declares
entities is refused. Formulas are never worked out: a cell is what the program that saved it last showed.
"""

import csv
import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import Any
from xml.parsers import expat

from ingest.files.local import READ_BLOCK_BYTES, check_local, read_bytes, read_head, sha256_of
from ingest.files.rows import MAX_FILE_BYTES
from spatial.errors import Refused

SHEET_ENDINGS = (".xlsx", ".csv", ".xls")
"""Those that are looked at here; the last only to say what to do."""

MOST_MEMBERS = 2_000
MOST_UNPACKED_BYTES = 600_000_000
MOST_CSV_BYTES = 300_000_000
MOST_CELLS = 10_000_000
MOST_SHEET_ROWS = 1_048_576
"""What a sheet of Excel can hold."""
HEAD_OF_XML_BYTES = 1_000_000
"""A document type stands before the first element; XML whose first element comes later than this is no workbook's."""

_OLE = b"\xd0\xcf\x11\xe0"
"""The old .xls, and every workbook that is locked with a password."""
_DELIMITERS = (",", "\t", ";")
_WITHIN_A_NUMBER = re.compile(r"(?<=\d),(?=\d)")
_WORKSHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_NOT_WORKED_OUT = re.compile(
    rb"""<c\s(?![^>]*\bt="str")[^>]*?\br="([A-Z]{1,3}\d{1,7})"[^>]*>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>"""
)
"""A cell with a formula and no value. A text that came out empty is a value, and says that it is text."""
LONGEST_CELL_BYTES = 40_000
"""A formula has at most 8,192 letters."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """name: what to call it to its owner. rows: cells as they stand (text, numbers, dates, None), blank rows left out;
    numbers: of each row, as its program shows it."""

    name: str
    rows: Sequence[Sequence[Any]]
    numbers: Sequence[int]


def is_sheet_file(path: str | PathLike[str]) -> bool:
    return Path(fspath(path)).suffix.lower() in SHEET_ENDINGS


def read_sheets(
    path: str | PathLike[str], encoding: str | None, most_rows: int = MOST_SHEET_ROWS
) -> tuple[list[Sheet], tuple[str, str]]:
    """The sheets of one local file, and its (name, sha256). encoding: of a CSV that does not say it itself. most_rows: with
    anything in them, of all sheets together.

    :raises Refused: as check_local, and sheet_old_format, file_not_what_it_says, file_unreadable, workbook_too_large,
        workbook_has_entities, sheet_too_large, csv_encoding_unknown, csv_unreadable.
    """
    local = check_local(path, max_bytes=MAX_FILE_BYTES)
    if local.suffix.lower() == ".xls" or read_head(local, 4) == _OLE:
        raise Refused.because(
            "sheet_old_format",
            en=f"{local.name} is an old .xls, or locked with a password; open it in Excel or WPS and save it as .xlsx, "
            "without a password",
            zh=f"{local.name} 是旧版 .xls 文件，或已加密码；请用 Excel 或 WPS 打开，取消密码后另存为 .xlsx",
        )
    is_book = local.suffix.lower() == ".xlsx"
    sheets = _workbook(local, most_rows) if is_book else [_csv(local, encoding, most_rows)]
    return sheets, (local.name, sha256_of(local))


def cell_text(cell: Any) -> str:
    """A cell as one spells it when nothing depends on how: full-width letters are plain, blanks at the ends are gone."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return unicodedata.normalize("NFKC", str(cell)).strip()


def _kept(name: str, lines: Iterable[Sequence[Any]], cells_before: int, most_rows: int) -> tuple[Sheet, int]:
    """The rows with anything in them; how many cells there are now."""
    rows: list[Sequence[Any]] = []
    numbers: list[int] = []
    cells = cells_before
    for number, line in enumerate(lines, 1):
        cells += len(line)
        if len(rows) > most_rows or number > MOST_SHEET_ROWS or cells > MOST_CELLS:
            raise Refused.because(
                "sheet_too_large",
                en=f"{name} has more than {most_rows:,} rows or {MOST_CELLS:,} cells; delete empty rows and columns "
                "that were formatted far beyond the data, or split the table",
                zh=f"{name} 超过 {most_rows:,} 行或 {MOST_CELLS:,} 个单元格；请删除数据以外被设置过格式的空行空列，或拆分表格",
            )
        used = len(line)
        while used and _is_blank(line[used - 1]):
            used -= 1
        if used:
            rows.append(tuple(line[:used]))
            numbers.append(number)
    return Sheet(name, rows, numbers), cells


def _is_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


# -- workbooks


def _workbook(path: Path, most_rows: int) -> list[Sheet]:
    import openpyxl

    try:
        with path.open("rb") as file:
            with zipfile.ZipFile(file) as archive:
                _check_archive(path.name, archive)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of styles and extensions that say nothing of the cells
                book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
                sheets, cells = [], 0
                for own in book.worksheets:
                    own.reset_dimensions()  # what a file says of its own size is not to be relied on
                    sheet, cells = _kept(
                        f"{path.name}/{own.title}", own.iter_rows(values_only=True), cells, most_rows
                    )
                    sheets.append(sheet)
                return sheets
    except Refused:
        raise
    except Exception as error:  # what openpyxl raises over a damaged file is no closed list
        raise Refused.because(
            "file_unreadable",
            en=f"{path.name} cannot be read as an Excel workbook; it may be damaged: open it in Excel or WPS and save it "
            "as .xlsx again",
            zh=f"{path.name} 无法作为 Excel 工作簿读取，可能已损坏；请用 Excel 或 WPS 打开后重新另存为 .xlsx",
        ) from error


def _check_archive(name: str, archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    if "xl/workbook.xml" not in archive.namelist():
        raise Refused.because(
            "file_not_what_it_says",
            en=f"{name} is a zip archive but no Excel workbook; save the tables as .xlsx",
            zh=f"{name} 是压缩包而不是 Excel 工作簿，请将表格另存为 .xlsx",
        )
    # A member is never unpacked beyond the size it states, so what they state is what it can come to.
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_UNPACKED_BYTES:
        raise Refused.because(
            "workbook_too_large",
            en=f"{name} unpacks to more than {MOST_UNPACKED_BYTES // 1_000_000} MB or {MOST_MEMBERS} parts; delete "
            "pictures and sheets that are not needed, or split the tables",
            zh=f"{name} 解压后超过 {MOST_UNPACKED_BYTES // 1_000_000} MB 或 {MOST_MEMBERS} 个部分；请删除图片和无关工作表，或拆分表格",
        )
    for member in members:
        with archive.open(member) as part:
            if _declares_a_type(part):
                raise Refused.because(
                    "workbook_has_entities",
                    en=f"{name} holds XML with a document type, which no workbook needs and which can name other files; "
                    "save it anew with Excel or WPS",
                    zh=f"{name} 内含带文档类型声明（DTD）的 XML，正常工作簿没有这种内容且可能引用其他文件；请用 Excel 或 WPS 重新保存",
                )


def check_worked_out(path: Path) -> None:
    """:raises Refused: formulas_not_worked_out: a program wrote formulas and never what they come to: those cells would
    read as empty, and rows of nothing else would be passed over."""
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if _WORKSHEET.fullmatch(member.filename):
                _check_formulas(path.name, archive, member)


def _check_formulas(name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    kept = b""
    with archive.open(member) as part:
        while block := part.read(READ_BLOCK_BYTES):
            found = _NOT_WORKED_OUT.search(kept + block)
            kept = (kept + block)[-LONGEST_CELL_BYTES:]
            if found:
                raise Refused.because(
                    "formulas_not_worked_out",
                    en=f"{name} has formulas whose results are not in it (cell {found[1].decode('ascii')}): open it in Excel "
                    "or WPS, save it, and send it again, or paste the coordinates as plain numbers",
                    zh=f"{name} 中的公式没有保存计算结果（单元格 {found[1].decode('ascii')}）：请用 Excel 或 WPS 打开并保存后重新"
                    "提交，或将坐标粘贴为数值",
                )


class _Found(Exception):
    """Ends the look at the head of an XML document. The argument: whether it declares a document type."""


def _declares_a_type(part: Any) -> bool:
    def first_element(*_: Any) -> None:
        raise _Found(False)

    def document_type(*_: Any) -> None:
        raise _Found(True)

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.StartDoctypeDeclHandler = first_element, document_type
    try:
        for _ in range(HEAD_OF_XML_BYTES // 65_536):
            block = part.read(65_536)
            parser.Parse(block, not block)
            if not block:
                return False
    except expat.ExpatError:
        return False  # a picture, or XML that openpyxl cannot read either: it uses the same parser
    except _Found as found:
        return bool(found.args[0])
    return True


# -- CSV


def _csv(path: Path, encoding: str | None, most_rows: int) -> Sheet:
    if path.stat().st_size > MOST_CSV_BYTES:
        raise Refused.because(
            "file_too_large",
            en=f"{path.name} is larger than {MOST_CSV_BYTES // 1_000_000} MB; split it into parts",
            zh=f"{path.name} 超过 {MOST_CSV_BYTES // 1_000_000} MB，请拆分后再导入",
        )
    text = _decoded(path.name, read_bytes(path), encoding)
    if text[:2] == "PK" or "\x00" in text:
        raise Refused.because(
            "file_not_what_it_says",
            en=f"{path.name} is not text, as a .csv is; save the table as CSV (UTF-8) or .xlsx",
            zh=f"{path.name} 不是文本文件，与扩展名 .csv 不符；请将表格另存为 CSV（UTF-8）或 .xlsx",
        )
    try:
        sheet, _ = _kept(path.name, _lines(text, _delimiter(text[:20_000])), 0, most_rows)
    except csv.Error as error:
        raise Refused.because(
            "csv_unreadable",
            en=f"{path.name} is not readable CSV ({error}); look for a quotation mark that is never closed, or save it as "
            ".xlsx",
            zh=f"{path.name} 不是可读取的 CSV（{error}）；请检查是否有未闭合的引号，或另存为 .xlsx",
        ) from error
    return sheet


def _delimiter(head: str) -> str:
    """What stands between cells: the commonest of the usual ones, else a full-width comma; " " for blanks of any kind."""
    lines = head.splitlines()
    for mark in ("\t", ";"):
        # Where the decimal point is a comma, there may be more commas than marks between cells.
        of_cells = head.count(",") - len(_WITHIN_A_NUMBER.findall(head))
        if head.count(mark) > of_cells and 2 * sum(mark in line for line in lines) >= len(lines):
            return mark
    usual = max(_DELIMITERS, key=head.count)
    return usual if usual in head else "，" if "，" in head else " "


def _lines(text: str, delimiter: str) -> Iterator[list[str | None]]:
    if delimiter == " ":
        yield from ([*line.split()] for line in text.splitlines())
        return
    for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
        yield [cell or None for cell in line]


def _decoded(name: str, data: bytes, encoding: str | None) -> str:
    """What a byte order mark says; else UTF-8 where it is that, which other text all but never is; else as told, or
    GB18030."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        tried: tuple[str, ...] = ("utf-16",)
    elif encoding is not None and not data.startswith(b"\xef\xbb\xbf"):
        tried = (encoding,)
    else:
        tried = ("utf-8-sig", "gb18030")
    for one in tried:
        try:
            return data.decode(one)
        except UnicodeError:
            continue
    raise Refused.because(
        "csv_encoding_unknown",
        en=f"{name} is not text in {' or '.join(tried)}; save it as CSV (UTF-8), or write its encoding in the map file",
        zh=f"{name} 不是 {' 或 '.join(tried)} 编码的文本；请另存为 CSV（UTF-8），或在映射文件中写明 encoding",
    )


_UNIT = re.compile(r"[(\[【]([^()\[\]【】]*)[)\]】]")


def heading_of(cell: Any) -> tuple[str, tuple[str, ...]]:
    """(the words of a heading, what stands in its brackets): `Y 坐标（m）` -> ("Y坐标", ("M",)); capitals throughout."""
    text = re.sub(r"[\s_\-:.*/、]", "", cell_text(cell)).upper()
    return _UNIT.sub("", text), tuple(_UNIT.findall(text))
