"""The options of `predig network`."""

from pathlib import Path

from api.cli.grammar import PATH, WHOLE, Parser, add_option
from api.cli.options.commands import add_branch, add_command
from api.cli.options.digs import add_layers_and_units, add_profile
from api.cli.options.quality import add_report, add_report_file


def add_networks(parser: Parser) -> None:
    group = add_branch(parser, "network", ("管网", "the pipes"))
    bring = add_command(
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
        "--changes",
        (
            "文件是变更文件，只含新增、修改和删除的行；该列写明每行属于哪一种，其余各行不受影响",
            "the files are a change set and hold only rows that are new, changed or gone; this column says which, and all "
            "other rows stay",
        ),
        metavar="COLUMN",
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
    look = add_command(
        group,
        "inspect",
        "network_inspect",
        ("按导入方式读取文件，不存储", "read files as an import would, store nothing"),
    )
    _network_files(look)
    add_option(
        look,
        "--propose",
        (
            "把根据列名和内容提出的列名对照写入此新文件；存疑之处写在注释里，须由人确认",
            "write a map of the columns, proposed from their names and values, to this new file; its doubts are comments, for "
            "a person to decide",
        ),
        reading=PATH,
        metavar="FILE",
    )
    add_report(group)
    add_command(group, "list", "network_list", ("数据集与版本", "datasets and revisions"))
    kept = add_command(
        group,
        "mapping",
        "network_mapping",
        (
            "数据集上次整体导入时的列名对照和读取方式",
            "the map a dataset was last imported whole with, and how else it was read",
        ),
    )
    kept.add_argument("utility", metavar="CODE", help=kept.told(("燃气企业代码", "code of the utility")))
    kept.add_argument("dataset", metavar="DATASET", help=kept.told(("数据集名称", "name of the dataset")))
    _add_out(kept)
    refused = add_command(
        group,
        "rejected",
        "network_rejected",
        (
            "某版本时未能接收的各行：行号、编号、原因、如何处理",
            "the rows that could not be taken as of a revision: number, id, why, what to do",
        ),
    )
    _add_revision(refused)
    _add_out(refused)
    back = add_command(
        group,
        "rollback",
        "network_rollback",
        ("撤销一次导入（成为新版本）", "undo one import, as a new revision"),
    )
    _add_revision(back)


def _add_revision(command: Parser) -> None:
    command.add_argument(
        "revision",
        metavar="REVISION",
        help=command.told(
            ("版本号，见 predig network list", "its number, as `predig network list` shows it")
        ),
    )


def _add_out(command: Parser) -> None:
    add_option(
        command,
        "--out",
        ("写入的文件；不写则显示", "file to write; shown without it"),
        reading=PATH,
        metavar="FILE",
        # PREDIG_OUT is the file of `predig map`.
        variable="PREDIG_NETWORK_OUT",
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
    add_layers_and_units(command)
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
    add_report_file(command)
