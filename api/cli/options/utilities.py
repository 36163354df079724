"""The options of `predig utility` and `predig coverage`: who owns pipes, and where their register is complete."""

from pathlib import Path

from api.cli.grammar import DAY, WHOLE, Parser, add_option
from api.cli.options.commands import add_branch, add_command
from spatial.words import PipeKind


def add_utilities(parser: Parser) -> None:
    group = add_branch(parser, "utility", ("燃气企业", "who owns pipes"))
    command = add_command(group, "set", "utility_set", ("新建或修改燃气企业", "create or change a utility"))
    command.add_argument(
        "code",
        metavar="CODE",
        help=command.told(("简短代码，例如 XNGAS", "short code, for example XNGAS")),
    )
    add_option(command, "--name", ("名称", "its name"), required=True)
    add_option(command, "--phone", ("办公电话", "office phone"))
    add_option(command, "--duty", ("24 小时值班电话", "24 h duty phone"))
    add_command(group, "list", "utility_list", ("列出全部燃气企业", "all utilities"))
    show = add_command(
        group,
        "show",
        "utility_show",
        (
            "一家燃气企业登记了什么：长度、埋深、资料年龄、完整范围",
            "what a utility has registered: kilometres, depths, age, where it is complete",
        ),
    )
    show.add_argument("code", metavar="CODE", help=show.told(("其代码", "its code")))


def add_coverage(parser: Parser) -> None:
    group = add_branch(parser, "coverage", ("资料范围", "where a register is complete"))
    command = add_command(
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
