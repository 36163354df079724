"""Survey tables in both layouts, as openpyxl, LibreOffice and ogr2ogr write them."""

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from bench.mixed.surveys import CRS, EAST, NORTH, written_workbook
from bench.roundtrips.network import Pipe, Written
from bench.roundtrips.tools import run
from ingest import ColumnMap

KEPT = ("pressure_class", "diameter_mm", "cover_m", "material", "laid_on")
"""No survey table has a column for the part of the network a pipe belongs to."""
LINE_HEADINGS = ("管线类别", "材质", "外径(mm)", "压力级别", "埋设日期")

Rows = list[list[Any]]


def made_survey(lines: int = 120, seed: int = 20261129) -> list[Pipe]:
    """A chain of pipes between points RQ000, RQ001 …, coordinates to 0.1 mm in EPSG:4522, the zone before the easting."""
    chance = Random(seed)
    places = [
        (round(EAST + at * 21 + chance.uniform(0, 9), 4), round(NORTH + chance.uniform(0, 900), 4))
        for at in range(lines + 1)
    ]
    pipes = []
    for at in range(lines):
        said, meant = chance.choice([("中压A", "MP-A"), ("0.2MPa", "MP-B"), ("低压", "LP"), (None, None)])
        laid = date(1991 + at % 30, 1 + at % 12, 1 + at % 27)
        top = round(chance.uniform(0.7, 2.2), 2)
        cells = {
            "pressure_class": said, "diameter_mm": chance.choice([63.0, 110.0, 219.1, None]), "cover_m": top,
            "material": chance.choice(["PE", "钢", "铸铁，老", None]), "laid_on": laid.isoformat(),
        }  # fmt: skip
        pipes.append(
            Pipe(
                f"RQ{at:03d}-RQ{at + 1:03d}",
                ((places[at], places[at + 1]),),
                cells,
                {**cells, "pressure_class": meant, "laid_on": laid},
            )
        )
    return pipes


def in_two_tables(pipes: Sequence[Pipe]) -> dict[str, Rows]:
    """点表 and 线表."""
    lines: Rows = [["起点点号", "终点点号", "起点管顶埋深", "终点管顶埋深", *LINE_HEADINGS]]
    for pipe in pipes:
        top = pipe.cells["cover_m"]
        lines.append([*pipe.id.split("-"), top, top, *_line_cells(pipe)])
    return {"点表": [["管线点号", "X(m)", "Y(m)"], *_points(pipes)], "线表": lines}


def in_one_table(pipes: Sequence[Pipe]) -> dict[str, Rows]:
    """A table of points with 连接点号, in which each line stands twice: once at each end."""
    places = {name: (north, east) for name, north, east in _points(pipes)}
    rows: Rows = [["管线点号", "连接点号", "X(m)", "Y(m)", "管顶埋深", *LINE_HEADINGS]]
    for pipe in pipes:
        start, end = pipe.id.split("-")
        for here, there in ((start, end), (end, start)):
            rows.append([here, there, *places[here], pipe.cells["cover_m"], *_line_cells(pipe)])
    return {"管线点成果表": rows}


def _points(pipes: Sequence[Pipe]) -> list[tuple[str, float, float]]:
    """(number, north, east), as surveyors call X and Y."""
    places: dict[str, tuple[float, float]] = {}
    for pipe in pipes:
        for name, (east, north) in zip(pipe.id.split("-"), pipe.parts[0], strict=True):
            places[name] = (north, east)
    return [(name, *place) for name, place in places.items()]


def _line_cells(pipe: Pipe) -> list[Any]:
    said = pipe.cells
    return ["RQ", said["material"], said["diameter_mm"], said["pressure_class"], said["laid_on"]]


def by_tables(folder: Path, pipes: Sequence[Pipe]) -> Iterator[Written]:
    for layout, tables in (("two tables", in_two_tables(pipes)), ("one table", in_one_table(pipes))):
        stem = folder / layout.replace(" ", "_")
        book = written_workbook(stem.with_suffix(".xlsx"), tables)

        def written(
            tool: str, what: str, *paths: Path, encoding: str | None = None, layout: str = layout
        ) -> Written:
            return Written(
                tool, f"{what}, {layout}", paths, CRS, "id", KEPT, mapping=ColumnMap(encoding=encoding)
            )

        yield written("openpyxl", "XLSX", book)
        yield written("csv of Python", "CSV, GB18030", *_csv(stem, tables, "gb18030"))
        yield written(
            "LibreOffice", "XLSX", _by_libreoffice(folder, book, "xlsx", "xlsx:Calc MS Excel 2007 XML")[0]
        )
        for name, number in (("UTF-8", 76), ("GB18030", 85)):
            # Comma, quotation mark, encoding, first row, all as it is and not as it is shown, all sheets.
            asked = f"csv:Text - txt - csv (StarCalc):44,34,{number},1,,0,false,false,false,false,false,-1"
            yield written("LibreOffice", f"CSV, {name}", *_by_libreoffice(folder / name, book, "csv", asked))
        sheets = [folder / f"ogr_{stem.name}_{name}.csv" for name in tables]
        for name, path in zip(tables, sheets, strict=True):
            run(folder, "ogr2ogr", "-f", "CSV", path, book, name, "-oo", "HEADERS=FORCE")
        yield written("ogr2ogr", "CSV", *sheets)
        again = folder / f"ogr_{stem.name}.xlsx"
        run(folder, "ogr2ogr", "-f", "XLSX", again, book, "-oo", "HEADERS=FORCE")
        yield written("ogr2ogr", "XLSX", again)


def _csv(stem: Path, tables: dict[str, Rows], encoding: str) -> list[Path]:
    paths = []
    for name, rows in tables.items():
        path = stem.with_name(f"{stem.name}_{name}.csv")
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file).writerows([["" if cell is None else cell for cell in row] for row in rows])
        paths.append(path)
    return paths


def _by_libreoffice(folder: Path, book: Path, ending: str, asked: str) -> list[Path]:
    out = folder / f"lo_{book.stem}"
    out.mkdir(parents=True)
    run(out, "soffice", "--headless", "--convert-to", asked, "--outdir", out, book)
    return sorted(out.glob(f"*.{ending}"))
