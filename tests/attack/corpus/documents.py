"""U7 and G1-G6: JSON that is large, deep or odd, and shapes nobody may take for ground."""

import random
from collections.abc import Callable
from typing import Any

from tests.attack.corpus import ENQUIRIES, UNDERSTOOD, Hostile, Trap, refused
from tests.attack.corpus.bodies import around, enquiry
from tests.attack.seeds import LAT, LON, PROJECTED, X, Y, csv, geojson, gpx, kml

QUICK_S = 2.5
"""The catalogue's 2 s, and what it takes to carry the bytes."""


def corpus(trap: Trap) -> list[Hostile]:
    return [*_large_and_deep(), *_numbers(), *_shapes(), *_tangles(), *_places()]


def _both(
    what: str, make: Callable[[], bytes], codes: frozenset[str], within_s: float = QUICK_S
) -> list[Hostile]:
    """The same plan by both doors."""
    return [
        Hostile("U7", what, "a.geojson", make, codes | refused("file_not_what_it_says"), within_s=within_s),
        Hostile("U7", f"{what}, asked", "", lambda: around(make()), codes, door=ENQUIRIES, within_s=within_s),
    ]


_POINT = b'{"type":"Point","coordinates":[%f,%f]}' % (LON, LAT)


def _large_and_deep() -> list[Hostile]:
    place = f"[{LON},{LAT}]".encode()
    polygon = b'{"type":"Polygon","coordinates":%s}'
    too_much, deep = (
        refused("json_too_much", "body_too_large"),
        refused("json_too_deep", "body_too_large", "json_too_much"),
    )
    unread = refused("json_unreadable", "json_not_finite")
    names = ",".join(f'"n{n}":1' for n in range(150_000))
    return [
        *_both(
            "a million points", lambda: polygon % (b"[[" + (place + b",") * 999_999 + place + b"]]"), too_much
        ),
        *_both("19 MB of empty lists", lambda: b"[" + b"[]," * 6_300_000 + b"[]]", too_much),
        *_both("19 MB of empty objects", lambda: b"[" + b"{}," * 6_300_000 + b"{}]", too_much),
        *_both("32 MB", lambda: b'{"type":"x' + b"y" * 32_000_000 + b'"}', refused("body_too_large")),
        *_both("200,000 lists in one another", lambda: b"[" * 200_000 + b"]" * 200_000, deep),
        *_both("200,000 lists that never end", lambda: b"[" * 200_000, deep),
        *_both("2,000 collections in one another", lambda: _collections(2_000), deep),
        *_both("a text that never ends", lambda: b"[" + b"[]," * 100 + b'"' + b'\\"' * 900_000, unread),
        *_both(
            "150,000 names and one twice",
            lambda: f'{{{names},"n149999":1}}'.encode(),
            refused("json_name_twice"),
        ),
        *_both(
            "a name twice",
            lambda: geojson().replace(b'"features"', b'"features": [], "features"'),
            refused("json_name_twice"),
        ),
        *_both("one plan a line", lambda: geojson() + b"\n" + geojson(), unread),
        *_both(
            "a number of a million digits",
            lambda: b'{"type":"Point","coordinates":[1%s,1]}' % (b"0" * 1_000_000),
            unread,
        ),
        *_both(
            "a fraction of a million digits",
            lambda: b'{"type":"Point","coordinates":[0.%s,1]}' % (b"1" * 1_000_000),
            refused(UNDERSTOOD, "outside_extent"),
        ),
        *_both(
            "UTF-16",
            lambda: geojson().decode().encode("utf-16"),
            refused("json_not_utf8", "file_not_what_it_says"),
        ),
        *_both(
            "half a letter", lambda: geojson().replace(b'"excavate"', b'"\\ud800"'), refused("json_not_text")
        ),
        *_both("a NUL", lambda: geojson().replace(b'"excavate"', b'"\\u0000"'), refused("json_not_text")),
        *(
            Hostile(
                "U7",
                f"{many:,} acts that are none",
                "",
                lambda many=many: around(_POINT, acts=b"[%s1]" % (b"1," * many)),
                refused("field_too_long", "json_too_much"),
                door=ENQUIRIES,
                within_s=QUICK_S,
            )
            for many in (9_500, 90_000, 900_000)
        ),
        Hostile("U7", "a byte order mark", "a.geojson", lambda: b"\xef\xbb\xbf" + geojson()),
        Hostile(
            "U7",
            "nothing but blanks",
            "a.geojson",
            lambda: b" " * 1_000_000,
            refused("file_not_what_it_says"),
        ),
    ]


def _collections(deep: int) -> bytes:
    return b'{"type":"GeometryCollection","geometries":[' * deep + b"]}" * deep


def _numbers() -> list[Hostile]:
    """G1: what is no coordinate, in every format that has coordinates."""
    no_json = refused("json_not_finite", "coordinate_not_finite", "coordinate_expected", "outside_extent")
    found = []
    for text in (
        "NaN",
        "Infinity",
        "-Infinity",
        "1e999",
        "-0.0",
        "1e308",
        '"113"',
        "true",
        "null",
        "[]",
        "{}",
    ):
        plan = f'{{"type":"LineString","coordinates":[[{LON},{LAT}],[{text},{LAT}]]}}'.encode()
        found.append(
            Hostile("G1", f"{text} in JSON", "", lambda plan=plan: around(plan), no_json, door=ENQUIRIES)
        )
    for text in ("nan", "inf", "1e999", "x", "", "1e308,nan"):
        body = f"<Placemark><LineString><coordinates>{LON},{LAT} {text},{LAT}</coordinates></LineString></Placemark>"
        track = gpx().replace(f'lat="{LAT}"'.encode(), f'lat="{text}"'.encode())
        found += [
            Hostile(
                "G1",
                f"{text!r} in kml",
                "a.kml",
                lambda body=body: kml(body),
                refused("geometry_not_finite", "geometry_malformed", "geometry_too_few_points"),
            ),
            Hostile(
                "G1", f"{text!r} in gpx", "a.gpx", lambda track=track: track, refused("coordinate_unreadable")
            ),
            Hostile(
                "G1",
                f"{text!r} in csv",
                "a.csv",
                lambda text=text: csv().replace(str(Y).encode(), text.encode(), 1),
                refused("coordinate_unreadable", "coordinates_unclear", "coordinates_missing"),
                {"points_are": "area"},
            ),
        ]
    for text in ("nan", "inf", "1e999", "x"):
        found.append(
            Hostile(
                "G1",
                f"{text!r} in wkt",
                "a.wkt",
                lambda text=text: f"LINESTRING({LON} {LAT}, {text} {LAT})".encode(),
                refused("wkt_unreadable"),
            )
        )
    return found


def _shapes() -> list[Hostile]:
    """G2: by the door that judges; none may be answered at all."""
    ring = [[LON, LAT], [LON + 1e-3, LAT], [LON + 1e-3, LAT + 1e-3], [LON, LAT + 1e-3], [LON, LAT]]
    hole = [[x + 0.01, y] for x, y in ring]
    shapes: dict[str, Any] = {
        "a bow tie": [[ring[0], ring[2], ring[1], ring[3], ring[0]]],
        "a figure of eight": [[ring[0], ring[1], ring[3], ring[2], ring[0]]],
        "a spike": [[ring[0], ring[1], ring[2], [LON + 1e-3, LAT + 5e-3], ring[2], ring[3], ring[0]]],
        "a hole outside": [ring, hole],
        "a ring twice": [ring, ring],
        "no area": [[ring[0], ring[1], ring[0], ring[0]]],
        "two points": [[ring[0], ring[1], ring[0]]],
        "a ring that is open": [ring[:-1]],
        "no rings": [],
        "an empty ring": [[]],
    }
    any_fault = refused(*_SHAPE_FAULTS)
    return [
        Hostile(
            "G2",
            what,
            "",
            lambda rings=rings: enquiry({"type": "Polygon", "coordinates": rings}),
            any_fault,
            door=ENQUIRIES,
        )
        for what, rings in shapes.items()
    ]


_SHAPE_FAULTS = (
    *(
        "site_crosses_itself",
        "site_hole_outside",
        "site_ring_repeated",
        "site_too_few_points",
        "site_ring_open",
    ),
    *("site_empty", "site_zero_area", "site_degenerate"),
)


def _tangles() -> list[Hostile]:
    """G3: what crashed a database that was asked to mend it."""
    found = []
    for count in (100, 499, 4_000):
        lot = random.Random(count)
        ring = [[LON + lot.random() * 1e-3, LAT + lot.random() * 1e-3] for _ in range(count)]
        body = enquiry({"type": "Polygon", "coordinates": [[*ring, ring[0]]]})
        found.append(
            Hostile(
                "G3",
                f"a tangle of {count:,} points",
                "",
                lambda body=body: body,
                refused(*_SHAPE_FAULTS, "site_too_many_vertices"),
                door=ENQUIRIES,
                within_s=QUICK_S,
            )
        )
    return found


_NO_FIT = refused("crs_outside_bounds", "crs_outside_area", "outside_extent", "crs_no_path")


def _places() -> list[Hostile]:
    """G4 to G6: elsewhere than it can be, or larger than any dig."""
    away = refused("outside_extent", "site_too_large", "axes_swapped", "crs_outside_area", *_SHAPE_FAULTS)

    def box(west: float, south: float, east: float, north: float) -> Any:
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        return {"type": "Polygon", "coordinates": [ring]}

    places = {
        "latitude first": box(LAT, LON, LAT + 1e-3, LON + 1e-3),
        "across the antimeridian": box(179.9, 36, -179.9, 36.1),
        "the pole": box(0, 89.9, 180, 90),
        "beyond the pole": box(101, 90, 102, 113),
        "where nothing is": box(0, 0, 1e-3, 1e-3),
        "the whole country": box(74, 18, 134, 53),
        "a point as an area": box(LON, LAT, LON, LAT),
    }
    found = [
        Hostile("G6", what, "", lambda plan=plan: enquiry(plan), away, door=ENQUIRIES)
        for what, plan in places.items()
    ]
    metres = box(X, Y, X + 10, Y + 10)
    codes = {
        "EPSG:8995": "a frame that PROJ looks for ways from",
        "EPSG:22247": "a former datum that PROJ looks for ways from",
        "EPSG:45430": "a code nearly that of others",
    }
    found += [
        Hostile(
            "G5",
            what,
            "",
            lambda code=code: enquiry(box(LON, LAT, LON + 1e-3, LAT + 1e-3), code),
            away | _NO_FIT | refused("crs_unknown"),
            door=ENQUIRIES,
        )
        for code, what in codes.items()
    ]
    return [
        *found,
        Hostile("G5", "metres called degrees", "", lambda: enquiry(metres), away | _NO_FIT, door=ENQUIRIES),
        Hostile(
            "G5",
            "degrees called metres",
            "",
            lambda: enquiry(box(LON, LAT, LON + 1e-3, LAT + 1e-3), PROJECTED),
            away | _NO_FIT,
            door=ENQUIRIES,
        ),
        Hostile(
            "G5",
            "metres nobody declared",
            "",
            lambda: enquiry(metres, ""),
            refused("crs_missing"),
            door=ENQUIRIES,
        ),
        Hostile(
            "G5",
            "a zone off by one",
            "",
            lambda: enquiry(box(2e6 + X, Y, 2e6 + X + 10, Y + 10), PROJECTED),
            away | _NO_FIT,
            door=ENQUIRIES,
        ),
        Hostile(
            "G5",
            "feet",
            "",
            lambda: enquiry(box(X / 0.3048, Y / 0.3048, X / 0.3048 + 30, Y / 0.3048 + 30), PROJECTED),
            away | _NO_FIT,
            door=ENQUIRIES,
        ),
    ]
