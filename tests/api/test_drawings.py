"""Practice case 2, through the command line and a real database: a drawing whose proxies other readers pass over."""

from pathlib import Path
from typing import Any

from tests.api.conftest import Predig, Write, feature, ring
from tests.api.town import CRS, E, N, codes, cover, judge, serve
from tests.ingest.drawn import drawing, proxy, saved

LAYER = "RQ_中压"
GAP = feature("Polygon", ring(E + 140, N + 3, 10, 5), act="excavate", method="mechanical")
BESIDE = feature("Polygon", ring(E + 40, N + 3, 10, 5), act="excavate", method="mechanical")
FAR = feature("Polygon", ring(E + 100, N + 400, 10, 5), act="excavate", method="mechanical")


def main_with_a_gap(path: Path, pictured: bool = True) -> Path:
    """300 m in millimetres, of which the 120 m from 90 to 210 are a proxy object; and a map beside it."""
    path.with_suffix(".toml").write_text(
        f'[columns]\npressure_class = "layer"\n[values.pressure_class]\n"{LAYER}" = "MP-A"\n',
        encoding="utf-8",
    )
    document: Any = drawing(4)
    document.layers.add(LAYER)
    space = document.modelspace()
    for west, east in ((0, 90), (210, 300)):
        space.add_line(
            ((E + west) * 1000, N * 1000), ((E + east) * 1000, N * 1000), dxfattribs={"layer": LAYER}
        )
    space.add_text("DN200", dxfattribs={"layer": LAYER})
    space.add_line((0, 0), (1, 1), dxfattribs={"layer": "道路"})
    ends = [((E + x) * 1000, N * 1000) for x in (90, 210)] if pictured else []
    return saved(document, path, proxy(document, LAYER, *ends))


def bring(predig: Predig, file: Path, *more: object) -> Any:
    how = ("--utility", "GAS", "--dataset", "cad", *CRS, "--layer", LAYER, "--map", file.with_suffix(".toml"))
    return predig("network", "import", file, *how, *more)


def test_case_2_a_trench_in_the_gap_of_a_drawing_is_never_clear(
    predig: Predig, write: Write, tmp_path: Path
) -> None:
    file = main_with_a_gap(tmp_path / "mains.dxf")
    assert bring(predig, file).codes == ["drawing_entities_unreadable"]
    assert predig("status").lines[0]["assets"] == 0
    taken = bring(predig, file, "--confirm-unreadable", 1)
    assert taken.code == 0, taken
    report = taken.lines[0]
    assert (report["received"], report["accepted"], report["rejected"]) == (3, 2, 1)
    assert report["warnings"]["drawing_annotations"] == report["warnings"]["drawing_other_layers"] == 1
    assert [one.code for one in (serve(predig, write), cover(predig, write))] == [0, 0]
    gap, beside, far = judge(predig, write, GAP, BESIDE, FAR)
    assert (gap["outcome"], beside["outcome"], far["outcome"]) == ("cannot_tell", "conflict", "clear")
    assert "unreadable" in codes(gap)


def test_case_2_a_proxy_without_a_picture_leaves_the_whole_coverage_open(
    predig: Predig, write: Write, tmp_path: Path
) -> None:
    file = main_with_a_gap(tmp_path / "mains.dxf", pictured=False)
    assert bring(predig, file, "--confirm-unreadable", 1).code == 0
    assert [one.code for one in (serve(predig, write), cover(predig, write))] == [0, 0]
    assert {one["outcome"] for one in judge(predig, write, GAP, FAR)} == {"cannot_tell"}


def test_a_drawing_is_looked_at_before_a_layer_is_chosen(
    predig: Predig, write: Write, tmp_path: Path
) -> None:
    file = main_with_a_gap(tmp_path / "mains.dxf")
    looked = predig("network", "inspect", file)
    (contents,) = looked.lines
    assert looked.code == 0 and contents["units"] == "mm" and "--layer" in looked.err
    told = {(row["layer"], row["type"]): (row["state"], row["count"]) for row in contents["entities"]}
    assert told == {
        (LAYER, "LINE"): ("readable", 2),
        (LAYER, "TEXT"): ("annotation", 1),
        (LAYER, "ACAD_PROXY_ENTITY"): ("unreadable", 1),
        ("道路", "LINE"): ("readable", 1),
    }
    chosen = predig("network", "inspect", file, *CRS, "--layer", LAYER, "--confirm-unreadable", 1)
    assert [chosen.lines[0]["entities"][-1]["state"], chosen.lines[1]["accepted"]] == ["other_layer", 2]
