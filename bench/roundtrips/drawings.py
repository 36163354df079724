"""DXF drawings: by ezdxf with units, a turned UCS, an OCS turned over and a proxy; by ogr2ogr and QGIS."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import ezdxf

from bench.mixed.drawings import proxy, saved
from bench.roundtrips.network import Pipe, Written
from bench.roundtrips.tools import run
from ingest import ColumnMap, Reading

LAYER = "燃气"
CRS = "EPSG:4543"
PER_METRE = {"mm": 1000.0, "m": 1.0}
INSUNITS = {"mm": 4, "m": 6}


def one_part_each(pipes: Sequence[Pipe]) -> list[Pipe]:
    """As drawings have them: an entity has one part, and no column says which pipe it was."""
    return [
        replace(pipe, id=f"{pipe.id}/{at}", parts=(part,))
        for pipe in pipes
        for at, part in enumerate(pipe.parts)
    ]


def by_ezdxf(folder: Path, pipes: Sequence[Pipe]) -> Iterator[Written]:
    """pipes: of one part each."""
    for version in ("R12", "R2004", "R2018"):
        for units in ("m", "mm"):
            document = ezdxf.new(version)
            document.encoding = "gbk"
            document.header["$INSUNITS"] = INSUNITS[units]
            document.layers.add(LAYER)
            _turn_ucs(document)
            for at, pipe in enumerate(pipes):
                _draw(
                    document.modelspace(),
                    at,
                    [(x * PER_METRE[units], y * PER_METRE[units]) for x, y in pipe.parts[0]],
                    version,
                )
            bare = proxy(
                document, LAYER, *((x * PER_METRE[units], y * PER_METRE[units]) for x, y in pipes[0].parts[0])
            )
            path = saved(
                document, folder / f"ez_{version}_{units}.dxf", *([] if version == "R12" else [bare])
            )
            yield _written(
                "ezdxf",
                f"DXF {version}, {units}",
                path,
                units if version == "R12" else None,
                version != "R12",
            )


def by_programs(folder: Path, source: Path) -> Iterator[Written]:
    """ogr2ogr states inches whatever it writes, so somebody has to say what they are."""
    path = folder / "ogr.dxf"
    run(folder, "ogr2ogr", "-f", "DXF", path, source, "-sql", "SELECT '燃气' AS Layer FROM source")
    yield _written("ogr2ogr", "DXF", path, "m")
    path = folder / "qgis.dxf"
    run(folder, "/usr/bin/python3", "-c", QGIS_EXPORT, source, path, LAYER)
    yield _written("QGIS", "DXF", path, "m")


QGIS_EXPORT = """
import os
import sys
from qgis.core import QgsApplication, QgsDxfExport, QgsMapSettings, QgsVectorLayer
from qgis.PyQt.QtCore import QFile
QgsApplication.setPrefixPath("/usr", True)
program = QgsApplication([], False)
program.initQgis()
source, path, name = sys.argv[1:]
layer = QgsVectorLayer(source, name, "ogr")
look = QgsMapSettings()
look.setLayers([layer])
look.setDestinationCrs(layer.crs())
export = QgsDxfExport()
export.setMapSettings(look)
export.setDestinationCrs(layer.crs())
export.addLayers([QgsDxfExport.DxfLayer(layer)])
file = QFile(path)
failed = export.writeToFile(file, "CP936")
file.close()
os._exit(int(failed))  # QGIS tends to fall over when it is ended in order
"""
"""QGIS 3.22's qgis_process cannot give its own DXF export an encoding, so QGIS is asked through its Python."""


def _turn_ucs(document: Any) -> None:
    """As a draughtsman turns the drawing to have the street level: coordinates in the file stay those of the world."""
    document.header["$UCSORG"] = (478_000, 4_052_000, 0)
    document.header["$UCSXDIR"] = (math.cos(0.5), math.sin(0.5), 0)
    document.header["$UCSYDIR"] = (-math.sin(0.5), math.cos(0.5), 0)


def _draw(space: Any, at: int, points: list[tuple[float, float]], version: str) -> None:
    """Lines, polylines, and polylines seen from below, whose x runs the other way in the file."""
    look = {"layer": LAYER}
    if len(points) == 2:
        space.add_line(*points, dxfattribs=look)
    elif at % 3 == 0 and version != "R12":
        space.add_lwpolyline([(-x, y) for x, y in points], dxfattribs={**look, "extrusion": (0, 0, -1)})
    elif version == "R12":
        space.add_polyline2d(points, dxfattribs=look)
    else:
        space.add_lwpolyline(points, dxfattribs=look)


def _written(tool: str, what: str, path: Path, units: str | None, has_proxy: bool = False) -> Written:
    reading = Reading(layers=(LAYER,), units=units, confirmed_unreadable=int(has_proxy))
    return Written(
        tool,
        what,
        [path],
        CRS,
        None,
        (),
        mapping=ColumnMap(),
        reading=reading,
        missing=("proxy",) if has_proxy else (),
    )
