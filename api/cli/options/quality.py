"""The options of quality reports."""

from api.cli.grammar import PATH, Parser, add_option
from api.cli.options.commands import add_command


def add_report(group: Parser) -> None:
    """`predig network report`."""
    report = add_command(
        group,
        "report",
        "network_report",
        (
            "一次导入的数据质量报告：一个 HTML 文件，断网也能打开",
            "the quality report of an import: one HTML file that opens without a network",
        ),
    )
    report.add_argument(
        "revision",
        metavar="REVISION",
        help=report.told(("版本号，见 predig network list", "its number, as `predig network list` shows it")),
    )
    add_option(
        report,
        "--out",
        ("写入的文件；默认 out/report-版本号.html", "file to write; default: out/report-REVISION.html"),
        reading=PATH,
        metavar="FILE",
    )


def add_report_file(command: Parser) -> None:
    """--report of what reads a network."""
    add_option(
        command,
        "--report",
        ("把数据质量报告写入此 HTML 文件", "write the quality report to this HTML file"),
        reading=PATH,
        metavar="FILE",
    )
