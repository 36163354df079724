"""What every vault promises about the register."""

import threading
from collections import Counter
from datetime import date
from typing import Any

import numpy as np
import pytest
import shapely

from spatial.errors import Refused
from spatial.values import Utility
from spatial.words import PipeKind
from sql.memory import MemoryVault
from sql.postgis import PostgisVault
from sql.vault import Vault
from tests.contract.town import (
    DAY,
    HERE,
    Row,
    all_of,
    boxes_round,
    bring,
    code_of,
    cuts_of,
    day_after,
    declared,
    intake,
    names,
    pipe,
    rejected,
)
from tests.support.builders import area, block


def test_an_empty_register_has_revision_0_and_finds_nothing(vault: Vault) -> None:
    found = vault.find([HERE])
    assert (found.revision, len(found.pieces), found.ground) == (0, 0, ((),))
    assert vault.revisions() == vault.datasets() == vault.utilities() == ()


def test_an_import_creates_the_utility_and_is_found(vault: Vault) -> None:
    report = bring(vault, [pipe("a", 10), pipe("far", 900)])
    assert (report.revision, report.added, report.closed, report.unchanged) == (1, 2, 0, 0)
    assert report.utility_created
    assert names(vault.find([HERE])) == ["a"]
    assert vault.utilities() == (Utility("G1", "G1"),)
    (dataset,) = vault.datasets()
    assert (dataset["utility"], dataset["dataset"], dataset["revision"], dataset["assets"]) == (
        "G1",
        "town",
        1,
        2,
    )
    assert dataset["length_m"] == pytest.approx(160, abs=0.01) and dataset["data_date"] == DAY


def test_every_attribute_comes_back_as_it_went_in(vault: Vault) -> None:
    rows = [
        pipe("管'\\N 1", 1, pressure_class=None, diameter_mm=None, doubt_m=0.1 + 0.2),
        Row("v", shapely.Point(3, 3), kind="valve"),
        Row("s", shapely.box(-5, -5, 5, 5), kind="station"),
    ]
    bring(vault, rows)
    whole = vault.find_whole(HERE, 1)
    assert [row.asset for row in whole] == [row.asset() for row in rows]
    assert [row.stored_digest for row in whole] == [row.asset().digest for row in rows]
    cuts = cuts_of(intake(rows))
    stored = vault.stored_pieces([row.asset_id for row in whole])
    kept = [piece for row in whole for piece in stored[row.asset_id]]
    expected = list(zip(cuts.geometry, cuts.from_m, cuts.to_m, strict=True))
    assert [(shape.wkb, low, high) for shape, low, high in kept] == [
        (shape.wkb, low, high) for shape, low, high in expected
    ]
    assert vault.position_doubt_m(1) >= 0.315 + 0.1 + 0.2
    assert vault.position_doubt_m(1) == pytest.approx(0.615, abs=2e-4)


@pytest.mark.parametrize("stable", [True, False])
def test_a_re_export_changes_nothing(vault: Vault, stable: bool) -> None:
    rows = [pipe("a", 10), pipe("b", 20), pipe("c", 20)]
    bring(vault, rows, stable=stable)
    again = bring(vault, rows[::-1], stable=stable, on=day_after(DAY))
    assert (again.revision, again.added, again.closed, again.unchanged) == (None, 0, 0, 3)
    assert len(vault.revisions()) == 1


def test_without_ids_rows_are_matched_by_shape_as_often_as_they_occur(vault: Vault) -> None:
    bring(vault, [pipe("row 1", 10), pipe("row 2", 10), pipe("row 3", 20)], stable=False)
    report = bring(vault, [pipe("row 1", 20), pipe("row 2", 10), pipe("row 3", 30)], stable=False)
    assert (report.added, report.closed, report.unchanged) == (1, 1, 2)


def test_with_ids_a_new_id_is_another_pipe(vault: Vault) -> None:
    bring(vault, [pipe("a", 10)])
    report = bring(vault, [pipe("b", 10)])
    assert (report.added, report.closed, report.unchanged) == (1, 1, 0)


def test_an_import_never_touches_another_dataset(vault: Vault) -> None:
    bring(vault, [pipe("a", 10)], dataset="north")
    bring(vault, [pipe("a", 12)], dataset="south")
    bring(vault, [pipe("a", 14)], utility="G2", dataset="north")
    bring(vault, [pipe("z", 900)], dataset="south")
    found = vault.find([HERE])
    assert sorted(zip(found.pieces.assets.utility, found.pieces.assets.dataset, strict=True)) == [
        ("G1", "north"),
        ("G2", "north"),
    ]


def test_a_revision_can_be_read_for_ever(vault: Vault) -> None:
    bring(vault, [pipe("a", 10), pipe("b", 20)])
    bring(vault, [pipe("b", 20), pipe("c", 30)])
    vault.set_utility(Utility("G1", "Gas", "1", "2"))
    assert [names(vault.find([HERE], as_of=number)) for number in range(4)] == [
        [],
        ["a", "b"],
        ["b", "c"],
        ["b", "c"],
    ]
    assert vault.find([HERE], as_of=2).ground[0][0].utility.name == "G1"
    assert vault.find([HERE]).ground[0][0].utility.name == "Gas"
    assert [row.asset.source_id for row in vault.find_whole(HERE, 1)] == ["a", "b"]
    with pytest.raises(Refused) as refusal:
        vault.find([HERE], as_of=4)
    assert code_of(refusal) == "revision_unknown"


def test_a_piece_that_meets_two_boxes_of_a_site_stands_once(vault: Vault) -> None:
    bring(vault, [pipe("a", 0)])
    west, east = boxes_round(shapely.Point(-20, 0)), boxes_round(shapely.Point(20, 0))
    found = vault.find([west + east, east])
    assert found.pieces.site.tolist() == [0, 1]


def test_a_box_too_wide_is_refused(vault: Vault) -> None:
    for box in ((101.0, 36.0, 101.4, 36.1), (101.1, 36.0, 101.0, 36.1), (float("nan"), 36.0, 101.1, 36.1)):
        with pytest.raises(Refused) as refusal:
            vault.find([[box]])
        assert code_of(refusal) == "query_too_wide"


# -- the past comes back ----------------------------------------------------------------------------------


def test_a_rollback_makes_the_dataset_what_it_was(vault: Vault) -> None:
    bring(vault, [pipe("a", 10), pipe("b", 20)])
    before = all_of(vault.find([HERE]))
    bring(vault, [pipe("b", 20), pipe("c", 30)], on=day_after(DAY))
    report = vault.roll_back(2)
    assert (report.revision, report.added, report.closed, report.unchanged) == (3, 1, 1, 1)
    after = vault.find([HERE])
    assert names(after) == ["a", "b"]
    assert {row[1] for row in all_of(after)} == {row[1] for row in before}
    assert vault.datasets()[0]["data_date"] == DAY
    assert names(vault.find([HERE], as_of=2)) == ["b", "c"]
    assert vault.revisions()[0].summary["rolls_back"] == 2


def test_rollbacks_go_back_one_by_one_to_nothing(vault: Vault) -> None:
    bring(vault, [pipe("a", 10)])
    bring(vault, [pipe("b", 20)])
    with pytest.raises(Refused) as refusal:
        vault.roll_back(1)
    assert code_of(refusal) == "revision_not_last"
    vault.roll_back(2)
    with pytest.raises(Refused) as refusal:
        vault.roll_back(2)
    assert code_of(refusal) == "revision_rolled_back"
    vault.roll_back(1)
    assert names(vault.find([HERE])) == []
    assert vault.datasets() == ()
    bring(vault, [pipe("c", 10)])
    assert names(vault.find([HERE])) == ["c"]


def test_only_an_import_can_be_rolled_back(vault: Vault) -> None:
    vault.set_utility(Utility("G1", "Gas"))
    for revision, code in ((1, "revision_not_network"), (2, "revision_unknown")):
        with pytest.raises(Refused) as refusal:
            vault.roll_back(revision)
        assert code_of(refusal) == code


def test_a_coverage_does_not_outlive_the_import_it_came_with(vault: Vault) -> None:
    vault.set_utility(Utility("G1", "Gas"))
    vault.declare_ground(declared("coverage", as_of=date(2020, 1, 1)))
    bring(vault, [pipe("a", 10)], coverage=declared("coverage"))
    vault.roll_back(3)
    (ground,) = vault.find([HERE]).ground[0]
    assert {coverage.as_of for coverage in ground.coverages} == {date(2020, 1, 1)}
    assert len(ground.coverages) == len(PipeKind)


def test_a_coverage_does_not_outlive_the_import_it_was_declared_over(vault: Vault) -> None:
    bring(vault, [pipe("a", 10)])
    vault.declare_ground(declared("coverage", pipe_kinds=(PipeKind.MAIN,)))
    bring(vault, [pipe("b", 20)], dataset="other")
    vault.declare_ground(declared("coverage", pipe_kinds=(PipeKind.SERVICE,)))
    vault.declare_ground(declared("blank"))
    vault.roll_back(3)
    (ground,) = vault.find([HERE]).ground[0]
    assert [coverage.pipe_kind for coverage in ground.coverages] == [PipeKind.MAIN]
    assert len(ground.blanks) == 1


# -- ground -----------------------------------------------------------------------------------------------


def test_a_word_about_ground_replaces_the_earlier_one_of_its_kind(vault: Vault) -> None:
    vault.set_utility(Utility("G1", "Gas"))
    vault.declare_ground(declared("service_area"))
    vault.declare_ground(declared("coverage", pipe_kinds=(PipeKind.MAIN, PipeKind.SERVICE)))
    vault.declare_ground(
        declared("coverage", pipe_kinds=(PipeKind.MAIN,), as_of=date(2026, 12, 1), assumed=True)
    )
    vault.declare_ground(declared("blank", area(5)))
    (ground,) = vault.find([HERE]).ground[0]
    assert [(row.pipe_kind, row.as_of, row.assumed) for row in ground.coverages] == [
        (PipeKind.MAIN, date(2026, 12, 1), True),
        (PipeKind.SERVICE, DAY, False),
    ]
    assert ground.service_area == area(2000)
    assert len(ground.blanks) == 1
    vault.declare_ground(declared("blank", shapely.MultiPolygon()))
    assert vault.find([HERE]).ground[0][0].blanks == ()
    assert vault.find([HERE], as_of=5).ground[0][0].blanks != ()
    assert len(vault.find([HERE], as_of=3).ground[0][0].coverages) == 2


def test_the_same_word_again_makes_no_revision(vault: Vault) -> None:
    vault.set_utility(Utility("G1", "Gas"))
    assert vault.set_utility(Utility("G1", "Gas")) is None
    assert vault.declare_ground(declared("service_area")) == 2
    assert vault.declare_ground(declared("service_area")) == 2
    bring(vault, [pipe("a", 10)], coverage=declared("coverage"))
    assert bring(vault, [pipe("a", 10)], coverage=declared("coverage")).revision is None
    assert (
        bring(vault, [pipe("a", 10)], coverage=declared("coverage", as_of=DAY.replace(day=2))).revision == 4
    )


def test_a_utility_concerns_a_site_when_its_area_meets_it_or_was_never_declared(vault: Vault) -> None:
    for code in ("G1", "G2", "G3"):
        vault.set_utility(Utility(code, code))
    vault.declare_ground(declared("service_area", utility="G1"))
    # An L round the site: its bounds hold the site, it does not.
    corner = shapely.union(block(-900, -900, 900, -800), block(-900, -900, -800, 900))
    vault.declare_ground(declared("service_area", shapely.MultiPolygon([corner]), utility="G2"))
    assert [row.utility.code for row in vault.find([HERE]).ground[0]] == ["G1", "G3"]
    assert vault.find([HERE]).ground[0][1].service_area is None


def test_what_lies_here_concerns_whatever_its_utility_says_of_where_it_serves(vault: Vault) -> None:
    point = (HERE[0][0], HERE[0][1]) * 2
    bring(vault, [pipe("a", 10)])
    bring(vault, [pipe("b", 5_000)], rejected=[rejected(2, point)], utility="G2")
    bring(vault, [pipe("c", 5_000)], utility="G3")
    far = block(90_000, 90_000, 91_000, 91_000)
    for code in ("G1", "G2", "G3"):
        vault.declare_ground(declared("service_area", far, utility=code))
    owner, unread = vault.find([HERE]).ground[0]
    assert [owner.utility.code, unread.utility.code] == ["G1", "G2"]
    assert len(unread.unreadable) == 1
    for row in (owner, unread):
        assert row.service_area is not None and row.service_area.is_empty  # declared, but not here


def test_ground_of_a_stranger_and_a_coverage_without_kind_or_date_are_refused(vault: Vault) -> None:
    with pytest.raises(Refused) as refusal:
        vault.declare_ground(declared("service_area"))
    assert code_of(refusal) == "utility_unknown"
    for about, code in (({"pipe_kinds": ()}, "coverage_of_what"), ({"as_of": None}, "coverage_of_when")):
        with pytest.raises(Refused) as refusal:
            vault.declare_ground(declared("coverage", **about))
        assert code_of(refusal) == code
    with pytest.raises(Refused) as refusal:
        bring(vault, [pipe("a", 1)], coverage=declared("coverage", utility="G2"))
    assert code_of(refusal) == "ground_of_another"
    assert vault.revisions() == ()


def test_rejected_rows_leave_unreadable_ground_until_the_next_import(vault: Vault) -> None:
    point = (HERE[0][0], HERE[0][1]) * 2
    bring(vault, [pipe("a", 10)], rejected=[rejected(2, point), rejected(3, point), rejected(4, None)])
    (ground,) = vault.find([HERE]).ground[0]
    assert [row.dataset for row in ground.unreadable] == ["town", "town"]
    assert all(row.geometry.is_valid and row.geometry.area > 0 for row in ground.unreadable)
    assert ground.boxless_rejected == 1
    same = [rejected(9, point), rejected(8, None), rejected(7, point)]
    assert bring(vault, [pipe("a", 10)], rejected=same).revision is None
    assert bring(vault, [pipe("a", 10)], rejected=same, confirmed=1).revision == 2
    assert vault.find([HERE]).ground[0][0].boxless_rejected == 0
    bring(vault, [pipe("a", 10)])
    (ground,) = vault.find([HERE]).ground[0]
    assert (ground.unreadable, ground.boxless_rejected) == ((), 0)
    vault.roll_back(3)
    assert len(vault.find([HERE]).ground[0][0].unreadable) == 2


# -- refusals ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("kind", ["pipe", "valve"])
def test_a_coordinate_that_is_no_number_is_refused_whole(vault: Vault, bad: float, kind: str) -> None:
    good = pipe("a", 10)
    bring(vault, [good])
    asset = Row("b", shapely.Point(1, 1) if kind == "valve" else pipe("b", 5).shape, kind=kind).asset()
    broken = shapely.transform(asset.geometry, lambda xy: np.where(np.arange(len(xy))[:, None] == 0, bad, xy))
    taken = intake(
        [good, Row("b", shapely.Point(1, 1) if kind == "valve" else pipe("b", 5).shape, kind=kind)]
    )
    spoilt = shapely.get_parts(shapely.GeometryCollection([broken]))[0]
    cuts = cuts_of(taken)
    object.__setattr__(taken.assets[1], "geometry", spoilt)
    with pytest.raises(Refused) as refusal:
        vault.import_network(taken, cuts, utility="G1", dataset="town", on=DAY)
    assert code_of(refusal) == "value_refused"
    assert len(vault.revisions()) == 1 and names(vault.find([HERE])) == ["a"]


def test_a_name_that_cannot_be_stored_is_refused(vault: Vault) -> None:
    if isinstance(vault, PostgisVault):  # the twin has no encoding
        for name in ("a\x00b", "a\ud800"):
            with pytest.raises(Refused) as refusal:
                vault.set_utility(Utility("G1", name))
            assert code_of(refusal) == "value_unreadable"
            with pytest.raises(Refused) as refusal:
                bring(vault, [pipe(name, 1)])
            assert code_of(refusal) == "value_unreadable"
    assert vault.revisions() == ()


def test_a_second_writer_is_refused_and_can_come_again(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first writer is held in the middle of its work."""
    started, go_on = threading.Event(), threading.Event()

    taken = intake([pipe("a", 10)])
    cuts = cuts_of(taken)
    if isinstance(vault, PostgisVault):
        from sql.postgis import register as changes

        held, name = changes, "_stage_assets"
    else:
        from sql.memory import register as twin

        held, name = twin, "_cut_assets"
    inner = getattr(held, name)

    def blocked(*args: Any) -> Any:
        started.set()
        assert go_on.wait(20)
        return inner(*args)

    monkeypatch.setattr(held, name, blocked)
    first = threading.Thread(
        target=lambda: vault.import_network(taken, cuts, utility="G1", dataset="town", on=DAY)
    )
    first.start()
    assert started.wait(20)
    with pytest.raises(Refused) as refusal:
        vault.set_utility(Utility("G2", "Other"))
    assert code_of(refusal) == "register_busy"
    go_on.set()
    first.join(20)
    assert vault.set_utility(Utility("G2", "Other")) == 2


# -- against a naive replay, and the two vaults against each other ----------------------------------------


def test_ten_imports_and_rollbacks_read_as_a_naive_replay_says(vault: Vault) -> None:
    rng = np.random.default_rng(7)
    streets = [pipe(f"p{number}", number * 3.0) for number in range(20)]
    truth: list[Counter[tuple[str, str]]] = [Counter()]
    states: dict[str, list[list[str]]] = {"north": [[]], "south": [[]]}
    undo: dict[str, int] = {}
    for _ in range(14):
        dataset = str(rng.choice(["north", "south"]))
        if dataset in undo and rng.random() < 0.3:
            vault.roll_back(undo.pop(dataset))
            states[dataset].append(states[dataset][-2])
        else:
            chosen = [row for row in streets if rng.random() < 0.6] or streets[:1]
            revision = bring(vault, chosen, dataset=dataset).revision
            if revision is None:
                continue
            undo[dataset] = revision
            states[dataset].append([row.name for row in chosen])
        truth.append(Counter((name, row) for name, kept in states.items() for row in kept[-1]))
    for revision, expected in enumerate(truth):
        assets = vault.find([HERE], as_of=revision).pieces.assets
        assert Counter(zip(map(str, assets.dataset), map(str, assets.source_id), strict=True)) == expected
        whole = vault.find_whole(HERE, revision)
        assert Counter((row.dataset, row.asset.source_id) for row in whole) == expected


@pytest.mark.parametrize("seed", range(4))
def test_both_vaults_find_the_same(postgis: PostgisVault, memory: MemoryVault, seed: int) -> None:
    rng = np.random.default_rng(seed)

    def some(count: int) -> list[Row]:
        steps = rng.normal(0, 60, (count, int(rng.integers(2, 30)), 2))
        starts = rng.uniform(-800, 800, (count, 1, 2))
        lines = starts + np.cumsum(steps, axis=1)
        return [
            Row(f"p{number}", shapely.LineString(line), doubt_m=float(rng.uniform(0, 9)))
            for number, line in enumerate(lines)
        ] + [
            Row(f"s{number}", shapely.Point(xy), kind="regulator") for number, xy in enumerate(starts[:5, 0])
        ]

    networks = [some(60) for _ in range(3)]
    for vault in (postgis, memory):
        for number, network in enumerate(networks):
            bring(
                vault,
                network[: 40 + 5 * number] + networks[0][:20],
                stable=False,
                rejected=[rejected(1, HERE[0])],
            )
        vault.declare_ground(declared("service_area", block(-500, -500, 500, 500)))
        bring(vault, networks[1], utility="G2")
        vault.declare_ground(declared("blank", block(0, 0, 300, 300), utility="G2"))
    queries = [
        boxes_round(*(shapely.Point(xy) for xy in rng.uniform(-900, 900, (3, 2))), by_m=by_m)
        for by_m in rng.uniform(1, 200, 40)
    ]
    # Boxes that end exactly where a piece's box begins.
    queries += [
        [(box[2], box[1], box[2] + 1e-4, box[3])] for box in cuts_of(intake(networks[1])).boxes[:40].tolist()
    ]
    for as_of in (None, 1, 2, 4):
        one, other = postgis.find(queries, as_of), memory.find(queries, as_of)
        assert one.revision == other.revision
        assert all_of(one) == all_of(other) and len(one.pieces) > 100
        assert one.pieces.assets.asset_id.tolist() == other.pieces.assets.asset_id.tolist()
        assert one.ground == other.ground
    for query in queries:
        assert postgis.find_whole(query, 3) == memory.find_whole(query, 3)
    assert postgis.position_doubt_m(5) == memory.position_doubt_m(5)
    assert postgis.datasets() == memory.datasets()
    strip = [
        (row.revision, row.kind, row.utility, row.dataset, row.added, row.closed)
        for row in memory.revisions()
    ]
    assert [
        (row.revision, row.kind, row.utility, row.dataset, row.added, row.closed)
        for row in postgis.revisions()
    ] == strip
