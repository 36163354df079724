"""What an upload asks for: the words of `predig network import`, as a form can say them."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from api.guard import Confirmed
from api.register import CoverageWish, NetworkSource, coverage_wish
from ingest import Limits, Reading, parse_mapping
from ingest.files.shapefiles import SHAPEFILE_PARTS
from spatial.crs import Grid
from spatial.errors import Refused


@dataclass(frozen=True, slots=True)
class Wish:
    """Each as the option of that name; mapping: the text of the map file; encoding: of what does not say its own, as the map
    may say it too."""

    utility: str
    dataset: str
    crs: str | None = None
    id_field: str | None = None
    mapping: str | None = None
    encoding: str | None = None
    layer: tuple[str, ...] = ()
    units: str | None = None
    changes: str | None = None
    coverage: str | None = None
    max_age_days: int | None = None
    confirm_rejected: int = 0
    confirm_loss: int = 0
    confirm_shift: int = 0
    confirm_unreadable: int = 0
    dry_run: bool = False

    def document(self) -> dict[str, Any]:
        """JSON-ready, for parse()."""
        return asdict(self)

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> "Wish":
        return cls(**{**document, "layer": tuple(document["layer"])})

    @property
    def confirmed(self) -> Confirmed:
        return Confirmed(self.confirm_loss, self.confirm_shift)

    def covered(self) -> CoverageWish | None:
        """:raises Refused: hull_unreadable, coverage_not_hull."""
        wish = coverage_wish(self.coverage, self.max_age_days)
        if wish is not None and wish.file is not None:
            raise Refused.because(
                "coverage_not_hull",
                en=f"coverage {self.coverage!r}: an upload takes hull:M only, for example hull:50; declare a polygon with "
                "`predig coverage set`",
                zh=f"coverage {self.coverage!r}：上传时只能写 hull:M，例如 hull:50；面范围请用 predig coverage set 申明",
                pointer="/coverage",
            )
        return wish

    def source(self, folder: Path, names: list[str], crs: str | Grid | None, limits: Limits) -> NetworkSource:
        """The files in a folder, and how to read them: behind walls, within `limits`. crs: what `crs` means here. :raises Refused: a map that
        cannot be read."""
        return NetworkSource(
            files=tuple(folder / name for name in named_files(names)),
            crs=crs,
            id_field=self.id_field,
            mapping=parse_mapping(text) if (text := self._map()) is not None else None,
            reading=Reading(
                layers=self.layer, units=self.units, confirmed_unreadable=self.confirm_unreadable
            ),
            change_field=self.changes,
            apart=limits,
        )

    def _map(self) -> str | None:
        if self.encoding is None:
            return self.mapping
        return f"encoding = {json.dumps(self.encoding)}\n" + (self.mapping or "")


def named_files(names: list[str]) -> list[str]:
    """Those that a command would name: of a Shapefile its .shp alone, since its other parts lie beside it."""
    mains = {Path(name).stem for name in names if name.lower().endswith(".shp")}
    return [
        name
        for name in names
        if Path(name).stem not in mains or Path(name).suffix.lower() not in SHAPEFILE_PARTS[1:]
    ]
