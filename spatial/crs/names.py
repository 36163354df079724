"""What a user may call a coordinate system, and which of those names can be taken.

One canonical spelling each: `EPSG:4543`, `GCJ-02`, `BD-09`. A name is read, never guessed at.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile

from pyproj import CRS
from pyproj.exceptions import CRSError
from rapidfuzz import fuzz, process

from spatial.crs.grids.values import Grid, canonical_name
from spatial.crs.looks import SourceBounds, say_looks
from spatial.crs.registry import codes, titles
from spatial.crs.spoken import spoken_code
from spatial.errors import Refused

GCJ_02 = "GCJ-02"
BD_09 = "BD-09"

LONGEST_NAME = 200
"""Characters. Longer than any name of a coordinate system."""

_GCJ_02 = re.compile(r"gcj[\s_-]?02|(?:火星|高德|腾讯)(?:地图)?坐标系?", re.IGNORECASE)
_BD_09 = re.compile(r"bd[\s_-]?09(ll)?|百度(?:地图)?坐标系?", re.IGNORECASE)
_EPSG = re.compile(
    r"(?:epsg[\s:_-]*"
    r"|urn:(?:x-)?ogc:def:crs:epsg:[^:]*:"
    r"|https?://(?:www\.)?opengis\.net/def/crs/epsg/[^/]+/"
    r"|https?://(?:www\.)?opengis\.net/gml/srs/epsg\.xml#"
    r")?([0-9]{1,9})",
    re.IGNORECASE,
)
_CRS84 = re.compile(
    r"(?:ogc:|urn:(?:x-)?ogc:def:crs:ogc:[^:]*:|https?://(?:www\.)?opengis\.net/def/crs/ogc/[^/]+/)?crs84",
    re.IGNORECASE,
)
_REGISTERED = re.compile(r"(?:grid|registered):\s*(\S.*)", re.IGNORECASE)
_OF_A_PLACE = re.compile(
    r"独立|城建|地方|城市|市坐标|县坐标|工程坐标|施工坐标|假定坐标|任意坐标|抵偿"
    r"|\b(?:city|local|site|plant|assumed|arbitrary|engineering)\b",
    re.IGNORECASE,
)
"""What people call a grid of one city or one site. A code would be the wrong thing to offer: it looks the same."""

_SPOKEN = {
    "cgcs2000": 4490,
    "国家2000": 4490,
    "大地2000": 4490,
    "wgs84": 4326,
    "webmercator": 3857,
    "beijing54": 4214,
    "beijing1954": 4214,
    "北京54": 4214,
    "xian80": 4610,
    "xian1980": 4610,
    "西安80": 4610,
}
"""What people say instead of a code: offered back as a code where spoken_code() does not understand all of it."""


@dataclass(frozen=True, slots=True)
class DeclaredCrs:
    """A coordinate system the user named and this door knows.

    name: `EPSG:<code>`, `GCJ-02`, `BD-09`, or `grid:<name>`. grid: what is registered under that name.
    """

    name: str
    grid: Grid | None = None

    @property
    def epsg(self) -> int | None:
        """The EPSG code; None for GCJ-02, BD-09 and registered grids, which are in no registry."""
        return int(self.name[5:]) if self.name.startswith("EPSG:") else None


def declare(text: str | Grid | None, bounds: SourceBounds | None = None) -> DeclaredCrs:
    """Read the name of a coordinate system.

    Taken: `EPSG:n`, bare digits, OGC URN and URL forms, `CRS84` (read as EPSG:4326: x is the longitude
    here in any case), `GCJ-02`, `BD-09`, and the names people use (spatial.crs.spoken), in any case and width of
    letters. A registered grid is looked up by its name (grid_name) before, and given as what it is.
    bounds: x min, y min, x max, y max of the data: to say what they look like, and whether eastings carry the number
    of the zone that a spoken name states.

    Refused: crs_missing, crs_unknown, crs_not_accepted.
    """
    if isinstance(text, Grid):
        return DeclaredCrs(f"grid:{text.name}", text)
    name = unicodedata.normalize("NFKC", text or "").strip()
    if not name:
        raise _missing(bounds)
    if _GCJ_02.fullmatch(name):
        return DeclaredCrs(GCJ_02)
    if _BD_09.fullmatch(name):
        return DeclaredCrs(BD_09)
    if registered := _REGISTERED.fullmatch(name):
        raise _needs_parameters(f"'{_shown(registered[1])}'", f"“{_shown(registered[1])}”")
    code = epsg_code(name) or spoken_code(name, bounds)
    if code is None:
        if _OF_A_PLACE.search(name.replace("_", " ")) and not _named(name):
            raise _needs_parameters(f"'{_shown(name)}'", f"“{_shown(name)}”")
        raise _unknown(name, bounds)
    try:
        return _accepted(code)
    except CRSError:
        raise _unknown(name, bounds) from None


def grid_name(text: str | None) -> str | None:
    """The name under which a grid may be registered; None for what names a public system, or nothing."""
    name = unicodedata.normalize("NFKC", text or "").strip()
    registered = _REGISTERED.fullmatch(name)
    name = registered[1] if registered else name
    public = _GCJ_02.fullmatch(name) or _BD_09.fullmatch(name) or epsg_code(name) is not None
    if public or spoken_code(name, None) or re.sub(r"[^\w]|_", "", name.lower()) in _SPOKEN:
        return None
    return canonical_name(name)


def epsg_code(name: str) -> int | None:
    """The EPSG code a name spells, whether or not the registry has it; None if it spells none."""
    if _CRS84.fullmatch(name):
        return 4326
    spelt = _EPSG.fullmatch(name)
    return int(spelt.group(1)) if spelt else None


@lru_cache(maxsize=256)
def plan_crs(code: int) -> CRS:
    """The two-dimensional part of an accepted EPSG code: of a compound system its plan, else itself."""
    return _plan_part(CRS.from_epsg(code))


def _plan_part(crs: CRS) -> CRS:
    return crs.sub_crs_list[0] if crs.is_compound else crs


@lru_cache(maxsize=256)
def _accepted(code: int) -> DeclaredCrs:
    """:raises CRSError: the registry has no such code. :raises Refused: crs_not_accepted."""
    _accept(code, CRS.from_epsg(code))
    return DeclaredCrs(f"EPSG:{code}")


def _accept(code: int, crs: CRS) -> None:
    """Only plan systems of the whole earth, with axes to the east and to the north, can be placed."""
    plan = _plan_part(crs)
    title = f"EPSG:{code} ({crs.name})"
    if plan.is_vertical:
        raise _not_accepted(
            f"{title} is a height system and places nothing on the ground. "
            "Declare the plan coordinate system, for example EPSG:4543.",
            f"{title} 是高程系统，不能确定平面位置。请声明平面坐标系，例如 EPSG:4543。",
        )
    if plan.is_geocentric:
        raise _not_accepted(
            f"{title} is earth-centred (X, Y, Z from the centre of the earth). "
            "Export the data in longitude/latitude (EPSG:4490) or in a plan system such as EPSG:4543.",
            f"{title} 是地心坐标系。请按经纬度（EPSG:4490）或平面坐标系（如 EPSG:4543）导出后再提交。",
        )
    if not (plan.is_geographic or plan.is_projected):
        raise _needs_parameters(title)
    if len(plan.axis_info) != 2:
        flat = plan.to_2d().to_epsg()
        en = f"declare its plan part, EPSG:{flat}" if flat else "declare its two-dimensional counterpart"
        zh = f"请声明其平面部分 EPSG:{flat}" if flat else "请声明对应的二维坐标系"
        raise _not_accepted(
            f"{title} is three-dimensional: {en}. Heights are not used for position.",
            f"{title} 是三维坐标系，{zh}。高程不参与定位。",
        )
    if {axis.direction for axis in plan.axis_info} != {"north", "east"}:
        raise _not_accepted(
            f"The axes of {title} do not run east and north. Export the data in EPSG:4490 or in a plan "
            "system such as EPSG:4543.",
            f"{title} 的坐标轴不是向东、向北。请按 EPSG:4490 或平面坐标系（如 EPSG:4543）导出后再提交。",
        )


def _not_accepted(en: str, zh: str) -> Refused:
    return Refused.because("crs_not_accepted", en=en, zh=zh)


def _needs_parameters(title: str, zh_title: str | None = None) -> Refused:
    """A grid tied to the earth only by parameters its owner holds."""
    return _not_accepted(
        f"{title} is a local grid: nothing public says where it lies, and no grid of that name is registered. Its "
        "parameters (3, 4 or 7, or at least 3 common points), their source and accuracy must be registered first: "
        "`predig crs register NAME`; `predig crs list` shows what is. Ask the owner to export in CGCS2000, for "
        "example EPSG:4543, if you have none.",
        f"{zh_title or title} 属于地方或城市独立坐标系，没有公开的定位依据，且未以此名登记。须先登记其转换参数（三、四或七参数，"
        "或不少于 3 个公共点）及来源、精度：predig crs register NAME；已登记的见 predig crs list。没有参数时，请数据单位按 "
        "CGCS2000 导出，例如 EPSG:4543。",
    )


def _missing(bounds: SourceBounds | None) -> Refused:
    looks_en, looks_zh = say_looks(bounds)
    return Refused.because(
        "crs_missing",
        en="No coordinate system was declared, and none is guessed. Name it, for example EPSG:4543 (on the "
        "command line: --crs EPSG:4543)." + looks_en,
        zh="没有声明坐标系，系统不会猜测。请写明坐标系，例如 EPSG:4543（命令行：--crs EPSG:4543）。"
        + looks_zh,
    )


def _unknown(name: str, bounds: SourceBounds | None) -> Refused:
    shown = _shown(name)
    near = _near(name)
    near_en = f" Did you mean {' or '.join(near)}?" if near else ""
    near_zh = f"是否为 {'、'.join(near)}？" if near else ""
    looks_en, looks_zh = say_looks(bounds)
    return Refused.because(
        "crs_unknown",
        en=f"'{shown}' is not a code of the EPSG registry, nor GCJ-02, BD-09 or a registered grid.{near_en} "
        "Write it as EPSG:<number>." + looks_en,
        zh=f"“{shown}”不是 EPSG 登记的坐标系编号，也不是 GCJ-02、BD-09 或已登记的独立坐标系。{near_zh}"
        "请写成 EPSG:<编号>。" + looks_zh,
    )


def _shown(name: str) -> str:
    return "".join(c for c in name[:60] if c.isprintable())


def _near(name: str) -> list[str]:
    """Some systems a misspelt name may have meant, each as `EPSG:n (its name)`."""
    code = epsg_code(name)
    if code is not None:
        return _near_codes(str(code))
    named = _named(name)
    if named:
        return [_titled(code) for code in named]
    squashed = re.sub(r"[^\w]|_", "", name[:LONGEST_NAME].lower())
    return [_titled(code) for spoken, code in _SPOKEN.items() if squashed.startswith(spoken)][:1]


def _named(name: str) -> list[int]:
    """Codes of the systems whose names in the registry are nearly this one."""
    return [titles()[title] for title in _nearest(name[:LONGEST_NAME], list(titles()))]


def _near_codes(code: str) -> list[str]:
    """Codes with a digit too many or too few; else, of those with one wrong digit, the Chinese ones."""
    near = _nearest(code, codes())
    if near:
        return [_titled(int(found)) for found in near]
    one_wrong = [c for c in codes() if len(c) == len(code) and sum(map(str.__ne__, c, code)) == 1]
    return [title for title in map(_titled, map(int, one_wrong)) if "(CGCS2000" in title][:6]


def _nearest(text: str, known: Sequence[str]) -> list[str]:
    """At most three of the known, nearest first: those that share 17 of 20 letters with a text, in its order; of equally
    near ones those that begin alike for longest."""
    near = process.extract(text, known, scorer=fuzz.ratio, processor=str.lower, limit=None, score_cutoff=85.0)
    ranked = sorted((-score, -_alike_at_first(text, found), found) for found, score, _ in near)
    return [found for _, _, found in ranked[:3]]


def _alike_at_first(one: str, other: str) -> int:
    pairs = zip(one.lower(), other.lower(), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


@lru_cache(maxsize=256)
def _titled(code: int) -> str:
    return f"EPSG:{code} ({CRS.from_epsg(code).name})"
