"""The second net knows what depth relieves: brute force and judgement agree on random bores and trenches."""

from collections import Counter
from pathlib import Path

from api.evidence.brute_force import expected_conflicts
from bench.oracle3d import laid
from bench.scenes3d import DAY, places
from ingest import load_profile
from spatial.screening import query_boxes, screen_each


def test_brute_force_agrees_on_grades_that_depth_relieves(tmp_path: Path) -> None:
    profile, _ = load_profile("cn-gb55009")
    vault, sites = laid(places(20_261_129, 200), profile, tmp_path)
    found = vault.find([query_boxes(site, profile) for site in sites])
    screenings = screen_each(sites, found, profile, on=DAY, ends_on=[None] * len(sites))
    relieved: Counter[str] = Counter()
    asked = [(site, profile) for site in sites]
    of_sites = expected_conflicts(vault, asked, vault.newest_revision())
    for site, screening, expected in zip(sites, screenings, of_sites, strict=True):
        told = {str(row["pipe_id"]): row for row in screening.conflicts}
        assert {pipe for pipe, row in expected.items() if row.must} <= told.keys() <= expected.keys()
        for pipe, row in told.items():
            assert row["grade"] in expected[pipe].grades, (
                site.feature_id,
                pipe,
                row["grade"],
                expected[pipe],
            )
            if row["clearance_m"] <= row["uncertainty_m"] and expected[pipe].grades[0] == "II":
                relieved["bore" if site.bore else "trench"] += 1
    # Else this would show nothing.
    assert min(relieved["bore"], relieved["trench"]) >= 10, relieved
