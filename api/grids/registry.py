"""Use cases of local grids: register one, and find what a name means. HTTP and CLI call the same ones."""

from dataclasses import dataclass
from pathlib import Path

from api.grids.sealing import seal, sealing_key, unseal
from api.settings import Settings
from ingest.grids import read_common_points, read_parameters
from spatial.crs import Grid, declare, grid_name
from spatial.crs.grids.fit import fit, raised
from spatial.crs.grids.values import Convention, Helmert, Similarity
from spatial.crs.grids.ways import can_be_used, check_plane
from spatial.errors import Refused
from sql.vault import Vault

MOST_ACCURACY_M = 100.0
LONGEST_SOURCE = 500


@dataclass(frozen=True, slots=True)
class GridWish:
    """What is said of a grid. Exactly one of parameters, points and plane_height_m (with its centre) ties it down.

    accuracy_m: the 95 % bound, as stated; of common points it is worked out.
    """

    name: str
    base: str
    source: str
    accuracy_m: float | None
    parameters: Path | None
    convention: Convention | None
    points: Path | None
    plane_height_m: float | None
    centre: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Registered:
    """residuals_m: of each common point, by its name, in the order of the file."""

    name: str
    version: int
    kind: str
    accuracy_m: float
    residuals_m: tuple[tuple[str, float], ...]


def crs_named(vault: Vault, settings: Settings, text: str | None) -> str | Grid | None:
    """What a declared coordinate system means: the registered grid of that name, else the text itself.

    :raises Refused: the key it is sealed with is not here.
    """
    name = grid_name(text)
    record = vault.grid(name) if name is not None else None
    return text if record is None else unseal(record, sealing_key(settings))


def register_grid(vault: Vault, settings: Settings, wish: GridWish) -> Registered:
    """Make a new version of a grid, sealed. :raises Refused: whatever is wrong with it; nothing is kept then."""
    name = grid_name(wish.name)
    if name is None:
        raise Refused.because(
            "grid_name",
            en=f"{wish.name[:60]!r} cannot be the name of a grid: use up to 40 letters, digits, '-', '_' or '.', and no "
            "name or code of a public system",
            zh=f"{wish.name[:60]!r} 不能作为坐标系名称：请用不超过 40 个文字、数字或“-”“_”“.”，且不得与公开坐标系的名称或编号相同",
        )
    if not (wish.source.strip() and wish.source.isprintable() and len(wish.source) <= LONGEST_SOURCE):
        raise Refused.because(
            "grid_source",
            en=f"--source must say where this comes from, in 1 to {LONGEST_SOURCE} printable characters",
            zh=f"--source 应以 1 到 {LONGEST_SOURCE} 个可见字符写明来源",
        )
    kind, grid, residuals_m = _tied_down(name, _base(wish.base), wish)
    can_be_used(grid)
    sealed = seal(grid, sealing_key(settings, make=True))
    version = vault.keep_grid(
        name, kind=kind, source=wish.source.strip(), accuracy_m=grid.accuracy_m, sealed=sealed
    )
    return Registered(name, version, kind, grid.accuracy_m, residuals_m)


def _tied_down(name: str, base: int, wish: GridWish) -> tuple[str, Grid, tuple[tuple[str, float], ...]]:
    given = [one for one in (wish.parameters, wish.points, wish.plane_height_m) if one is not None]
    if len(given) != 1 or (wish.plane_height_m is None) != (wish.centre is None):
        raise Refused.because(
            "grid_ways",
            en="a grid is tied down in exactly one way: --parameters FILE, --points FILE, or --plane-height-m H with "
            "--centre E,N",
            zh="坐标系须且只能以一种方式登记：--parameters FILE、--points FILE，或 --plane-height-m H 连同 --centre E,N",
        )
    if wish.convention is not None and wish.parameters is None:
        raise Refused.because(
            "grid_convention",
            en="--convention belongs to 7 parameters: leave it out here",
            zh="--convention 只用于七参数：此处请去掉",
        )
    if wish.points is not None:
        if wish.accuracy_m is not None:
            raise Refused.because(
                "grid_accuracy",
                en="the accuracy of common points is worked out from their residuals: leave --accuracy-m out",
                zh="公共点的精度由残差求得：请去掉 --accuracy-m",
            )
        check_plane(base)
        points = read_common_points(wish.points, base)
        found = fit(points.local, points.known)
        grid = Grid(name, 0, found.accuracy_m, base, found.way, found.area)
        return "points", grid, tuple(zip(points.names, found.residuals_m, strict=True))
    if wish.accuracy_m is None or not 0.0 < wish.accuracy_m <= MOST_ACCURACY_M:
        raise Refused.because(
            "grid_accuracy",
            en=f"--accuracy-m must say how well these parameters are known: a 95 % bound above 0 and up to "
            f"{MOST_ACCURACY_M:g} m",
            zh=f"--accuracy-m 应写明参数的精度：95% 界限，大于 0 且不超过 {MOST_ACCURACY_M:g} 米",
        )
    way: Similarity | Helmert
    if wish.parameters is not None:
        way = read_parameters(wish.parameters, wish.convention)
        kind = "4" if isinstance(way, Similarity) else "3" if wish.convention is None else "7"
    else:
        kind, way = "plane", _raised(base, wish)
    return kind, Grid(name, 0, wish.accuracy_m, base, way), ()


def _raised(base: int, wish: GridWish) -> Similarity:
    assert wish.plane_height_m is not None and wish.centre is not None
    if not -500.0 <= wish.plane_height_m <= 9000.0:
        raise Refused.because(
            "grid_plane",
            en="--plane-height-m must be metres above the ellipsoid, from -500 to 9000",
            zh="--plane-height-m 应为投影面高出椭球面的米数，-500 到 9000",
        )
    check_plane(base)
    return raised(base, wish.centre, wish.plane_height_m)


def _base(text: str) -> int:
    code = declare(text).epsg
    if code is None:
        raise Refused.because(
            "grid_base",
            en="--base must be an EPSG code, for example EPSG:4543",
            zh="--base 应为 EPSG 编号，例如 EPSG:4543",
        )
    return code
