"""Registered grids, kept by the twin. Not safe between threads by itself: the vault locks."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from sql.records import GridRecord


@dataclass(slots=True)
class Grids:
    kept: list[GridRecord] = field(default_factory=list)

    def keep(self, name: str, *, kind: str, source: str, accuracy_m: float, sealed: str) -> int:
        before = self.newest(name)
        version = 1 if before is None else before.version + 1
        self.kept.append(GridRecord(name, version, kind, source, accuracy_m, datetime.now(UTC), sealed))
        return version

    def newest(self, name: str) -> GridRecord | None:
        return max((one for one in self.kept if one.name == name), key=lambda one: one.version, default=None)

    def all(self) -> tuple[GridRecord, ...]:
        return tuple(sorted(self.kept, key=lambda one: (one.name, -one.version)))
