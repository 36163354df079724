"""What the EPSG registry calls its plan systems. PROJ takes a fifth of a second to say it: it is asked once."""

from functools import cache

from pyproj.database import get_codes, query_crs_info
from pyproj.enums import PJType


@cache
def titles() -> dict[str, int]:
    """Names of geographic and projected systems -> codes."""
    plans = [PJType.GEOGRAPHIC_2D_CRS, PJType.PROJECTED_CRS]
    return {info.name: int(info.code) for info in query_crs_info("EPSG", plans)}


@cache
def codes() -> tuple[str, ...]:
    """Of all systems."""
    return tuple(get_codes("EPSG", "CRS"))
