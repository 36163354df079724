"""Whether what a file says of itself agrees with what was declared.

Files say it as WKT (in several dialects), as a URN or as AUTHORITY:CODE. Two descriptions agree when the
same pair of numbers means the same place: same datum, same projection with the same numbers, same units.
The order of axes does not count: x is the easting here whatever the registry says.
"""

import re

from pyproj import CRS
from pyproj.exceptions import CRSError

from spatial.crs.names import BD_09, GCJ_02, DeclaredCrs, epsg_code, plan_crs
from spatial.errors import Refused

LONGEST_TEXT = 20_000
"""Characters of an embedded description; real ones have some hundred, in JSON some thousand."""

_AUTHORITY_CODE = re.compile(r"([A-Za-z]{2,12}):([A-Za-z0-9_.-]{1,20})")
_WKT = re.compile(r"\s*[A-Za-z0-9_]+\s*[\[(]")

_DATUM_SPELLINGS = {
    "cgcs2000": "china2000",
    "chinageodeticcoordinatesystem2000": "china2000",
    "wgs1984": "worldgeodeticsystem1984",
    "wgs84": "worldgeodeticsystem1984",
}
"""Spellings met in .prj files that PROJ does not know."""


def check_agreement(declared: DeclaredCrs, embedded: str | None, *, local: bool | None = None) -> None:
    """Refuse a file whose own description contradicts the declared system.

    embedded: what the file says of itself; None, blank or an explicit "undefined" says nothing and agrees. local: whether
    what was declared is a registered grid, where all that is known of it here is its name.
    Refused: crs_contradicts, crs_embedded_unreadable.
    """
    if embedded is None or not embedded.strip() or embedded == declared.name:
        return
    if embedded in (GCJ_02, BD_09):
        raise Refused.because(
            "crs_contradicts",
            en=f"Declared was {declared.name}, but the file itself says {embedded}. One of them is wrong: ask the "
            "source, then declare the right one.",
            zh=f"声明的坐标系是 {declared.name}，但文件自身写的是 {embedded}，两者必有一误。请向数据来源核实后改正声明。",
        )
    own = _read(embedded, local=declared.grid is not None if local is None else local)
    if own is None:
        return
    if declared.epsg is None:
        raise _contradicts_offset(declared, own)
    if not _same(own, plan_crs(declared.epsg)):
        raise _contradicts(declared, own)


def say_stated(embedded: str | None) -> tuple[str, str]:
    """What a file says of itself, as an English and a Chinese sentence to append where nothing was declared; empty where it
    says nothing, or nothing that can be understood."""
    if embedded is None or not embedded.strip():
        return "", ""
    try:
        own = None if embedded in (GCJ_02, BD_09) else _read(embedded, local=False)
    except Refused:
        return "", ""
    if own is None and embedded not in (GCJ_02, BD_09):
        return "", ""
    title = embedded if own is None else _title(own)
    return (
        f" The file itself says {title}: declare that, if its source confirms it.",
        f"文件自身写的是 {title}：经数据来源核实后请按此声明。",
    )


def _read(text: str, local: bool) -> CRS | None:
    """The plan part of an embedded description; None if it says that it does not know, or, where a local one is
    expected, that it is local."""
    try:
        return _plan_part(_parse(text.strip()), local)
    except (CRSError, ValueError, RecursionError):
        raise not_understood(text) from None


def _plan_part(crs: CRS, local: bool) -> CRS | None:
    """As _read(). :raises ValueError: it has no plan part, or names a file where a number belongs."""
    if local and crs.is_engineering:
        return None
    if crs.name.lower().startswith("undefined"):
        return None
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    if crs.is_bound and crs.source_crs is not None:
        crs = crs.source_crs  # WKT 1 with TOWGS84: parameters to WGS 84, which this door chooses itself
    if not (crs.is_geographic or crs.is_projected) or _datum_name(crs.geodetic_crs) == "":
        raise ValueError("no system of plane coordinates")
    _numbers(crs)
    return crs if len(crs.axis_info) == 2 else crs.to_2d()


def _parse(text: str) -> CRS:
    """Only forms that name or spell out a system: no PROJ strings, which can name files to open."""
    if len(text) > LONGEST_TEXT:
        raise ValueError("too long")
    code = epsg_code(text)
    if code is not None:
        return CRS.from_epsg(code)
    authority = _AUTHORITY_CODE.fullmatch(text)
    if authority:
        return CRS.from_authority(authority.group(1), authority.group(2))
    if text.startswith("{"):
        return CRS.from_json(text)
    if _WKT.match(text):
        return CRS.from_wkt(text)
    raise ValueError("no known form")


def _same(one: CRS, other: CRS) -> bool:
    return (
        one.is_projected == other.is_projected
        and _axes(one) == _axes(other)
        and _same_datum(one, other)
        and _same_projection(one, other)
    )


def _axes(crs: CRS) -> set[tuple[str, float]]:
    """Directions and units, without their order. Units to 1e-8: the two kinds of foot differ by 2e-6."""
    return {(axis.direction, float(f"{axis.unit_conversion_factor:.8e}")) for axis in crs.axis_info}


def _same_datum(one: CRS, other: CRS) -> bool:
    base_one, base_other = one.geodetic_crs, other.geodetic_crs
    if base_one is None or base_other is None:
        return False
    if base_one.equals(base_other, ignore_axis_order=True):
        return True
    return _datum_name(base_one) == _datum_name(base_other) and _ellipsoid(base_one) == _ellipsoid(base_other)


def _datum_name(base: CRS | None) -> str:
    """A spelling to compare by; "" for none or unknown."""
    if base is None or base.datum is None:
        return ""
    name = re.sub(r"[^a-z0-9]", "", base.datum.name.lower().removeprefix("d_").removesuffix("ensemble"))
    return "" if name.startswith(("unknown", "unnamed")) else _DATUM_SPELLINGS.get(name, name)


def _ellipsoid(base: CRS) -> tuple[float, float, float]:
    """Semi-major axis (mm), inverse flattening and prime meridian (radians), to compare by."""
    ellipsoid, meridian = base.ellipsoid, base.prime_meridian
    if ellipsoid is None or meridian is None:
        return (0.0, 0.0, 0.0)
    radians = float(meridian.longitude) * float(meridian.unit_conversion_factor)
    return round(ellipsoid.semi_major_metre, 3), round(ellipsoid.inverse_flattening, 6), round(radians, 11)


def _same_projection(one: CRS, other: CRS) -> bool:
    if not one.is_projected:
        return True
    a, b = one.coordinate_operation, other.coordinate_operation
    if a is None or b is None or a.method_name != b.method_name:
        return False
    return _numbers(one).keys() == _numbers(other).keys() and not _other_numbers(one, other)


def _numbers(crs: CRS) -> dict[str, tuple[float, float]]:
    """The parameters of a projection by name: as written, and in metres, radians or as a plain number."""
    way = crs.coordinate_operation
    params = () if way is None else way.params
    return {p.name: (float(p.value), float(p.value) * float(p.unit_conversion_factor)) for p in params}


def _other_numbers(one: CRS, other: CRS) -> dict[str, tuple[float, float]]:
    """Parameters that differ, as written in each. 1e-10 rad is 0.6 mm on the ground."""
    mine, theirs = _numbers(one), _numbers(other)
    return {
        name: (mine[name][0], theirs[name][0])
        for name in mine.keys() & theirs.keys()
        if abs(mine[name][1] - theirs[name][1]) > max(1e-10, 1e-12 * abs(theirs[name][1]))
    }


def _differences(own: CRS, declared: CRS) -> str:
    """What tells two systems of one projection apart: a city grid often keeps the name of its model."""
    said = [
        f"{name} {mine:.12g} / {theirs:.12g}"
        for name, (mine, theirs) in _other_numbers(own, declared).items()
    ]
    units = [crs.axis_info[0].unit_name for crs in (own, declared)]
    if units[0] != units[1]:
        said.append(f"unit {units[0]} / {units[1]}")
    return "; ".join(sorted(said))


def _title(crs: CRS) -> str:
    """An embedded system by name, and code if it has one; cut short, as it comes from a file."""
    code = crs.to_epsg()
    name = "".join(c for c in crs.name[:80] if c.isprintable())
    return f"EPSG:{code} ({name})" if code else name


def _contradicts(declared: DeclaredCrs, own: CRS) -> Refused:
    code = int(declared.name[5:])
    said, own_said = f"{declared.name} ({plan_crs(code).name})", _title(own)
    apart = _differences(own, plan_crs(code))
    apart_en = f" (file / declared: {apart})" if apart else ""
    apart_zh = f"（文件 / 声明：{apart}）" if apart else ""
    return Refused.because(
        "crs_contradicts",
        en=f"Declared was {said}, but the file itself says {own_said}{apart_en}. One of them is wrong: ask the "
        "source, then declare the right one, or export the file again with the right one inside.",
        zh=f"声明的坐标系是 {said}，但文件自身写的是 {own_said}{apart_zh}，两者必有一误。请向数据来源核实，"
        "改正声明，或重新导出坐标系正确的文件。",
    )


def _contradicts_offset(declared: DeclaredCrs, own: CRS) -> Refused:
    return Refused.because(
        "crs_contradicts",
        en=f"Declared was {declared.name}, but the file itself says {_title(own)}. No file format can say "
        f"{declared.name}: if the source confirms it, remove the description (the .prj file or the crs "
        "member; KML always says WGS 84: save it as GeoJSON) and send the file again.",
        zh=f"声明的坐标系是 {declared.name}，但文件自身写的是 {_title(own)}。文件格式无法表示 {declared.name}："
        "如数据来源确认属实，请删除文件中的坐标系说明（.prj 文件或 crs 成员；KML 按定义即 WGS 84，请另存为 GeoJSON）后重新提交。",
    )


def not_understood(text: str) -> Refused:
    """crs_embedded_unreadable, of such a description."""
    shown = "".join(c for c in text.strip()[:60] if c.isprintable())
    return Refused.because(
        "crs_embedded_unreadable",
        en=f"The file describes its coordinate system in a way that cannot be understood: '{shown}…'. "
        "Export it again with an EPSG code, or remove the description if the declared system is certain.",
        zh=f"文件中的坐标系说明无法识别：“{shown}…”。请按 EPSG 编号重新导出；若声明的坐标系确定无误，"
        "可删除该说明后重新提交。",
    )
