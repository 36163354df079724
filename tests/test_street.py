"""docs/street.md says what the product says: each case has the grade and the reasons it is there to show."""

from pathlib import Path

import pytest

from bench.street import CASES, PAGE, Case, judged, page

GRADES = {
    "base": "III", "doubt": "I", "class": "II", "diameter": "III", "footprint": "I", "crossing": "I", "above": "II",
    "ends": "I", "support": "III", "act": "I", "blast": "III", "local": "II", "bore": "II",
}  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_case_shows_what_it_is_there_for(case: Case) -> None:
    _, screening = judged(case)
    assert screening.document["grade"] == GRADES[case.name]
    said = {reason["code"] for row in screening.document["conflicts"] for reason in row["reasons"]}
    assert set(case.notes) <= said


def test_the_page_is_what_the_product_says_now() -> None:
    """`python -m bench.street` writes it anew."""
    root = Path(__file__).parent.parent
    assert (root / PAGE).read_text(encoding="utf-8") == page([(case, judged(case)[1]) for case in CASES])
    assert all((root / "docs" / "pictures" / "street" / f"{case.name}.png").stat().st_size for case in CASES)
