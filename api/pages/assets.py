"""The fixed list of files the pages may load, under one content hash, so that they can be kept for ever.

Third-party files are read from where set-up installed them, never copied into the repository.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from maps.assets import installed_file
from maps.styles import GRADE_MARKS, OUTCOME_MARKS

TYPES: Mapping[str, str] = {
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
}

OWN = (
    "predig.css",
    "icon.svg",
    "ask.js",
    "alerts.js",
    "card.js",
    "dom.js",
    "draw.js",
    "ground.js",
    "here.js",
    "paste.js",
    "permit.js",
    "pointing.js",
    "section.js",
    "understood.js",
    "upload.js",
    "verdict.js",
)

LEAFLET, GEOMAN = "leaflet/dist", "@geoman-io/leaflet-geoman-free/dist"
INSTALLED: Mapping[str, str] = {
    "leaflet/leaflet.js": f"{LEAFLET}/leaflet.js",
    "leaflet/leaflet.css": f"{LEAFLET}/leaflet.css",
    "leaflet/images/layers.png": f"{LEAFLET}/images/layers.png",
    "leaflet/images/layers-2x.png": f"{LEAFLET}/images/layers-2x.png",
    "leaflet/images/marker-icon.png": f"{LEAFLET}/images/marker-icon.png",
    "geoman/leaflet-geoman.min.js": f"{GEOMAN}/leaflet-geoman.min.js",
    "geoman/leaflet-geoman.css": f"{GEOMAN}/leaflet-geoman.css",
}


@dataclass(frozen=True, slots=True)
class Asset:
    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Assets:
    """files: name -> content; digest: of all of them together, so that a change of one renames all."""

    files: Mapping[str, Asset]
    digest: str

    def url(self, name: str) -> str:
        """Its address. A KeyError for a name that is not on the list: a page that asks for it is wrong."""
        self.files[name]
        return f"/assets/{self.digest}/{name}"


def load_assets() -> Assets:
    """Read every file once.

    :raises Refused: `assets_missing`, set-up has not installed Leaflet.
    """
    own = resources.files("api.pages") / "static"
    contents = {name: (own / name).read_bytes() for name in OWN}
    contents["marks.css"] = _marks().encode()
    contents |= {name: installed_file(place).read_bytes() for name, place in INSTALLED.items()}
    digest = hashlib.sha256()
    for name in sorted(contents):
        digest.update(name.encode() + b"\0" + hashlib.sha256(contents[name]).digest())
    files = {
        name: Asset(content, TYPES[name.rpartition(".")[2]]) for name, content in sorted(contents.items())
    }
    return Assets(files, digest.hexdigest()[:16])


def _marks() -> str:
    """The colours of grades and outcomes, from where the maps have them."""
    grades = [f".grade-{grade} {{ --mark: {mark.colour}; }}" for grade, mark in GRADE_MARKS.items()]
    outcomes = [f".outcome-{outcome} {{ --mark: {mark.colour}; }}" for outcome, mark in OUTCOME_MARKS.items()]
    return "\n".join([*grades, *outcomes, ""])
