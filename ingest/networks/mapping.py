"""The renaming map: how one source's columns, words and units become ours. A small TOML file.

    encoding = "GB18030"                 # of a Shapefile that does not say it
    [columns]                            # ours = "theirs"
    diameter_mm = "DIAM"
    [values.pressure_class]              # "their word" = our word; a word not listed is read as it stands
    gasLageDruk = "LP"
    [constants]                          # ours = what every row has, for a column the file lacks
    kind = "main"
    [defaults]                           # ours = what is meant where a row says nothing: how the dataset was surveyed
    survey_class = "cjj61"
    surveyed_on = 2019-06-30
    cover_to = "centre"
    [units]                              # of their numbers: mm, cm or m; kPa, bar or MPa
    diameter_mm = "cm"

An empty word ("") in [values] means unknown.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

from ingest.files.local import check_local, read_bytes
from ingest.networks.columns import COLUMNS, QUALITY, UNITS, is_known_word
from spatial.errors import Faults, Refused

MAX_MAP_BYTES = 1_000_000
MOST_DOTS = 200
"""Of a line: reading a key of so many parts takes their number squared."""
LARGEST_NUMBER = 10**15
"""Written out, a number of TOML's may have forty thousand digits."""
LONGEST_SHOWN = 80
SHAPEFILE_NAME_LENGTH = 10
"""dBASE cuts column names to ten bytes: `pressure_class` comes back as `pressure_c`, `敷设日期` in UTF-8 as `敷设日`."""


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """A checked renaming map. Keys are our column names throughout (ingest.networks.columns.COLUMNS). text: as it was
    written."""

    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    text: str = field(default="", compare=False, repr=False)

    def unit(self, name: str) -> str | None:
        """The unit of our column in the file. The two ends of a pipe are measured in one."""
        return self.units.get(name, self.units.get("cover_m") if name == "cover_end_m" else None)

    def pick(self, names: Sequence[str]) -> dict[str, str]:
        """Our name -> the file's name, for what this file has of [columns] or under our own names.

        Upper and lower case are the same, and so is a name cut to ten bytes, where that is unambiguous.
        """
        picked: dict[str, str] = {}
        for ours in COLUMNS:
            if ours in self.constants:
                continue
            theirs = find_name(self.columns.get(ours, ours), names)
            if theirs is not None:
                picked[ours] = theirs
        return picked


def find_name(wanted: str, names: Sequence[str]) -> str | None:
    """The column of the file meant by `wanted`, or None."""
    if wanted in names:
        return wanted
    spelled = wanted.casefold()
    alike = [name for name in names if name.casefold() == spelled]
    found = alike or [name for name in names if name.casefold() in _cut(spelled)]
    return found[0] if len(found) == 1 else None


def _cut(name: str) -> set[str]:
    """What a Shapefile leaves of a name too long for it, in whole letters."""
    written = [name.encode(code, "replace") for code in ("utf-8", "gb18030")]
    return {
        whole[:SHAPEFILE_NAME_LENGTH].decode(code, "ignore")
        for whole, code in zip(written, ("utf-8", "gb18030"), strict=True)
        if len(whole) > SHAPEFILE_NAME_LENGTH
    }


def read_mapping(path: str | PathLike[str]) -> ColumnMap:
    """A renaming map from a TOML file. :raises Refused: unreadable, or every mistake in it at once."""
    local = check_local(path, max_bytes=MAX_MAP_BYTES)
    try:
        text = read_bytes(local).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused.because(
            "map_not_utf8",
            en=f"{local.name} is not UTF-8 text; save it as UTF-8",
            zh=f"{local.name} 不是 UTF-8 编码，请另存为 UTF-8",
        ) from error
    return parse_mapping(text)


def parse_mapping(text: str) -> ColumnMap:
    """A renaming map from TOML text. :raises Refused: every mistake in it at once."""
    text = text.replace("\r\n", "\n")
    lines = text.split("\n")
    try:
        if any(line.count(".") > MOST_DOTS and not line.lstrip().startswith("#") for line in lines):
            raise ValueError(f"a line with more than {MOST_DOTS} dots")
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits is a ValueError of int()
        raise Refused.because(
            "map_unreadable",
            en=f"the map file is not TOML: {str(error)[:300]}",
            zh=f"映射文件不是有效的 TOML：{str(error)[:300]}",
        ) from error
    faults = Faults()
    sections = {"columns", "values", "constants", "defaults", "units"}
    for key, value in document.items():
        if key not in sections | {"encoding"}:
            faults.add(
                "map_key_unknown",
                en=f"{shown(key)} means nothing in a map file; use columns, values, constants, defaults, units or "
                "encoding",
                zh=f"映射文件中没有 {shown(key)} 这一项；可用 columns、values、constants、defaults、units、encoding",
                pointer=f"/{key}",
            )
        elif key in sections and not isinstance(value, dict):
            faults.add(
                "map_table_expected",
                en=f"{key} must be a table: write [{key}]",
                zh=f"{key} 必须是表，请写成 [{key}]",
                pointer=f"/{key}",
            )
    faults.raise_if_any()
    for section in sorted(sections & document.keys()):
        _check_section(section, document[section], faults)
    for name in document.get("constants", {}):
        for other in ("columns", "defaults"):
            if name in document.get(other, {}):
                faults.add(
                    "map_twice",
                    en=f"{name} is in [{other}] and in [constants]; keep one",
                    zh=f"{name} 同时出现在 [{other}] 和 [constants] 中，请只保留一个",
                    pointer=f"/constants/{name}",
                )
    _check_encoding(document.get("encoding"), faults)
    faults.raise_if_any()
    return ColumnMap(
        columns=document.get("columns", {}),
        values=document.get("values", {}),
        constants=document.get("constants", {}),
        defaults=document.get("defaults", {}),
        units=document.get("units", {}),
        encoding=document.get("encoding"),
        text=text,
    )


def _check_section(section: str, table: Mapping[str, Any], faults: Faults) -> None:
    for ours, value in table.items():
        pointer = f"/{section}/{ours}"
        if ours not in COLUMNS:
            faults.add(
                "map_column_unknown",
                en=f"{shown(ours)} is not a column of ours; use one of {', '.join(COLUMNS)}",
                zh=f"{shown(ours)} 不是本系统的列名；可用：{'、'.join(COLUMNS)}",
                pointer=pointer,
            )
        elif section == "columns" and not (isinstance(value, str) and value):
            faults.add(
                "map_text_expected",
                en=f"{ours} must be the name of a column of the file, in quotes",
                zh=f"{ours} 应为文件中的列名（加引号）",
                pointer=pointer,
            )
        elif section == "units" and (
            ours not in UNITS or not isinstance(value, str) or value not in UNITS[ours]
        ):
            faults.add(
                "map_unit",
                en=f"units are mm, cm or m (of diameter_mm also in, of pressure_class kPa, bar or MPa), and only of "
                f"{', '.join(UNITS)}",
                zh=f"单位只能是 mm、cm 或 m（diameter_mm 还可用 in，pressure_class 用 kPa、bar 或 MPa），且仅用于 "
                f"{'、'.join(UNITS)}",
                pointer=pointer,
            )
        elif section == "values" and not isinstance(value, dict):
            faults.add(
                "map_table_expected",
                en=f'write [values.{ours}] and below it "their word" = "our word"',
                zh=f"请写成 [values.{ours}]，下面逐行写“原词” = “本系统的词”",
                pointer=pointer,
            )
        elif section == "values":
            for word, meant in value.items():
                _check_word(ours, meant, f"{pointer}/{word}", faults)
        elif section == "defaults" and ours not in QUALITY:
            faults.add(
                "map_default",
                en=f"a default is how the whole dataset was surveyed, not {ours}; it may be of {', '.join(QUALITY)}",
                zh=f"[defaults] 只说明整个数据集的测量情况，不能用于 {ours}；可用：{'、'.join(QUALITY)}",
                pointer=pointer,
            )
        elif section in ("constants", "defaults"):
            _check_word(ours, value, pointer, faults)


def _check_word(ours: str, meant: Any, pointer: str, faults: Faults) -> None:
    if meant != "" and (_is_huge(meant) or not is_known_word(ours, meant)):
        faults.add(
            "map_word_unknown",
            en=f"{shown(meant)} is not a value {ours} can have ({COLUMNS[ours]})",
            zh=f"{shown(meant)} 不是 {ours} 可取的值（{COLUMNS[ours]}）",
            pointer=pointer,
        )


def _is_huge(value: Any) -> bool:
    return isinstance(value, int) and abs(value) > LARGEST_NUMBER


def shown(value: Any) -> str:
    """A value of a map within a sentence: its beginning, and of one that is built of others only what it is."""
    if isinstance(value, dict):
        return "{…}"
    if isinstance(value, list):
        return "[…]"
    if _is_huge(value):
        return f"{'-' if value < 0 else ''}{LARGEST_NUMBER}…"
    text = repr(value[: LONGEST_SHOWN + 1] if isinstance(value, str) else value)
    return text if len(text) <= LONGEST_SHOWN + 2 else f"{text[:LONGEST_SHOWN]}…"


def _check_encoding(encoding: Any, faults: Faults) -> None:
    if encoding is None:
        return
    try:
        "a".encode(encoding)  # known, and an encoding of text
    except (LookupError, TypeError, ValueError):
        faults.add(
            "map_encoding",
            en=f"{shown(encoding)} is no known text encoding; write GB18030 or UTF-8",
            zh=f"{shown(encoding)} 不是已知的文字编码，请写 GB18030 或 UTF-8",
            pointer="/encoding",
        )
