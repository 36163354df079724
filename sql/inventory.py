"""What a dataset holds, as the vault tells it: for the register's page and for quality reports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from shapely.geometry import MultiPolygon

from spatial.asset_table import AssetTable
from spatial.inventory.figures import Figures


@dataclass(frozen=True, slots=True)
class DatasetRecord:
    """A dataset as it was accepted. revision: from which on it is this. received, warnings, sources: of the files.

    boxless_rejected: rejected rows without even a box that nobody has confirmed. findings: what its import found that no
    row of the register tells; None of imports before that was kept.
    """

    utility: str
    dataset: str
    revision: int
    data_date: date
    received: int
    rejected: int
    boxless_rejected: int
    assets: int
    length_m: float
    crs: str
    operation: str
    operation_accuracy_m: float
    sources: Sequence[tuple[str, str]]
    warnings: Mapping[str, int]
    findings: Mapping[str, Any] | None


class Inventory(Protocol):
    """Reads of sql.vault. revision: of the register; refused (`revision_unknown`) when there is none such."""

    def dataset_records(self, utility: str, revision: int) -> tuple[DatasetRecord, ...]:
        """All datasets of a utility that stood then, by name."""
        ...

    def figures(self, utility: str, dataset: str, revision: int) -> Figures:
        """What stood then, counted; kept from the first time on, since it never changes."""
        ...

    def dataset_assets(self, utility: str, dataset: str, revision: int) -> AssetTable:
        """All that stood then, with shapes: it is held in memory, some 1 kB a row. For the owner's eyes only."""
        ...

    def service_area(self, utility: str, revision: int) -> MultiPolygon | None:
        """Where a utility had said by then that it may own pipes; None when it never had."""
        ...
