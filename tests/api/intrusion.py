"""What others do to the database while a command runs: the administrator's locks, looks and blows."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
from sqlalchemy import make_url

WAIT_S = 60.0


def connect(url: str) -> Any:
    """A connection of the driver by an SQLAlchemy URL."""
    parts = make_url(url)
    connection = psycopg2.connect(
        host=parts.query["host"], port=parts.query["port"], user=parts.username, dbname=parts.database
    )
    connection.autocommit = True
    return connection


def as_admin(url: str, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """One statement; its rows."""
    with closing(connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return list(cursor.fetchall()) if cursor.description else []


@contextmanager
def locked(url: str, table: str) -> Iterator[None]:
    """Nobody writes to the table meanwhile; reading goes on."""
    with closing(connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
        yield


def wait_until(happened: Callable[[], Any], what: str) -> None:
    """Poll until it happened."""
    deadline = time.monotonic() + WAIT_S
    while not happened():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)


def someone_waits(url: str) -> bool:
    """A predig stands before a lock."""
    return bool(
        as_admin(
            url,
            "SELECT 1 FROM pg_stat_activity WHERE application_name = 'predig' AND wait_event_type = 'Lock'"
            " AND datname = current_database()",
        )
    )


def cut_connections(url: str) -> int:
    """End every predig's connection to this database; how many."""
    return len(
        as_admin(
            url,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'predig' AND datname = current_database()",
        )
    )
