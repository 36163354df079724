"""What a utility's register holds now: kilometres, how well they are known, how old, and what was declared of the ground."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from ingest import warning_text
from spatial.errors import Refused
from spatial.ground import area_km2
from spatial.inventory.figures import DECADE, DIMENSIONS, FACILITY, Figures, added
from spatial.values import Utility
from spatial.words import GroundKind
from sql.vault import DatasetRecord, DeclaredGround, RevisionRecord, Vault

UNKNOWN_OF = ("pressure_class", "diameter_mm", "cover_m", "material", DECADE, "survey_class", "pipe_kind")
MOST_REVISIONS = 5
"""Of a dataset, told on its row; `predig network list` has all."""


def utility_named(vault: Vault, code: str) -> Utility:
    """:raises Refused: `register_unknown`."""
    found = next((utility for utility in vault.utilities() if utility.code == code), None)
    if found is None:
        raise Refused.because(
            "register_unknown",
            en=f"no utility has the code {code[:60]!r}: `predig utility list` shows them",
            zh=f"没有代码为 {code[:60]!r} 的燃气企业：用 predig utility list 查看",
        )
    return found


def register_document(vault: Vault, code: str, on: date) -> dict[str, Any]:
    """JSON-ready. on: the day ages are counted to. Lengths in metres, areas in km2, shares 0 to 1 of the metres of pipe."""
    utility = utility_named(vault, code)
    revision = vault.newest_revision()
    records = vault.dataset_records(code, revision)
    figures = [vault.figures(code, record.dataset, revision) for record in records]
    whole = added(figures)
    ground = [row for row in vault.declared_ground() if row.utility == code]
    revisions = [row for row in vault.revisions() if row.utility == code and row.dataset is not None]
    areas = [row.geometry for row in ground if row.kind is GroundKind.SERVICE_AREA]
    blanks = [row.geometry for row in ground if row.kind is GroundKind.BLANK]
    return {
        "utility": utility.code,
        "name": utility.name,
        "phone": utility.phone,
        "duty_phone": utility.duty_phone,
        "on": on.isoformat(),
        "register_revision": revision,
        **_holdings(whole),
        "counts": {dimension: _counts(whole, dimension) for dimension in (FACILITY, *DIMENSIONS)},
        "service_area_km2": round(area_km2(areas[0]), 3) if areas else None,
        "coverage": [_coverage(row, on) for row in ground if row.kind is GroundKind.COVERAGE],
        "blanks": {"count": len(blanks), "km2": round(sum(map(area_km2, blanks)), 3)},
        "datasets": [
            _dataset(record, counted, revisions, on) for record, counted in zip(records, figures, strict=True)
        ],
    }


def _holdings(figures: Figures) -> dict[str, Any]:
    depth_unknown = figures.unknown_share("cover_m")
    return {
        "pipes": figures.pipes,
        "length_m": round(figures.metres, 1),
        "known_depth_share": None if depth_unknown is None else round(1.0 - depth_unknown, 4),
        "unknown_share": {
            name: share if share is None else round(share, 4)
            for name, share in ((name, figures.unknown_share(name)) for name in UNKNOWN_OF)
        },
    }


def _counts(figures: Figures, dimension: str) -> list[dict[str, Any]]:
    return [{"value": one.value, "rows": one.rows, "length_m": one.metres} for one in figures.of(dimension)]


def _coverage(row: DeclaredGround, on: date) -> dict[str, Any]:
    assert row.as_of is not None and row.pipe_kind is not None
    last = None if row.max_age_days is None else row.as_of + timedelta(days=row.max_age_days)
    return {
        "pipe_kind": row.pipe_kind.value,
        "km2": round(area_km2(row.geometry), 3),
        "as_of": row.as_of.isoformat(),
        "age_days": (on - row.as_of).days,
        "max_age_days": row.max_age_days,
        "holds_until": last and last.isoformat(),
        # Without a promised age it supports no `clear`, and neither does a hull drawn round the data.
        "in_force": last is not None and on <= last and not row.assumed,
        "assumed": row.assumed,
    }


def _dataset(
    record: DatasetRecord, figures: Figures, revisions: Sequence[RevisionRecord], on: date
) -> dict[str, Any]:
    own = [row for row in revisions if row.dataset == record.dataset][:MOST_REVISIONS]
    return {
        "dataset": record.dataset,
        "revision": record.revision,
        "data_date": record.data_date.isoformat(),
        "age_days": (on - record.data_date).days,
        "assets": record.assets,
        **_holdings(figures),
        "quarantined": record.rejected,
        "quarantined_nowhere": record.boxless_rejected,
        "warnings": _warnings(record.warnings),
        "revisions": [
            {
                "revision": row.revision,
                "kind": row.kind,
                "committed_at": row.committed_at.isoformat(),
                "added": row.added,
                "closed": row.closed,
                "quarantined": row.rejected,
            }
            for row in own
        ],
    }


def _warnings(warnings: Mapping[str, int]) -> list[dict[str, Any]]:
    texts = {code: warning_text(code) for code in warnings}
    return [
        {"code": code, "count": count, "en": texts[code][0], "zh": texts[code][1]}
        for code, count in warnings.items()
    ]
