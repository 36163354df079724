"""What only the files of an import tell, kept with the dataset: odd cells, stated lengths, the comparison.

Rejected rows are kept by themselves; all else that looks wrong is seen again in the register's own rows, at any revision.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from api.guard import Comparison
from ingest import CHECKS, Check, odd_lengths
from spatial.values import NetworkIntake


@dataclass(frozen=True, slots=True)
class Findings:
    """odd_cells: by warning code the first few, each (id of the row, the cell). changes: what it did to the dataset that
    stood; None where nothing was compared."""

    lengths: tuple[Check, ...]
    odd_cells: Mapping[str, Sequence[tuple[str, str]]]
    changes: Mapping[str, Any] | None


def findings_of(intake: NetworkIntake, comparison: Comparison | None) -> Findings:
    """comparison: with the dataset that the import replaces."""
    return Findings(
        lengths=tuple(odd_lengths(intake)),
        odd_cells={
            code: [(intake.assets[row].source_id, cell) for row, cell in cells]
            for code, cells in intake.odd_cells.items()
        },
        changes=None if comparison is None else comparison.document(listed=False),
    )


def with_findings(intake: NetworkIntake, comparison: Comparison) -> NetworkIntake:
    """The intake as it is to be stored."""
    return replace(intake, findings=document_of(findings_of(intake, comparison)))


def document_of(findings: Findings) -> dict[str, Any]:
    return {
        "lengths": [
            [check.count, list(check.examples), [list(place) for place in check.places]]
            for check in findings.lengths
        ],
        "odd_cells": {code: [list(cell) for cell in cells] for code, cells in findings.odd_cells.items()},
        "changes": findings.changes,
    }


def parse_findings(document: Mapping[str, Any]) -> Findings:
    """document_of() read again."""
    return Findings(
        lengths=tuple(
            Check(
                "length_differs",
                "warning",
                count,
                tuple(examples),
                *CHECKS["length_differs"],
                places=tuple((lon, lat) for lon, lat in places),
            )
            for count, examples, places in document["lengths"]
        ),
        odd_cells={
            code: [(row, cell) for row, cell in cells] for code, cells in document["odd_cells"].items()
        },
        changes=document["changes"],
    )
