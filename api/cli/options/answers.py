"""The options of the commands that show what is stored, and work it out again."""

from typing import Any

from api.cli.grammar import PATH, Parser, add_option
from api.cli.options.commands import add_command


def add_answers(parser: Parser) -> None:
    show = add_command(
        parser,
        "show",
        "show",
        (
            "显示许可或判断；不写 ID 则列出全部许可",
            "a permit or a screening as it was stored; without ID, all permits",
        ),
    )
    _add_id(show, nargs="?")
    add_option(
        show,
        "--files",
        (
            "把许可收到的文件原样写入该文件夹，每次修改一个子文件夹",
            "write the files a permit came in, as they came, into this folder: one below it for each amendment",
        ),
        reading=PATH,
        metavar="FOLDER",
    )
    drawn = add_command(
        parser,
        "map",
        "map_file",
        (
            "把许可或判断画成一个 HTML 文件，断网也能打开",
            "a permit or a screening drawn as one HTML file that opens without a network",
        ),
    )
    _add_id(drawn)
    add_option(
        drawn,
        "--out",
        ("写入的文件；默认 out/map-ID.html", "file to write; default: out/map-ID.html"),
        reading=PATH,
        metavar="FILE",
    )
    risk = add_command(
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
    explained = add_command(
        parser,
        "explain",
        "explain",
        (
            "逐步说明一次判断（或一个许可的全部判断）：每个数字及其来源",
            "the whole reasoning of a screening (or all of a permit's): every number with its source",
        ),
    )
    _add_id(explained)
    advised = add_command(
        parser,
        "advise",
        "advise",
        (
            "怎样改动能减轻冲突，哪里人工开挖，探坑挖在哪里",
            "what would help at each site: how to redraw it, where to dig by hand, where trial holes go",
        ),
    )
    _add_id(advised)
    replay = add_command(
        parser,
        "replay",
        "replay",
        (
            "重算一次判断（或一个许可的全部判断）并逐字节比对",
            "recompute a screening (or all of a permit's) and compare, byte for byte",
        ),
    )
    _add_id(replay)


def _add_id(command: Parser, **kwargs: Any) -> None:
    command.add_argument(
        "id",
        metavar="ID",
        help=command.told(("许可或判断的编号", "of a permit or a screening")),
        **kwargs,
    )
