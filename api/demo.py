"""The demo: a real town's gas network in Xining's coordinates, and three dig plans judged against it.

The network is Schutterwald's, from the PyPI package pandapipes (BSD-3): 2,559 pipes, all medium pressure, moved
without turning to the middle of Xining in EPSG:4543. One high-pressure line is added and labelled synthetic.
Everything goes through the `predig` command, as a stranger would type it.
"""

import json
import os
import shlex
import sys
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from api.cli import main
from api.settings import read_settings, today
from spatial.errors import Language

CRS = "EPSG:4543"
UTILITY = "DEMOGAS"
EAST_SHIFT_M = -2_937_626.1365
NORTH_SHIFT_M = -1_315_230.6344
"""From Gauss-Krueger zone 3 (EPSG:31467) to the middle of Xining."""

TOWN = (479_026.0, 4_053_183.0, 481_291.0, 4_054_900.0)
"""West, south, east, north of the moved network, metres in EPSG:4543."""

PLAN_NAMES = (
    ("横穿干管的沟", "高压管线旁 30 m 的坑", "空地上的坑"),
    ("trench across a main", "pit 30 m from the high-pressure line", "pit in an open field"),
)
"""(zh, en)."""

INTRODUCTION = (
    """Predig 演示：动土之前，先问这个坑旁边有什么燃气管道、法规要求什么、谁须先同意。
管网是德国 Schutterwald 镇的真实管网（2,559 根，pandapipes，BSD-3），平移到西宁市中心；另有一条标明“合成”的高压管线。
数据库在 {home}，输入文件在 {out}/。""",
    """Predig's demo: before anyone digs, what gas pipe is near, what does the law ask, and who has to say yes?
The network is a real one, that of Schutterwald (2,559 pipes, pandapipes, BSD-3), moved to the middle of Xining,
with one high-pressure line added and labelled synthetic. The database is in {home}, the inputs in {out}/.""",
)

NEXT = (
    """
接下来可以试：

  . .venv/bin/activate
  export PREDIG_HOME={home}
  predig screen {plans} --crs {crs} --json          # 同样的答复，给程序用
  predig file {plans} --crs {crs} --firm 某某市政 --title 给水管 --starts-on {first} --ends-on {last}
  predig show                                       # 全部许可；predig show ID 看一个
  predig replay ID                                  # 按当时的登记册重算，逐字节比对
  predig network list                               # 每一次变更都有版本；predig network rollback N 可撤销

导入自己的管网：见 README.zh.md。换成英文：PREDIG_LANG=en。""",
    """
What to try next:

  . .venv/bin/activate
  export PREDIG_HOME={home}
  predig screen {plans} --crs {crs} --json          # the same answers, for machines
  predig file {plans} --crs {crs} --firm Diggers --title "water main" --starts-on {first} --ends-on {last}
  predig show                                       # all permits; predig show ID for one
  predig replay ID                                  # recompute it from the register as it was, byte for byte
  predig network list                               # every change has a number; predig network rollback N undoes

Your own network: see README.md. In Chinese: PREDIG_LANG=zh.""",
)
"""(zh, en)."""

HIGH_PRESSURE_LINE = [[478_800.0, 4_052_900.0], [481_400.0, 4_052_900.0]]


def network() -> dict[str, Any]:
    """The moved network as GeoJSON with Predig's canonical columns."""
    grid = json.loads(_network_file().read_text(encoding="utf-8"))["_object"]
    pipes, junctions = json.loads(grid["pipe"]["_object"]), json.loads(grid["junction_geodata"]["_object"])
    place = {
        number: [round(x + EAST_SHIFT_M, 4), round(y + NORTH_SHIFT_M, 4)]
        for number, (x, y) in zip(junctions["index"], junctions["data"], strict=True)
    }
    features = []
    for number, row in zip(pipes["index"], pipes["data"], strict=True):
        pipe = dict(zip(pipes["columns"], row, strict=True))
        # "125 PE 100 SDR 11": the outside diameter in mm comes first; house connections do not state one.
        size = (pipe["stanet_std_type"] or "").split()
        properties = {
            "id": f"SW-{number}",
            "pressure_class": "MP-B",
            "diameter_mm": float(size[0]) if size else None,
            "material": "PE" if size else None,
            "kind": "service" if pipe["type"] == "house_connection" else "main",
        }
        features.append(
            _feature(properties, "LineString", [place[pipe["from_junction"]], place[pipe["to_junction"]]])
        )
    synthetic = {"id": "SYNTHETIC-HP-1", "pressure_class": "HP-A", "diameter_mm": 711.0, "kind": "main"}
    features.append(_feature(synthetic, "LineString", HIGH_PRESSURE_LINE))
    return _collection(features)


def dig_plans(language: Language) -> dict[str, Any]:
    """One trench across a main, one pit in a control zone, one pit far from every pipe."""
    names = PLAN_NAMES[0 if language == "zh" else 1]
    by_machine = {"act": "excavate", "method": "mechanical"}
    shapes: list[tuple[str, Any, dict[str, Any]]] = [
        ("LineString", [[480_222.3, 4_053_553.5], [480_268.1, 4_053_514.7]], {"half_width_m": 0.6}),
        ("Polygon", [_ring(480_000, 4_052_930, 480_020, 4_052_945)], {}),
        ("Polygon", [_ring(480_595, 4_054_345, 480_605, 4_054_355)], {}),
    ]
    return _collection(
        [
            _feature({"id": name} | by_machine | more, kind, coordinates)
            for name, (kind, coordinates, more) in zip(names, shapes, strict=True)
        ]
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One command and why it is run."""

    zh: str
    en: str
    words: tuple[str, ...]


def steps(out: Path) -> list[Step]:
    """What a gas utility does once, and what a construction firm does for every dig."""
    whose = ("--utility", UTILITY, "--crs", CRS)
    name, phone, duty = ("--name", "示范燃气公司"), ("--phone", "0971-0000000"), ("--duty", "0971-0000001")
    return [
        Step(
            "燃气企业先登记自己：值班电话会出现在每一份答复里。",
            "A gas utility registers itself: its duty phone stands in every answer.",
            ("utility", "set", UTILITY, *name, *phone, *duty),
        ),
        Step(
            "它申明哪里可能有自己的管道。没有这一步，任何地方都不能答复“未发现”。",
            "It says where it may own pipes. Without that no place is ever answered `clear`.",
            ("coverage", "set", f"{out}/service-area.geojson", *whose, "--service-area"),
        ),
        Step(
            "它导入管网：2,560 根管道，坐标系必须写明，缺少的属性按最不利处理。",
            "It brings its network: 2,560 pipes, in a CRS that must be named; what is missing is taken at its worst.",
            ("network", "import", f"{out}/network.geojson", *whose, "--id-field", "id", "--dataset", "town"),
        ),
        Step(
            "它申明资料在哪里、到哪一天是完整的，多久以后不再作数。",
            "It says where and as of which day that register is complete, and for how long that may be relied on.",
            (
                *("coverage", "set", f"{out}/coverage.geojson", *whose),
                *("--kind", "all", "--as-of", today().isoformat(), "--max-age-days", "365"),
            ),
        ),
        Step(
            "施工单位拿来三个动土计划：一条沟横穿管道，一个坑在高压管线的控制范围内，一个坑在空地上。",
            "A firm comes with three dig plans: a trench across a main, a pit in the control zone of a high-pressure "
            "line, a pit in an open field.",
            ("screen", f"{out}/dig-plans.geojson", "--crs", CRS),
        ),
    ]


def run() -> int:
    """Make the inputs, run the commands, say what to try next; the first exit code that is not 0."""
    settings = read_settings()
    told = 0 if settings.language == "zh" else 1
    home = Path(os.environ.get("PREDIG_HOME") or settings.home / "demo")
    os.environ["PREDIG_HOME"] = str(home)
    out = Path("out/demo")
    out.mkdir(parents=True, exist_ok=True)
    town, around = _widened(TOWN, 700), _widened(TOWN, 5_000)
    for name, document in {
        "network.geojson": network(),
        "coverage.geojson": _collection([_feature({}, "Polygon", [_ring(*town)])]),
        "service-area.geojson": _collection([_feature({}, "Polygon", [_ring(*around)])]),
        "dig-plans.geojson": dig_plans(settings.language),
    }.items():
        (out / name).write_text(json.dumps(document, ensure_ascii=False, indent=0), encoding="utf-8")
    print(INTRODUCTION[told].format(home=home, out=out))
    for number, step in enumerate(steps(out), 1):
        print(f"\n{number}. {step.en if told else step.zh}\n$ predig {shlex.join(step.words)}", flush=True)
        code = main(step.words)
        if code != 0:
            return code
    first = today() + timedelta(days=7)
    print(
        NEXT[told].format(
            home=shlex.quote(str(home)),
            plans=f"{out}/dig-plans.geojson",
            crs=CRS,
            first=first,
            last=first + timedelta(days=14),
        )
    )
    return 0


def _network_file() -> Path:
    package = find_spec("pandapipes")  # found, not imported: only its data file is wanted
    if package is None or not package.submodule_search_locations:
        raise SystemExit("the demo needs the data file of the package pandapipes: run `make setup`")
    return Path(
        package.submodule_search_locations[0], "networks/network_files/gas_net_schutterwald_1bar.json"
    )


def _widened(box: tuple[float, float, float, float], by_m: float) -> tuple[float, float, float, float]:
    return box[0] - by_m, box[1] - by_m, box[2] + by_m, box[3] + by_m


def _ring(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def _feature(properties: dict[str, Any], kind: str, coordinates: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def _collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    urn = f"urn:ogc:def:crs:{CRS.replace(':', '::')}"
    crs = {"type": "name", "properties": {"name": urn}}
    return {"type": "FeatureCollection", "crs": crs, "features": features}


if __name__ == "__main__":
    sys.exit(run())
