"""The command that measures."""

from argparse import Namespace

from api.cli.output import Output
from api.settings import Settings


def bench(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig bench: in a house of its own, which is gone afterwards."""
    from bench.candidates import GOAL, run  # a campaign's imports are not every command's

    found = run(arguments.pipes, arguments.sites)
    lines = [
        output.both(
            f"{found.pipes} 根管道，{found.pieces} 段；{found.sites} 个作业范围，每个找到 {found.pieces_found:g} 段（中位数）；"
            f"导入 {found.import_s:.0f} 秒",
            f"{found.pipes} pipes in {found.pieces} pieces; {found.sites} sites, {found.pieces_found:g} pieces found "
            f"at the median; import {found.import_s:.0f} s",
        ),
        f"select 1            {found.select_1_ms:7.3f} ms   1",
        f"candidates          {found.candidates_ms:7.3f} ms   {found.candidates_ratio:.2f}   (<= {GOAL:g})",
        f"find                {found.find_ms:7.3f} ms   {found.find_ms / found.select_1_ms:.2f}",
        found.plan,
        output.both(
            f"默认设置下{'使用' if found.index_used else '未使用'}空间索引",
            f"with default settings the spatial index is {'used' if found.index_used else 'NOT used'}",
        ),
    ]
    output.record(found.record(), "\n".join(lines))
