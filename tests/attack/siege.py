"""Sending hostile files to a server, and what must be true of it afterwards."""

import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.attack.corpus import PLANS, UNDERSTOOD, Hostile, Trap

WORDS = "canary-5f2a7c"
PATIENCE_S = 90.0


@dataclass(frozen=True, slots=True)
class Answer:
    """status: 0 where there was no answer at all."""

    hostile: Hostile
    status: int
    body: bytes
    took_s: float

    @property
    def code(self) -> str:
        """Of the first fault, "" of an answer without."""
        return str(self._told().get("code", ""))

    def _told(self) -> dict[str, object]:
        try:
            told = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return told if isinstance(told, dict) else {}

    def faults(self) -> list[str]:
        """What is wrong with it: it gives the canary away, is no sentence or not the one that was due."""
        found = []
        if WORDS.encode() in self.body:
            found.append("holds the canary")
        may_be = not self.hostile.codes or UNDERSTOOD in self.hostile.codes
        if self.status == 200 and may_be:
            found += [] if b'"plan":' in self.body or self.hostile.door != PLANS else ["no plan"]
        elif self.hostile.codes:
            found += self._faults_of_a_refusal()
        else:
            found.append(f"harmless, but {self.status} {self.code}")
        return [f"{self.hostile.name}: {one}" for one in found]

    def late(self) -> list[str]:
        """For campaigns: how long a machine that does other things takes proves nothing."""
        return (
            [f"{self.hostile.name}: after {self.took_s:.1f} s"] if self.took_s > self.hostile.within_s else []
        )

    def _faults_of_a_refusal(self) -> Iterator[str]:
        if not 400 <= self.status < 500:
            yield f"answered {self.status}: {self.body[:200]!r}"
            return
        told = self._told()
        rows = told.get("faults")
        if not isinstance(rows, list) or not rows or not all(row["en"] and row["zh"] for row in rows):
            yield f"no sentence: {self.body[:200]!r}"
        elif self.code not in self.hostile.codes:
            yield f"refused for {self.code}: {told.get('detail')!s:.200}"


def send(client: httpx.Client, hostile: Hostile) -> Answer:
    data = hostile.make()
    kind = "application/octet-stream" if hostile.door == PLANS else "application/json"
    asked = {"name": hostile.file, **hostile.asked} if hostile.door == PLANS else {}
    begun = time.monotonic()
    try:
        answer = client.post(hostile.door, content=data, params=asked, headers={"Content-Type": kind})
    except httpx.TransportError as error:
        return Answer(hostile, 0, repr(error).encode(), time.monotonic() - begun)
    return Answer(hostile, answer.status_code, answer.content, time.monotonic() - begun)


def besiege(address: str, files: Sequence[Hostile], clients: int) -> list[Answer]:
    """All files, by so many clients at a time."""
    with (
        httpx.Client(base_url=address, trust_env=False, timeout=PATIENCE_S) as client,
        ThreadPoolExecutor(clients) as pool,
    ):
        return list(pool.map(lambda hostile: send(client, hostile), files))


@contextmanager
def trapped(folder: Path) -> Iterator[tuple[Trap, list[str]]]:
    """A canary file in a folder of its own, and a port that notes who comes: the list stays empty."""
    canary = folder / "canary.csv"
    canary.write_text(f"X,Y,name\n1,2,{WORDS}\n", encoding="utf-8")
    came: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def note() -> None:
            while True:
                try:
                    connection, who = listening.accept()
                except OSError:
                    return
                came.append(str(who))
                connection.close()

        thread = threading.Thread(target=note, daemon=True)
        thread.start()
        yield Trap(canary, WORDS, listening.getsockname()[1]), came
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def everything_in(*folders: Path) -> set[tuple[str, int]]:
    """(path, size) of all that lies in some folders."""
    return {
        (str(place), place.lstat().st_size)
        for folder in folders
        for place in folder.rglob("*")
        if not place.is_dir()
    }


def everyday(files: Sequence[Hostile]) -> list[Hostile]:
    """What costs little: all that needs no process of its own, and the first of each case and kind of file that does."""
    chosen: dict[object, Hostile] = {}
    for hostile in files:
        apart = hostile.door == PLANS and not hostile.file.endswith(".geojson")
        if not hostile.heavy:
            chosen.setdefault((hostile.case, Path(hostile.file).suffix) if apart else hostile.name, hostile)
    return list(chosen.values())
