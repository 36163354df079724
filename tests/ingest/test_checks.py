"""What looks wrong is told with examples, and taken all the same."""

from pathlib import Path
from typing import Any

import pytest
import shapely

from ingest import ColumnMap, check_intake, unknown_of
from spatial.asset_table import AssetTable
from tests.ingest.dock import X, Y, collection, feature, line, network, square, written


def path(*xy: tuple[float, float]) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": [[X + dx, Y + dy] for dx, dy in xy]}


def told(tmp_path: Path, *features: Any, **about: Any) -> dict[str, tuple[str, int, tuple[str, ...]]]:
    """code -> severity, count, examples."""
    intake = network(written(tmp_path, collection(*features)), id_field="id", **about)
    assert intake.received == len(intake.assets) + len(intake.rejected)
    checks = check_intake(intake)
    assert all(check.en and check.zh for check in checks)
    return {
        check.code: (check.severity, check.count, check.examples)
        for check in checks
        if check.code != "pipe_alone"  # most of these scenes are pipes side by side
    }


def test_a_sound_network_is_not_spoken_of(tmp_path: Path) -> None:
    joined = [feature(path((0, 0), (50, 0)), id="a"), feature(path((50, 0), (90, 30)), id="b")]
    apart = feature(path((50, 0.8), (90, 60)), id="c", length_m=71.4, material="PE", pressure_class="MP-A")
    assert told(tmp_path, *joined, apart, feature(square(5, dx=200), id="s", asset="station")) == {}


def test_a_line_that_crosses_itself(tmp_path: Path) -> None:
    loop, eight = path((0, 0), (9, 0), (9, 9), (0, 0)), path((0, 99), (9, 99), (9, 90), (0, 90), (5, 105))
    found = told(tmp_path, feature(loop, id="ring"), feature(eight, id="eight"))
    assert found == {"line_crosses_itself": ("warning", 1, ("eight",))}


def test_a_shape_drawn_twice(tmp_path: Path) -> None:
    rows = [feature(line(), id=name, material=name) for name in "abc"]
    assert told(tmp_path, *rows)["shape_twice"] == ("warning", 2, ("b", "c"))


@pytest.mark.parametrize(
    ("gap_m", "seen"), [(0.0, False), (0.005, False), (0.03, True), (0.48, True), (0.6, False)]
)
def test_ends_that_were_meant_to_meet(gap_m: float, seen: bool, tmp_path: Path) -> None:
    rows = [feature(path((0, 0), (50, 0)), id="a"), feature(path((50 + gap_m, 0), (90, 30)), id="b")]
    expected = {"ends_not_joined": ("warning", 2, ("a", "b"))} if seen else {}
    assert told(tmp_path, *rows) == expected


def test_an_end_that_is_joined_may_have_others_near(tmp_path: Path) -> None:
    rows = [
        feature(path((0, 0), (50, 0)), id="a"),
        feature(path((50, 0), (90, 30)), id="b"),
        feature(path((50.2, 0), (90, -30)), id="loose"),
    ]
    assert told(tmp_path, *rows) == {"ends_not_joined": ("warning", 1, ("loose",))}


def test_a_stated_length_is_held_against_the_drawn_one(tmp_path: Path) -> None:
    lengths = {"right": 50.4, "off": 60.0, "short": 12.0, "blank": "-", "none": None}
    rows = [
        feature(line(dy=at * 9.0), id=name, L=metres) for at, (name, metres) in enumerate(lengths.items())
    ]
    found = told(tmp_path, *rows, mapping=ColumnMap(columns={"length_m": "L"}))
    assert found == {"length_differs": ("warning", 2, ("off", "short"))}


def test_values_that_contradict_each_other(tmp_path: Path) -> None:
    rows = [
        feature(line(), id="old", laid_on="2012-01-01", surveyed_on="2010-01-01"),
        feature(line(dy=9), id="hp", material="PE100", pressure_class="HP-A"),
        feature(line(dy=18), id="fine", laid_on="2010-01-01", surveyed_on="2012-01-01", material="PE100"),
    ]
    assert told(tmp_path, *rows) == {
        "surveyed_before_laid": ("warning", 1, ("old",)),
        "plastic_at_high_pressure": ("warning", 1, ("hp",)),
    }


def test_rejected_rows_are_errors_and_all_is_counted(tmp_path: Path) -> None:
    dot = path((0, 0), (0, 0))
    rows = [feature(line(), id="a"), *[feature(dot, id=f"dot {row}") for row in range(12)]]
    severity, count, examples = told(tmp_path, *rows, feature(line(dy=5), id="a"))["line_zero_length"]
    assert (severity, count, len(examples), examples[0]) == ("error", 12, 10, "dot 0")


def test_what_lies_outside_the_service_area(tmp_path: Path) -> None:
    rows = [feature(line(dx=at * 100.0), id=f"p{at}") for at in range(4)]
    intake = network(written(tmp_path, collection(*rows)), id_field="id")
    middle = intake.assets[1].geometry.bounds
    area = shapely.MultiPolygon(
        [shapely.box(*intake.assets[0].geometry.bounds[:2], *middle[2:]).buffer(1e-6)]
    )
    lonely, check = check_intake(intake, area)
    assert (lonely.code, lonely.count) == ("pipe_alone", 4)
    assert (check.code, check.count, check.examples) == ("outside_service_area", 2, ("p2", "p3"))
    assert [shapely.Point(place).distance(intake.assets[2].geometry) < 1e-3 for place in check.places] == [
        True
    ] * 2


def test_a_shape_drawn_the_other_way_round_is_the_same(tmp_path: Path) -> None:
    there, back = path((0, 0), (30, 5), (50, 0)), path((50, 0), (30, 5), (0, 0))
    found = told(tmp_path, feature(there, id="there"), feature(back, id="back"), feature(line(dy=9), id="c"))
    assert found == {"shape_twice": ("warning", 1, ("back",))}


def test_an_end_that_stops_short_of_a_side(tmp_path: Path) -> None:
    main = feature(path((0, 0), (100, 0)), id="main")
    short, met = path((50, 0.2), (50, 30)), path((70, 0), (70, 30))
    found = told(tmp_path, main, feature(short, id="short"), feature(met, id="met"))
    assert found == {"ends_not_joined": ("warning", 1, ("short",))}


def test_a_pipe_that_meets_nothing(tmp_path: Path) -> None:
    rows = [feature(path((0, 0), (50, 0)), id="a"), feature(path((50, 0), (90, 30)), id="b")]
    lonely = feature(path((0, 40), (50, 40)), id="lonely")
    intake = network(written(tmp_path, collection(*rows, lonely)), id_field="id")
    (check,) = check_intake(intake)
    assert (check.code, check.severity, check.examples) == ("pipe_alone", "warning", ("lonely",))
    # A main is not alone for that only another's end is at its side.
    main, branch = feature(path((0, 0), (100, 0)), id="main"), feature(path((50, 0), (50, 30)), id="branch")
    assert check_intake(network(written(tmp_path, collection(main, branch)), id_field="id")) == ()
    assert check_intake(network(written(tmp_path, collection(lonely)), id_field="id")) == ()


@pytest.mark.parametrize(
    ("code", "odd", "fine"),
    [
        ("plastic_before_its_time", {"material": "PE80", "laid_on": "1952-05-01"}, {"material": "steel", "laid_on": "1952-05-01"}),
        ("high_pressure_to_customers", {"kind": "service", "pressure_class": "HP-B"}, {"kind": "service", "pressure_class": "MP-A"}),
        ("diameter_implausible", {"diameter_mm": 720, "pressure_class": "LP"}, {"diameter_mm": 630, "pressure_class": "LP"}),
        ("diameter_implausible", {"diameter_mm": 15, "kind": "main"}, {"diameter_mm": 15, "kind": "service"}),
        ("cover_implausible", {"cover_m": 0.2}, {"cover_m": 0.3}),
        ("cover_implausible", {"cover_m": 1.0, "cover_end_m": 7.0}, {"cover_m": 1.0, "cover_end_m": 6.0}),
        ("laid_on_implausible", {"laid_on": "1970-01-01"}, {"laid_on": "1970-01-02"}),
    ],
)  # fmt: skip
def test_values_beyond_belief(code: str, odd: dict[str, Any], fine: dict[str, Any], tmp_path: Path) -> None:
    rows = [feature(line(), id="odd", **odd), feature(line(dy=9), id="fine", **fine)]
    assert told(tmp_path, *rows) == {code: ("warning", 1, ("odd",))}


def test_what_nobody_knows_of_a_pipe(tmp_path: Path) -> None:
    rows = [
        feature(line(), id="bare"),
        feature(line(dy=9), id="half", pressure_class="LP", diameter_mm=63, cover_m="9.99"),
        feature(square(5, dx=200), id="s", asset="station"),
    ]
    intake = network(written(tmp_path, collection(*rows)), id_field="id")
    found = {check.code: check.examples for check in unknown_of(AssetTable.of(intake.assets))}
    both = ("bare", "half")
    assert found == {
        "pressure_class_unknown": ("bare",),
        "diameter_mm_unknown": ("bare",),
        **{f"{name}_unknown": both for name in ("cover_m", "material", "laid_on", "survey_class")},
    }
