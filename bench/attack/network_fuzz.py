"""Mutations of harmless networks through a reader that stays, and of what readers answer through the checks of their parent.

Whatever a stranger's file or a reader that was taken over says, the importer refuses it with a sentence or has rows that keep
what every row keeps.
"""

import hashlib
import math
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import shapely

from api.http.form import ReceivedFile
from api.http.network_imports import wish_of
from api.http.replies import json_bytes
from api.imports.working import _of_faults
from api.register import read_source
from api.settings import today
from bench.attack.fuzz import GENERATIONS, LONGEST_S, OUT, Fuzzed
from bench.attack.mutations import answer_mutated, mutated
from bench.attack.reader import Walled, believed
from ingest import Limits, load_profile
from ingest.networks import apart as networks_apart
from ingest.sandbox.apart import PLAN_LIMITS
from spatial.errors import Refused
from spatial.values import CHINA, NetworkIntake
from tests.attack.network_seeds import NetworkSeed, network_seeds
from tests.attack.seeds import Seed

ANSWERS_EACH = 12
"""Changed answers of each file that was understood: they cost no reader."""
ANSWERED = "answered"
"""Beside an answer that is kept: the file it was of."""
LIMITS = PLAN_LIMITS
_PROFILE = load_profile("cn-gb55009")[0]


def in_bulk(seconds: float, seed: int) -> tuple[Fuzzed, Fuzzed]:
    """Of files, and of answers."""
    files, answers, lot, walled = Fuzzed(), Fuzzed(), Random(seed), Walled()
    kinds = network_seeds()
    pools = {one.name: [one.data] for one in kinds}
    begun = time.monotonic()
    real, networks_apart.read_apart = networks_apart.read_apart, walled.read
    with tempfile.TemporaryDirectory() as scratch:
        try:
            while time.monotonic() - begun < seconds:
                one = kinds[files.files % len(kinds)]
                pool = pools[one.name]
                data = mutated(
                    one.name, lot.choice((one.data, lot.choice(pool))), pools[lot.choice(list(pools))], lot
                )
                with opened_by(walled.opened):
                    what = imported(one, data, Path(scratch), files, walled)
                if what != "understood":
                    continue
                if len(pool) < GENERATIONS and len(data) < 500_000:
                    pool.append(data)
                honest = walled.opened_answer
                for _ in range(ANSWERS_EACH):
                    told = answer_mutated(honest, lot)
                    with opened_by(telling(told)):
                        imported(one, data, Path(scratch), answers, None, told)
        finally:
            networks_apart.read_apart = real
            walled.close()
    files.deaths.update(walled.deaths)
    files.seconds = answers.seconds = round(time.monotonic() - begun, 1)
    return files, answers


@contextmanager
def opened_by(opened: Callable[..., Any]) -> Iterator[None]:
    real, networks_apart.opened_apart = networks_apart.opened_apart, opened
    try:
        yield
    finally:
        networks_apart.opened_apart = real


def telling(answer: bytes) -> Callable[..., Any]:
    """In the place of opened_apart: a reader that says `answer`, whatever it is asked."""

    @contextmanager
    def opened(
        task: str, files: list[Path], options: Any, limits: Limits
    ) -> Iterator[tuple[Any, memoryview]]:
        yield believed(answer, 0, files[0].name, limits)

    return opened


def imported(
    one: NetworkSeed, data: bytes, folder: Path, found: Fuzzed, walled: Walled | None, told: bytes = b""
) -> str:
    """What became of it, counted and judged. told: an answer that was changed, to be kept in place of the file."""
    begun = time.monotonic()
    kept = Seed(one.name, data, one.asked)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            what, wrong = "understood", broken(read(one, data, folder))
    except Refused as refused:
        what, wrong = refused.faults[0].code, _said_wrongly(refused)
        if walled is not None and walled.raised is not None:
            wrong = f"reader: {walled.raised.strip().splitlines()[-1][:120]}"
    except Exception as error:
        what = "raised"
        last = traceback.extract_tb(error.__traceback__)[-1]
        wrong = f"parent: {type(error).__name__} {error!s:.90} at {Path(last.filename).name}:{last.lineno}"
    took_s = time.monotonic() - begun
    if took_s > LONGEST_S:
        wrong = wrong or "late"
    if wrong:
        found.keep(f"{one.name} {wrong}", kept, told or data, f"{wrong}\nan answer: {bool(told)}")
        if told and (folder := OUT / hashlib.sha256(told).hexdigest()[:12]).is_dir():
            (folder / ANSWERED).write_bytes(data)
    found.slowest_s = max(found.slowest_s, round(took_s, 2))
    found.files += 1
    found.by[what] += 1
    return what


def read(one: NetworkSeed, data: bytes, folder: Path) -> NetworkIntake:
    """As the door and the importer do it, short of the register."""
    (folder / one.name).write_bytes(data)
    wish = wish_of([("utility", "GAS"), *one.asked.items()], [ReceivedFile(one.name, len(data), "")])
    source = wish.source(folder, [one.name], wish.crs, LIMITS)
    return read_source(source, extent=CHINA, profile=_PROFILE, on=today())


def broken(intake: NetworkIntake) -> str:
    """What of it no row may be; "" where all is as it must be."""
    if intake.received != len(intake.assets) + len(intake.rejected):
        return "rows lost"
    shapes = np.array([asset.geometry for asset in intake.assets], dtype=object)
    places = shapely.get_coordinates(shapes)
    if not (
        np.isfinite(places).all() and shapely.is_valid(shapes).all() and not shapely.is_empty(shapes).any()
    ):
        return "a shape that is none"
    if len(places):
        (west, south), (east, north) = places.min(axis=0), places.max(axis=0)
        if not CHINA.holds((west, south, east, north)):
            return "a shape elsewhere"
    boxes = [row.box for row in intake.rejected if row.box is not None]
    if not all(math.isfinite(number) for box in boxes for number in box):
        return "a box that is none"
    texts = [row.source_id for row in intake.rejected] + [asset.source_id for asset in intake.assets]
    texts += [
        text for asset in intake.assets for text in (asset.material, asset.status, asset.survey_class) if text
    ]
    if not all(
        0 < len(text) <= 220 and "\0" not in text and text.encode("utf-8", "replace").decode() == text
        for text in texts
    ):
        return "a text that no database takes"
    return ""


def _said_wrongly(refused: Refused) -> str:
    try:
        json_bytes(_of_faults(refused.faults))
    except ValueError:
        return "a sentence that cannot be sent"
    return "" if all(fault.en and fault.zh for fault in refused.faults) else "no sentence"


def is_ours(path: Path) -> bool:
    """Whether a kept file is a network, or what a reader answered of one."""
    return path.name in {one.name for one in network_seeds()}


def reproduce(path: Path) -> str:
    """A kept file through a reader of its own, as an importer does it; a kept answer as if a reader had given it."""
    one = next(seed for seed in network_seeds() if seed.name == path.name)
    data = path.read_bytes()
    is_answer = data.startswith(b'{"understood"')
    with tempfile.TemporaryDirectory() as scratch:
        try:
            if is_answer:
                with opened_by(telling(data)):
                    intake = read(one, path.with_name(ANSWERED).read_bytes(), Path(scratch))
            else:
                intake = read(one, data, Path(scratch))
        except Refused as refused:
            return "\n".join(f"{fault.code}: {fault.en}" for fault in refused.faults[:20])
    return broken(intake) or "understood"
