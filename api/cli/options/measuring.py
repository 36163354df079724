"""What `predig bench` measures, a command each."""

from api.cli.grammar import NUMBER, PATH, WHOLE, Pair, Parser, add_option
from api.cli.options.commands import add_branch, add_command

WHAT: dict[str, Pair] = {
    "candidates": (
        "一件许可，与 select 1 之比；有无长输管线两种管网",
        "one permit, as ratios to `select 1`; with long lines in the network and without",
    ),
    "judging": (
        "一次判断及其建议，与 select 1 之比",
        "one judgement and its advice, as ratios to `select 1`",
    ),
    "doors": (
        "HTTP 申报与询问，与只写一行的接口之比",
        "filings and enquiries over HTTP against a bare durable insert",
    ),
    "peers": (
        "与 PostGIS、geopandas、DuckDB、SedonaDB 及极限比较：速度与结论（需 predig[bench]）",
        "against PostGIS, geopandas, DuckDB, SedonaDB and the limit: speed and answers (needs predig[bench])",
    ),
    "import": (
        "同一 GeoPackage 导入，与 ogr2ogr 之比；中途终止后的状态",
        "the same GeoPackage by ogr2ogr and by us; and what a kill half-way leaves",
    ),
    "rescreen": (
        "一次导入触及全部未结许可：其间申报的快慢，提示何时发完",
        "an import that touches every open permit: filings meanwhile, and when all alerts are out",
    ),
    "dask": (
        "一个与两个 Dask 工作进程的判断速度，结论是否逐字节相同",
        "the judging alone by one Dask worker and by two, and whether they say the same bytes",
    ),
    "growth": ("从一万根管道起，快慢随规模的变化", "what it costs as the register grows from 10,000 pipes"),
}
PIPES = {
    "candidates": 100_000, "judging": 20_000, "doors": 100_000, "peers": 100_000, "import": 100_000,
    "rescreen": 100_000, "dask": 100_000, "growth": 100_000,
}  # fmt: skip
SITES = {
    "candidates": 400,
    "judging": 300,
    "peers": 10_000,
    "rescreen": 10_000,
    "dask": 10_000,
    "growth": 100_000,
}
ROUNDS = {"import": 2, "doors": 6}


def add_bench(parser: Parser) -> None:
    group = add_branch(parser, "bench", ("测量", "measure, as ratios within one run"))
    for name, told in WHAT.items():
        one = add_command(group, name, f"bench_{name}", told)
        pipes: Pair = ("登记册规模", "size of the register")
        if name == "growth":
            pipes = ("最大规模", "the largest register; the sizes below it are 10,000, 100,000 and 1,000,000")
        add_option(one, "--pipes", pipes, reading=WHOLE, default=PIPES[name], metavar="N")
        if name in SITES:
            about: Pair = ("作业范围数", "dig sites")
            add_option(one, "--sites", about, reading=WHOLE, default=SITES[name], metavar="N")
        if name in ROUNDS:
            add_option(
                one, "--rounds", ("轮数", "rounds, in turn"), reading=WHOLE, default=ROUNDS[name], metavar="N"
            )
        if name == "peers":
            budget: Pair = (
                "每个对手逐件作答、及每轮批量作答的时间（秒）",
                "seconds for each contestant's single digs, and for each round of its bulk",
            )
            add_option(one, "--budget-s", budget, reading=NUMBER, default=5.0, metavar="S")
        if name == "growth":
            plot: Pair = ("把结果画成 SVG 或 PNG", "draw the result into this SVG or PNG")
            add_option(one, "--plot", plot, reading=PATH, metavar="FILE")
