"""What a briefing map shows, as plain values: the judged sites and the pipes near them. Made by api.views.map_view."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from shapely.geometry.base import BaseGeometry

from spatial.rules.notice import EarliestStart
from spatial.values import DigSite, PermitParties, Utility
from spatial.words import AssetKind, PermitStatus, PressureClass


@dataclass(frozen=True, slots=True)
class DrawnAsset:
    """One pipe or facility near a site. asset_id: as `pipe_id` in a conflict.

    geometry: lon/lat EPSG:4490, as the register was asked for it; it may reach beyond what is drawn.
    radius_m: axis or centre to outer wall, 0 where the geometry is the wall; protection_m, control_m: zone widths
    from the wall, an act's own distance included; uncertainty_m: 95 % bound of the position. None is unknown.
    """

    asset_id: str
    source_id: str
    utility: str
    dataset: str
    kind: AssetKind
    pressure_class: PressureClass | None
    diameter_mm: float | None
    status: str | None
    geometry: BaseGeometry
    radius_m: float
    protection_m: float
    control_m: float
    uncertainty_m: float


@dataclass(frozen=True, slots=True)
class JudgedSite:
    """A dig site with its judgement in the answer form of api.views.answers; None while nobody judged it."""

    site: DigSite
    screening: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class FiledPermit:
    """The permit the sites belong to, as it reads on the day of the map."""

    permit_id: str
    status: PermitStatus
    parties: PermitParties
    earliest: EarliestStart | None = None


@dataclass(frozen=True, slots=True)
class MapView:
    """One map. contacts: utility code -> whom to call.

    margin_m: nothing farther than this from a site's edge is drawn. rules_title: (zh, en) of the rule profile.
    lapsed: the judgement shown is past its validity or a newer one stands, so it must not be read as current.
    """

    sites: tuple[JudgedSite, ...]
    assets: tuple[DrawnAsset, ...]
    contacts: Mapping[str, Utility]
    margin_m: float
    rules_title: tuple[str, str]
    on: date
    permit: FiledPermit | None = None
    lapsed: bool = False
