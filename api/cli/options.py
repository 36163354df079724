"""The command line's grammar. Every option that takes a value has a twin: --max-age-days is PREDIG_MAX_AGE_DAYS."""

from pathlib import Path
from typing import Any

from api.cli.bench_options import add_bench
from api.cli.dig_options import add_dig_plan, add_profile
from api.cli.grammar import DAY, PATH, WHOLE, Pair, Parser, add_option, parser_class
from api.cli.grid_options import add_crs
from spatial.errors import Language
from spatial.words import PipeKind


def build_parser(language: Language) -> Parser:
    """The whole grammar; each command sets `run` to its name."""
    parser = parser_class(language)(prog="predig")
    parser.description = parser.told(
        (
            "动土之前，把开挖计划与燃气管网核对：附近有什么管道，法规要求什么，谁须先同意。",
            "Judges dig plans against gas networks before anyone digs.",
        )
    )
    parser.expect_commands("command")
    _utility(parser)
    _network(parser)
    _coverage(parser)
    add_crs(_branch(parser, "crs", ("地方独立坐标系", "local grids")), _command)
    _screen(parser)
    _read(parser)
    _profiles(parser)
    _serve(parser)
    return parser


def _branch(parent: Parser, name: str, help_text: Pair) -> Parser:
    branch = parent.add_command(name, help_text)
    branch.expect_commands("sub")
    return branch


def _command(parent: Parser, name: str, run: str, help_text: Pair) -> Parser:
    command = parent.add_command(name, help_text)
    command.set_defaults(run=run)
    command.add_argument(
        "--json",
        action="store_true",
        help=command.told(
            (
                "标准输出每行一个 JSON 对象，别无他物",
                "one JSON object a line on stdout, nothing else there",
            )
        ),
    )
    return command


def _utility(parser: Parser) -> None:
    group = _branch(parser, "utility", ("燃气企业", "who owns pipes"))
    command = _command(group, "set", "utility_set", ("新建或修改燃气企业", "create or change a utility"))
    command.add_argument(
        "code",
        metavar="CODE",
        help=command.told(("简短代码，例如 XNGAS", "short code, for example XNGAS")),
    )
    add_option(command, "--name", ("名称", "its name"), required=True)
    add_option(command, "--phone", ("办公电话", "office phone"))
    add_option(command, "--duty", ("24 小时值班电话", "24 h duty phone"))
    _command(group, "list", "utility_list", ("列出全部燃气企业", "all utilities"))


def _network(parser: Parser) -> None:
    group = _branch(parser, "network", ("管网", "the pipes"))
    bring = _command(
        group,
        "import",
        "network_import",
        ("用文件内容替换一个数据集", "replace one dataset by what its files hold"),
    )
    _network_files(bring)
    add_option(
        bring,
        "--utility",
        (
            "权属燃气企业的代码；未登记的会新建并提示",
            "code of the owner; created if unknown, with a warning",
        ),
        required=True,
        metavar="CODE",
    )
    add_option(
        bring,
        "--dataset",
        ("数据集名称；默认取第一个文件名", "name of the dataset; default: the first file's name"),
        metavar="NAME",
    )
    add_option(
        bring,
        "--coverage",
        (
            "资料完整范围：同一坐标系的面文件，或 hull:M（数据外扩 M 米，仅为推定，不支持“未发现”）",
            "where the register is complete: a polygon file in the same CRS, or hull:M (M metres round the data; "
            "assumed, never supports `clear`)",
        ),
        metavar="FILE|hull:M",
    )
    add_option(
        bring,
        "--max-age-days",
        ("所申明范围的资料时限（天）", "how old the declared coverage may get, days"),
        reading=WHOLE,
        metavar="N",
    )
    add_option(
        bring,
        "--confirm-rejected",
        (
            "已人工核查的、位置不明的被拒绝行数",
            "how many rejected rows without a place you have looked at",
        ),
        reading=WHOLE,
        default=0,
        metavar="N",
    )
    add_option(
        bring,
        "--confirm-loss",
        (
            "已核查的、将从数据集中消失的管道米数；超过现有长度的二十分之一时须写明",
            "how many metres of pipe lost from the dataset you have looked at; asked for above a twentieth of its length",
        ),
        reading=WHOLE,
        default=0,
        metavar="METRES",
    )
    add_option(
        bring,
        "--confirm-shift",
        (
            "已核查的、整个管网的平移米数",
            "by how many metres all the network moves, if you have looked at it",
        ),
        reading=WHOLE,
        default=0,
        metavar="METRES",
    )
    bring.add_argument(
        "--dry-run",
        action="store_true",
        help=bring.told(
            (
                "只读取并比对：新增、改变、移除、未变，不存储",
                "read and compare only: what would be added, changed, removed, unchanged; store nothing",
            )
        ),
    )
    look = _command(
        group,
        "inspect",
        "network_inspect",
        ("按导入方式读取文件，不存储", "read files as an import would, store nothing"),
    )
    _network_files(look)
    _command(group, "list", "network_list", ("数据集与版本", "datasets and revisions"))
    back = _command(
        group,
        "rollback",
        "network_rollback",
        ("撤销一次导入（成为新版本）", "undo one import, as a new revision"),
    )
    back.add_argument(
        "revision",
        metavar="REVISION",
        help=back.told(("版本号，见 predig network list", "its number, as `predig network list` shows it")),
    )


def _network_files(command: Parser) -> None:
    command.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help=command.told(
            (
                "GeoJSON、GeoPackage、Shapefile（.shp 或 zip 压缩包）、KML、KMZ、File Geodatabase（.gdb）、DXF，或管点表和管线表（.xlsx、.csv）",
                "GeoJSON, GeoPackage, Shapefile (.shp or its zip), KML, KMZ, File Geodatabase (.gdb), DXF, or point and line "
                "tables (.xlsx, .csv)",
            )
        ),
    )
    add_option(
        command,
        "--crs",
        (
            "文件的坐标系，例如 EPSG:4543，或已登记的 grid:名称；从不猜测",
            "the CRS the files are in, for example EPSG:4543, or a registered grid:NAME; never guessed",
        ),
    )
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
    add_option(
        command,
        "--confirm-unreadable",
        (
            "已人工核查的、图纸所选图层中无法读取的对象数；其所占地块按“资料不足”答复",
            "how many entities of a drawing that nobody can read you have looked at; their ground is answered cannot_tell",
        ),
        reading=WHOLE,
        default=0,
        metavar="N",
    )
    add_option(
        command,
        "--id-field",
        ("企业自己的、稳定的编号所在的列", "column with the utility's own, stable ids"),
        metavar="COLUMN",
    )
    add_option(
        command,
        "--map",
        ("说明列名对照的 TOML 文件", "TOML file that names the columns"),
        reading=PATH,
        metavar="FILE",
    )
    add_profile(command)


def _coverage(parser: Parser) -> None:
    group = _branch(parser, "coverage", ("资料范围", "where a register is complete"))
    command = _command(
        group,
        "set",
        "coverage_set",
        (
            "申明资料完整范围、服务范围或资料空白",
            "declare coverage, a service area or a blank",
        ),
    )
    command.add_argument(
        "file", type=Path, metavar="FILE", help=command.told(("面文件（GeoJSON 等）", "a file with areas"))
    )
    add_option(command, "--utility", ("燃气企业代码", "code of the utility"), required=True, metavar="CODE")
    add_option(command, "--crs", ("文件的坐标系", "the CRS of the file"))
    kinds = (*(kind.value for kind in PipeKind), "all")
    add_option(
        command,
        "--kind",
        (
            f"资料完整的管道种类，可写多个；默认 all：{'、'.join(kinds)}",
            f"kinds of pipe the register is complete for, one or more; default all: {', '.join(kinds)}",
        ),
        several=True,
        words=True,
        choices=kinds,
        # PREDIG_KIND is the kind of a permit.
        variable="PREDIG_PIPE_KIND",
    )
    add_option(
        command,
        "--as-of",
        ("资料完整的截止日期；默认今天", "day the data were complete; default: today"),
        reading=DAY,
        metavar="DATE",
    )
    add_option(
        command,
        "--max-age-days",
        ("资料时限（天）：超过即不再作数", "how old the data may get before they say nothing, days"),
        reading=WHOLE,
        metavar="N",
    )
    what = command.add_mutually_exclusive_group()
    what.add_argument(
        "--service-area",
        action="store_true",
        help=command.told(("文件是可能有其管道的范围", "the file is where the utility may own pipes")),
    )
    what.add_argument(
        "--blank",
        action="store_true",
        help=command.told(("文件是已知缺少资料的地块", "the file is ground known to be missing")),
    )


def _screen(parser: Parser) -> None:
    ask = _command(
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
    filing = _command(
        parser,
        "file",
        "file",
        ("把开挖计划备案为一个许可并判断", "file dig plans as one permit, then judge it"),
    )
    add_dig_plan(filing)
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


def _read(parser: Parser) -> None:
    show = _command(
        parser,
        "show",
        "show",
        (
            "显示许可或判断；不写 ID 则列出全部许可",
            "a permit or a screening as it was stored; without ID, all permits",
        ),
    )
    _id(show, nargs="?")
    drawn = _command(
        parser,
        "map",
        "map_file",
        (
            "把许可或判断画成一个 HTML 文件，断网也能打开",
            "a permit or a screening drawn as one HTML file that opens without a network",
        ),
    )
    _id(drawn)
    add_option(
        drawn,
        "--out",
        ("写入的文件；默认 out/map-ID.html", "file to write; default: out/map-ID.html"),
        reading=PATH,
        metavar="FILE",
    )
    risk = _command(
        parser,
        "risk",
        "risk",
        (
            "全省风险图：一个 HTML 文件和一张 A3 图片",
            "the province's risk map: one HTML file and one picture for A3 paper",
        ),
    )
    add_option(
        risk,
        "--out",
        ("写入的文件夹", "folder to write into"),
        reading=PATH,
        default="out",
        metavar="DIR",
        # PREDIG_OUT is the file of `predig map`.
        variable="PREDIG_RISK_DIR",
    )
    explained = _command(
        parser,
        "explain",
        "explain",
        (
            "逐步说明一次判断（或一个许可的全部判断）：每个数字及其来源",
            "the whole reasoning of a screening (or all of a permit's): every number with its source",
        ),
    )
    _id(explained)
    advised = _command(
        parser,
        "advise",
        "advise",
        (
            "怎样改动能减轻冲突，哪里人工开挖，探坑挖在哪里",
            "what would help at each site: how to redraw it, where to dig by hand, where trial holes go",
        ),
    )
    _id(advised)
    replay = _command(
        parser,
        "replay",
        "replay",
        (
            "重算一次判断（或一个许可的全部判断）并逐字节比对",
            "recompute a screening (or all of a permit's) and compare, byte for byte",
        ),
    )
    _id(replay)
    _command(
        parser,
        "status",
        "status",
        ("现有内容与待办", "what the house holds and what is left to do"),
    )
    _command(
        parser,
        "work",
        "work",
        (
            "完成因故障或登记册变化而待定的判断",
            "finish what a crash or a register change left pending",
        ),
    )
    _command(
        parser,
        "reconcile",
        "reconcile",
        (
            "用另一条路穷举核对全部未结许可，有不符即退出码 1",
            "hold every open permit against brute force by another road; exits 1 when one differs",
        ),
    )
    add_bench(_branch(parser, "bench", ("测量", "measure, as ratios within one run")), _command)
    database = _branch(parser, "db", ("数据库", "the database"))
    _command(database, "migrate", "db_migrate", ("更新数据库结构", "bring the schema up to date"))


def _profiles(parser: Parser) -> None:
    group = _branch(parser, "profile", ("规则集", "the rules"))
    _command(group, "list", "profile_list", ("自带的规则集", "those that ship with Predig"))
    show = _command(group, "show", "profile_show", ("列出一个规则集的每一项", "every entry of one"))
    names = show.told(
        ("名称、.toml 文件，或库中保存的摘要", "a name, a .toml file, or a digest the vault keeps")
    )
    show.add_argument("name", metavar="NAME", help=names)
    check = _command(
        group, "check", "profile_check", ("检查一个规则文件是否可用", "whether a file of rules can be used")
    )
    check.add_argument("file", metavar="FILE", help=check.told((".toml 文件", "a .toml file")))
    diff = _command(
        group,
        "diff",
        "profile_diff",
        (
            "两个规则集有何不同，哪些在办许可的判断会因此改变",
            "what differs between two, and which open permits would be judged otherwise",
        ),
    )
    diff.add_argument("first", metavar="A", help=names)
    diff.add_argument("second", metavar="B", help=names)


def _serve(parser: Parser) -> None:
    up = _command(parser, "up", "up", ("启动服务与后台判断", "serve, and judge what changes"))
    add_option(
        up,
        "--host",
        (
            "监听地址；目前没有账户，只能是本机",
            "address to listen on; this machine only until there are accounts",
        ),
        default="127.0.0.1",
    )
    add_option(
        up,
        "--port",
        ("端口；0 为任意空闲端口", "port; 0 takes any free one"),
        reading=WHOLE,
        default=8000,
        metavar="P",
    )
    add_profile(up)


def _id(command: Parser, **kwargs: Any) -> None:
    command.add_argument(
        "id",
        metavar="ID",
        help=command.told(("许可或判断的编号", "of a permit or a screening")),
        **kwargs,
    )
