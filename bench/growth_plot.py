"""The picture of `predig bench growth --json`: `python -m bench.growth_plot growth.json growth.svg`."""

import json
import math
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter

KINDS = {"candidates": "candidates by SQL", "judgement": "whole judgement"}
COLOURS = {
    "candidates": "#0072b2",
    "judgement": "#d55e00",
    "predig_per_s": "#d55e00",
    "limit_per_s": "#555555",
}
RATES = {"limit_per_s": "limit kernel", "predig_per_s": "Predig"}


def draw(record: dict[str, Any], file: Path) -> Path:
    """Two panels: one permit as multiples of `select 1`, and permits a second in bulk. The suffix names the format."""
    matplotlib.rcParams["svg.hashsalt"] = "predig"  # the same bytes for the same figures
    figure, (single, bulk) = pyplot.subplots(1, 2, figsize=(10, 4.8), layout="constrained")
    _single(single, record["steps"])
    _bulk(bulk, record["steps"])
    figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)
    pyplot.close(figure)
    return file


def _single(axes: Axes, steps: list[dict[str, Any]]) -> None:
    pipes = [step["pipes"] for step in steps]
    for kind, said in KINDS.items():
        for percent, line in (("p50_ms", "-"), ("p99_ms", "--")):
            times = [step["single"][kind][percent] / step["single"]["select_1"]["p50_ms"] for step in steps]
            axes.plot(pipes, times, line, marker="o", color=COLOURS[kind], label=f"{said}, {percent[:3]}")
    axes.axhline(1, color="#999999", linewidth=1)
    axes.annotate("select 1", (pipes[0], 1), textcoords="offset points", xytext=(0, 4), color="#777777")
    _dressed(axes, "one permit, warm", "times the median of select 1")


def _bulk(axes: Axes, steps: list[dict[str, Any]]) -> None:
    pipes = [step["pipes"] for step in steps]
    for kind, said in RATES.items():
        axes.plot(
            pipes, [step["bulk"][kind] for step in steps], "-", marker="o", color=COLOURS[kind], label=said
        )
    _dressed(axes, "many permits at once", "dig sites a second")


def _dressed(axes: Axes, title: str, what: str) -> None:
    """Whole decades on the scale, so that what differs by a tenth does not look like a cliff."""
    axes.set(xscale="log", yscale="log", title=title, xlabel="pipes in the register", ylabel=what)
    values = [value for line in axes.get_lines() for value in line.get_ydata()]
    axes.set_ylim(
        10 ** math.floor(math.log10(min(values))) / 1.2, 10 ** math.ceil(math.log10(max(values))) * 1.2
    )
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.7g}"))
        axis.set_minor_formatter(NullFormatter())
    axes.grid(True, which="major", color="#dddddd", linewidth=0.6)
    axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2)


if __name__ == "__main__":
    draw(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
