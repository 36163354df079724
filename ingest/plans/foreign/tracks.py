"""GPX: a line somebody walked, a route, or marked points. No DTD, no entities; places are WGS 84 by the standard."""

import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.parsers import expat

import numpy as np
import shapely

from ingest.files.geojson import no_rows, too_many_positions, too_many_rows
from ingest.files.kml import letters_of
from ingest.files.local import read_bytes
from ingest.plans.sizes import MAX_FEATURES, MOST_POSITIONS
from ingest.plans.values import stated_metres
from spatial.errors import Refused
from spatial.judging.doubt import DEVICE_TO_95

DEEPEST = 32
WALKED_M = 10.0
"""95 %: GPS.gov gives phones 4.9 m under open sky, which is about one standard deviation in each direction; nobody walks under one."""
PER_HDOP_M = 5.0
"""A receiver's 95 % under open sky, which a dilution of precision multiplies."""
MOST_OF_A_TRACK = 500
"""Points of a track that are kept as they are: a fix a second is more within ten minutes."""
THINNED_M = 0.5
METRES_PER_DEGREE = 111_300.0
_LINES = {"trkseg": "trkpt", "rte": "rtept"}
_POINTS = frozenset({"wpt", *_LINES.values()})
_ACCURACIES = frozenset({"accuracy", "accuracy_horizontal", "horizontal_accuracy", "hacc"})
"""In the extensions of a point, whatever their maker calls his namespace: metres."""


def read_gpx(path: Path) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """GeoJSON features, and how often what was noted: a line for each segment of a track and each route, a point for each
    waypoint. Their `name` and how far they may be off are properties: `accuracy_m`, the worst of its points, where the
    program that wrote the file gives it for all of them; else `uncertainty_m`, at least WALKED_M. A segment of one point is
    a point.

    :raises Refused: file_unreadable, xml_doctype, gpx_expected, coordinate_unreadable, network_empty, file_too_many_rows,
        file_too_many_points.
    """
    reader = _Reader(path.name)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(letters_of(read_bytes(path)), True)
    except Refused:
        raise
    except (
        expat.ExpatError,
        ValueError,
        LookupError,
    ) as error:  # the latter: an encoding that is none, or not the one it says
        raise _unreadable(path.name) from error
    if not reader.features:
        raise no_rows(path.name)
    return reader.features, dict(reader.notes)


@dataclass(slots=True)
class _Fix:
    """A point as it is read. accuracy_m, hdop: None where its program does not say."""

    place: list[float]
    accuracy_m: float | None = None
    hdop: float | None = None


class _Reader:
    def __init__(self, name: str) -> None:
        self.features: list[dict[str, Any]] = []
        self.notes: Counter[str] = Counter()
        self._name = name
        self._within: list[str] = []
        self._line: list[_Fix] | None = None
        self._fix: _Fix | None = None
        self._fixes = 0
        self._title = ""
        self._said = ""

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
        elif local in _POINTS:
            self._fix = self._read(attributes)
            if local != "wpt" and self._line is not None:
                self._line.append(self._fix)
        self._said = ""
        self._within.append(local)

    def end(self, tag: str) -> None:
        local = self._within.pop()
        if local in _LINES and self._line:
            self._add(self._line)
        if local in _LINES:
            self._line = None
        elif self._fix is not None:
            if local.lower() in _ACCURACIES:
                self._fix.accuracy_m = stated_metres(self._said)
            elif local == "hdop":
                self._fix.hdop = stated_metres(self._said)
            elif local == "wpt":
                self._add([self._fix])
        if local in _POINTS:
            self._fix = None

    def text(self, text: str) -> None:
        if self._within[-1:] == ["name"] and self._within[-2:-1] != ["metadata"]:
            self._title = (self._title + text)[:400]
        elif self._fix is not None:
            self._said = (self._said + text)[:400]

    def _read(self, attributes: dict[str, str]) -> _Fix:
        self._fixes += 1
        if self._fixes > MOST_POSITIONS:
            raise too_many_positions(self._name, MOST_POSITIONS)
        try:
            place = [float(attributes["lon"]), float(attributes["lat"])]
        except (KeyError, ValueError):
            place = [math.nan]
        if not all(map(math.isfinite, place)):
            raise Refused.because(
                "coordinate_unreadable",
                en=f"{self._name} has a point without a readable lat and lon; export it again",
                zh=f"{self._name} 中有点缺少可读的经纬度，请重新导出",
            )
        return _Fix(place)

    def _add(self, fixes: list[_Fix]) -> None:
        if len(self.features) >= MAX_FEATURES:
            raise too_many_rows(self._name, MAX_FEATURES)
        places, strays_m = _thinned([fix.place for fix in fixes])
        self.notes["track_thinned"] += strays_m > 0.0
        own, is_default = _doubt(fixes, strays_m)
        self.notes["track_default"] += is_default
        if self._title.strip():
            own["name"] = self._title.strip()[:200]
        single = len(places) == 1
        geometry = {
            "type": "Point" if single else "LineString",
            "coordinates": places[0] if single else places,
        }
        self.features.append({"type": "Feature", "id": None, "geometry": geometry, "properties": own})


def _doubt(fixes: list[_Fix], strays_m: float) -> tuple[dict[str, Any], bool]:
    """How well a track is known, as the properties that say so; and whether its file leaves that open."""
    stated = [fix.accuracy_m for fix in fixes if fix.accuracy_m is not None]
    if len(stated) == len(fixes) and not strays_m:
        return {"accuracy_m": max(stated)}, False
    # Of fixes their program says nothing of, nothing better is known; and a poor one beside them tells of all.
    diluted_m = PER_HDOP_M * max((fix.hdop for fix in fixes if fix.hdop is not None), default=0.0)
    device_m = DEVICE_TO_95 * max(stated, default=0.0)
    known = len(stated) == len(fixes)
    least_m = 0.0 if known else max(WALKED_M, diluted_m)
    return {"uncertainty_m": round(max(least_m, device_m) + strays_m, 4)}, not known


def _thinned(places: list[list[float]]) -> tuple[list[list[float]], float]:
    """A long track with fewer points, and how far what is left may stray from it, metres."""
    if len(places) <= MOST_OF_A_TRACK:
        return places, 0.0
    xy = np.array(places)
    if not np.isfinite(xy).all():
        return places, 0.0  # left for the reader of the plan to tell
    scale = METRES_PER_DEGREE * np.array([np.cos(np.radians(xy[0, 1])), 1.0])
    line = shapely.simplify(shapely.LineString((xy - xy[0]) * scale), THINNED_M, preserve_topology=False)
    kept = shapely.get_coordinates(line) / scale + xy[0]
    return (kept.tolist(), THINNED_M) if len(kept) > 1 else (places, 0.0)


def _unreadable(name: str) -> Refused:
    return Refused.because(
        "file_unreadable",
        en=f"{name} cannot be read as GPX; it may be damaged: export it again",
        zh=f"{name} 无法作为 GPX 读取，文件可能已损坏，请重新导出",
    )
