"""What the doors are measured against: a bare FastAPI endpoint that inserts one row durably, and nothing else.

It takes the same body as a filing, keeps it as one row, commits (with fsync, as PostgreSQL does by default)
and gives the row's number back. A plain psycopg2 pool, no layer between: nothing here slows it down.
"""

import json
import os
from datetime import date
from typing import Any

from fastapi import FastAPI
from psycopg2.pool import ThreadedConnectionPool
from pydantic import BaseModel

THREADS = 40
"""As many as the server's thread pool has: whoever has a thread gets a connection."""

SCHEMA = """
CREATE SCHEMA peer;
CREATE TABLE peer.kept (
    number  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title   text NOT NULL,
    starts_on date NOT NULL,
    body    json NOT NULL,
    kept_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT USAGE ON SCHEMA peer TO predig_app;
GRANT INSERT, SELECT ON peer.kept TO predig_app;
"""

INSERT = "INSERT INTO peer.kept (title, starts_on, body) VALUES (%s, %s, %s) RETURNING number"


class Row(BaseModel):
    """What of the body is looked at."""

    title: str
    starts_on: date
    plan: dict[str, Any]


class Answer(BaseModel):
    number: int


def create_peer() -> FastAPI:
    """The peer, on the database that BENCH_DSN names (libpq form)."""
    pool = ThreadedConnectionPool(8, THREADS, os.environ["BENCH_DSN"])
    app = FastAPI()

    @app.get("/empty")
    def empty() -> dict[str, str]:
        return {}

    @app.post("/rows", status_code=201)
    def keep(row: Row) -> Answer:
        connection = pool.getconn()
        try:
            with connection.cursor() as cursor:
                cursor.execute(INSERT, (row.title, row.starts_on, json.dumps(row.plan, ensure_ascii=False)))
                (number,) = cursor.fetchone()  # type: ignore[misc]  # RETURNING gives one row
            connection.commit()
        finally:
            pool.putconn(connection)
        return Answer(number=number)

    return app
