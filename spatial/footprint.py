"""The ground really opened: the cross section of a trench or pit, and the strips beside it that are only loaded.

Plain arithmetic and geodesics on CGCS2000; no rule is applied. Lengths in metres, positions lon/lat EPSG:4490.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from spatial.values import BorePath, DigSite, Trench
from spatial.words import SitePart


@dataclass(frozen=True, slots=True)
class FootprintDefaults:
    """What a rule profile takes where nobody said it: section [footprint].

    slope_ratio: of walls nobody described, horizontal per 1 vertical. strip_offset_m: how much farther out a
    strip of spoil or a machine path may lie when nobody said how far from the edge it stays.
    """

    slope_ratio: float
    strip_offset_m: float
    source: str
    verified: bool


NO_DEFAULTS = FootprintDefaults(slope_ratio=1.5, strip_offset_m=1.0, source="PREDIG", verified=False)
"""For a profile older than the section [footprint]: what the shipped one says."""


def defaults_of(section: Mapping[str, Any] | None) -> FootprintDefaults:
    """The section [footprint] of a checked profile document; None: NO_DEFAULTS."""
    if section is None:
        return NO_DEFAULTS
    return FootprintDefaults(
        slope_ratio=float(section["slope_ratio"]),
        strip_offset_m=float(section["strip_offset_m"]),
        source=", ".join(section["source"]),
        verified=section["verified"],
    )


def section_document(site: DigSite) -> dict[str, Any]:
    """Trench, part and bore as JSON, only what is set: a site without them reads and hashes as it always did."""
    said: dict[str, Any] = {}
    if site.trench is not None:
        bottom = site.trench.bottom_width_m
        said["trench"] = {
            # float(): 2 and 2.0 are one length, and must be one text.
            "bottom_width_m": None if bottom is None else float(bottom),
            "slope_ratio": float(site.trench.slope_ratio),
            "slope_known": site.trench.slope_known,
            "shored": site.trench.shored,
        }
    if site.part is not SitePart.OPENED:
        said["part"] = site.part.value
    if site.of_feature is not None:
        said["of_feature"] = site.of_feature
    if site.bore is not None:
        said["bore"] = {
            "profile": [[float(at), float(depth)] for at, depth in site.bore.profile],
            "diameter_mm": site.bore.diameter_mm,
            "plan_accuracy_m": site.bore.plan_accuracy_m,
            "depth_accuracy_m": site.bore.depth_accuracy_m,
        }
    return said


def trench_of(document: Mapping[str, Any]) -> Trench | None:
    """What section_document() wrote of the trench."""
    said = document.get("trench")
    return Trench(**said) if said else None


def part_of(document: Mapping[str, Any]) -> SitePart:
    """What section_document() wrote of the part."""
    return SitePart(document.get("part", SitePart.OPENED))


def bore_of(document: Mapping[str, Any]) -> BorePath | None:
    """What section_document() wrote of the bore."""
    said = document.get("bore")
    if not said:
        return None
    return BorePath(**{**said, "profile": tuple((at, depth) for at, depth in said["profile"])})
