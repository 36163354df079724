"""What a drawing says of where it lies: its GEODATA, which AutoCAD's GEOGRAPHICLOCATION writes."""

import math
import re

from ingest.files.drawings.document import Drawing
from spatial.errors import Refused

SAME_M = 0.001
SAME_TURN = 1e-9
"""Of a direction: 0.01 mm over 10 km."""
SAME_SCALE = 1e-9
USER_SCALE = 2

_ALIAS = re.compile(r"<Alias\b[^>]*>")
_EPSG = re.compile(r"""\bid\s*=\s*["']\s*(\d{4,6})\s*["']""")
_OF_A_SYSTEM = re.compile(r"""\btype\s*=\s*["']CoordinateSystem["']""")


def stated_crs(drawing: Drawing, metres: float) -> str | None:
    """The coordinate system a drawing states for its numbers, as spatial.crs.check_agreement takes it; None without one.

    metres: a drawing unit, in metres. An EPSG code where the definition has one, else the definition, for the reader to make
    sense of or to refuse.
    :raises Refused: drawing_placed_by_hand, when the drawing's numbers are not themselves coordinates of that system.
    """
    geodata = drawing.document.modelspace().get_geodata()
    if geodata is None:
        return None
    if why := _moved(geodata.dxf, bool(geodata.faces), metres):
        en, zh = why
        raise Refused.because(
            "drawing_placed_by_hand",
            en=f"{drawing.name} has a geographic location that {en}: its numbers are not the coordinates themselves, and a "
            "place set by hand is not exact. Ask the designer for the drawing in world coordinates, with the location "
            "removed (GEOREMOVE) or set without a shift",
            zh=f"{drawing.name} 带有地理位置（GEODATA），但{zh}：图中数值并非真实坐标，手工放置的位置也不精确。请向设计单位索取按真实"
            "坐标绘制的图纸，并删除地理位置（GEOREMOVE）或改为不作平移、旋转和缩放",
        )
    definition = str(geodata.coordinate_system_definition).strip()
    codes = {
        code[1]
        for alias in _ALIAS.findall(definition)
        if _OF_A_SYSTEM.search(alias) and (code := _EPSG.search(alias))
    }
    if len(codes) == 1:
        return f"EPSG:{codes.pop()}"
    return definition or None


def _moved(said: object, has_mesh: bool, metres: float) -> tuple[str, str] | None:
    """How the numbers of a drawing differ from coordinates of the system it names: (English, Chinese); None if not at all."""
    get = said.get_default  # type: ignore[attr-defined]
    scale, north = get("horizontal_unit_scale"), get("north_direction")
    design, reference = get("design_point"), get("reference_point")
    if has_mesh:
        return "bends it over a mesh of points", "按控制网格作了变形"
    if not math.isclose(scale, metres, rel_tol=SAME_SCALE):
        return (
            f"takes a unit for {scale:g} m, where the drawing is read in units of {metres:g} m",
            f"以每单位 {scale:g} 米计，而图纸按每单位 {metres:g} 米读取",
        )
    if abs(math.atan2(north.x, north.y)) > SAME_TURN:
        return (
            f"turns it by {math.degrees(math.atan2(north.x, north.y)):.4f} degrees",
            f"将图纸旋转了 {math.degrees(math.atan2(north.x, north.y)):.4f}°",
        )
    factor = get("user_scale_factor") if get("scale_estimation_method") == USER_SCALE else 1.0
    if not math.isclose(factor, 1.0, rel_tol=SAME_SCALE) or get("sea_level_correction"):
        return "scales its lengths or takes them down to sea level", "对长度作了缩放或海平面改正"
    east, south = reference.x - design.x * metres, reference.y - design.y * metres
    if not math.hypot(east, south) <= SAME_M:
        return (
            f"moves it by {east:.3f} m to the east and {south:.3f} m to the north",
            f"将图纸向东平移 {east:.3f} 米、向北平移 {south:.3f} 米",
        )
    return None
