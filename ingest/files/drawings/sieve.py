"""The tags of a drawing on their way to ezdxf: entities of layers nobody asked for are counted and go no further, since to make
objects of them is most of the work; all others are counted, so that none can be lost."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Any

from ingest.files.geojson import too_many_positions, too_many_rows
from ingest.files.layers import several
from ingest.files.rows import Reading
from spatial.errors import Refused

ANNOTATIONS = frozenset(
    """TEXT MTEXT ATTDEF ATTRIB DIMENSION ARC_DIMENSION LARGE_RADIAL_DIMENSION LEADER MULTILEADER MLEADER TOLERANCE
    VIEWPORT IMAGE WIPEOUT OLE2FRAME RTEXT ACAD_TABLE RAY XLINE LIGHT SUN CAMERA GEOPOSITIONMARKER SECTION SHAPE""".split()
)
"""Writing, measures, pictures and construction lines: no pipe lies there."""

_PARTS = frozenset({"VERTEX", "SEQEND", "ATTRIB", "BLOCK", "ENDBLK"})
"""Stand within another entity."""
_ESCAPES = ("\\U+", "\\M+")
"""Of letters in names: what a layer with them is called is known to ezdxf only."""


class Sieve:
    """passed: type -> how many went on, of the drawing and its blocks; left_out: (layer, type) -> how many did not.

    References to blocks always go on: what they draw is on layers of its own.
    """

    def __init__(self, name: str, reading: Reading) -> None:
        self.passed: Counter[str] = Counter()
        self.left_out: Counter[tuple[str, str]] = Counter()
        self._name = name
        self._reading = reading
        self._drawn = self._points = 0
        self._layers: set[str] = set()

    def sift(self, tags: Iterable[Any]) -> Iterator[Any]:
        """The tags that go on. :raises Refused: file_too_many_rows, file_too_many_points, as soon as that many
        have passed; layers_several."""
        section, named = "", False
        held: list[Any] = []
        for tag in tags:
            if tag.code == 0:
                named = tag.value == "SECTION"
                if tag.value == "ENDSEC":
                    yield from self._entity(held)
                    section, held = "", []
                elif section == "BLOCKS" and tag.value not in _PARTS:
                    self.passed[tag.value] += 1
                elif section == "ENTITIES" and tag.value not in _PARTS:
                    yield from self._entity(held)
                    held = []
                    if self._drawn > self._reading.most_rows:
                        raise self._too_large(tags, too_many_rows(self._name, self._reading.most_rows))
                    if self._points > self._reading.most_positions:
                        raise self._too_large(
                            tags, too_many_positions(self._name, self._reading.most_positions)
                        )
            elif named and tag.code == 2:
                section, named = tag.value, False
                yield tag
                continue
            if section == "ENTITIES":
                held.append(tag)
            else:
                yield tag
        yield from held

    def _entity(self, held: list[Any]) -> list[Any]:
        """An entity with its parts, or nothing of it."""
        if not held:
            return held
        kind, layer = held[0].value, next((str(tag.value) for tag in held if tag.code == 8), "0")
        wanted = self._reading.layers
        if wanted and kind != "INSERT" and layer not in wanted and not any(one in layer for one in _ESCAPES):
            self.left_out[layer, kind] += 1
            return []
        self.passed[kind] += 1
        if kind not in ANNOTATIONS:
            self._drawn += 1
            self._points += sum(tag.code == 10 for tag in held)
            self._layers.add(layer)
        return held

    def _too_large(self, rest: Iterable[Any], why: Refused) -> Refused:
        """Of those that are wanted there are too many; where nobody has said which those are, which layers there are."""
        if self._reading.layers:
            return why
        of_entities = takewhile(lambda tag: tag.value != "ENDSEC", rest)
        layers = self._layers | {str(tag.value) for tag in of_entities if tag.code == 8}
        return several(self._name, sorted(layers)) if len(layers) > 1 else why
