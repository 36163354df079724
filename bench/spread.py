"""`predig bench dask`: the judging of a plan of many sites by one worker of a Dask scheduler, and by two.

The register is read beforehand and the answers are thrown away: what is timed, in turn, is the judging alone, with all
that goes to the workers and comes back. Each is a process of one thread. The answers must be the same bytes.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from time import monotonic, sleep

from api.bulk import Work, judge_work
from api.engines import Engine, engine_at, here
from bench.province import dig_sites, make_network, make_sites
from bench.ratios import Bar, Measured, Report, in_turn, measured, rounded, rows_table
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


def run(pipes: int, sites: int, report: Report | None = None) -> Measured:
    """Make the register, read it, judge by none, one and two workers in turn, throw all away."""
    profile, _ = load_profile("cn-gb55009")
    network = make_network(pipes)
    with province_register(network, profile) as register:
        works = list(_works(register.vault, dig_sites(make_sites(network, sites)), profile))
    said: dict[str, set[str]] = {}

    def judge(name: str, engine: Judging) -> None:
        said.setdefault(name, set()).add(_hash(engine, works))

    with ExitStack() as stack:
        one, two = (stack.enter_context(engine_at(stack.enter_context(cluster(count)))) for count in (1, 2))
        seconds = in_turn(
            {
                "here": lambda _: judge("here", here),
                "one worker": lambda _: judge("one worker", one),
                "two workers": lambda _: judge("two workers", two),
            },
            ROUNDS,
            warm=1,
            report=report,
        )
    different = len(set().union(*said.values())) - 1
    rates = {name: sites / median(took) for name, took in seconds.items()}
    bars = [
        Bar(
            "two workers, times one, on the judging alone",
            median(seconds["one worker"] / seconds["two workers"]),
            AT_LEAST,
            at_most=False,
        ),
        Bar("answers that differ from those of one process", different, 0),
    ]
    record = {
        "bench": "dask",
        "pipes": pipes,
        "sites": sites,
        "parts": len(works),
        "sites_per_s": {name: rounded(rate) for name, rate in rates.items()},
        "seconds": {name: [rounded(one) for one in took] for name, took in seconds.items()},
    }
    title = f"{pipes:,} pipes, {sites:,} sites in {len(works):,} parts, documents and all"
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


def _hash(engine: Judging, works: Sequence[Work]) -> str:
    """Of all answers in the order of the parts, in whichever they came."""
    done = dict(engine(judge_work, iter(enumerate(works))))
    return sha256("".join(repr(done[number]) for number in range(len(works))))


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
