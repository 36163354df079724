"""`make roundtrips`: one network written by the programs real files come from, read back and compared; and dig plans, judged
as their GeoJSON twins.

Ids, the number of rows, every vertex to 1 mm in the CRS of the file, and the attributes the format can carry. Of plans: the
outcome, the pipes, their grades and requirements, and every clearance to 1 mm.
"""

import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bench.roundtrips.drawings import by_ezdxf, by_programs, one_part_each
from bench.roundtrips.gis import by_ogr2ogr, by_qgis, in_degrees, source_file
from bench.roundtrips.network import Pipe, Written, differences, made_network
from bench.roundtrips.plans import Plan, apart
from bench.roundtrips.plans_by_hand import by_dialects
from bench.roundtrips.plans_by_hand import by_ezdxf as by_python
from bench.roundtrips.plans_by_hand import by_tables as by_lists
from bench.roundtrips.plans_by_programs import by_gis, by_libreoffice, by_tickets
from bench.roundtrips.tables import by_tables, made_survey
from bench.roundtrips.tools import missing
from spatial.errors import Refused


def run() -> int:
    """0 when all came back; 1 otherwise; 2 when programs are missing."""
    if packages := missing():
        print(
            "roundtrips did NOT run: install what writes the files with\n"
            f"    apt-get install -y --no-install-recommends {' '.join(packages)}"
        )
        return 2
    files = wrong = 0
    with tempfile.TemporaryDirectory() as scratch:
        for written, pipes in _all(Path(scratch)):
            found = _compared(written, pipes)
            files, wrong = files + 1, wrong + bool(found)
            print(
                f"{written.tool:<14}{written.what:<28}{len(pipes):>5}  {'as written' if not found else 'DIFFERS'}"
            )
            for line in found[:5]:
                print(f"    {line}")
        for plan in _plans(Path(scratch)):
            found = _judged(plan, Path(scratch))
            files, wrong = files + 1, wrong + bool(found)
            print(f"{plan.tool:<14}{plan.what:<28} plan  {'as its twin' if not found else 'DIFFERS'}")
            for line in found[:5]:
                print(f"    {line}")
    print(f"{files} files, {wrong} differ")
    return 1 if wrong else 0


def _compared(written: Written, pipes: Sequence[Pipe]) -> list[str]:
    try:
        return differences(written, pipes)
    except Refused as refused:
        return [f"refused: {refused}"]


def _judged(plan: Plan, scratch: Path) -> list[str]:
    try:
        return apart(plan, scratch)
    except Refused as refused:
        return [f"refused: {refused}"]


def _plans(scratch: Path) -> Iterator[Plan]:
    folder = scratch / "plans"
    folder.mkdir()
    for several in (by_python, by_lists, by_dialects, by_gis, by_libreoffice, by_tickets):
        yield from several(folder)


def _all(scratch: Path) -> Iterator[tuple[Written, Sequence[Pipe]]]:
    pipes, survey = made_network(), made_survey()
    degrees, drawn = in_degrees(pipes), one_part_each(pipes)
    source = source_file(scratch, pipes)
    for written in _in_turn(by_ogr2ogr(scratch, source), by_qgis(scratch, source)):
        yield written, degrees if written.lonlat else pipes
    for written in _in_turn(by_ezdxf(scratch, drawn), by_programs(scratch, source)):
        yield written, drawn
    for written in by_tables(scratch, survey):
        yield written, survey


def _in_turn(*several: Iterable[Written]) -> Iterator[Written]:
    for one in several:
        yield from one


if __name__ == "__main__":
    sys.exit(run())
