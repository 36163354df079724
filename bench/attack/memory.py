"""U7: what a server's own memory comes to over JSON that is large, deep or odd; JSON is read in the server itself."""

import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.attack.watch import house
from tests.attack.corpus import corpus
from tests.attack.siege import besiege, trapped

MOST_MB = 300.0
LOOK_EVERY_S = 0.02


@dataclass
class Memory:
    """rss_mb: the most any server had; grown_mb: over what it had before; slowest_s: of an answer."""

    files: int = 0
    rss_mb: float = 0.0
    grown_mb: float = 0.0
    slowest_s: float = 0.0
    wrong: list[str] = field(default_factory=list)


def of_json() -> Memory:
    """One file after the other, by one client."""
    found, over = Memory(), threading.Event()
    with tempfile.TemporaryDirectory() as scratch, trapped(Path(scratch)) as (trap, _), house({}) as running:
        pids = running.at_work()
        before = max(map(_rss_mb, pids))
        seen = [before]

        def look() -> None:
            while not over.wait(LOOK_EVERY_S):
                seen.append(max(map(_rss_mb, pids)))

        watching = threading.Thread(target=look)
        watching.start()
        for hostile in (one for one in corpus(trap) if one.case == "U7"):
            (answer,) = besiege(f"http://127.0.0.1:{running.port}", [hostile], 1)
            found.files += 1
            found.wrong += answer.faults() + answer.late()
            found.slowest_s = max(found.slowest_s, round(answer.took_s, 2))
            time.sleep(2 * LOOK_EVERY_S)
        over.set()
        watching.join()
    found.rss_mb, found.grown_mb = round(max(seen)), round(max(seen) - before)
    if found.rss_mb > MOST_MB:
        found.wrong.append(f"{found.rss_mb:g} MB")
    return found


def _rss_mb(pid: int) -> float:
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1e3
