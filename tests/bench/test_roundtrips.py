"""What `make roundtrips` holds against what was written would be seen if it differed; its programs are only there for it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.roundtrips import __main__ as roundtrips
from bench.roundtrips.gis import ALL, CRS, source_file
from bench.roundtrips.network import IDS, Written, differences, made_network

Alter = Callable[[list[Any]], object]


def _move(rows: list[Any]) -> None:
    rows[4]["geometry"]["coordinates"][0][0][0] += 0.002


@pytest.mark.parametrize(
    ("alter", "told"),
    [
        (lambda rows: None, None),
        (_move, "came back 2.00 mm away"),
        (lambda rows: rows.pop(3), "29 rows came back"),
        (lambda rows: rows[3]["properties"].update({IDS: "X"}), "their ids are others"),
        (lambda rows: rows[3]["properties"].update({"材质": "Cu"}), "material of XN-0003"),
        (lambda rows: rows[5]["geometry"]["coordinates"][0].append([479_000, 4_053_000]), "inf mm away"),
    ],
)
def test_a_file_that_came_back_otherwise_is_told(tmp_path: Path, alter: Alter, told: str | None) -> None:
    pipes = made_network(30)
    path = source_file(tmp_path, pipes)
    document = json.loads(path.read_text(encoding="utf-8"))
    alter(document["features"])
    path.write_text(json.dumps(document), encoding="utf-8")
    found = differences(Written("none", "GeoJSON", [path], CRS, IDS, ALL), pipes)
    assert found == [] if told is None else any(told in line for line in found)


def test_missing_programs_are_named_by_their_packages(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert roundtrips.run() == 2
    assert (
        "apt-get install -y --no-install-recommends gdal-bin qgis libreoffice-calc" in capsys.readouterr().out
    )
