"""What is registered of a grid. Its parameters are secret: nothing here has them in its repr.

x is the easting (or longitude) and y the northing (or latitude), always.
"""

import math
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Literal

from spatial.crs.looks import SourceBounds

Convention = Literal["position_vector", "coordinate_frame"]
"""Which way a rotation counts: of the point (EPSG:9606), or of the axes (EPSG:9607). One is the other negated."""

_NAME = re.compile(r"\w[\w.-]{0,39}")


@dataclass(frozen=True, slots=True, repr=False)
class Similarity:
    """4 parameters: from the grid to the plane of a projection.

    east = d_east_m + scale * (x cos a + y sin a), north = d_north_m + scale * (y cos a - x sin a), where a is
    `clockwise_arcsec`. Written northing first, as surveyors do, it is their X' = dX + k (X cos a - Y sin a).
    """

    d_east_m: float
    d_north_m: float
    clockwise_arcsec: float
    scale: float

    @property
    def turn(self) -> complex:
        """What a vector x + iy is multiplied by."""
        angle = math.radians(self.clockwise_arcsec / 3600.0)
        return self.scale * complex(math.cos(angle), -math.sin(angle))


@dataclass(frozen=True, slots=True, repr=False)
class Helmert:
    """3 or 7 parameters: from a former datum to CGCS2000, between earth-centred coordinates at ellipsoidal height 0."""

    dx_m: float
    dy_m: float
    dz_m: float
    rx_arcsec: float = 0.0
    ry_arcsec: float = 0.0
    rz_arcsec: float = 0.0
    scale_ppm: float = 0.0
    convention: Convention = "position_vector"


@dataclass(frozen=True, slots=True)
class Grid:
    """A registered grid, as it is used.

    base: the EPSG code of the projection that a similarity leads to, or of the system that a Helmert
    transformation starts from. area: the source coordinates it may be used for; None: no other bound than its
    base's. accuracy_m: the 95 % bound of what it carries.
    """

    name: str
    version: int
    accuracy_m: float
    base: int = field(repr=False)
    way: Similarity | Helmert = field(repr=False)
    area: SourceBounds | None = field(repr=False, default=None)


def canonical_name(text: str) -> str | None:
    """How the name of a grid is kept: one width and one case of letters. None: it cannot be one."""
    name = unicodedata.normalize("NFKC", text).strip().casefold()
    return name if _NAME.fullmatch(name) else None
