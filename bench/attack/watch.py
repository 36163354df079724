"""A house to be attacked, and what must not come of it: looked at from outside, under strace, while hostile files are sent."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from api.settings import today
from bench.fault_house import FaultHouse
from bench.fault_town import FaultTown
from bench.house import temporary_home
from ingest import load_profile
from sql.postgis import PostgisVault
from tests.attack.corpus import Trap
from tests.attack.siege import everything_in, trapped
from tests.attack.strace import NETWORK, calls, to_the_internet
from tests.support.served import until

PIPES, SEED = 3_000, 20_261_130
SETTINGS = {"PREDIG_MAX_BODY_MB": "20", "PREDIG_MAX_UPLOAD_MB": "20"}
REPOSITORY = Path(__file__).parents[2]
ROOMS = [REPOSITORY / room for room in ("api", "bench", "ingest", "maps", "spatial", "sql", "tests")]
STARTED = "SELECT pg_postmaster_start_time()"
IN_ROOMS = "predig-rooms-*/*/*"
GONE_WITHIN_S = 20.0


@contextmanager
def house(settings: Mapping[str, str], under: Sequence[str] = ()) -> Iterator[FaultHouse]:
    """`predig up` over a made town, in a home of its own."""
    with temporary_home() as home, tempfile.TemporaryDirectory() as scratch:
        running = FaultHouse(home, Path(scratch) / "up.log", {**SETTINGS, **settings}, under)
        profile, _ = load_profile("cn-gb55009")
        running.start()
        try:
            running.wait_until_ready()
            with closing(PostgisVault(running.app_url)) as vault:
                FaultTown(profile, today(), SEED, PIPES).settle(vault)
            yield running
            said = (Path(scratch) / "up.log").read_text(encoding="utf-8", errors="replace")
            if any(word in said for word in ("Traceback", " broke ", "before it was done")):
                raise AssertionError(said[-2_000:])
        finally:
            running.stop()


@contextmanager
def watching(settings: Mapping[str, str]) -> Iterator[tuple[FaultHouse, Trap, list[str]]]:
    """Such a house, what the files sent to it may touch, and what was wrong: complete once the block has ended.

    Nobody may die, nothing of ours may change, nothing may be left of a file, nothing may be asked of a network.
    """
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(prefix="attack-") as scratch:
        folder, temporary, log = Path(scratch), Path(scratch) / "temporary", Path(scratch) / "strace"
        folder.chmod(0o711)
        temporary.mkdir()
        temporary.chmod(0o777)
        under = f"strace -D -f -qq --seccomp-bpf -o {log} -e trace={','.join(NETWORK)}".split()
        with trapped(folder) as (trap, came), house({**settings, "TMPDIR": str(temporary)}, under) as running:
            pids, since = running.at_work(), running.ask_admin(STARTED)
            before, canary = everything_in(*ROOMS), trap.canary.read_bytes()
            yield running, trap, wrong
            if running.at_work() != pids:
                wrong.append("a server or the worker died")
            if running.ask_admin(STARTED) != since:
                wrong.append("the database started anew")
            changed = before ^ everything_in(*ROOMS)
            wrong += [f"changed: {place}" for place, _ in changed if "__pycache__" not in place]
            if trap.canary.read_bytes() != canary:
                wrong.append("the canary was changed")
            wrong += [f"left: {place}" for place in _left(temporary)]
            wrong += [f"asked for an address: {call}" for call in to_the_internet(calls(log), running.port)]
            wrong += [f"came to the port: {who}" for who in came]


def _left(temporary: Path) -> list[Path]:
    """In the rooms of the children; these are there as long as the house is."""
    with suppress(AssertionError):
        until(lambda: not list(temporary.glob(IN_ROOMS)), GONE_WITHIN_S)
    return list(temporary.glob(IN_ROOMS))
