"""The pipeline that carries a registered grid into the register: by its parameters, never a ballpark."""

from functools import lru_cache

from pyproj import Transformer
from pyproj.exceptions import ProjError

from spatial.crs.grids.values import Grid, Helmert, Similarity
from spatial.crs.names import plan_crs
from spatial.crs.operations import conversion, frame_of, to_own_lonlat
from spatial.errors import Refused

_REGISTER_ELLIPSOID = "a=6378137 rf=298.257222101"
_IN_RADIANS = "step proj=unitconvert xy_in=deg xy_out=rad"
_IN_DEGREES = "step proj=unitconvert xy_in=rad xy_out=deg"


@lru_cache(maxsize=64)
def pipeline_of(grid: Grid) -> str:
    """PROJ text from grid coordinates to longitude/latitude CGCS2000, degrees. Secret: it holds the parameters.

    :raises Refused: grid_base, when its base is no system such parameters can be for.
    """
    if isinstance(grid.way, Similarity):
        return _from_plane(grid.base, grid.way)
    return _from_datum(grid.base, grid.way)


def check_plane(base: int) -> None:
    """:raises Refused: grid_base, when no similarity can lead there."""
    plan = plan_crs(base)
    if (
        frame_of(base) != "cgcs2000"
        or not plan.is_projected
        or plan.axis_info[0].unit_conversion_factor != 1.0
    ):
        raise _wrong_base(
            base,
            "4 parameters, common points and a raised plane rest on a projection of CGCS2000 in metres, for example "
            "EPSG:4543",
            "四参数、公共点和抬高的投影面应以 CGCS2000 的投影坐标系（米）为基础，例如 EPSG:4543",
        )


def _from_plane(base: int, way: Similarity) -> str:
    check_plane(base)
    turn = way.turn
    affine = (
        f"step proj=affine xoff={way.d_east_m!r} yoff={way.d_north_m!r} "
        f"s11={turn.real!r} s12={-turn.imag!r} s21={turn.imag!r} s22={turn.real!r}"
    )
    return f"proj=pipeline {affine} {_steps(conversion(base).pipeline)}"


def _from_datum(base: int, way: Helmert) -> str:
    own = plan_crs(base).geodetic_crs
    at_greenwich = own is not None and own.prime_meridian is not None and own.prime_meridian.longitude == 0.0
    if own is None or own.ellipsoid is None or not at_greenwich or frame_of(base) != "other":
        raise _wrong_base(
            base,
            "3 and 7 parameters start from a system on a former datum, for example EPSG:2343 (Xian 80)",
            "三参数和七参数应从旧基准的坐标系出发，例如 EPSG:2343（西安 80）",
        )
    source = f"a={own.ellipsoid.semi_major_metre!r} rf={own.ellipsoid.inverse_flattening!r}"
    move = (
        f"step proj=helmert x={way.dx_m!r} y={way.dy_m!r} z={way.dz_m!r} "
        f"rx={way.rx_arcsec!r} ry={way.ry_arcsec!r} rz={way.rz_arcsec!r} s={way.scale_ppm!r} "
        f"convention={way.convention}"
    )
    return (
        f"proj=pipeline {_steps(to_own_lonlat(base))} {_IN_RADIANS} step proj=cart {source} {move} "
        f"step inv proj=cart {_REGISTER_ELLIPSOID} {_IN_DEGREES}"
    )


def _steps(pipeline: str) -> str:
    """The steps of a pipeline, to be put into another one; its only one where PROJ writes no pipeline."""
    return pipeline.removeprefix("proj=pipeline ") if "step " in pipeline else f"step {pipeline}"


def can_be_used(grid: Grid) -> None:
    """:raises Refused: grid_base, grid_parameters: PROJ cannot make a pipeline of them."""
    try:
        Transformer.from_pipeline(pipeline_of(grid))
    except ProjError:
        # Its message holds the pipeline.
        raise Refused.because(
            "grid_parameters",
            en="These parameters make no transformation: check each of them.",
            zh="这些参数无法构成坐标转换：请逐一核对。",
        ) from None


def _wrong_base(base: int, en: str, zh: str) -> Refused:
    return Refused.because(
        "grid_base",
        en=f"EPSG:{base} cannot be --base here: {en}.",
        zh=f"EPSG:{base} 不能作为此处的 --base：{zh}。",
    )
