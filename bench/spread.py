"""`predig bench dask`: the judging of a plan of many sites by one worker of a Dask scheduler, and by two.

The judging alone: every worker holds all parts before the clock starts, and of its answers it sends back the hash. Beside
it what `predig screen --engine` does: parts sent as there is room, answers fetched whole. In turn, each worker a process
of one thread; documents are made and not kept. The answers must be the same bytes.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from time import monotonic, sleep

from api.bulk import Work, judge_work
from api.engines import Engine, engine_at, scheduler_address
from bench.province import dig_sites, make_network, make_sites
from bench.ratios import Bar, FloatArray, Measured, Report, in_turn, measured, rounded, rows_table
from bench.register import ON, province_register
from ingest import load_profile
from spatial.bulk.partition import parting
from spatial.bulk.sites import SiteColumns
from spatial.canonical import sha256
from spatial.rules.profile import RuleProfile
from spatial.screening import query_boxes
from spatial.values import DigSite
from sql.vault import NewScreening, Vault

AT_LEAST = 1.6
"""Times the rate of one worker."""
ROUNDS = 3
READY_WITHIN_S = 60.0
ONE_THREAD = {"OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}

Judging = Engine[Work, tuple[NewScreening, ...]]
ALONE = ("one worker", "two workers")


def run(pipes: int, sites: int, report: Report | None = None) -> Measured:
    """Make the register, read it, judge by none, one and two workers in turn, throw all away."""
    profile, _ = load_profile("cn-gb55009")
    network = make_network(pipes)
    with province_register(network, profile) as register:
        works = list(_works(register.vault, dig_sites(make_sites(network, sites)), profile))
    said: set[str] = set()
    with ExitStack() as stack:
        work: dict[str, Callable[[int], None]] = {"here": lambda _: said.add(_joined(map(said_of, works)))}
        for count, name in enumerate(ALONE, start=1):
            address = stack.enter_context(cluster(count))
            hold = stack.enter_context(_held(address, works))
            engine = stack.enter_context(engine_at(address))
            work[name] = lambda _, hold=hold: said.add(_joined(hold()))  # type: ignore[misc]
            work[f"{name}, sent and fetched"] = lambda _, engine=engine: said.add(  # type: ignore[misc]
                _fetched(engine, works)
            )
        seconds = in_turn(work, ROUNDS, warm=1, report=report)
    return _told(pipes, sites, len(works), seconds, len(said) - 1)


def _told(pipes: int, sites: int, parts: int, seconds: dict[str, FloatArray], different: int) -> Measured:
    one, two = (seconds[name] for name in ALONE)
    one_sent, two_sent = (seconds[f"{name}, sent and fetched"] for name in ALONE)
    rates = {name: sites / median(took) for name, took in seconds.items()}
    bars = [
        Bar("two workers, times one, on the judging alone", median(one / two), AT_LEAST, at_most=False),
        Bar("answers that differ from those of one process", different, 0),
    ]
    record = {
        "bench": "dask",
        "pipes": pipes,
        "sites": sites,
        "parts": parts,
        "sites_per_s": {name: rounded(rate) for name, rate in rates.items()},
        "seconds": {name: [rounded(one) for one in took] for name, took in seconds.items()},
        "two_times_one": rounded(median(one / two)),
        "two_times_one_sent_and_fetched": rounded(median(one_sent / two_sent)),
    }
    title = f"{pipes:,} pipes, {sites:,} sites in {parts:,} parts, documents made and not kept"
    rows = [(name, rounded(median(seconds[name])), rounded(rate)) for name, rate in rates.items()]
    return measured(record, (rows_table(title, ("", "seconds", "sites a second"), rows),), bars)


def _works(vault: Vault, sites: Sequence[DigSite], profile: RuleProfile) -> Iterator[Work]:
    """As screen_many() parts them, read once and kept."""
    for cell in parting(SiteColumns.of(sites, profile).asks).cells:
        region = vault.region(cell.box)
        for part in cell.parts:
            of = tuple(sites[row] for row in part.rows.tolist())
            boxes = tuple(query_boxes(site, profile) for site in of)
            yield Work(tuple(part.rows.tolist()), of, boxes, region.within(part.box), profile, ON)


def said_of(work: Work) -> str:
    """The hash of all documents of a part."""
    return _hash(judge_work(work))


def _hash(done: Iterable[NewScreening]) -> str:
    return _joined(one.document_sha256 for one in done)


def _joined(hashes: Iterable[str]) -> str:
    return sha256(" ".join(hashes))


def _fetched(engine: Judging, works: Sequence[Work]) -> str:
    """By the engine: of all answers in the order of the parts, in whichever they came."""
    said = {number: _hash(done) for number, done in engine(judge_work, iter(enumerate(works)))}
    return _joined(said[number] for number in range(len(works)))


@contextmanager
def _held(address: str, works: Sequence[Work]) -> Iterator[Callable[[], list[str]]]:
    """Has every worker hold all parts, so that whoever is free can judge the next: what each call has judged anew."""
    from distributed import Client

    with Client(scheduler_address(address), set_as_default=False) as client:
        parts = client.scatter(list(works), broadcast=True, hash=False)

        def judge() -> list[str]:
            said: list[str] = client.gather(client.map(said_of, parts, pure=False))
            return said

        yield judge


@contextmanager
def cluster(workers: int) -> Iterator[str]:
    """The address of a scheduler on this machine that so many workers of one thread have come to."""
    from distributed import Client

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        log = folder / "scheduler.log"
        stack.enter_context(_dask(log, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"))
        port = _port(log)
        for number in range(workers):
            stack.enter_context(
                _dask(
                    folder / f"worker{number}.log", "worker", f"tcp://127.0.0.1:{port}",
                    "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard",
                    "--local-directory", str(folder),
                )
            )  # fmt: skip
        with Client(f"tcp://127.0.0.1:{port}", set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=READY_WITHIN_S)
        yield f"dask://127.0.0.1:{port}"


@contextmanager
def _dask(log: Path, *words: str) -> Iterator[None]:
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *words], stdout=said, stderr=said, env=os.environ | ONE_THREAD
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait()


def _port(log: Path) -> int:
    until = monotonic() + READY_WITHIN_S
    while monotonic() < until:
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
            if "Scheduler at:" in line:
                return int(line.rpartition(":")[2])
        sleep(0.05)
    raise TimeoutError(log.read_text(encoding="utf-8", errors="replace"))
