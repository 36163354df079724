"""What a dataset holds, by the twin: counted from the assets themselves, anew each time."""

from datetime import date

from shapely.geometry import MultiPolygon

from spatial.asset_table import AssetTable
from spatial.inventory.figures import Figures, figures_of
from spatial.words import GroundKind
from sql.inventory import DatasetRecord
from sql.memory.versions import Register


class Inventory:
    """The part of MemoryVault that sql.inventory describes."""

    _register: Register

    def dataset_records(self, utility: str, revision: int) -> tuple[DatasetRecord, ...]:
        at = self._register.settled(revision)
        stood = [one for one in self._register.datasets if one.utility == utility and one.lived.at(at)]
        return tuple(
            DatasetRecord(
                utility=one.utility,
                dataset=one.dataset,
                revision=one.lived.valid_from,
                data_date=date.fromisoformat(one.state["data_date"]),
                sources=[tuple(source) for source in one.state["sources"]],
                **{name: one.state[name] for name in _AS_THEY_STAND},
            )
            for one in sorted(stood, key=lambda one: one.dataset)
        )

    def figures(self, utility: str, dataset: str, revision: int) -> Figures:
        return figures_of(self.dataset_assets(utility, dataset, revision))

    def dataset_assets(self, utility: str, dataset: str, revision: int) -> AssetTable:
        at = self._register.settled(revision)
        stood = [
            version
            for version in self._register.assets
            if (version.utility, version.dataset) == (utility, dataset) and version.lived.at(at)
        ]
        return AssetTable.of(
            [version.asset for version in sorted(stood, key=lambda version: version.asset_id)]
        )

    def service_area(self, utility: str, revision: int) -> MultiPolygon | None:
        at = self._register.settled(revision)
        said = [
            version.row.geometry
            for version in self._register.ground
            if (version.row.utility, version.row.kind) == (utility, GroundKind.SERVICE_AREA.value)
            and version.lived.at(at)
        ]
        return said[0] if said else None


_AS_THEY_STAND = (
    "received",
    "rejected",
    "boxless_rejected",
    "assets",
    "length_m",
    "crs",
    "operation",
    "operation_accuracy_m",
    "warnings",
    "findings",
)
