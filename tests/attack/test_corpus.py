"""Hostile files and a real server: each is answered in time with a sentence, and nothing else ever happens."""

from contextlib import closing
from pathlib import Path

import psycopg2
from sqlalchemy import make_url

from tests.attack.conftest import House
from tests.attack.corpus import Hostile, corpus
from tests.attack.siege import besiege, everyday, everything_in
from tests.attack.strace import calls, to_the_internet
from tests.support.served import until

CLIENTS = 2
REPOSITORY = Path(__file__).parents[2]


def database_started(owner_url: str) -> str:
    url = make_url(owner_url)
    connection = psycopg2.connect(
        host=url.query["host"], port=url.query["port"], user=url.username, dbname=url.database
    )
    with closing(connection), connection.cursor() as cursor:
        cursor.execute("SELECT pg_postmaster_start_time()::text")
        return str(cursor.fetchone()[0])


def lying_about(house: House) -> set[tuple[str, int]]:
    """Files beside the canary and in the repository, save what the server writes to its logs and figures."""
    places = [
        house.trap.canary.parent,
        *(REPOSITORY / room for room in ("api", "ingest", "spatial", "sql", "tests")),
    ]
    own = (str(house.temporary), str(house.log), str(house.log.with_name("log")))
    return {
        (path, size)
        for path, size in everything_in(*places)
        if not path.startswith(own) and "__pycache__" not in path
    }


def checked(house: House, files: list[Hostile]) -> list[str]:
    """What went wrong with the files, and with the house meanwhile."""
    pids, since = house.server.at_work(), database_started(house.owner_url)
    before = lying_about(house)
    answers = besiege(house.server.address, files, CLIENTS)
    wrong = [fault for answer in answers for fault in answer.faults()]
    assert len(answers) == len(files)
    if house.server.at_work() != pids:
        wrong.append("a server died")
    if database_started(house.owner_url) != since:
        wrong.append("the database started anew")
    until(lambda: not list(house.temporary.glob("predig-rooms-*/*/*")))
    own = {place.name.rpartition("-")[0] for place in house.temporary.iterdir()}
    assert own == {"predig-figures", "predig-rooms"}
    wrong += [f"left or changed: {place}" for place in sorted(before ^ lying_about(house))]
    own_port = int(house.server.address.rpartition(":")[2])
    wrong += [f"asked for an address: {call}" for call in to_the_internet(calls(house.log), own_port)]
    wrong += [f"came to the port: {who}" for who in house.came]
    return wrong


def test_every_file_is_answered_with_a_sentence_and_nothing_else_happens(house: House) -> None:
    files = everyday(corpus(house.trap))
    assert {hostile.case for hostile in files} >= {f"U{n}" for n in range(1, 10)} | {
        "G1",
        "G2",
        "G3",
        "G5",
        "G6",
    }
    assert not checked(house, files)
