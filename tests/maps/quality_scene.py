"""A quality report's view without a database or a file: some pipes, some doubts, some rows that were refused."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import shapely

from maps.quality.view import QualityView, ToldCheck, ToldRow
from spatial.asset_table import ATTRIBUTES, AssetTable
from spatial.columns import Coded
from spatial.inventory.figures import figures_of
from spatial.values import UncertaintyTerm
from spatial.words import AssetKind, PipeKind, PressureClass
from tests.support.builders import XINING, laid

CLASSES = (PressureClass.LP, PressureClass.MP_A, PressureClass.HP_A, None)


def table(pipes: int = 40, text: str = "PE100", *, points: int = 3) -> AssetTable:
    """Pipes side by side of all classes, and a valve. text: what the utility writes in its own words."""
    along = np.linspace(-40.0, 40.0, points)
    shapes = [
        laid(shapely.MultiLineString([[(x, 5.0 * row + 0.3 * np.sin(x)) for x in along]]))
        for row in range(pipes)
    ]
    shapes.append(laid(shapely.Point(0, -20)))
    rows = len(shapes)
    doubt = (UncertaintyTerm("pipe_default", 2.0, "PREDIG", False),)
    values: dict[str, Sequence[Any]] = dict.fromkeys(ATTRIBUTES, [None] * rows) | {
        "kind": [AssetKind.PIPE] * pipes + [AssetKind.VALVE],
        "pressure_class": [CLASSES[row % 4] for row in range(rows)],
        "diameter_mm": [(63.0, 110.0, 250.0, None)[row % 4] for row in range(rows)],
        "cover_m": [(0.2, 1.0, None, 1.4)[row % 4] for row in range(rows)],
        "material": [(text, "steel", None)[row % 3] for row in range(rows)],
        "survey_class": [(text, None)[row % 2] for row in range(rows)],
        "laid_on": [(date(1988, 5, 1), date(2012, 5, 1), None)[row % 3] for row in range(rows)],
        "pipe_kind": [PipeKind.MAIN] * rows,
        "uncertainty": [doubt] * rows,
        "profiled": [False] * rows,
        "depth_uncertainty": [()] * rows,
    }
    wkb = np.empty(rows, dtype=object)
    wkb[:] = shapely.to_wkb(np.array(shapes, dtype=object), byte_order=1, output_dimension=2)
    return AssetTable(
        [f"{text} {row}" for row in range(rows)],
        wkb,
        {name: Coded.of(column) for name, column in values.items()},
        ["0" * 64] * rows,
    )


def quality_view(text: str = "某某", *, assets: AssetTable | None = None, **about: Any) -> QualityView:
    """text: what foreigners wrote, everywhere they can."""
    assets = assets or table(text=text)
    lon, lat = XINING
    says = ("this line has no length; redraw it", "该线长度为零，请重新绘制")
    given: dict[str, Any] = {
        "utility": text,
        "utility_name": text,
        "dataset": text,
        "kind": "network",
        "revision": 7,
        "committed_on": date(2026, 11, 1),
        "data_date": date(2026, 11, 1),
        "received": len(assets) + 2,
        "rejected": 2,
        "changes": {"added": 3, "changed": 2, "removed": 1, "unchanged": 36},
        "crs": text,
        "operation": text,
        "operation_accuracy_m": 0.0,
        "sources": [(text, "0" * 64)],
        "checks": [
            ToldCheck("line_zero_length", "error", 2, says, [text, text], [(lon, lat)]),
            ToldCheck("ends_not_joined", "warning", 3, ("ends", "端点"), [text], [(lon + 1e-4, lat)]),
            ToldCheck("cover_m_unknown", "warning", 10, ("depth", "埋深"), [text], ()),
        ],
        "rejected_rows": [
            ToldRow(3, text, "line_zero_length", says, (lon, lat, lon + 1e-5, lat + 1e-5)),
            ToldRow(4, None, "line_zero_length", says, None),
        ],
        "complete": True,
        "served": True,
        "assets": assets,
        "figures": figures_of(assets),
    }
    return QualityView(**given | about)
