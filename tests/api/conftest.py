"""The command line against a real database: one migrated copy per test, commands run in this process."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api.cli import main


@dataclass(frozen=True, slots=True)
class Said:
    """What one command did."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """stdout as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def codes(self) -> list[str]:
        """The codes of the faults on stderr (with --json)."""
        faults = (json.loads(line) for line in self.err.splitlines() if line.startswith('{"fault"'))
        return [row["fault"]["code"] for row in faults]


Predig = Callable[..., Said]
Write = Callable[..., Path]


@pytest.fixture
def predig(database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Predig:
    """Run one command with --json on a fresh vault: predig("screen", file, "--crs", ...)."""
    monkeypatch.setenv("PREDIG_DATABASE_URL", database_url)
    monkeypatch.setenv("PREDIG_LANG", "en")

    def run(*words: object) -> Said:
        code = main([*map(str, words), "--json"])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return Said(code, captured.out, captured.err)

    return run


@pytest.fixture
def said(predig: Predig, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Predig:
    """Run one command as a person does, without --json; language="zh" for Chinese."""

    def run(*words: object, language: str = "en") -> Said:
        monkeypatch.setenv("PREDIG_LANG", language)
        code = main([*map(str, words)])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return Said(code, captured.out, captured.err)

    return run


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a GeoJSON file of features (or any text) and give its path."""

    def put(name: str, content: Any) -> Path:
        file = tmp_path / name
        file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return file

    return put


def feature(shape: str, coordinates: Any, /, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": shape, "coordinates": coordinates},
    }


def collection(*features: Any, crs: str | None = None) -> dict[str, Any]:
    document: dict[str, Any] = {"type": "FeatureCollection", "features": list(features)}
    if crs:
        document["crs"] = {"type": "name", "properties": {"name": crs}}
    return document


def ring(west: float, south: float, width: float, height: float) -> list[list[list[float]]]:
    east, north = west + width, south + height
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]
