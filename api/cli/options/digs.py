"""The options of `predig screen` and `predig file`, which tell what a dig plan leaves out."""

from pathlib import Path

from api.cli.grammar import DAY, NUMBER, Parser, add_option
from api.cli.options.commands import add_command
from ingest.plans.lists.coordinates import SHAPES
from spatial.words import Act, Drawn, Method, PermitKind


def add_dig_plan(command: Parser) -> None:
    """The file of a dig plan, and what holds for every feature in it that does not say otherwise."""
    command.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help=command.told(
            (
                "面、带 half_width_m 的线、带 radius_m 的点：GeoJSON、KML、KMZ、Shapefile（.shp 或 zip）、GeoPackage、DXF、坐标表"
                "（.xlsx、.csv）、GPX 或 WKT（.wkt、.txt）",
                "areas, lines with half_width_m, points with radius_m: GeoJSON, KML, KMZ, Shapefile (.shp or its zip), "
                "GeoPackage, DXF, a table of coordinates (.xlsx, .csv), GPX or WKT (.wkt, .txt)",
            )
        ),
    )
    add_option(
        command,
        "--crs",
        (
            "文件的坐标系：EPSG:n、GCJ-02、BD-09 或已登记的 grid:名称；从不猜测",
            "the CRS of the file: EPSG:n, GCJ-02, BD-09 or a registered grid:NAME; never guessed",
        ),
    )
    add_layers_and_units(command)
    add_option(
        command,
        "--points-are",
        (
            "坐标表（.xlsx、.csv）中的点，或任何格式中的闭合线是什么：area 范围，line 沟槽轴线，points 孔位",
            "what the points of a table (.xlsx, .csv), or closed lines of any file, are: an area, the axis of a line, or points",
        ),
        choices=SHAPES,
    )
    add_option(
        command,
        "--common-points",
        (
            "代替 --crs，用于独立坐标的图纸：CSV，列为 x、y、lon、lat（图上坐标与 CGCS2000 经纬度，至少三点），可有 doubt_m（米）",
            "instead of --crs, for a drawing in coordinates of its own: a CSV with x, y, lon, lat (of the drawing, and CGCS2000; "
            "three points at least) and doubt_m if known",
        ),
        metavar="FILE.csv",
    )
    acts = ", ".join(act.value for act in Act)
    add_option(
        command,
        "--act",
        (f"作业类型，可重复：{acts}", f"what is done, may be repeated: {acts}"),
        several=True,
    )
    methods = ", ".join(method.value for method in Method)
    add_option(command, "--method", (f"施工方式：{methods}", f"how it is done: {methods}"))
    add_option(
        command,
        "--depth-m",
        ("开挖深度，米", "depth of the dig, metres"),
        reading=NUMBER,
        metavar="M",
    )
    _opening(command)
    kinds = ", ".join(kind.value for kind in PermitKind)
    add_option(command, "--kind", (f"类别：{kinds}", f"what kind of request: {kinds}"), default="normal")
    add_profile(command)


def add_layers_and_units(command: Parser) -> None:
    """What has to be said of files with several layers, and of drawings."""
    add_option(
        command,
        "--layer",
        (
            "要读取的图层；文件只有一个图层时可省略",
            "layer to be read; may be left out where there is only one",
        ),
        several=True,
        metavar="NAME",
    )
    add_option(
        command,
        "--units",
        (
            "DXF 图纸的坐标单位；图纸头部未写明时必须给出，给出后以此为准",
            "units of a DXF drawing's coordinates; needed where its header says none, and goes before the header",
        ),
        choices=("mm", "cm", "m"),
        metavar="mm|cm|m",
    )


def _opening(command: Parser) -> None:
    """The section of a trench, for every feature that does not give its own."""
    add_option(
        command,
        "--bottom-width-m",
        (
            "沟底宽度，米；与深度、坡度一起得出上口宽度",
            "width of the trench's bottom, metres; depth and slope give the top",
        ),
        reading=NUMBER,
        metavar="M",
    )
    add_option(
        command,
        "--slope",
        ("边坡，竖 1 横 n：1:0.67 或 0.67", "slope of the walls, 1 down n out: 1:0.67 or 0.67"),
        metavar="1:N",
    )
    command.add_argument(
        "--shored",
        action="store_true",
        help=command.told(("沟壁直立支护", "the walls are held upright")),
    )
    add_option(
        command,
        "--outline",
        ("面画的是坑口还是坑底：top、bottom", "which edge of a pit an area is drawn by: top, bottom"),
    )
    ways = ", ".join(way.value for way in Drawn)
    add_option(
        command,
        "--drawn",
        (
            f"图形如何得来（决定位置不确定度）：{ways}",
            f"how the shapes came to be, hence their doubt: {ways}",
        ),
    )


def add_profile(command: Parser) -> None:
    """Which rules judge."""
    add_option(
        command,
        "--profile",
        ("规则集：名称或文件", "rule profile: a name or a file"),
        default="cn-gb55009",
    )


def add_screening(parser: Parser) -> None:
    ask = add_command(
        parser, "screen", "screen", ("判断开挖计划，不备案", "judge dig plans without filing them")
    )
    add_dig_plan(ask)
    add_option(
        ask,
        "--engine",
        (
            "在 Dask 集群上判断：本机 dask://127.0.0.1:端口，或 tls://主机:端口；不写则在本进程",
            "judge on a Dask cluster: dask://127.0.0.1:PORT on this machine, or tls://HOST:PORT; without it, here",
        ),
        metavar="ADDRESS",
    )
    filing = add_command(
        parser,
        "file",
        "file",
        ("把开挖计划备案为一个许可并判断", "file dig plans as one permit, then judge it"),
    )
    add_dig_plan(filing)
    add_option(
        filing,
        "--permits",
        (
            "one 整份方案一个许可（默认）；each 每个要素一个许可，最多 50 个",
            "one permit for the whole plan (default), or each: one for every feature, at most 50",
        ),
        choices=("one", "each"),
        default="one",
    )
    add_option(filing, "--firm", ("施工单位", "who digs"), required=True)
    add_option(filing, "--title", ("工程名称", "what the work is called"), required=True)
    add_option(
        filing,
        "--starts-on",
        ("开工日期", "first day"),
        required=True,
        reading=DAY,
        metavar="DATE",
    )
    add_option(filing, "--ends-on", ("完工日期", "last day"), required=True, reading=DAY, metavar="DATE")
