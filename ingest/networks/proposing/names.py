"""What the columns of networks are called: the habits of surveyors, of pinyin, and of Dutch, German and English registers.

Names are compared in capitals, without blanks, dashes and brackets.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.networks.columns import COLUMNS, UNITS
from ingest.networks.depths import BOTTOM, CENTRE, TOP
from ingest.networks.diameters import INNER, NOMINAL, OUTSIDE
from ingest.networks.mapping import SHAPEFILE_NAME_LENGTH
from ingest.networks.survey.headings import DEPTHS, DIAMETERS, END, HEADINGS, end_of
from ingest.networks.survey.headings import UNITS as NOTED_UNITS

SIZES: Mapping[str, str | None] = {
    **DIAMETERS,
    **dict.fromkeys(
        "OUTSIDEDIAMETER OUTERDIAMETER EXTERNALDIAMETER OD DE WJ UITWENDIGEDIAMETER BUITENDIAMETER "
        "AUSSENDURCHMESSER DA".split(),
        OUTSIDE,
    ),
    **dict.fromkeys("DN NOMINALDIAMETER NOMINALSIZE NENNWEITE GCZJ GCGJ".split(), NOMINAL),
    **dict.fromkeys("INNERDIAMETER INSIDEDIAMETER INTERNALDIAMETER BORE NJ BINNENDIAMETER INNENDURCHMESSER DI".split(), INNER),
    **dict.fromkeys(
        "GJ GUANJING GXGJ GXGG GG DMCC GJDM DIAMETER DIAM DIA PIPEDIAMETER PIPESIZE SIZE DOORSNEDE DURCHMESSER "
        "DIMENSION".split()
    ),
}  # fmt: skip
"""A column of sizes -> what it says they measure; None: nothing."""
COVERS: Mapping[str, str | None] = {
    **DEPTHS,
    **dict.fromkeys(
        "COVER DEPTHOFCOVER GDMS GRONDDEKKING DEKKING UBERDECKUNG UEBERDECKUNG RECOUVREMENT".split(), TOP
    ),
    **dict.fromkeys("GZMS AXISDEPTH".split(), CENTRE),
    **dict.fromkeys("INVERTDEPTH GUDIMS".split(), BOTTOM),
    **dict.fromkeys("MS MAISHEN MSSD GXMS DEPTH BURIALDEPTH DIEPTE TIEFE VERLEGETIEFE".split()),
}
"""A column of depths -> to what of the pipe they are measured; None: it does not say."""
START_COVERS = frozenset("QDMS QSMS STARTDEPTH DEPTHSTART QDGDMS".split())
END_COVERS = frozenset("ZDMS ZZMS ENDDEPTH DEPTHEND ZDGDMS".split())

PLAIN: Mapping[str, tuple[str, ...]] = {
    "pressure_class": (
        *HEADINGS["pressure_class"],
        *"YLJB YLDJ YLJZ SJYL YL YALI PRESSURELEVEL PRESSURETIER MAOP MOP DESIGNPRESSURE PRESSURE OPERATINGPRESSURE "
        "DRUKKLASSE DRUK DRUCKSTUFE DRUCK NETZDRUCK 运行压力 工作压力".split(),
    ),
    "material": (*HEADINGS["material"], *"CZ CAIZHI GXCZ PIPEMATERIAL MATERIAAL WERKSTOFF MAT".split()),
    "status": (*HEADINGS["status"], *"SYZT GXZT ZT LIFECYCLE STATE TOESTAND ZUSTAND BETRIEBSZUSTAND".split()),
    "laid_on": (
        *HEADINGS["laid_on"],
        *"MSRQ MSND MSSJ JSND JSRQ JGRQ FSND FSRQ INSTALLDATE INSTALLATIONDATE INSTALLED INSTALLYEAR YEARBUILT "
        "CONSTRUCTIONYEAR CONSTRUCTIONDATE LAIDYEAR YEARLAID AANLEGJAAR AANLEGDATUM BAUJAHR VERLEGEJAHR VERLEGEDATUM "
        "VALIDFROM".split(),
    ),
    "surveyed_on": (
        *HEADINGS["surveyed_on"],
        *"TCRQ CLRQ PCRQ SURVEYDATE SURVEYED INMEETDATUM VERMESSUNGSDATUM EINMESSDATUM".split(),
    ),
    "survey_class": ("探测方式", "测量方式", *"TCFS SURVEYMETHOD QUALITYLEVEL".split()),
    "length_m": ("长度", "管长", "管段长度", "管线长度", *"CD GXCD GDCD LENGTH PIPELENGTH LENGTE LAENGE LANGE".split()),
    "kind": (
        "管道类型", "管网类型", "管段类型", "管道类别", *"GDLX GWLX PIPETYPE PIPEKIND TYPE SOORT LEITUNGSART ART".split(),
    ),
    "asset": (*HEADINGS["appurtenance"], *"FSW ASSETTYPE FACILITY FACILITYTYPE".split()),
    "uncertainty_m": ("平面精度", "平面中误差", *"ACCURACYXY ACCURACY NAUWKEURIGHEIDXY NAUWKEURIGHEID LAGEGENAUIGKEIT".split()),
    "resurfaced_on": ("路面翻修日期", "道路改造日期"),
}  # fmt: skip
"""Our column -> what others call it, the likeliest first."""

NEVER_SURE = {"uncertainty_m": "accuracy", "survey_class": "quality"}
"""Columns that make a pipe better known, and why no name is enough for them: whether an accuracy is a 95 % bound, and
whether a word means of a survey what the rules mean by it."""
RECORD_DATES = frozenset({"VALIDFROM"})
"""When a pipe began to be, or when its record did."""
STANDARD_DEPTHS = frozenset("STANDARDCOVER STANDAARDDEKKING DESIGNDEPTH 设计埋深 标准埋深 规范埋深".split())
"""What the rule books asked for: nobody measured it, so it is no depth."""
GREATEST_PRESSURES = frozenset(
    "设计压力 压力级别 压力等级 压力级制 SJYL YLJB YLDJ YLJZ MAOP MOP DESIGNPRESSURE PRESSURECLASS".split()
)
IDS = tuple(
    "GUID UUID 唯一编码 唯一编号 管线编号 管段编号 管道编号 编号 GXBH GDBH GDBM BH ASSETID PIPEID ID 管线点号 NAME".split()
)
_UNIT_COLUMNS = ("UOM", "UNITS", "UNIT", "EENHEID", "EINHEIT", "单位", "DW")
_PART = re.compile(r"[\s_\-./]+")
_BRACKETS = re.compile(r"[(\[【]([^()\[\]【】]*)[)\]】]")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name says: our column, the unit it states, what its sizes or depths are measured to.

    rank: among names of one column the lowest is the likeliest.
    """

    ours: str
    unit: str | None
    basis: str | None
    rank: int


def plain(name: str) -> str:
    """The words of a name as they are compared."""
    return re.sub(r"[\s_\-:.*/、·]", "", _BRACKETS.sub("", _upper(name)))


def meaning_of(name: str) -> Meaning | None:
    """What a column is by its name; None where the name says nothing to us."""
    stem, noted = _without_unit(name)
    for word in dict.fromkeys((plain(name), plain(stem))):
        found = _known(word) or (_known_cut(word) if _is_cut(name) else None)
        if found is not None:
            ours, basis, rank = found
            unit = next((unit for unit in UNITS.get(ours, {}) if unit == noted), None)
            return Meaning(ours, unit, basis, rank)
    return None


def greatest_by_name(name: str) -> bool:
    """Whether a column of pressures says that they are the greatest there may be, not those of some day."""
    return plain(name) in GREATEST_PRESSURES


def unit_column(name: str, names: Sequence[str]) -> str | None:
    """The column that tells the unit of another, such as diameter_uom."""
    wanted = {plain(name) + ending for ending in _UNIT_COLUMNS}
    return next((other for other in names if plain(other) in wanted), None)


def own_name(name: str) -> str | None:
    """Our column of that very name, if it is one."""
    return next((ours for ours in COLUMNS if ours.casefold() == name.casefold()), None)


def unit_said(cell: object) -> str | None:
    """A unit as a cell of a unit column names it."""
    if not isinstance(cell, str):
        return None
    text = _upper(cell).strip()
    return NOTED_UNITS.get(text, {"INCH": "in", "IN": "in", "MILLIMETER": "mm", "METER": "m"}.get(text))


def _upper(name: str) -> str:
    return unicodedata.normalize("NFKC", name).upper()


def _without_unit(name: str) -> tuple[str, str | None]:
    """(the name without its unit, the unit it states). A name as long as a Shapefile's may have lost half of one."""
    text = _upper(name)
    for note in _BRACKETS.findall(text):
        if note.strip() in NOTED_UNITS:
            return text, NOTED_UNITS[note.strip()]
    parts = _PART.split(text)
    if len(parts) > 1 and parts[-1] in NOTED_UNITS:
        lost = _is_cut(name) and parts[-1] in ("M", "C", "K", "B")
        return "_".join(parts[:-1]), None if lost else NOTED_UNITS[parts[-1]]
    return text, None


def _is_cut(name: str) -> bool:
    return any(
        len(name.encode(code, "replace")) in (SHAPEFILE_NAME_LENGTH - 1, SHAPEFILE_NAME_LENGTH)
        for code in ("gb18030", "utf-8")
    )


def _known(word: str) -> tuple[str, str | None, int] | None:
    if word in SIZES:
        return "diameter_mm", SIZES[word], list(SIZES).index(word)
    end, rest = end_of(word)
    if word in END_COVERS or (end == END and rest in COVERS):
        return "cover_end_m", COVERS.get(rest), 0
    if word in START_COVERS:
        return "cover_m", None, 0
    if rest in COVERS:
        return "cover_m", COVERS[rest], list(COVERS).index(rest)
    for ours, words in PLAIN.items():
        if word in words:
            return ours, None, words.index(word)
    return None


def _known_cut(word: str) -> tuple[str, str | None, int] | None:
    """A long name that a Shapefile cut, where all that begin so are one column."""
    if len(word) < 3:
        return None
    whole = [*SIZES, *COVERS, *(one for words in PLAIN.values() for one in words)]
    found = [known for one in whole if one.startswith(word) and (known := _known(one)) is not None]
    return found[0] if len({known[:2] for known in found}) == 1 else None
