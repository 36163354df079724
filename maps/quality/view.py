"""What a quality report shows: plain values, whoever found them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from spatial.asset_table import AssetTable
from spatial.inventory.figures import Figures
from spatial.values import Box

Pair = tuple[str, str]
"""(English, Chinese)."""


@dataclass(frozen=True, slots=True)
class ToldCheck:
    """count: rows; says: what follows the number; examples: ids, or `id: cell`; places: lon/lat EPSG:4490."""

    code: str
    severity: str
    count: int
    says: Pair
    examples: Sequence[str]
    places: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class ToldRow:
    """A rejected row. says: why, and what to do."""

    number: int
    source_id: str | None
    code: str
    says: Pair
    box: Box | None


@dataclass(frozen=True, slots=True)
class QualityView:
    """A dataset after one import, or a file before it (revision None).

    kind: `network`, `rollback`, or `file`. received == accepted + rejected. changes: added, changed, removed, unchanged
    as far as known; None where nothing was compared. rejected_rows: as far as they were kept, never more than `rejected`.
    complete: False where the import was before findings were kept: then rejected rows and odd cells are counted only.
    """

    utility: str
    utility_name: str
    dataset: str
    kind: str
    revision: int | None
    committed_on: date | None
    data_date: date | None
    received: int
    rejected: int
    changes: Mapping[str, int] | None
    crs: str
    operation: str
    operation_accuracy_m: float
    sources: Sequence[tuple[str, str]]
    checks: Sequence[ToldCheck]
    rejected_rows: Sequence[ToldRow]
    complete: bool
    served: bool
    assets: AssetTable
    figures: Figures

    @property
    def accepted(self) -> int:
        return len(self.assets)

    def document(self) -> dict[str, Any]:
        """As JSON tells it: everything but the shapes."""
        return {
            "utility": self.utility,
            "dataset": self.dataset,
            "kind": self.kind,
            "revision": self.revision,
            "committed_on": self.committed_on and self.committed_on.isoformat(),
            "data_date": self.data_date and self.data_date.isoformat(),
            "received": self.received,
            "accepted": self.accepted,
            "quarantined": self.rejected,
            "changes": self.changes,
            "crs": self.crs,
            "operation": self.operation,
            "operation_accuracy_m": self.operation_accuracy_m,
            "sources": [{"name": name, "sha256": sha256} for name, sha256 in self.sources],
            "findings_kept": self.complete,
            "checks": [
                {
                    "code": check.code,
                    "severity": check.severity,
                    "count": check.count,
                    "en": check.says[0],
                    "zh": check.says[1],
                    "examples": list(check.examples),
                    "places": [list(place) for place in check.places],
                }
                for check in self.checks
            ],
            "quarantined_rows": [
                {
                    "row": row.number,
                    "source_id": row.source_id,
                    "code": row.code,
                    "en": row.says[0],
                    "zh": row.says[1],
                    "box": row.box and list(row.box),
                }
                for row in self.rejected_rows
            ],
            "pipes": self.figures.pipes,
            "length_m": round(self.figures.metres, 1),
            "figures": [
                {"of": count.dimension, "value": count.value, "rows": count.rows, "length_m": count.metres}
                for count in self.figures.counts
            ],
        }
