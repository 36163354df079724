"""U3 and the links of U5: XML that grows, reads files or asks addresses."""

import io
import zipfile
from collections.abc import Callable, Mapping

from tests.attack.corpus import UNDERSTOOD, Hostile, Trap, refused
from tests.attack.seeds import LAT, LON, gpx, kml, xlsx, zipped

DOCTYPE = refused("xml_doctype")


def corpus(trap: Trap) -> list[Hostile]:
    return [*_entities(trap), *_links(trap), *_shapes_of_xml()]


def _entities(trap: Trap) -> list[Hostile]:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10))
    heads: Mapping[str, tuple[str, str]] = {
        "a billion laughs": (f"[{laughs}]", "&l9;"),
        "a quadratic blow-up": (f'[<!ENTITY a "{"x" * 50_000}">]', "&a;" * 5_000),
        "an external file": (f'[<!ENTITY a SYSTEM "file://{trap.canary}">]', "&a;"),
        "an external address": (f'[<!ENTITY a SYSTEM "{trap.address}">]', "&a;"),
        "a parameter entity": (f'[<!ENTITY % a SYSTEM "{trap.address}"> %a;]', "x"),
        "a document type elsewhere": (f'SYSTEM "{trap.address}"', "x"),
    }
    found = []
    for what, (doctype, used) in heads.items():
        for ending, make in _MAKERS.items():
            asked = {"points_are": "area"} if ending == "xlsx" else {}
            said = refused("workbook_has_entities") if ending == "xlsx" else DOCTYPE
            found.append(
                Hostile(
                    "U3",
                    f"{what} in {ending}",
                    f"a.{ending}",
                    lambda make=make, doctype=doctype, used=used: make(doctype, used),
                    said,
                    asked,
                    within_s=4.0,
                )
            )
    utf_16 = _kml("[<!ENTITY a 'b'>]", "&a;").decode().replace("UTF-8", "UTF-16")
    found.append(
        Hostile(
            "U3",
            "a document type in UTF-16",
            "a.kml",
            lambda: utf_16.encode("utf-16"),
            refused("file_not_what_it_says"),
        )
    )
    return found


def _kml(doctype: str, used: str) -> bytes:
    placed = f"<Placemark><name>{used}</name><LineString><coordinates>{LON},{LAT} {LON},{LAT + 0.001}</coordinates></LineString></Placemark>"
    text = kml(placed).decode()
    return text.replace("<kml ", f"<!DOCTYPE kml {doctype}>\n<kml ", 1).encode()


def _gpx(doctype: str, used: str) -> bytes:
    text = gpx().decode().replace("<name>walk", f"<name>{used}")
    return text.replace("<gpx ", f"<!DOCTYPE gpx {doctype}>\n<gpx ", 1).encode()


def _xlsx(doctype: str, used: str) -> bytes:
    """With a document type in its sheet."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx())) as archive, zipfile.ZipFile(written, "w") as out:
        for name in archive.namelist():
            data = archive.read(name)
            if name == "xl/worksheets/sheet1.xml":
                text = data.decode().replace("J0", used, 1)
                data = text.replace("<worksheet ", f"<!DOCTYPE worksheet {doctype}>\n<worksheet ", 1).encode()
            out.writestr(name, data)
    return written.getvalue()


_MAKERS: Mapping[str, Callable[[str, str], bytes]] = {
    "kml": _kml,
    "kmz": lambda doctype, used: zipped({"doc.kml": _kml(doctype, used)}),
    "gpx": _gpx,
    "xlsx": _xlsx,
}


def _links(trap: Trap) -> list[Hostile]:
    line = f"<LineString><coordinates>{LON},{LAT} {LON},{LAT + 0.001}</coordinates></LineString>"
    href = f"<href>{trap.address}</href>"
    elsewhere = {
        "a network link": f"<NetworkLink><Link>{href}</Link></NetworkLink>",
        "a network link to a file": f"<NetworkLink><Link><href>{trap.canary}</href></Link></NetworkLink>",
    }
    harmless = {
        "an overlay": f"<GroundOverlay><Icon>{href}</Icon></GroundOverlay><Placemark>{line}</Placemark>",
        "a schema elsewhere": f'<Placemark><ExtendedData><SchemaData schemaUrl="{trap.address}">'
        f'<SimpleData name="a">b</SimpleData></SchemaData></ExtendedData>{line}</Placemark>',
        "a style elsewhere": f"<Placemark><styleUrl>{trap.address}#s</styleUrl>{line}</Placemark>",
        "an inclusion": f'<Placemark xmlns:xi="http://www.w3.org/2001/XInclude"><name><xi:include href="{trap.canary}" '
        f'parse="text"/></name>{line}</Placemark>',
    }
    found = [
        Hostile("U5", what, "a.kml", lambda body=body: kml(body), refused("kml_elsewhere"))
        for what, body in elsewhere.items()
    ]
    return found + [
        Hostile("U5", what, "a.kml", lambda body=body: kml(body)) for what, body in harmless.items()
    ]


def _shapes_of_xml() -> list[Hostile]:
    place = f"{LON},{LAT} "
    return [
        Hostile(
            "U3",
            "100,000 folders in one another",
            "a.kml",
            lambda: kml("<Folder>" * 100_000),
            refused("kml_unreadable"),
        ),
        Hostile(
            "U3",
            "a placemark within a placemark",
            "a.kml",
            lambda: kml("<Placemark>" * 60 + "</Placemark>" * 60),
            refused("geometry_missing"),
        ),
        Hostile(
            "U3",
            "15 MB of blanks where commas could be",
            "a.kml",
            lambda: kml(_line(" " * 15_000_000)),
            refused(
                "file_too_hard",
                "file_too_many_points",
                "file_too_many_rows",
                "file_refused",
                "geometry_empty",
                "geometry_missing",
                "geometry_too_few_points",
            ),
            heavy=True,
        ),
        Hostile(
            "U3",
            "a line of a million points",
            "a.kml",
            lambda: kml(_line(place * 1_000_000)),
            refused("file_refused", "file_too_hard", "file_too_many_points", "file_too_many_rows"),
            heavy=True,
        ),
        Hostile(
            "U3",
            "200,000 placemarks",
            "a.kml",
            lambda: kml("<Placemark><Point><coordinates>1,1</coordinates></Point></Placemark>" * 200_000),
            refused("file_refused", "file_too_hard", "file_too_many_points", "file_too_many_rows"),
            heavy=True,
        ),
        Hostile(
            "U3",
            "an attribute of 10 MB",
            "a.kml",
            lambda: kml(f'<Placemark id="{"x" * 10_000_000}">{_points(place * 2)}</Placemark>'),
        ),
        Hostile(
            "U3",
            "a gpx of 300,000 points",
            "a.gpx",
            lambda: gpx().replace(b"<trkseg>", b"<trkseg>" + b'<trkpt lat="36" lon="101"/>' * 300_000),
            refused(UNDERSTOOD, "file_too_hard", "file_too_many_points", "file_too_many_rows"),
            heavy=True,
        ),
    ]


def _points(coordinates: str) -> str:
    return f"<LineString><coordinates>{coordinates}</coordinates></LineString>"


def _line(coordinates: str) -> str:
    return f"<Placemark>{_points(coordinates)}</Placemark>"
