"""What a dataset holds: the database counts what its twin counts, at every revision."""

from dataclasses import replace
from datetime import date

import pytest
import shapely

from spatial.errors import Refused
from spatial.inventory.figures import DIMENSIONS, STEPS, Figures, step_of
from spatial.values import UncertaintyTerm
from sql.memory import MemoryVault
from sql.postgis import PostgisVault
from sql.vault import Vault
from tests.contract.town import DAY, Row, bring, code_of, cuts_of, declared, intake, pipe, rejected

MANY = [
    pipe("a", 10),
    pipe("b", 20, pressure_class=None, diameter_mm=None),
    pipe("c", 30, pressure_class="LP", diameter_mm=90.0, doubt_m=0.25),
    pipe("d", 40, pressure_class="HP-A", diameter_mm=1020.0, doubt_m=9.0),
    Row("v", shapely.Point(3, 3), kind="valve"),
    Row("s", shapely.box(50, 50, 60, 60), kind="station"),
]


def rounded(figures: Figures) -> list[tuple[str, str | None, int, int]]:
    return [(one.dimension, one.value, one.rows, round(one.metres)) for one in figures.counts]


def fill(vault: Vault) -> None:
    bring(vault, MANY)
    bring(vault, [pipe("z", 5)], dataset="other")
    bring(vault, MANY[:2], rejected=[rejected(3, None)])


def test_both_vaults_count_alike_at_every_revision(postgis: PostgisVault, memory: MemoryVault) -> None:
    for one in (postgis, memory):
        fill(one)
    for revision in (1, 2, 3):
        for dataset in ("town", "other", "none"):
            told = [one.figures("G1", dataset, revision) for one in (postgis, memory)]
            assert rounded(told[0]) == rounded(told[1]), (revision, dataset)
            assert told[0].metres == pytest.approx(told[1].metres, abs=0.2)
            # Kept from the first time on, and told the same.
            assert postgis.figures("G1", dataset, revision) == told[0]


def test_a_dataset_in_figures(vault: Vault) -> None:
    fill(vault)
    figures = vault.figures("G1", "town", 2)
    assert figures.pipes == 4 and figures.metres == pytest.approx(320, abs=0.2)
    by = {(one.dimension, one.value): one.rows for one in figures.counts}
    assert by["facility", "valve"] == by["facility", "station"] == 1
    assert [one.value for one in figures.of("pressure_class")] == ["HP-A", "LP", "MP-A", None]
    assert [one.value for one in figures.of("diameter_mm")] == ["2", "3", "7", None]
    assert by["uncertainty_m", "2"] == 1 and by["uncertainty_m", "6"] == 1
    assert [one.value for one in figures.of("decade")] == ["2010"]
    assert figures.unknown_share("pressure_class") == pytest.approx(0.25, abs=0.001)
    for dimension in DIMENSIONS:
        assert sum(one.rows for one in figures.of(dimension)) == 4, dimension
    assert vault.figures("G1", "town", 3).pipes == 2
    assert vault.figures("G1", "none", 3).counts == () and vault.figures("G1", "town", 0).counts == ()


def test_the_thresholds_of_both_are_the_same(postgis: PostgisVault) -> None:
    """On, just below and just above each: in the database and here."""
    for name, steps in STEPS.items():
        asked = [round(step + by, 3) for step in steps for by in (-0.001, 0.0, 0.001)]
        taken = intake([pipe(f"p{number}", number * 2.0) for number in range(len(asked))])
        assets = tuple(
            replace(asset, uncertainty=(UncertaintyTerm("pipe_stated", value, "register"),))
            if name == "uncertainty_m"
            else replace(asset, **{name: value})
            for asset, value in zip(taken.assets, asked, strict=True)
        )
        postgis.import_network(
            replace(taken, assets=assets), cuts_of(taken), utility="G1", dataset=name, on=DAY
        )
        told = postgis.figures("G1", name, postgis.newest_revision()).of(name)
        expected = [step_of(name, value) for value in asked]
        assert {one.value: one.rows for one in told} == {step: expected.count(step) for step in expected}


def test_what_was_accepted_is_told_of_every_revision(vault: Vault) -> None:
    fill(vault)
    assert [(row.dataset, row.revision) for row in vault.dataset_records("G1", 1)] == [("town", 1)]
    other, town = vault.dataset_records("G1", 3)
    assert (town.dataset, town.revision, town.received, town.rejected, town.boxless_rejected) == (
        "town",
        3,
        3,
        1,
        1,
    )
    assert (other.data_date, other.warnings, other.findings) == (
        date(2026, 11, 1),
        {"cover_missing": 2},
        None,
    )
    assert town.sources == [("town.geojson", "0" * 64)]
    assert vault.dataset_records("G2", 3) == ()
    with pytest.raises(Refused) as refusal:
        vault.dataset_records("G1", 4)
    assert code_of(refusal) == "revision_unknown"


def test_a_dataset_comes_back_as_it_was(vault: Vault) -> None:
    fill(vault)
    table = vault.dataset_assets("G1", "town", 2)
    assert list(table) == [row.asset() for row in MANY]
    assert [asset.source_id for asset in vault.dataset_assets("G1", "town", 3)] == ["a", "b"]
    assert len(vault.dataset_assets("G1", "nothing", 3)) == 0


def test_the_service_area_is_that_of_its_time(vault: Vault) -> None:
    bring(vault, MANY)
    vault.declare_ground(declared("service_area"))
    area = vault.service_area("G1", 2)
    assert vault.service_area("G1", 1) is None and area is not None
    assert area.equals(declared("service_area").geometry)
