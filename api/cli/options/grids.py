"""The options of `predig crs`."""

import math

from api.cli.grammar import NUMBER, PATH, Parser, Reading, add_option
from api.cli.options.commands import add_branch, add_command


def _pair(text: str) -> tuple[float, float]:
    east, north = map(float, text.split(","))
    if not (math.isfinite(east) and math.isfinite(north)):
        raise ValueError(text)
    return east, north


PAIR = Reading(_pair, ("东,北，例如 500000,4052000", "E,N such as 500000,4052000"))


def add_grids(parser: Parser) -> None:
    group = add_branch(parser, "crs", ("地方独立坐标系", "local grids"))
    command = add_command(
        group,
        "register",
        "crs_register",
        (
            "登记地方独立坐标系：参数加密保存，此后按名称使用",
            "register a local grid: its parameters are kept sealed, and it is used by its name",
        ),
    )
    command.add_argument("name", metavar="NAME", help=command.told(("名称", "its name")))
    add_option(
        command,
        "--base",
        (
            "所依据的坐标系：四参数、公共点、抬高的投影面填 CGCS2000 投影（如 EPSG:4543）；三、七参数填旧基准坐标系（如 EPSG:2343）",
            "what it rests on: a projection of CGCS2000 (EPSG:4543) for 4 parameters, common points or a raised plane; "
            "the system on a former datum (EPSG:2343) for 3 or 7 parameters",
        ),
        required=True,
        metavar="EPSG:N",
    )
    add_option(
        command,
        "--source",
        ("参数或公共点的来源：单位、文号、日期", "where this comes from: office, document, date"),
        required=True,
        metavar="TEXT",
    )
    add_option(
        command,
        "--accuracy-m",
        (
            "参数精度，95%% 界限，米；公共点由残差求得",
            "their 95 %% bound, metres; of common points it is worked out",
        ),
        reading=NUMBER,
        metavar="A",
    )
    add_option(
        command,
        "--parameters",
        ("三、四或七参数的 TOML 文件", "TOML file with the 3, 4 or 7 parameters"),
        reading=PATH,
        metavar="FILE",
    )
    add_option(
        command,
        "--convention",
        (
            "七参数旋转的约定：position_vector、coordinate_frame",
            "which way the rotations of 7 parameters count: position_vector, coordinate_frame",
        ),
        choices=("position_vector", "coordinate_frame"),
    )
    add_option(
        command,
        "--points",
        (
            "公共点 CSV：x_local、y_local 与 x、y（或 lon、lat），至少 3 点，x 为东坐标",
            "CSV of common points: x_local, y_local with x, y (or lon, lat), 3 at least; x is the easting",
        ),
        reading=PATH,
        metavar="FILE",
    )
    add_option(
        command,
        "--plane-height-m",
        ("投影面高出椭球面的米数", "height of its plane above the ellipsoid, metres"),
        reading=NUMBER,
        metavar="H",
    )
    add_option(
        command,
        "--centre",
        ("投影面与 --base 坐标相同的点", "where the raised plane has the numbers of --base"),
        reading=PAIR,
        metavar="E,N",
    )
    add_command(
        group, "list", "crs_list", ("已登记的坐标系，不含参数", "the registered grids, without parameters")
    )
