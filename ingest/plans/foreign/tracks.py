"""GPX: a line somebody walked, a route, or marked points. No DTD, no entities; places are WGS 84 by the standard."""

from pathlib import Path
from typing import Any
from xml.parsers import expat

from ingest.files.geojson import no_rows
from ingest.files.local import read_bytes
from spatial.errors import Refused

DEEPEST = 32
WALKED_M = 10.0
"""95 %: GPS.gov gives phones 4.9 m under open sky, which is about one standard deviation in each direction; nobody walks under one."""
_LINES = {"trkseg": "trkpt", "rte": "rtept"}


def read_gpx(path: Path) -> list[dict[str, Any]]:
    """GeoJSON features: a line for each segment of a track and each route, a point for each waypoint. Their `name` and how
    far they may be off are properties; a segment of one point is a point.

    :raises Refused: file_unreadable, xml_doctype, gpx_expected, coordinate_unreadable, network_empty.
    """
    reader = _Reader(path.name)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(read_bytes(path), True)
    except expat.ExpatError as error:
        raise _unreadable(path.name) from error
    if not reader.features:
        raise no_rows(path.name)
    return reader.features


class _Reader:
    def __init__(self, name: str) -> None:
        self.features: list[dict[str, Any]] = []
        self._name = name
        self._within: list[str] = []
        self._line: list[list[float]] | None = None
        self._title = ""

    def doctype(self, *_: object) -> None:
        raise Refused.because(
            "xml_doctype",
            en=f"{self._name} defines entities or a document type, which GPX needs not and attackers use; export it again",
            zh=f"{self._name} 含有文档类型或实体定义（GPX 不需要，且有安全风险），请重新导出",
        )

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(":")[2]
        if not self._within and local != "gpx":
            raise Refused.because(
                "gpx_expected",
                en=f"{self._name} is XML but not GPX; export the track as GPX",
                zh=f"{self._name} 是 XML 但不是 GPX，请将轨迹导出为 GPX",
            )
        if len(self._within) >= DEEPEST:
            raise _unreadable(self._name)
        if local in ("trk", "rte", "wpt"):
            self._title = ""
        if local in _LINES:
            self._line = []
        elif local == "wpt":
            self._add("Point", self._place(attributes))
        elif local in _LINES.values() and self._line is not None:
            self._line.append(self._place(attributes))
        self._within.append(local)

    def end(self, tag: str) -> None:
        local = self._within.pop()
        if local in _LINES and self._line:
            single = len(self._line) == 1
            self._add("Point" if single else "LineString", self._line[0] if single else self._line)
        if local in _LINES:
            self._line = None
        if local == "name" and self._title and self.features and self._within[-1:] == ["wpt"]:
            self.features[-1]["properties"]["name"] = self._title.strip()[:200]

    def text(self, text: str) -> None:
        if self._within[-1:] == ["name"] and self._within[-2:-1] != ["metadata"]:
            self._title = (self._title + text)[:400]

    def _place(self, attributes: dict[str, str]) -> list[float]:
        try:
            return [float(attributes["lon"]), float(attributes["lat"])]
        except (KeyError, ValueError) as error:
            raise Refused.because(
                "coordinate_unreadable",
                en=f"{self._name} has a point without a readable lat and lon; export it again",
                zh=f"{self._name} 中有点缺少可读的经纬度，请重新导出",
            ) from error

    def _add(self, kind: str, coordinates: Any) -> None:
        own: dict[str, Any] = {"uncertainty_m": WALKED_M}
        if self._title.strip():
            own["name"] = self._title.strip()[:200]
        self.features.append(
            {
                "type": "Feature",
                "id": None,
                "geometry": {"type": kind, "coordinates": coordinates},
                "properties": own,
            }
        )


def _unreadable(name: str) -> Refused:
    return Refused.because(
        "file_unreadable",
        en=f"{name} cannot be read as GPX; it may be damaged: export it again",
        zh=f"{name} 无法作为 GPX 读取，文件可能已损坏，请重新导出",
    )
