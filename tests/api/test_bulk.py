"""A plan of thousands of sites: the same answers as one at a time, in file order, whatever stops the run."""

import pickle
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from api.bulk import Work, judge_work, run_name, screen_many
from api.engines import here, scheduler_address
from api.journal import Journal
from api.screen import Rules, enquire
from ingest import parse_profile
from spatial.bulk.partition import MOST_SITES, WIDEST_DEG, parting
from spatial.bulk.sites import SiteColumns
from spatial.errors import Refused
from spatial.measuring.boxes import widen
from spatial.screening import query_boxes
from spatial.values import DigSite, RegisterGeometry
from sql.memory import MemoryVault
from sql.vault import NewScreening
from tests.api.conftest import Predig, Write, collection, feature, ring
from tests.api.town import AT_THE_MAIN, CRS, MAIN, E, N, bring, cover, serve
from tests.contract.town import DAY, declared, pipe
from tests.contract.town import bring as put
from tests.spatial.bulk.scenes import mixed_scene
from tests.support.builders import make_site, rules_text

RULES = Rules(parse_profile(rules_text()), rules_text())
Result = Iterator[tuple[int, tuple[NewScreening, ...]]]


def plan(count: int = 40) -> list[DigSite]:
    """Digs of every kind among the pipes of a town, two of them far away, two too wide for a cell."""
    sites = [site for seed in range(count // 20) for site in mixed_scene(seed, places=4).sites]
    far = make_site(shapely.Point(0, 0), at=(95.0, 35.0))
    wide = make_site(
        shapely.segmentize(shapely.LineString([(-9_000, 3), (9_000, 3)]), 100.0), half_width_m=1.0
    )
    return [
        replace(site, feature_id=str(number))
        for number, site in enumerate([*sites[:7], wide, far, *sites[7:], wide, far])
    ]


def town() -> MemoryVault:
    vault = MemoryVault()
    rng = np.random.default_rng(1)
    rows = [
        pipe(f"p{number}", float(rng.uniform(-80, 80)), float(rng.uniform(-80, 80))) for number in range(60)
    ]
    put(vault, rows)
    vault.declare_ground(declared("service_area"))
    vault.declare_ground(declared("coverage"))
    return vault


def journal(folder: Path) -> Journal:
    return Journal(folder / "run.jsonl")


def many(vault: MemoryVault, sites: list[DigSite], folder: Path, engine: Any = here) -> list[str]:
    return screen_many(
        vault, sites, RULES, DAY, engine=engine, revision=vault.newest_revision(), journal=journal(folder)
    )


def documents(vault: MemoryVault, ids: list[str]) -> list[str]:
    return [record.document for record in vault.screenings_by_id(ids)]


def here_sites() -> list[DigSite]:
    """Some of the plan moved to where the pipes are: conflicts are wanted, not only silence."""
    near = [
        make_site(shapely.box(x, y, x + 9, y + 5)) for x in range(-80, 80, 32) for y in range(-80, 80, 32)
    ]
    line = [
        make_site(shapely.LineString([(x, -60), (x + 20, 60)]), half_width_m=0.6) for x in range(-60, 60, 30)
    ]
    return [replace(site, feature_id=f"n{number}") for number, site in enumerate([*near, *line])]


def test_a_plan_is_judged_as_each_site_alone_would_be(tmp_path: Path) -> None:
    vault = town()
    sites = [*plan(), *here_sites()]
    ids = many(vault, sites, tmp_path)
    alone = [record.document for site in sites for record in enquire(vault, [site], RULES, DAY)]
    assert documents(vault, ids) == alone
    records = vault.screenings_by_id(ids)
    assert [record.site_index for record in records] == list(range(len(sites)))
    assert sum(bool(record.conflicts) for record in records) > 20
    assert all(
        record.conflicts == row.conflicts
        for record, row in zip(records, enquire(vault, sites, RULES, DAY), strict=True)
    )


def stops_after(parts: int) -> Callable[..., Result]:
    def engine(do: Any, works: Any) -> Result:
        for done, (number, work) in enumerate(works):
            if done == parts:
                raise KeyboardInterrupt
            yield number, do(work)

    return engine


def test_a_run_that_was_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    vault, sites = town(), plan()
    with pytest.raises(KeyboardInterrupt):
        many(vault, sites, tmp_path, stops_after(2))
    kept = journal(tmp_path).kept()
    assert 0 < len(kept) < len(sites)
    judged: list[int] = []

    def watched(do: Any, works: Any) -> Result:
        for number, work in works:
            judged.extend(work.numbers)
            yield number, do(work)

    ids = many(vault, sites, tmp_path, watched)
    assert sorted([*judged, *kept]) == list(range(len(sites)))
    assert {number: ids[number] for number in kept} == kept
    assert documents(vault, ids) == [record.document for record in enquire(vault, sites, RULES, DAY)]


def test_a_line_cut_short_counts_for_nothing(tmp_path: Path) -> None:
    book = journal(tmp_path)
    assert book.kept() == {}
    book.add({1: "a", 2: "b"})
    with book.place.open("a") as file:
        file.write('{"3": "c", "4')
    assert book.kept() == {1: "a", 2: "b"}
    book.add({5: "e"})
    assert book.kept() == {1: "a", 2: "b", 5: "e"}
    book.close()
    book.close()
    assert book.kept() == {}


def test_another_plan_day_register_rule_or_database_is_another_run() -> None:
    sites = plan()
    names = {
        run_name(sites, RULES, DAY, 1, "a"),
        run_name(sites[1:], RULES, DAY, 1, "a"),
        run_name(sites[::-1], RULES, DAY, 1, "a"),
        run_name([replace(sites[0], half_width_m=0.7), *sites[1:]], RULES, DAY, 1, "a"),
        run_name(sites, RULES, date(2026, 12, 1), 1, "a"),
        run_name(sites, RULES, DAY, 2, "a"),
        run_name(sites, Rules(replace(RULES.profile, sha256="0" * 64), ""), DAY, 1, "a"),
        run_name(sites, RULES, DAY, 1, "b"),
    }
    assert len(names) == 8


def test_a_part_can_be_sent_and_judged_elsewhere() -> None:
    vault, sites = town(), tuple(here_sites())
    boxes = tuple(query_boxes(site, RULES.profile) for site in sites)
    parts = parting(SiteColumns.of(sites, RULES.profile).asks)
    region = vault.region(parts.cells[0].box)
    for ground in (region, vault.find(boxes)):
        work = Work(tuple(range(len(sites))), sites, boxes, ground, RULES.profile, DAY)
        assert judge_work(pickle.loads(pickle.dumps(work))) == judge_work(work)


def test_parts_hold_every_site_once_and_stay_narrow() -> None:
    rng = np.random.default_rng(4)
    at = rng.uniform((101.0, 36.0), (102.0, 37.0), (5_000, 2))
    at[:3_000] = at[0] + rng.uniform(0, 0.01, (3_000, 2))
    asks = widen(np.concatenate([at, at], axis=1), rng.uniform(1, 6_500, 5_000))
    found = parting(asks)
    rows = [part.rows for cell in found.cells for part in cell.parts]
    assert sorted(np.concatenate([*rows, found.apart]).tolist()) == list(range(5_000))
    assert max(map(len, rows)) == MOST_SITES and 0 < len(found.apart) < 2_000
    assert (asks[found.apart, 2:] - asks[found.apart, :2]).max(axis=1).min() > WIDEST_DEG
    for cell in found.cells:
        assert max(cell.box[2] - cell.box[0], cell.box[3] - cell.box[1]) <= 0.3
        for part in cell.parts:
            for box in (part.box, cell.box):
                assert (asks[part.rows, :2] >= box[:2]).all() and (asks[part.rows, 2:] <= box[2:]).all()
        assert cell.rows.tolist() == [row for part in cell.parts for row in part.rows.tolist()]
    assert parting(asks[:0]).cells == ()


# -- the command


def test_a_big_plan_on_the_command_line_reads_as_a_small_one(
    predig: Predig, write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bring(predig, write, MAIN)
    serve(predig, write)
    cover(predig, write)
    fields = [
        feature("Polygon", ring(E + 10 * number, N + 20 * (number % 7), 8, 5), act="excavate", method="hand")
        for number in range(30)
    ]
    file = write("plan.geojson", collection(AT_THE_MAIN, *fields))
    small = predig("screen", file, *CRS)
    monkeypatch.setattr("api.cli.screening.AT_ONCE", 4)
    monkeypatch.setenv("HOME", str(tmp_path))
    big = predig("screen", file, *CRS)
    assert (small.code, big.code, len(big.lines)) == (0, 0, 31)

    def told(line: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in line.items() if key not in ("id", "created_at")}

    assert [told(line) for line in big.lines] == [told(line) for line in small.lines]
    assert list((tmp_path / ".predig" / "screens").iterdir()) == []


def test_thousands_of_features_are_taken_for_screening_and_not_for_a_permit(
    predig: Predig, write: Write
) -> None:
    file = write("plan.geojson", collection(*[AT_THE_MAIN] * 1_001))
    parties = ("--firm", "a", "--title", "b", "--starts-on", "2099-01-01", "--ends-on", "2099-01-02")
    assert predig("file", file, *CRS, *parties).codes == ["plan_too_many_features"]


# -- engines


@pytest.mark.parametrize(
    ("address", "reached"),
    [
        ("dask://127.0.0.1:8786", "tcp://127.0.0.1:8786"),
        ("dask://127.9.9.9:1", "tcp://127.9.9.9:1"),
        ("dask://[::1]:8786", "tcp://[::1]:8786"),
        ("dask://localhost:8786", "tcp://localhost:8786"),
        ("tls://far.example:8786", "tls://far.example:8786"),
    ],
)
def test_addresses_that_may_be_connected_to(address: str, reached: str) -> None:
    assert scheduler_address(address) == reached


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("dask://10.0.0.1:8786", "engine_in_the_open"),
        ("dask://0.0.0.0:8786", "engine_in_the_open"),
        ("dask://far.example:8786", "engine_in_the_open"),
        ("dask://127.0.0.1.far.example:8786", "engine_in_the_open"),
        ("dask://localhost.far.example:8786", "engine_in_the_open"),
        ("tcp://127.0.0.1:8786", "engine_unreadable"),
        ("dask://127.0.0.1", "engine_unreadable"),
        ("dask://a@127.0.0.1:8786", "engine_unreadable"),
        ("127.0.0.1:8786", "engine_unreadable"),
    ],
)
def test_addresses_that_would_carry_the_network_in_the_open_are_refused(address: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        scheduler_address(address)
    fault = refused.value.faults[0]
    assert fault.code == code and fault.zh and fault.en


def test_wide_sites_stand_apart() -> None:
    wide = plan()[7]
    assert isinstance(wide.geometry, RegisterGeometry.__supertype__)
    assert len(parting(SiteColumns.of([wide], RULES.profile).asks).apart) == 1
