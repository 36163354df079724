"""Which layers of a file are meant: the only one, or those that are named. Never a guess among several."""

from collections.abc import Sequence

from ingest.files.rows import Reading
from spatial.errors import Refused

MOST_TOLD = 20
MOST_CHOICES, MOST_OF_A_CHOICE = 100, 200
"""A page can offer more than a sentence can tell, each as long as a form takes it."""


def only_layer(name: str, there: Sequence[str], reading: Reading) -> str:
    """The layer of `there` (at least one) that is to be read. :raises Refused: layers_several, layer_missing."""
    if len(reading.layers) > 1:
        raise Refused.because(
            "layers_several",
            en=f"{name} is read one layer at a time; give one --layer and import the others as datasets of their own",
            zh=f"{name} 一次只能读取一个图层；请只给出一个 --layer，其余图层另作数据集导入",
        )
    if reading.layers:
        check_layers(name, there, reading.layers)
        return reading.layers[0]
    if len(there) > 1:
        raise several(name, there)
    return there[0]


def check_layers(name: str, there: Sequence[str], wanted: Sequence[str]) -> None:
    """:raises Refused: layer_missing, with what layers there are."""
    if missing := [layer for layer in wanted if layer not in there]:
        raise Refused.because(
            "layer_missing",
            en=f"{name} has no layer {', '.join(map(repr, missing))}; it has: {_told(there, ', ')}",
            zh=f"{name} 中没有图层 {'、'.join(map(repr, missing))}；现有图层：{_told(there, '、')}",
            choices=choices(there),
        )


def several(name: str, there: Sequence[str]) -> Refused:
    return Refused.because(
        "layers_several",
        en=f"{name} has several layers with geometry ({_told(there, ', ')}); say which one is meant with --layer",
        zh=f"{name} 含有多个几何图层（{_told(there, '、')}）；请用 --layer 指定要读取的图层",
        choices=choices(there),
    )


def choices(there: Sequence[str]) -> list[str]:
    """Those of the layers that can be chosen by their names."""
    return [name for name in there if len(name) <= MOST_OF_A_CHOICE][:MOST_CHOICES]


def check_no_layers(name: str, reading: Reading) -> None:
    """:raises Refused: layer_without_layers, for a file of a kind that has none."""
    if reading.layers:
        raise Refused.because(
            "layer_without_layers",
            en=f"{name} has no layers to choose from; leave out --layer",
            zh=f"{name} 没有可选的图层；请去掉 --layer",
        )


def check_no_units(name: str, reading: Reading) -> None:
    """:raises Refused: units_without_drawing: only a drawing leaves open what its numbers are."""
    if reading.units:
        raise Refused.because(
            "units_without_drawing",
            en=f"{name} is no drawing: its coordinates are in the units of its CRS; leave out --units",
            zh=f"{name} 不是图纸，其坐标单位由坐标系决定；请去掉 --units",
        )


def _told(names: Sequence[str], between: str) -> str:
    more = "…" if len(names) > MOST_TOLD else ""
    return between.join(name[:80] for name in names[:MOST_TOLD]) + more
