"""The same screenings on a Dask scheduler with two worker processes, byte for byte, and when one is killed at work."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pytest

from api.bulk import Work, judge_work, screen_many
from api.engines import Engine, engine_at, here
from api.journal import Journal
from spatial.errors import Refused
from sql.memory import MemoryVault
from sql.vault import NewScreening
from tests.api.test_bulk import DAY, RULES, documents, here_sites, plan, town

READY_WITHIN_S = 60.0
REPOSITORY = Path(__file__).resolve().parents[2]
FAST = {"DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "10s", "PYTHONWARNINGS": "ignore", "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class Cluster:
    address: str
    workers: tuple[int, ...]
    """Process ids."""


@contextmanager
def running(
    *words: str, log: Path, settings: Mapping[str, str] = MappingProxyType({})
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *words],
            stdout=said,
            stderr=said,
            cwd=REPOSITORY,
            env=os.environ | FAST | settings,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


@contextmanager
def clustered(
    scheme: str, folder: Path, settings: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Cluster]:
    """A scheduler and two workers of one thread each, on ports of their own, of this machine alone. scheme: as Dask
    spells it; settings: environment of all three."""
    from distributed import Client

    with ExitStack() as stack:
        log = folder / "scheduler.log"
        words = ("scheduler", "--protocol", f"{scheme}://", "--host", "127.0.0.1", "--port", "0")
        stack.enter_context(running(*words, "--no-dashboard", log=log, settings=settings))
        address = f"{scheme}://127.0.0.1:{_port(log)}"
        words = ("worker", address, "--host", "127.0.0.1", "--nthreads", "1")
        more = ("--no-nanny", "--no-dashboard", "--local-directory", str(folder))
        workers = [
            stack.enter_context(running(*words, *more, log=folder / f"worker{number}.log", settings=settings))
            for number in (1, 2)
        ]
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=READY_WITHIN_S)
        yield Cluster(address.replace("tcp", "dask"), tuple(worker.pid for worker in workers))


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with clustered("tcp", tmp_path) as made:
        yield made


def _port(log: Path) -> int:
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until:
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
            if "Scheduler at:" in line:
                return int(line.rpartition(":")[2])
        time.sleep(0.05)
    raise TimeoutError(log.read_text(encoding="utf-8", errors="replace"))


def by(engine: Engine[Work, tuple[NewScreening, ...]], vault: MemoryVault, place: Path) -> list[str]:
    sites = [*plan(80), *here_sites()]
    return screen_many(
        vault, sites, RULES, DAY, engine=engine, revision=vault.newest_revision(), journal=Journal(place)
    )


def test_two_workers_say_what_one_process_says(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spatial.bulk.partition.MOST_SITES", 5)
    vault = town()
    alone = by(here, vault, tmp_path / "alone.jsonl")
    with engine_at(cluster.address) as engine:
        spread = by(engine, vault, tmp_path / "spread.jsonl")
    assert documents(vault, spread) == documents(vault, alone)
    assert len(set(spread)) == len(alone)


def judge_slowly(work: Work) -> tuple[int, tuple[NewScreening, ...]]:
    """Long enough to be killed at it; with who did it."""
    time.sleep(0.3)
    return os.getpid(), judge_work(work)


def test_a_worker_that_is_killed_loses_nothing(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spatial.bulk.partition.MOST_SITES", 5)
    vault, killed, did = town(), cluster.workers[0], []
    alone = by(here, vault, tmp_path / "alone.jsonl")
    with engine_at(cluster.address) as engine:

        def dangerous(
            _: object, works: Iterator[tuple[int, Work]]
        ) -> Iterator[tuple[int, tuple[NewScreening, ...]]]:
            for number, (worker, done) in engine(judge_slowly, works):
                did.append(worker)
                if did.count(killed) == 2:
                    os.kill(killed, signal.SIGKILL)
                yield number, done

        spread = by(dangerous, vault, tmp_path / "spread.jsonl")
    assert documents(vault, spread) == documents(vault, alone)
    assert did.count(killed) >= 2 and did[-1] == cluster.workers[1]
    assert _numbers(tmp_path / "spread.jsonl") == list(range(len(alone)))


def _numbers(place: Path) -> Sequence[int]:
    return sorted(Journal(place).kept())


def certificate(folder: Path, name: str) -> dict[str, str]:
    """One that signs itself and is all who may come in: settings of Dask, dotted."""
    key, signed = folder / f"{name}.key", folder / f"{name}.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-keyout", str(key), "-out", str(signed), "-days", "2", "-subj", f"/CN={name}"),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    each = {"cert": signed, "key": key}
    sides = {
        f"{side}.{what}": file for side in ("scheduler", "worker", "client") for what, file in each.items()
    }
    return {f"distributed.comm.tls.{what}": str(file) for what, file in {"ca-file": signed, **sides}.items()}


def test_over_tls_the_same_is_said_to_who_has_a_certificate_and_nothing_to_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dask

    monkeypatch.setattr("spatial.bulk.partition.MOST_SITES", 5)
    ours, other = certificate(tmp_path, "ours"), certificate(tmp_path, "other")
    in_environment = {
        f"DASK_{name.upper().replace('.', '__').replace('-', '_')}": file for name, file in ours.items()
    }
    vault = town()
    alone = by(here, vault, tmp_path / "alone.jsonl")
    with dask.config.set(ours), clustered("tls", tmp_path, in_environment) as made:
        with engine_at(made.address) as engine:
            spread = by(engine, vault, tmp_path / "spread.jsonl")
        with pytest.raises(Refused) as in_the_open, engine_at(made.address.replace("tls", "dask")):
            pass
        with dask.config.set(other), pytest.raises(Refused) as stranger, engine_at(made.address):
            pass
    assert documents(vault, spread) == documents(vault, alone)
    for refused in (in_the_open, stranger):
        assert refused.value.faults[0].code == "engine_unreachable"


def test_nobody_at_the_address_is_told_as_such() -> None:
    with pytest.raises(Refused) as refused, engine_at("dask://127.0.0.1:1"):
        pass
    assert refused.value.faults[0].code == "engine_unreachable"
