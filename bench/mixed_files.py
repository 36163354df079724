"""`python -m bench.mixed_files [COUNT SEED]`: network files in which good and bad rows are mixed, made at random.

Of each the map is proposed, and it is imported with that. Every row that went in comes out accepted or rejected, the good
ones accepted and the bad ones rejected; what is rejected has a reason in both languages and, where it has any place,
ground that holds it; or the whole file is refused with sentences. Nothing else may happen: no exception, no row lost.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from bench.mixed.rows import BEYOND, WITHOUT_PLACE, Row, finite_positions, made_rows
from bench.mixed.surveys import CRS as SURVEY_CRS
from bench.mixed.surveys import made_survey, write_csv, write_workbook
from bench.mixed.writers import LAYER, LONLAT, WRITERS, Writer, to_lonlat
from ingest import (
    Reading,
    load_profile,
    parse_mapping,
    proposal_text,
    propose_mapping,
    read_network,
    warning_text,
)
from spatial.errors import Refused
from spatial.values import CHINA, NetworkIntake

ON = date(2026, 11, 1)
DAMAGED, MISDECLARED = 0.15, 0.05
"""Shares of the files that are cut off or altered, and that are declared in a CRS they are not in."""


@dataclass(frozen=True, slots=True)
class Made:
    """A file and what must come of it. how: whole, damaged or misdeclared."""

    paths: list[Path]
    crs: str
    ids: str | None
    layers: tuple[str, ...]
    how: str
    check: Callable[[NetworkIntake], list[str]]


def run(count: int, seed: int) -> int:
    outcomes, rows, problems = Counter[str](), Counter[str](), []
    for number in range(count):
        with tempfile.TemporaryDirectory() as scratch:
            name, outcome, told, wrong = one_file(Path(scratch), seed, number)
        outcomes[f"{name}: {outcome}"] += 1
        rows.update(told)
        problems += [f"file {number} ({name}, {outcome}): {one}" for one in wrong]
    for line in problems:
        print(line)
    for outcome, files in sorted(outcomes.items()):
        print(f"{files:>6} {outcome}")
    print(
        f"{count} files (seed {seed}): {sum(n for o, n in outcomes.items() if 'refused' in o)} refused whole, the others "
        f"{rows['received']} rows = {rows['accepted']} accepted + {rows['rejected']} rejected; {len(problems)} problems"
    )
    return 1 if problems else 0


def one_file(folder: Path, seed: int, number: int) -> tuple[str, str, dict[str, int], list[str]]:
    """(format, outcome, rows counted, what is wrong). The same seed and number make the same file."""
    chance = Random(f"{seed}/{number}")
    kinds: list[Any] = [*WRITERS, "csv", "xlsx"]
    kind = kinds[number % len(kinds)]
    made = _of_rows(folder, kind, chance) if isinstance(kind, Writer) else _of_survey(folder, kind, chance)
    name = kind.name if isinstance(kind, Writer) else f"survey {kind}"
    try:
        intake = _taken(made)
    except Refused as refused:
        wrong = [] if made.how != "whole" else [f"a whole file with good rows was refused: {refused}"]
        return name, f"{made.how}, refused", {}, wrong + _unsaid(refused)
    except Exception as error:
        return name, made.how, {}, [f"{type(error).__name__}: {error}"]
    counted = {"received": intake.received, "accepted": len(intake.assets), "rejected": len(intake.rejected)}
    wrong = _accounted(intake)
    if made.how == "whole":
        wrong += made.check(intake)
    if made.how == "misdeclared":
        wrong.append("taken in a CRS it is not in")
    return name, f"{made.how}, taken", counted, wrong


def _taken(made: Made) -> NetworkIntake:
    reading = Reading(layers=made.layers)
    proposal = propose_mapping(made.paths, encoding=None, on=ON, reading=_confirmed(made, reading))
    mapping = parse_mapping(proposal_text(proposal, "zh"))
    return read_network(
        made.paths,
        crs=made.crs,
        id_field=made.ids,
        mapping=mapping,
        reading=_confirmed(made, reading),
        extent=CHINA,
        profile=load_profile("cn-gb55009")[0],
        on=ON,
    )


def _confirmed(made: Made, reading: Reading) -> Reading:
    """As a person does who has looked at what nobody can read: with the number the refusal gives."""
    if not made.layers:
        return reading
    from ingest.files.table import read_rows

    unread = sum(read_rows(made.paths[0], lambda names: {}, reading).unread.values())
    return Reading(layers=made.layers, confirmed_unreadable=unread)


def _of_rows(folder: Path, writer: Writer, chance: Random) -> Made:
    # What is put into a drawing as bare tags stands before all else there.
    rows = sorted(made_rows(chance, writer.kinds), key=lambda row: row.kind != "unreadable")
    if writer.crs == LONLAT:  # which can be used everywhere
        rows = [row for row in rows if row.kind != "off_zone"]
    path = writer.write(folder, rows)
    how = _spoilt(path, chance)
    crs = "EPSG:4490" if writer.crs == "EPSG:4543" else "EPSG:4543"
    return Made(
        [path],
        crs if how == "misdeclared" else writer.crs,
        writer.ids,
        (LAYER,) if writer.name == "DXF" else (),
        how,
        lambda intake: fates(intake, rows, writer),
    )


def _of_survey(folder: Path, kind: str, chance: Random) -> Made:
    survey = made_survey(chance)
    if kind == "csv":
        paths = write_csv(folder, survey, chance.choice(["utf-8-sig", "gb18030"]))
    else:
        paths = write_workbook(folder, survey)
    how = _spoilt(chance.choice(paths), chance)

    def check(intake: NetworkIntake) -> list[str]:
        found, must = (intake.received, len(intake.assets)), (survey.received, survey.taken)
        wrong = [] if found == must else [f"(received, accepted) must be {must}, are {found}"]
        placed = [row for row in intake.rejected if row.code in ("line_zero_length", "point_doubled")]
        if survey.all_near and any(row.box is None for row in placed):
            wrong.append("a rejected row with places has no ground")
        return wrong

    return Made(paths, "EPSG:4543" if how == "misdeclared" else SURVEY_CRS, None, (), how, check)


def _spoilt(path: Path, chance: Random) -> str:
    """Damages some; how the file is."""
    roll = chance.random()
    if roll < MISDECLARED:
        return "misdeclared"
    if roll > MISDECLARED + DAMAGED:
        return "whole"
    parts = sorted(path.iterdir()) if path.is_dir() else sorted(path.parent.glob(f"{path.stem}.*"))
    part = chance.choice([one for one in parts if one.is_file() and one.stat().st_size])
    data = bytearray(part.read_bytes())
    if chance.random() < 0.4:
        del data[chance.randrange(len(data)) :]
    else:
        for _ in range(chance.choice([1, 4, 30])):
            data[chance.randrange(len(data))] = chance.randrange(256)
    part.write_bytes(data)
    return "damaged"


def fates(intake: NetworkIntake, rows: Sequence[Row], writer: Writer) -> list[str]:
    """Each row met the end it was made for."""
    if intake.received != len(rows):
        return [f"{len(rows)} rows were written, {intake.received} received"]
    wrong = []
    must = [number for number, row in enumerate(rows, 1) if not row.taken]
    found = [row.number for row in intake.rejected]
    if must != found:
        odd = [(number, rows[number - 1].kind) for number in sorted(set(must) ^ set(found))]
        wrong.append(f"rows that met another end than they were made for: {odd}")
    if writer.ids is not None:
        names = [row.id for row in rows if row.taken]
        if names != [asset.source_id for asset in intake.assets]:
            wrong.append("the ids of the accepted rows are not those written")
    for rejected in intake.rejected:
        wrong += _ground(rejected.box, rows[rejected.number - 1], writer.crs == LONLAT)
    return wrong


def _ground(box: Any, row: Row, anywhere: bool) -> list[str]:
    """A rejected row takes up the ground round every place it has. anywhere: its CRS holds for all the earth."""
    places = [] if row.kind == "unreadable" else [to_lonlat(place) for place in finite_positions(row.shape)]
    nowhere = {*WITHOUT_PLACE, "unreadable", *(() if anywhere else BEYOND)}
    if row.kind == "huge" or (box is None and row.kind in nowhere):
        return []
    if box is None:
        return [f"a rejected row of kind {row.kind} has no ground"]
    west, south, east, north = box
    out = [place for place in places if not (west < place[0] < east and south < place[1] < north)]
    return [f"the ground of a rejected row of kind {row.kind} does not hold {out[0]}"] if out else []


def _accounted(intake: NetworkIntake) -> list[str]:
    wrong = []
    if intake.received != len(intake.assets) + len(intake.rejected):
        wrong.append(
            f"{intake.received} received, {len(intake.assets)} accepted, {len(intake.rejected)} rejected"
        )
    for row in intake.rejected:
        if not _is_said(row.en, row.zh):
            wrong.append(f"row {row.number} was rejected without a reason: {row.code}")
    for code in intake.warnings:
        if not _is_said(*warning_text(code)):
            wrong.append(f"warning {code} says nothing")
    for asset in intake.assets:
        if not (asset.diameter_mm is None or 0 < asset.diameter_mm <= 3400) or not asset.geometry.is_valid:
            wrong.append(f"{asset.source_id} is no asset: {asset.diameter_mm} {asset.geometry.geom_type}")
    return wrong


def _unsaid(refused: Refused) -> list[str]:
    return [
        f"refused without a sentence: {fault.code}"
        for fault in refused.faults
        if not _is_said(fault.en, fault.zh)
    ]


def _is_said(en: str, zh: str) -> bool:
    return len(en) > 20 and any("\u4e00" <= char <= "\u9fff" for char in zh)


if __name__ == "__main__":
    COUNT, SEED = (int(word) for word in (sys.argv[1:] or ["1000", "20261129"]))
    sys.exit(run(COUNT, SEED))
