"""The fingerprint of an asset: what it is and where, not what its source calls it."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.columns import Coded, merged
from spatial.values import Asset, UncertaintyTerm
from spatial.wkb import Octets

DIGEST_DECIMALS = 9
"""Degrees are rounded to 0.1 mm, so that a re-export through another program is recognised."""

ROWS_A_BLOCK = 16_384


def asset_digest(asset: Asset) -> str:
    """sha256 in hex: the digest an asset must have; differs from `asset.digest` when a stored value was altered.

    This is what a digest is; digests() gives the same for many at once.
    """
    said = [
        asset.kind,
        asset.pressure_class,
        asset.diameter_mm,
        asset.cover_m,
        asset.material,
        asset.status,
        asset.survey_class,
        _day(asset.laid_on),
        asset.pipe_kind,
        _listed(asset.uncertainty),
    ]
    # Of depth and dates nothing stands there where nothing is known, so that what was registered before these were
    # asked for keeps its digest.
    of_depth = {
        "cover_most_m": asset.cover_most_m,
        "profiled": asset.profiled,
        "depth": _listed(asset.depth_uncertainty),
        "surveyed_on": _day(asset.surveyed_on),
        "resurfaced_on": _day(asset.resurfaced_on),
    }
    if known := {name: value for name, value in of_depth.items() if value}:
        said.append(known)
    place = shapely.to_wkb(_rounded(asset.geometry), byte_order=1, output_dimension=2)
    return hashlib.sha256(_json(said).encode() + b"\n" + place).hexdigest()


def digests(wkb: NDArray[np.object_], attributes: Mapping[str, Coded]) -> list[str]:
    """asset_digest() of each row, by columns. wkb, attributes: as in AssetTable."""
    plain = merged([attributes[name].map(written) for name, written in _PLAIN.items()])
    of_depth = [attributes[name].map(written) for name, written in _OF_DEPTH.items()]
    known = merged([column for column in of_depth if any(column.values)])
    digest: list[str] = []
    for at in range(0, len(wkb), ROWS_A_BLOCK):
        block = slice(at, at + ROWS_A_BLOCK)
        said: Iterable[tuple[bytes, ...]] = zip(*(column.cells(block) for column in plain), strict=True)
        if known:
            depths = zip(*(column.cells(block) for column in known), strict=True)
            said = map(_with_depth, said, depths)
        digest += [
            hashlib.sha256(b"".join((*texts, b"]\n", place))).hexdigest()
            for texts, place in zip(said, _rounded_wkb(wkb[block]), strict=True)
        ]
    return digest


Writer = Callable[[Any], bytes]


def _first(value: Any) -> bytes:
    return b"[" + _json(value).encode()


def _next(value: Any) -> bytes:
    return b"," + _json(value).encode()


def _named(name: str, form: Callable[[Any], Any]) -> Writer:
    """Written as a member of an object, with a comma before it; nothing where nothing is known."""

    def written(value: Any) -> bytes:
        return f",{_json(name)}:{_json(form(value))}".encode() if value else b""

    return written


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _listed(terms: Sequence[UncertaintyTerm]) -> list[list[Any]]:
    return [[term.code, term.metres, term.source, term.verified] for term in terms]


def _same(value: Any) -> Any:
    return value


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


_PLAIN: Mapping[str, Writer] = {
    "kind": _first,
    "pressure_class": _next,
    "diameter_mm": _next,
    "cover_m": _next,
    "material": _next,
    "status": _next,
    "survey_class": _next,
    "laid_on": lambda day: _next(_day(day)),
    "pipe_kind": _next,
    "uncertainty": lambda terms: _next(_listed(terms)),
}
_OF_DEPTH: Mapping[str, Writer] = {
    "cover_most_m": _named("cover_most_m", _same),
    "profiled": _named("profiled", _same),
    "depth_uncertainty": _named("depth", _listed),
    "surveyed_on": _named("surveyed_on", _day),
    "resurfaced_on": _named("resurfaced_on", _day),
}


def _with_depth(plain: tuple[bytes, ...], of_depth: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """After the plain parts an object of what is known of depth, if anything is."""
    members = b"".join(of_depth)
    return (*plain, b",{", members[1:], b"}") if members else plain


def _rounded(geometry: Any) -> Any:
    # Adding 0.0 turns -0.0 into 0.0: the same place must not have two fingerprints.
    return shapely.transform(geometry, lambda xy: np.round(xy, DIGEST_DECIMALS) + 0.0)


def _rounded_wkb(wkb: NDArray[np.object_]) -> list[bytes | memoryview]:
    """The well-known binary of each shape with its coordinates rounded."""
    octets = Octets(wkb)
    places: list[bytes | memoryview] = [*octets.with_xy(np.round(octets.xy, DIGEST_DECIMALS) + 0.0)]
    others = np.flatnonzero(~octets.single)
    if len(others):
        rounded = shapely.to_wkb(_rounded(shapely.from_wkb(wkb[others])), byte_order=1, output_dimension=2)
        for row, place in zip(others.tolist(), rounded, strict=True):
            places[row] = place
    return places
