"""Plans of every kind are judged as their GeoJSON twins are, within 1 mm; `make roundtrips` has more programs, and the walls."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from bench.roundtrips.plans import CRS, PIT, Plan, apart, area, placed, twin_file
from bench.roundtrips.plans_by_hand import by_dialects, by_ezdxf, by_tables
from ingest.plans import foreign
from ingest.sandbox.tasks import plan as understand


def here(task: str, files: Sequence[Path], options: Mapping[str, Any], limits: Any) -> Any:
    """What the process behind the walls would say: a second each is for the tests of the walls."""
    return json.loads(json.dumps(understand(files, options)))


def test_every_plan_is_judged_as_its_twin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign, "read_apart", here)
    plans = [*by_ezdxf(tmp_path), *by_tables(tmp_path), *by_dialects(tmp_path)]
    assert len(plans) == 24
    found = {f"{plan.tool} {plan.what}": apart(plan, tmp_path) for plan in plans}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_a_twin_that_lies_2_mm_off_is_told(tmp_path: Path) -> None:
    moved = area([[x + 0.002, y] for x, y in placed(PIT)])
    plan = Plan("none", "GeoJSON", twin_file(tmp_path / "moved.geojson", [moved]), CRS, [area(placed(PIT))])
    assert any("2.00 mm apart" in line for line in apart(plan, tmp_path))
