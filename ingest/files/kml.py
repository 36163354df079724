"""KML, by a small reader of our own: no DTD, no entities, nothing fetched; what it cannot read is counted or refused.

GDAL would read it too, but it expands entities, follows what a file links to and leaves out what it does not know
without a word. Names are taken without their prefix, so that Google's old and new dialects and Ovital's (.ovkml) are one.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

import numpy as np
import shapely
from shapely.geometry import shape

from ingest.files.geojson import no_rows, rows_of, too_many_positions, too_many_rows
from ingest.files.layers import check_no_layers
from ingest.files.local import read_bytes
from ingest.files.rows import Pick, Reading, Rows
from spatial.crs.names import GCJ_02
from spatial.errors import Refused

MAX_KML_BYTES = 200_000_000
DEEPEST = 64
"""Elements within one another; nobody files a network in more folders."""

WGS_84 = "EPSG:4326"
_OVITAL_CRS = {"wgs84": WGS_84, "cgcs2000": "EPSG:4490", "gcj02": GCJ_02}
"""Ovital writes beside a place in which system it is; all other KML is WGS 84 by definition."""

_CONTAINERS = frozenset({"kml", "Document", "Folder"})
_OVERLAYS = frozenset({"GroundOverlay", "ScreenOverlay", "PhotoOverlay"})
_ELSEWHERE = frozenset({"NetworkLink", "NetworkLinkControl"})
_GEOMETRIES = frozenset(
    {"Point", "LineString", "LinearRing", "Polygon", "MultiGeometry", "Track", "MultiTrack", "Model"}
)
_LINKING = frozenset({"kml", "Document", "Folder", "NetworkLink", "Link", "Url", "href"})
"""Of which a file of links alone consists; names and looks are for viewing, and are not there in what GDAL packs."""
_PLAIN = frozenset("0123456789+-.eE, \t\r\n")
_BLANK_AT_COMMA = re.compile(r"\s,|,\s")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_CHINESE = re.compile(rb"""<\?xml[^>]{0,200}encoding\s*=\s*["'](?:gb2312|gbk|gb18030)["']""", re.IGNORECASE)


def read_kml(path: Path, pick: Pick, reading: Reading) -> Rows:
    """A row a placemark, where `kinds_apart` one for each kind of shape it has. Columns: name, description, folder (outer /
    inner), style, and whatever it holds as data.

    :raises Refused: not KML, a DTD, links to or changes of other files, several coordinate systems, no placemark.
    """
    check_no_layers(path.name, reading)
    if path.stat().st_size > MAX_KML_BYTES:
        raise Refused.because(
            "file_too_large",
            en=f"{path.name} is larger than {MAX_KML_BYTES // 1_000_000} MB; split it, or export it as GeoPackage",
            zh=f"{path.name} 超过 {MAX_KML_BYTES // 1_000_000} MB；请拆分，或导出为 GeoPackage",
        )
    data = read_bytes(path)
    parsed = _Parser(path.name, reading)
    parsed.parse(data)
    if not parsed.features:
        raise no_rows(path.name)
    rows = rows_of(
        parsed.features, pick, _own_crs(path.name, parsed), ((path.name, hashlib.sha256(data).hexdigest()),)
    )
    told = {"kml_overlay": parsed.overlays, "kml_label": parsed.labels}
    return replace(rows, warnings={code: count for code, count in told.items() if count})


def letters_of(data: bytes) -> bytes | str:
    """XML for expat, which knows no Chinese encodings. :raises UnicodeDecodeError: it is not in the one it states."""
    return data.decode("gb18030") if _CHINESE.match(data) else data


def only_links(data: bytes) -> list[str]:
    """What a KML file links to that holds nothing else; nothing where it holds anything else, or cannot be read."""
    parser, said, seen = expat.ParserCreate(), [""], set()

    def start(tag: str, _: object) -> None:
        seen.add(tag.rpartition(":")[2])
        if tag.rpartition(":")[2] == "href":
            said.append("")

    def text(more: str) -> None:
        said[-1] += more

    parser.StartElementHandler, parser.CharacterDataHandler = start, text
    parser.StartDoctypeDeclHandler = lambda *_: seen.add("doctype")
    parser.EndElementHandler = lambda tag: said.append("") if tag.rpartition(":")[2] == "href" else None
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError):
        return []
    found = [one.strip() for one in said if one.strip()]
    return found if seen <= _LINKING else []


class _Parser:
    """Gathers placemarks as GeoJSON features while the file goes by; of all else only folder names are kept."""

    def __init__(self, name: str, reading: Reading) -> None:
        self.features: list[dict[str, Any]] = []
        self.stated: Counter[str | None] = Counter()
        """What placemarks say of their coordinate system -> how many."""
        self.stated_of_all: str | None = None
        self.overlays = 0
        self.labels = 0
        self._name = name
        self._reading = reading
        self._positions = 0
        self._within: list[str] = []
        self._folders: list[str] = []
        self._builder: TreeBuilder | None = None
        self._text: list[str] = []

    def parse(self, data: bytes) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._chars
        try:
            parser.Parse(letters_of(data), True)
        except Refused:
            raise
        except expat.ExpatError as error:
            raise self._unreadable(error.lineno) from error
        except (ValueError, LookupError) as error:  # an encoding that is none, or not the one it says
            raise self._unreadable(0) from error

    def _doctype(self, *_: object) -> None:
        raise Refused.because(
            "xml_doctype",
            en=f"{self._name} defines entities or a document type, which KML needs not and attackers use; export it again",
            zh=f"{self._name} 含有文档类型或实体定义（KML 不需要，且有安全风险），请重新导出",
        )

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(":")[2]
        if not self._within and local != "kml":
            raise Refused.because(
                "kml_expected",
                en=f"{self._name} is XML but not KML; export it as KML",
                zh=f"{self._name} 是 XML 但不是 KML，请导出为 KML",
            )
        if len(self._within) >= DEEPEST:
            raise self._unreadable(0)
        if local in _ELSEWHERE:
            raise Refused.because(
                "kml_elsewhere",
                en=f"{self._name} links to, or changes, data of another file ({local}), which is not fetched: save what "
                "it shows as a KML of its own and import that",
                zh=f"{self._name} 引用或修改其他文件中的数据（{local}），系统不会去读取；请把所显示的内容另存为独立的 KML 再导入",
            )
        if self._builder is not None:
            self._builder.start(local, attributes)
        elif local == "Placemark" and _CONTAINERS.issuperset(self._within):
            self._builder = TreeBuilder()
            self._builder.start(local, attributes)
        elif local in ("Document", "Folder"):
            self._folders.append("")
        elif local in _OVERLAYS:
            self.overlays += 1
        elif local in _GEOMETRIES and not _OVERLAYS & set(self._within):
            raise Refused.because(
                "kml_geometry_astray",
                en=f"{self._name} has a {local} outside of any Placemark ({self._within[-1][:60]}), as programs of old wrote it, "
                "which would be lost: open it in a current program (Google Earth Pro) and save it anew",
                zh=f"{self._name} 中有不在地标（Placemark）内的 {local}（位于 {self._within[-1][:60]}），为旧版软件的写法，无法读入："
                "请用新版软件（如谷歌地球专业版）打开后重新另存",
            )
        self._within.append(local)
        self._text.clear()

    def _end(self, tag: str) -> None:
        local = self._within.pop()
        if self._builder is not None:
            self._builder.end(local)
            if local == "Placemark":
                self._take(self._builder.close())
                self._builder = None
            return
        said = "".join(self._text).strip()
        if local in ("Document", "Folder"):
            self._folders.pop()
        elif local == "name" and self._folders and self._within[-1] in ("Document", "Folder"):
            self._folders[-1] = said
        elif local == "OvCoordType":
            self.stated_of_all = said
        self._text.clear()

    def _chars(self, text: str) -> None:
        if self._builder is not None:
            self._builder.data(text)
        else:
            self._text.append(text)

    def _take(self, placemark: Element) -> None:
        if len(self.features) >= self._reading.most_rows:
            raise too_many_rows(self._name, self._reading.most_rows)
        self.stated[_text_of(placemark, "OvCoordType")] += 1
        self._positions += sum(len((text.text or "").split()) for text in placemark.iter("coordinates"))
        if self._positions > self._reading.most_positions:
            raise too_many_positions(self._name, self._reading.most_positions)
        geometry = _joined([found for child in placemark if (found := _geometry(child)) is not None])
        geometries = [geometry]
        if self._reading.kinds_apart and geometry is not None and geometry["type"] == "GeometryCollection":
            geometries, labels = _kinds_apart(geometry)
            self.labels += labels
        self.features += [
            {
                "type": "Feature",
                "id": placemark.get("id"),
                "properties": {
                    "name": _text_of(placemark, "name"),
                    "description": _text_of(placemark, "description"),
                    "folder": " / ".join(filter(None, self._folders)) or None,
                    "style": _text_of(placemark, "styleUrl"),
                    **_data(placemark),
                },
                "geometry": one,
            }
            for one in geometries
        ]

    def _unreadable(self, line: int) -> Refused:
        return Refused.because(
            "kml_unreadable",
            en=f"{self._name} is not readable KML (line {line or '?'}); it may be damaged or cut off: export it again",
            zh=f"{self._name} 不是可读取的 KML（第 {line or '？'} 行），可能已损坏或不完整，请重新导出",
        )


def _own_crs(name: str, parsed: _Parser) -> str:
    """The one system all places are in."""
    said = {found or parsed.stated_of_all for found in parsed.stated}
    systems = {
        _OVITAL_CRS.get(re.sub(r"[\s_-]", "", text).lower(), text) if text else WGS_84 for text in said
    }
    if len(systems) > 1:
        raise Refused.because(
            "kml_several_crs",
            en=f"{name} has places in several coordinate systems ({', '.join(sorted(systems))[:200]}); export each alone",
            zh=f"{name} 中的地物使用了多个坐标系（{'、'.join(sorted(systems))[:200]}）；请按坐标系分别导出",
        )
    return systems.pop()


def _text_of(element: Element, tag: str) -> str | None:
    return (element.findtext(tag) or "").strip() or None


def _data(placemark: Element) -> dict[str, str | None]:
    """Data and SimpleData by their names, and elements of other makers by theirs."""
    found: dict[str, str | None] = {}
    for extended in placemark.iterfind("ExtendedData"):
        for child in extended:
            if child.tag == "Data":
                found[child.get("name", "").strip()] = _text_of(child, "value")
            elif child.tag == "SchemaData":
                for simple in child.iterfind("SimpleData"):
                    found[simple.get("name", "").strip()] = (simple.text or "").strip() or None
            else:
                found[child.tag] = (child.text or "").strip() or None
    return {name: value for name, value in found.items() if name}


def _geometry(element: Element) -> dict[str, Any] | None:
    """As GeoJSON; None for what is no geometry. What is not as it should be is left so, for GeoJSON's reader to tell."""
    kind = element.tag
    if kind not in _GEOMETRIES:
        return None
    if kind == "Model":
        return {"type": kind}
    if kind in ("MultiGeometry", "MultiTrack"):
        parts = [found for child in element if (found := _geometry(child)) is not None]
        return _joined(parts) or {"type": "GeometryCollection", "coordinates": []}
    if kind == "Track":
        positions = [_position((place.text or "").split()) for place in element.iterfind("coord")]
        return {"type": "LineString", "coordinates": positions}
    if kind == "Polygon":
        outer = [_positions(ring) for ring in element.iterfind("outerBoundaryIs/LinearRing")]
        inner = [_positions(ring) for ring in element.iterfind("innerBoundaryIs/LinearRing")]
        return {"type": kind, "coordinates": outer + inner if len(outer) == 1 else None}
    positions = _positions(element)
    if kind == "Point":
        return {"type": kind, "coordinates": positions[0] if len(positions) == 1 else positions or None}
    return {"type": "LineString", "coordinates": positions}


def _joined(geometries: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Of one kind they are one geometry of many parts; else a collection, which no row can be."""
    if len(geometries) <= 1:
        return geometries[0] if geometries else None
    kinds = {geometry["type"].removeprefix("Multi") for geometry in geometries}
    if len(kinds) > 1 or not kinds <= {"Point", "LineString", "Polygon"}:
        return {"type": "GeometryCollection", "geometries": geometries}
    parts: list[Any] = []
    for geometry in geometries:
        is_multi = geometry["type"].startswith("Multi")
        parts += geometry["coordinates"] if is_multi else [geometry["coordinates"]]
    return {"type": f"Multi{kinds.pop()}", "coordinates": parts}


def _kinds_apart(collection: dict[str, Any]) -> tuple[list[dict[str, Any] | None], int]:
    """Of each kind one geometry, areas first; and how many points were left out since they lie on an area of the same place:
    programs that write for viewing put the name there. The collection itself where something else is in it."""
    leaves = list(_leaves(collection))
    kinds = {
        kind: [one for one in leaves if one["type"] == kind] for kind in ("Polygon", "LineString", "Point")
    }
    if sum(map(len, kinds.values())) < len(leaves):
        return [collection], 0
    places = kinds["Point"]
    labels = _lying_on(places, kinds["Polygon"])
    kinds["Point"] = [one for at, one in enumerate(places) if at not in labels]
    return [_joined(same) for same in kinds.values() if same], len(labels)


def _leaves(geometry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    kind = geometry["type"]
    if kind == "GeometryCollection":
        for one in geometry.get("geometries", ()):
            yield from _leaves(one)
    elif kind.startswith("Multi"):
        for part in geometry["coordinates"]:
            yield {"type": kind.removeprefix("Multi"), "coordinates": part}
    else:
        yield geometry


def _lying_on(places: Sequence[dict[str, Any]], areas: Sequence[dict[str, Any]]) -> set[int]:
    """Numbers of the places on an area. What is damaged lies nowhere: the reader of its row tells of it."""
    try:
        with np.errstate(invalid="ignore"):  # numbers that are none
            ground = shapely.union_all([shape(area) for area in areas])
            shapely.prepare(ground)
            on = shapely.covers(ground, [shape(place) for place in places])
            return set(np.flatnonzero(on).tolist())
    except (shapely.GEOSException, ValueError, TypeError, IndexError):
        return set()


def _positions(element: Element) -> list[list[float]]:
    """`lon,lat[,height]` between blanks; some programs put blanks behind the commas too."""
    text = element.findtext("coordinates") or ""
    if _BLANK_AT_COMMA.search(text):
        text = re.sub(r"\s*,\s*", ",", text)
    places = text.split()
    commas = {place.count(",") for place in places}
    # Nearly all are all numbers and all of two or of three: those are read at once, a tenth of the work.
    if commas in ({1}, {2}) and _PLAIN.issuperset(text):
        try:
            numbers = list(map(float, ",".join(places).split(",")))
        except ValueError:
            pass
        else:
            step = commas.pop() + 1
            return [list(at) for at in zip(numbers[::step], numbers[1::step], strict=True)]
    return [_position(place.split(",")) for place in places]


def _position(numbers: list[str]) -> list[float]:
    if len(numbers) not in (2, 3):
        return []
    return [float(number) if _NUMBER.fullmatch(number) else float("nan") for number in numbers[:2]]
