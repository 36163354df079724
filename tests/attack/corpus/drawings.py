"""U6: small drawings that are large when drawn, and large ones."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import ezdxf

from tests.attack.corpus import UNDERSTOOD, Hostile, Trap, refused
from tests.attack.seeds import PROJECTED, X, Y, of_drawing

ASKED = {"crs": PROJECTED, "points_are": "area", "units": "m"}
HARD = refused(
    "file_too_hard",
    "file_refused",
    "drawing_too_many_entities",
    "network_too_many_vertices",
    "file_too_many_points",
    "file_too_many_rows",
)


def corpus(trap: Trap) -> list[Hostile]:
    found = [
        Hostile("U6", what, "a.dxf", lambda draw=draw: drawn(draw), HARD, ASKED, heavy=True)
        for what, draw in {
            "ten million lines in nested blocks": nested_blocks,
            "a block 2,000 times 2,000 times": minsert,
        }.items()
    ]
    found += [
        Hostile(
            "U6",
            what,
            "a.dxf",
            lambda draw=draw: drawn(draw),
            HARD | refused(UNDERSTOOD, "drawing_entities_unreadable"),
            ASKED,
            heavy=True,
        )
        for what, draw in {
            "a circle round the sun": huge_circle,
            "a spline of 100,000 points": spline,
            "9,000 lines from one place": star,
            "3,000 triangles of three lines": triangles,
        }.items()
    ]
    unread = refused(
        "drawing_unreadable",
        "drawing_entities_unreadable",
        "drawing_loses_entities",
        "network_empty",
        "geometry_not_finite",
        "file_refused",
        "file_too_hard",
    )
    found += [
        Hostile("U6", what, "a.dxf", lambda draw=draw: drawn(draw), unread, ASKED)
        for what, draw in {
            "a block within itself": circular,
            "two blocks within one another": mutual,
            "a reference to another file": lambda document: xref(document, str(trap.canary)),
            "a reference to an address": lambda document: xref(document, trap.address),
            "a scale that overflows": overflowing,
        }.items()
    ]
    return [
        *found,
        Hostile(
            "U6",
            "a picture elsewhere",
            "a.dxf",
            lambda: drawn(lambda document: image(document, trap.address)),
            asked=ASKED,
        ),
        Hostile("U6", "a million lines of text", "a.dxf", lambda: b"0\nSECTION\n" * 1_000_000, unread, ASKED),
        Hostile(
            "U6",
            "25 MB",
            "a.dxf",
            lambda: b"0\nSECTION\n" * 2_500_000,
            refused("body_too_large", "file_too_large"),
            ASKED,
        ),
        Hostile(
            "U6",
            "a group code of a million digits",
            "a.dxf",
            lambda: b"0\nSECTION\n2\nENTITIES\n" + b"1" * 1_000_000 + b"\nx\n",
            unread,
            ASKED,
        ),
    ]


def drawn(draw: Callable[[Any], None]) -> bytes:
    document = ezdxf.new("R2010")
    document.header["$INSUNITS"] = 6
    draw(document)
    return of_drawing(document)


def nested_blocks(document: Any) -> None:
    """2.4 kB that stand for ten million lines."""
    document.blocks.new("B0").add_line((0, 0), (1, 1))
    for depth in range(1, 8):
        block = document.blocks.new(f"B{depth}")
        for _ in range(10):
            block.add_blockref(f"B{depth - 1}", (0, 0))
    document.modelspace().add_blockref("B7", (X, Y))


def minsert(document: Any) -> None:
    document.blocks.new("B").add_line((0, 0), (1, 1))
    many = {"row_count": 2_000, "column_count": 2_000, "row_spacing": 2, "column_spacing": 2}
    document.modelspace().add_blockref("B", (X, Y), dxfattribs=many)


def huge_circle(document: Any) -> None:
    """In edges that stray by a millimetre it would have a hundred million corners."""
    document.modelspace().add_circle((X, Y), 1.5e12)


def spline(document: Any) -> None:
    document.modelspace().add_spline([(X + n % 7, Y + n % 11) for n in range(100_000)])


def star(document: Any) -> None:
    """Each end is everybody's neighbour."""
    for number in range(9_000):
        document.modelspace().add_line((X, Y), (X + 50, Y + number / 1_000), dxfattribs={"layer": "0"})


def triangles(document: Any) -> None:
    """Each closes; so many grounds, and so many lines that may lie in any of them."""
    for number in range(3_000):
        x, y = X + number % 60 * 2, Y + number // 60 * 2
        corners = [(x, y), (x + 1, y), (x, y + 1), (x, y)]
        for start, end in pairwise(corners):
            document.modelspace().add_line(start, end, dxfattribs={"layer": "0"})


def circular(document: Any) -> None:
    document.blocks.new("A").add_blockref("A", (0, 0))
    document.modelspace().add_blockref("A", (X, Y))


def mutual(document: Any) -> None:
    document.blocks.new("A").add_blockref("B", (0, 0))
    document.blocks.new("B").add_blockref("A", (0, 0))
    document.modelspace().add_blockref("A", (X, Y))


def xref(document: Any, place: str) -> None:
    document.add_xref_def(place, "X")
    document.modelspace().add_blockref("X", (X, Y))


def overflowing(document: Any) -> None:
    document.blocks.new("A").add_line((1e200, 1e200), (1e300, 0))
    document.modelspace().add_blockref("A", (X, Y), dxfattribs={"xscale": 1e300, "yscale": 1e300})


def image(document: Any, place: str) -> None:
    definition = document.add_image_def(place, (10, 10))
    space = document.modelspace()
    space.add_image(definition, (X, Y), (10, 10))
    space.add_line((X, Y), (X + 9, Y))
