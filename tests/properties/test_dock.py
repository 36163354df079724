"""The laws of the mind on what people really send: rows of a register and features of a plan, through the dock.

What a law leaves out, the design says. Where nothing is said, a profile's stand-in is taken, and what is known here is
no wider than that stands for: a half width of 1.5 m, walls of 1:1.5, a position of 2 m (the 0.10 h of a survey, down to
14 m), a tool that strays a tenth of its depth, a strip within 1 m of the edge.
"""

import json
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.scenes import assets_of, pieces_of
from ingest import read_network
from spatial.found import Assets, ObjectArray, Pieces
from spatial.judging.judge import Conflicts, judge
from spatial.judging.sections import Section, sections_of
from spatial.rules.profile import STRICTNESS, RuleProfile
from spatial.values import CHINA, Asset, DigSite
from spatial.words import Grade, PressureClass, SitePart
from tests.ingest.dock import ON, PROFILE, collection, plan
from tests.properties.counting import Count, in_batches_of

pytestmark = pytest.mark.property

PLACES, SITES_EACH, PIPES_EACH = 20, 2, 5
BATCH = PLACES * SITES_EACH * PIPES_EACH
GRADES = list(Grade)
E, N, APART_M = 440_000.0, 4_053_000.0, 2_000.0
"""EPSG:4543."""

Row = dict[str, Any]
seeds = st.integers(0, 2**32 - 1)


@dataclass(frozen=True)
class Town:
    """Properties of the pipes' rows and of the plan's features, each with the vertices it is drawn by."""

    pipes: list[Row]
    sites: list[Row]


def drawn(seed: int) -> Town:
    """A trench or a bore or two at each place, and pipes near them: every depth, doubt, survey and section."""
    rng = np.random.default_rng(seed)
    town = Town([], [])
    for place in range(PLACES):
        centre = np.array([E + APART_M * place, N])
        for _ in range(PIPES_EACH):
            heading = rng.uniform(0, 2 * np.pi)
            along, across = (
                np.array([np.cos(heading), np.sin(heading)]),
                np.array([-np.sin(heading), np.cos(heading)]),
            )
            middle = centre + across * rng.normal(0, 6) + along * rng.normal(0, 5)
            ends = [middle - along * rng.uniform(2, 40), middle, middle + along * rng.uniform(2, 40)]
            town.pipes.append({"vertices": bent(ends, rng), **pipe_row(rng)})
        for _ in range(SITES_EACH):
            heading = rng.uniform(0, 2 * np.pi)
            along = np.array([np.cos(heading), np.sin(heading)]) * rng.uniform(3, 30)
            line = bent([centre - along, centre + rng.normal(0, 2, 2), centre + along], rng)
            town.sites.append({"vertices": line, **(bore_row if rng.random() < 0.35 else trench_row)(rng)})
    return town


def bent(ends: Sequence[np.ndarray], rng: np.random.Generator) -> list[list[float]]:
    return [np.round(end + rng.normal(0, 0.5, 2), 3).tolist() for end in ends]


def maybe(rng: np.random.Generator, share: float, value: Any) -> Any:
    return value if rng.random() < share else None


def two(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.round(rng.uniform(low, high), 2))


def pipe_row(rng: np.random.Generator) -> Row:
    """As a file with all our columns states it. What a utility states of a doubt stands where no class does."""
    survey = maybe(rng, 0.6, ("hidden", "exposed", "ql-a", "ql-b")[int(rng.integers(4))])
    cover = two(rng, 0.8, 3.5)
    year = int(rng.integers(2003, 2025))
    return {
        "pressure_class": maybe(rng, 0.85, list(PressureClass)[int(rng.integers(5))].value),
        "diameter_mm": maybe(rng, 0.85, float(rng.integers(30, 400))),
        "cover_m": maybe(rng, 0.9, cover),
        "cover_end_m": maybe(rng, 0.9, cover if rng.random() < 0.6 else two(rng, 0.8, 3.5)),
        "cover_to": maybe(rng, 0.9, ("top", "top", "centre", "bottom")[int(rng.integers(4))]),
        "cover_profiled": maybe(rng, 0.85, "yes"),
        "survey_class": survey,
        "uncertainty_m": None if survey else maybe(rng, 0.5, two(rng, 0.05, 2.0)),
        "depth_uncertainty_m": None if survey else maybe(rng, 0.7, two(rng, 0.02, 0.5)),
        "laid_on": maybe(rng, 0.6, f"{year - int(rng.integers(0, 12))}-05-01"),
        "surveyed_on": maybe(rng, 0.7, f"{year}-05-01"),
        "resurfaced_on": maybe(rng, 0.15, f"{int(rng.integers(1998, 2025))}-08-01"),
        "ground_change_m": maybe(rng, 0.9, 0.0 if rng.random() < 0.7 else two(rng, -0.4, 0.4)),
    }


def trench_row(rng: np.random.Generator) -> Row:
    shored = rng.random() < 0.3
    about = {
        "act": "excavate" if rng.random() < 0.6 else "lay_pipe",
        "method": maybe(rng, 0.9, ("hand", "vacuum", "mechanical")[int(rng.integers(3))]),
        "bottom_width_m": maybe(rng, 0.8, two(rng, 0.3, 2.0)),
        "depth_m": maybe(rng, 0.9, two(rng, 0.3, 3.5)),
        "slope": None if shored else maybe(rng, 0.7, two(rng, 0.0, 1.5)),
        "shored": True if shored else maybe(rng, 0.3, False),
        "depth_uncertainty_m": maybe(rng, 0.7, two(rng, 0.0, 0.3)),
    }
    if rng.random() < 0.3:
        strip = {"side": "left" if rng.random() < 0.5 else "right", "width_m": two(rng, 1.0, 4.0)}
        about["spoil"] = strip | ({"offset_m": two(rng, 0.0, 1.0)} if rng.random() < 0.7 else {})
    return {name: value for name, value in about.items() if value is not None}


def bore_row(rng: np.random.Generator) -> Row:
    depths = [two(rng, 0.5, 6.0) for _ in range(3)]
    path = {
        "depths_m": depths,
        "diameter_mm": maybe(rng, 0.8, float(rng.integers(60, 800))),
        "plan_accuracy_m": maybe(rng, 0.8, two(rng, 0.05, 0.3)),
        "depth_accuracy_m": maybe(rng, 0.8, two(rng, 0.05, 0.3)),
    }
    return {
        "act": "bore",
        "method": "trenchless",
        "bore": {name: value for name, value in path.items() if value is not None},
    }


# -- through the dock


@dataclass(frozen=True)
class Judged:
    sites: tuple[DigSite, ...]
    found: Conflicts
    sections: dict[str, tuple[Section, ...]]
    rows: dict[tuple[str, str], int]
    """(feature id, source id) -> row of found."""


def place_of(name: str, each: int) -> int:
    return int(name.split("/")[0][1:]) // each


def taken_in(town: Town, folder: Path) -> tuple[tuple[DigSite, ...], Pieces]:
    sites = plan(
        collection(
            *(lined(f"S{number}", row) for number, row in enumerate(town.sites)),
        )
    )
    file = folder / "pipes.geojson"
    file.write_text(
        json.dumps(collection(*(lined(f"P{number}", row) for number, row in enumerate(town.pipes))))
    )
    intake = read_network(
        [file], crs="EPSG:4543", id_field="id", mapping=None, extent=CHINA, profile=PROFILE, on=ON
    )
    assert len(intake.assets) == len(town.pipes) and not intake.rejected
    shapes: ObjectArray = np.array([asset.geometry for asset in intake.assets], dtype=object)
    of_site = np.array([place_of(site.feature_id, SITES_EACH) for site in sites])
    of_pipe = np.array([place_of(asset.source_id, PIPES_EACH) for asset in intake.assets])
    site, asset = np.nonzero(of_site[:, None] == of_pipe[None])
    return sites, pieces_of(shapes, columns(intake.assets), site, asset)


def lined(name: str, row: Row) -> dict[str, Any]:
    about = {key: value for key, value in row.items() if key != "vertices"}
    return {
        "type": "Feature",
        "properties": {"id": name, **about},
        "geometry": {"type": "LineString", "coordinates": row["vertices"]},
    }


def columns(assets: Sequence[Asset]) -> Assets:
    def metres(of: Callable[[Asset], float | None]) -> np.ndarray:
        return np.array([of(asset) for asset in assets], dtype=np.float64)

    return assets_of(
        [asset.pressure_class for asset in assets],
        metres(lambda asset: asset.diameter_mm),
        metres(lambda asset: asset.uncertainty_m),
        source_id=[asset.source_id for asset in assets],
        cover_m=metres(lambda asset: asset.cover_m),
        cover_most_m=metres(lambda asset: asset.greatest_cover_m),
        profiled=np.array([asset.profiled for asset in assets]),
        depth_uncertainty_m=metres(lambda asset: asset.depth_uncertainty_m),
    )


def judged(town: Town, folder: Path, profile: RuleProfile = PROFILE) -> Judged:
    return judge_all(*taken_in(town, folder), profile)


def judge_all(sites: tuple[DigSite, ...], pieces: Pieces, profile: RuleProfile) -> Judged:
    found = judge(sites, pieces, profile)
    stretches = sections_of(sites, found, pieces.assets, profile)
    names = [(sites[site].feature_id, str(pieces.assets.source_id[asset])) for site, asset in pairs(found)]
    return Judged(
        sites,
        found,
        {site.feature_id: of_site for site, of_site in zip(sites, stretches, strict=True)},
        {name: row for row, name in enumerate(names)},
    )


def pairs(found: Conflicts) -> list[tuple[int, int]]:
    return list(zip(found.site.tolist(), found.asset.tolist(), strict=True))


# -- never milder


@dataclass
class Seen:
    """How much of what a law compares was there to compare."""

    pairs: int = 0
    worse: int = 0
    unsaid: int = 0
    relieved: int = 0


def never_milder(before: Judged, after: Judged, seen: Seen, what: str) -> None:
    narrower = narrowed(before, after)
    seen.unsaid += len(narrower)
    for name, row in before.rows.items():
        if name[0] in narrower:
            continue
        assert name in after.rows, (what, name)
        now = after.rows[name]
        seen.pairs += 1
        seen.relieved += bool(before.found.relieved[row])
        grade, then = GRADES.index(after.found.grade[now]), GRADES.index(before.found.grade[row])
        seen.worse += grade < then
        # A band wider than the zone is II, whatever it touches (design 6).
        most = 1 if after.found.uncertainty_m[now] > after.found.control_m[now] else 0
        assert grade <= max(then, most), (what, name)
        assert strictness(after, now) <= strictness(before, row), (what, name)
        assert after.found.relieved[now] <= before.found.relieved[row], (what, name)
    for name, known in before.sections.items():
        if name not in narrower:
            no_shorter(known, after.sections[name], (what, name))


def narrowed(before: Judged, after: Judged) -> set[str]:
    """What is opened less wide once less is known of it: its width is then said to be unknown, and it never clear."""
    now = {site.feature_id: site for site in after.sites}
    less = {
        site.feature_id: now[site.feature_id]
        for site in before.sites
        if now[site.feature_id].half_width_m < site.half_width_m
    }
    assert not any(site.half_width_known for site in less.values() if site.part is SitePart.OPENED)
    # A strip lies beside the trench as opened: where that changes, so does where it lies.
    moved = {
        site.feature_id
        for site in before.sites
        if site.of_feature in less or now[site.feature_id].geometry != site.geometry
    }
    return less.keys() | moved


def strictness(of: Judged, row: int) -> int:
    return STRICTNESS[of.found.ruling[row].requirement]


def no_shorter(known: tuple[Section, ...], vague: tuple[Section, ...], about: object) -> None:
    """Each place of a line is held as gravely as before."""
    for one in known:
        for share in (0.02, 0.5, 0.98):
            at = one.from_m + share * (one.to_m - one.from_m)
            there = next(other for other in vague if other.from_m <= at <= other.to_m)
            assert requirement(there) <= requirement(one), about
            assert there.hand_dig >= one.hand_dig, about
            assert (there.grade is None) <= (one.grade is None), about
    assert held_m(vague) >= held_m(known) - 0.001, about


def requirement(section: Section) -> int:
    return len(STRICTNESS) if section.requirement is None else STRICTNESS[section.requirement]


def held_m(of_site: tuple[Section, ...]) -> float:
    return sum(one.to_m - one.from_m for one in of_site if one.grade is not None)


Change = Callable[[Town, np.ndarray, np.ndarray], None]
"""The town to change, and which of its pipes and of its sites."""


def forget_of_pipes(*names: str) -> Change:
    def forget(town: Town, pipes: np.ndarray, _: np.ndarray) -> None:
        for number in pipes:
            town.pipes[number].update(dict.fromkeys(names))

    return forget


def forget_of_sites(*names: str) -> Change:
    def forget(town: Town, _: np.ndarray, sites: np.ndarray) -> None:
        for number in sites:
            for name in names:
                town.sites[number].pop(name, None)

    return forget


def of_bores(name: str) -> Change:
    def forget(town: Town, _: np.ndarray, sites: np.ndarray) -> None:
        for number in sites:
            town.sites[number].get("bore", {}).pop(name, None)

    return forget


def shallower_end(town: Town, pipes: np.ndarray, _: np.ndarray) -> None:
    """A depth at one end stands for both in the 0.10 h of a survey, so that the deeper one doubts more."""
    for number in pipes:
        row = town.pipes[number]
        ends = {name: row[name] for name in ("cover_m", "cover_end_m") if row[name] is not None}
        if ends:
            row[min(ends, key=lambda name: ends[name])] = None


def older_survey(town: Town, pipes: np.ndarray, _: np.ndarray) -> None:
    for number in pipes:
        row = town.pipes[number]
        row["laid_on"] = None
        if row["surveyed_on"]:
            row["surveyed_on"] = f"{int(row['surveyed_on'][:4]) - 12}-05-01"


def road_rebuilt(town: Town, pipes: np.ndarray, _: np.ndarray) -> None:
    for number in pipes:
        town.pipes[number]["resurfaced_on"] = "2026-04-01"


def ground_changed(town: Town, pipes: np.ndarray, _: np.ndarray) -> None:
    for number in pipes:
        so_far = town.pipes[number]["ground_change_m"]
        if so_far is not None:
            town.pipes[number]["ground_change_m"] = so_far + (0.5 if so_far >= 0 else -0.5)


LESS: dict[str, Change] = {
    **{
        f"the pipe's {name}": forget_of_pipes(name)
        for name in (
            *("pressure_class", "diameter_mm", "cover_to", "cover_profiled"),
            *("survey_class", "uncertainty_m", "depth_uncertainty_m", "laid_on", "surveyed_on"),
            "ground_change_m",
        )
    },
    "the shallower end": shallower_end,
    "both ends": forget_of_pipes("cover_m", "cover_end_m"),
    "all of its survey": forget_of_pipes("survey_class", "surveyed_on", "laid_on"),
    "how it lies": forget_of_pipes("cover_m", "cover_end_m", "cover_to", "diameter_mm"),
    "an older survey": older_survey,
    "a road rebuilt": road_rebuilt,
    "ground that changed": ground_changed,
    **{
        f"the dig's {name}": forget_of_sites(name)
        for name in ("bottom_width_m", "slope", "shored", "depth_m", "depth_uncertainty_m", "method")
    },
    "the section": forget_of_sites("bottom_width_m", "slope", "shored"),
    **{f"the bore's {name}": of_bores(name) for name in ("plan_accuracy_m", "depth_accuracy_m")},
    "all of the tool": lambda town, pipes, sites: (
        [
            of_bores(name)(town, pipes, sites)
            for name in ("plan_accuracy_m", "depth_accuracy_m", "diameter_mm")
        ]
        and None
    ),
}


def some(rng: np.random.Generator, rows: list[Row], share: float) -> np.ndarray:
    return np.flatnonzero(rng.random(len(rows)) < share)


def test_forgetting_what_a_file_said_never_judges_milder(tmp_path: Path) -> None:
    count, seen = Count(), Seen()

    @in_batches_of(BATCH)
    @given(seeds, st.sampled_from(sorted(LESS)), st.floats(0.3, 1.0))
    def less(seed: int, what: str, share: float) -> None:
        rng = np.random.default_rng(seed)
        known = drawn(seed)
        vague = deepcopy(known)
        LESS[what](vague, some(rng, vague.pipes, share), some(rng, vague.sites, share))
        count.cases += BATCH
        never_milder(judged(known, tmp_path), judged(vague, tmp_path), seen, what)

    less()
    count.enough()
    print(seen)
    assert seen.worse > 50 and seen.relieved > 50 and seen.pairs > 2_000


# -- a trench that opens more


def more(name: str, by: float) -> Change:
    def changed(town: Town, _: np.ndarray, sites: np.ndarray) -> None:
        for number in sites:
            if isinstance(town.sites[number].get(name), float):
                town.sites[number][name] = round(town.sites[number][name] + by, 3)

    return changed


def no_longer_shored(town: Town, _: np.ndarray, sites: np.ndarray) -> None:
    for number in sites:
        if town.sites[number].get("shored"):
            town.sites[number].update(shored=False, slope=0.5)


MORE: dict[str, Callable[[float], Change]] = {
    "deeper": lambda by: more("depth_m", by),
    "wider": lambda by: more("bottom_width_m", by),
    "flatter": lambda by: more("slope", by),
    "no longer shored": lambda _: no_longer_shored,
}


def test_a_deeper_wider_or_flatter_trench_is_never_farther_from_a_pipe(tmp_path: Path) -> None:
    count, seen = Count(), Seen()
    nearer = 0

    @in_batches_of(BATCH)
    @given(seeds, st.sampled_from(sorted(MORE)), st.floats(0.05, 4.0))
    def opened_more(seed: int, what: str, by: float) -> None:
        nonlocal nearer
        little = drawn(seed)
        for site in little.sites:
            site.pop("spoil", None)  # it would move out with the edge
        much = deepcopy(little)
        MORE[what](by)(much, np.arange(0), np.arange(len(much.sites)))
        before, after = judged(little, tmp_path), judged(much, tmp_path)
        count.cases += BATCH
        never_milder(before, after, seen, what)
        assert not narrowed(before, after)
        for name, row in before.rows.items():
            now = after.found.clearance_m[after.rows[name]]
            assert now <= before.found.clearance_m[row]
            nearer += now < before.found.clearance_m[row]

    opened_more()
    count.enough()
    print(seen, nearer)
    assert nearer > 500 and seen.worse > 50


# -- what a place has published


def test_a_countys_own_widths_never_judge_milder(tmp_path: Path) -> None:
    from ingest import load_profile

    count, seen = Count(), Seen()
    wider = {
        name: load_profile(f"cn-gb55009+{name}")[0] for name in ("qingdao", "shanghai", "xianyang", "datong")
    }
    wider["two of them"] = load_profile("cn-gb55009+qingdao+datong")[0]

    @in_batches_of(BATCH)
    @given(seeds, st.sampled_from(sorted(wider)))
    def over(seed: int, name: str) -> None:
        sites, pieces = taken_in(drawn(seed), tmp_path)
        count.cases += BATCH
        never_milder(judge_all(sites, pieces, PROFILE), judge_all(sites, pieces, wider[name]), seen, name)

    over()
    count.enough()
    print(seen)
    assert seen.worse > 50
