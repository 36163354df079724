"""`make attack`: the corpus under watch, as plans and as networks, other people's answers meanwhile, mutations for half an
hour, the very edge.

One JSON line a part; 1 when anything of it is wrong. Files that did harm are kept in out/attack.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.attack import edges, fuzz, memory, neighbours, network_fuzz, network_siege, siege, slow
from ingest import load_profile

MINUTES, EDGES, SEED = 30.0, 100_000, 20_261_130
PARTS = ("corpus", "networks", "neighbours", "names", "slow", "memory", "fuzz", "network-fuzz", "edges")
AT_THE_DOOR = 0.2
"""The part of the time in which mutations go through a real server, a process a file."""
OF_NETWORKS = 0.3
"""The part of it in which they are networks and what their readers answer."""
MOST_TIMES = 2.0
MOST_WORSE = 2.0
"""Others' p95 beside clients that name coordinate systems, to that beside clients that ask as everybody does."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.attack", description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES, help="of mutations")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--only", choices=PARTS, action="append")
    parser.add_argument("--reproduce", type=Path, metavar="FILE", help="say what becomes of a kept file")
    arguments = parser.parse_args()
    if arguments.reproduce:
        ours = network_fuzz if network_fuzz.is_ours(arguments.reproduce) else fuzz
        print(ours.reproduce(arguments.reproduce))
        return 0
    seconds, seed = arguments.minutes * 60, arguments.seed
    parts: Mapping[str, Callable[[], tuple[dict[str, Any], bool]]] = {
        "corpus": _corpus,
        "networks": _networks,
        "neighbours": _neighbours,
        "names": _names,
        "slow": _slow,
        "memory": _memory,
        "fuzz": lambda: _fuzz(seconds * (1 - OF_NETWORKS), seed),
        "network-fuzz": lambda: _network_fuzz(seconds * OF_NETWORKS, seed),
        "edges": lambda: _edges(seed),
    }
    sound = True
    for name in arguments.only or parts:
        begun = time.monotonic()
        told, good = parts[name]()
        sound = sound and good
        print(
            json.dumps(
                {"part": name, **told, "sound": good, "s": round(time.monotonic() - begun)},
                ensure_ascii=False,
            ),
            flush=True,
        )
    return 0 if sound else 1


def _corpus() -> tuple[dict[str, Any], bool]:
    found = siege.watched()
    return vars(found), not found.wrong


def _networks() -> tuple[dict[str, Any], bool]:
    found = network_siege.watched()
    return vars(found), not found.wrong


def _neighbours() -> tuple[dict[str, Any], bool]:
    found = neighbours.beside_files()
    sound = all(beside.times <= MOST_TIMES and not beside.not_answered for beside in found.values())
    return {f"beside {clients}": asdict(beside) for clients, beside in found.items()}, sound


def _names() -> tuple[dict[str, Any], bool]:
    found = neighbours.beside_names()
    worse = round(found["names"].besieged_ms / found["plain"].besieged_ms, 2)
    told = {what: asdict(beside) for what, beside in found.items()}
    return {**told, "worse": worse}, worse <= MOST_WORSE and not found["names"].not_answered


def _slow() -> tuple[dict[str, Any], bool]:
    found = slow.uploads()
    return vars(found), found.times <= MOST_TIMES and found.ready and not found.not_answered


def _memory() -> tuple[dict[str, Any], bool]:
    found = memory.of_json()
    return vars(found), not found.wrong


def _fuzz(seconds: float, seed: int) -> tuple[dict[str, Any], bool]:
    print(json.dumps({"seed": seed}), flush=True)
    bulk = fuzz.in_bulk(seconds * (1 - AT_THE_DOOR), seed)
    door = fuzz.through_the_door(seconds * AT_THE_DOOR, seed)
    told = {"bulk": _told(bulk), "door": _told(door)}
    return {"seed": seed, **told}, not bulk.failures and not door.failures


def _network_fuzz(seconds: float, seed: int) -> tuple[dict[str, Any], bool]:
    files, answers = network_fuzz.in_bulk(seconds, seed)
    told = {"files": _told(files), "answers": _told(answers)}
    return {"seed": seed, **told}, not files.failures and not answers.failures


def _told(found: fuzz.Fuzzed) -> dict[str, Any]:
    return {**vars(found), "per_s": round(found.files / max(found.seconds, 1e-9), 1)}


def _edges(seed: int) -> tuple[dict[str, Any], bool]:
    found = edges.run(EDGES, seed, load_profile("cn-gb55009")[0])
    told = {**vars(found), "misses": found.misses[:5], "false_alarms": found.false_alarms[:5]}
    return told, not found.misses and not found.false_alarms


if __name__ == "__main__":
    sys.exit(main())
