"""The options of the commands that keep the house running."""

from api.cli.grammar import WHOLE, Parser, add_option
from api.cli.options.commands import add_branch, add_command
from api.cli.options.digs import add_profile


def add_running(parser: Parser) -> None:
    """status, work, reconcile, db, up."""
    add_command(
        parser,
        "status",
        "status",
        ("现有内容与待办", "what the house holds and what is left to do"),
    )
    add_command(
        parser,
        "work",
        "work",
        (
            "完成因故障或登记册变化而待定的判断",
            "finish what a crash or a register change left pending",
        ),
    )
    add_command(
        parser,
        "reconcile",
        "reconcile",
        (
            "用另一条路穷举核对全部未结许可，有不符即退出码 1",
            "hold every open permit against brute force by another road; exits 1 when one differs",
        ),
    )
    database = add_branch(parser, "db", ("数据库", "the database"))
    add_command(database, "migrate", "db_migrate", ("更新数据库结构", "bring the schema up to date"))
    up = add_command(parser, "up", "up", ("启动服务与后台判断", "serve, and judge what changes"))
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
