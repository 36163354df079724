"""A network of any size comes to one page: simplified and thinned as far as it must be, and said so."""

import json
from dataclasses import replace

import numpy as np
import pytest
import shapely

from maps.quality import drawing
from maps.quality.drawing import MOST_VERTICES, Drawing, drawing_of
from maps.quality.map import quality_document
from maps.quality.plots import plots_of
from spatial.asset_table import AssetTable
from spatial.inventory.figures import figures_of
from tests.maps.quality_scene import quality_view, table


def lines_of(drawn: Drawing) -> list[shapely.LineString]:
    """The steps walked back, by class and in order, as the page does."""
    at = np.zeros(2, np.int64)
    lines = []
    for some in drawn.lines.values():
        for steps in some:
            pairs = np.array(steps).reshape(-1, 2)
            points = at + np.cumsum(pairs, axis=0)
            at = points[0]
            lines.append(shapely.LineString(points * drawn.unit + np.array(drawn.origin)))
    return lines


def test_the_lines_lie_where_the_pipes_do() -> None:
    assets = table(points=40)
    drawn = drawing_of(assets)
    pipes = shapely.union_all(assets.geometry()[:-1])
    assert len(lines_of(drawn)) == drawn.drawn == 40 and drawn.left_out == 0
    assert (
        max(line.hausdorff_distance(pipes.intersection(line.buffer(1e-5))) for line in lines_of(drawn)) < 2e-5
    )
    assert list(drawn.lines) == ["LP", "MP-A", "HP-A", "unknown"]
    assert drawn.facilities == [(pytest.approx(101.78), pytest.approx(36.62, abs=1e-3))]


def test_a_network_too_large_is_simplified_then_thinned_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assets = table(300, points=60)
    everything = drawing_of(assets)
    monkeypatch.setattr(drawing, "MOST_VERTICES", 700)
    coarse = drawing_of(assets)
    assert sum(len(line) for some in coarse.lines.values() for line in some) / 2 <= 700
    assert coarse.left_out == 0 and coarse.tolerance_m >= everything.tolerance_m
    monkeypatch.setattr(drawing, "MOST_VERTICES", 100)
    thin = drawing_of(assets)
    assert thin.drawn == 50 and thin.left_out == 250
    said = quality_document(quality_view(assets=assets), "en")
    assert any("50 longest lines" in note and "250 shorter" in note for note in said["notes"])


def test_the_page_of_a_city_is_bounded() -> None:
    """45,000 pipes with as many points as are drawn at most."""
    few = table(45, points=3)
    many = np.tile(np.arange(45), 1000)
    city = AssetTable(
        [few.source_id[row] for row in many],
        few.wkb[many],
        {name: column.take(many) for name, column in few.attributes.items()},
        [few.digest[row] for row in many],
    )
    drawn = drawing_of(city)
    assert drawn.drawn == 45_000
    assert sum(len(line) // 2 for some in drawn.lines.values() for line in some) <= MOST_VERTICES
    assert len(json.dumps(drawn.lines)) < 3_000_000


def test_a_dataset_of_facilities_alone_is_drawn() -> None:
    assets = table(1)[1:]
    assert drawing_of(assets).lines == {}
    document = quality_document(quality_view(assets=assets), "zh")
    assert document["plots"] == [] and document["legend"][0]["kind"] == "facility"


def test_plots_add_up_and_show_gaps() -> None:
    figures = figures_of(table())
    by_class, unknown, cover, *_ = plots_of(figures, "zh")
    assert [bar.label for bar in by_class.bars] == ["低压 LP", "中压A MP-A", "高压A HP-A", "未知"]
    assert max(bar.share for bar in by_class.bars) == 1.0 and by_class.bars[-1].unknown
    assert unknown.bars[0].text == "25.0%"
    # 0.2, 1.0 and 1.4 m: the step between is there though nobody is in it.
    assert [bar.label for bar in cover.bars] == [
        "<0.3 m",
        "0.3–0.6 m",
        "0.6–0.9 m",
        "0.9–1.2 m",
        "1.2–1.5 m",
        "未知",
    ]
    assert [bar.share for bar in cover.bars][1:3] == [0.0, 0.0]
    assert plots_of(replace(figures, counts=()), "zh") == ()
