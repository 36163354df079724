"""`python -m bench.inventory [PIPES]`: what the register page and a quality report cost as a register grows.

One province, imported past the dock; then the figures counted for the first time and told again, the whole document of
the page, and the report of all that stands, drawn as one page.
"""

import json
import resource
import sys

from api.quality.register import register_document
from api.quality.reports import revision_report
from api.settings import today
from bench.province import make_network
from bench.ratios import rounded, seconds_of
from bench.register import DATASET_PIPES, province_register
from ingest import load_profile
from maps.quality.map import quality_html

PIPES = 45_000


def main(pipes: int = PIPES) -> int:
    """One JSON object on stdout."""
    profile, _ = load_profile("cn-gb55009")
    with province_register(make_network(pipes), profile) as register:
        vault = register.vault
        revision = vault.newest_revision()
        first_s, _ = seconds_of(lambda: vault.figures("BENCH", "province", revision))
        kept_s, _ = seconds_of(lambda: vault.figures("BENCH", "province", revision))
        page_s, told = seconds_of(lambda: register_document(vault, "BENCH", today()))
        read_s, view = seconds_of(lambda: revision_report(vault, 1))
        draw_s, html = seconds_of(lambda: quality_html(view, "zh"))
    print(
        json.dumps(
            {
                "pipes": told["pipes"],
                "of_a_dataset": min(pipes, DATASET_PIPES),
                "km": round(told["length_m"] / 1000),
                "import_s": rounded(register.import_s),
                "figures_first_s": rounded(first_s),
                "figures_kept_s": rounded(kept_s),
                "register_document_s": rounded(page_s),
                "report_read_and_checked_s": rounded(read_s),
                "report_drawn_s": rounded(draw_s),
                "report_mb": round(len(html.encode()) / 1e6, 2),
                "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2])))
