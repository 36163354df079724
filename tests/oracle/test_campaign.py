"""A tenth of the oracle campaign at every test run; `make oracle` runs all 20,000 pairs."""

from bench.oracle import run
from tests.conftest import VaultUrls
from tests.support.builders import make_profile

PAIRS = 2_000


def test_every_path_and_every_judge_agree(vault_urls: VaultUrls) -> None:
    report = run(7, PAIRS, vault_urls.owner, vault_urls.app, make_profile())
    print("\n".join(report.lines()))
    assert report.differences == []
    assert report.pairs == PAIRS
    assert report.conflicts > PAIRS // 2
    assert 0 < report.worst_geodesic_mm < 1.0
    assert report.too_near_to_tell < PAIRS // 500
