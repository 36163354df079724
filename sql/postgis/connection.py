"""The one door to the database: a small pool, two ways to run, one place where errors are translated."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import psycopg2
from psycopg2.extras import NamedTupleCursor
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from sql.errors import translated
from sql.queries import FIND

Answer = TypeVar("Answer")

SETTINGS = {
    # A question is answered in milliseconds; what takes a minute is broken.
    "statement_timeout": "60s",
    "lock_timeout": "10s",
    # A writer that died with its transaction open must not hold the register for ever.
    "idle_in_transaction_session_timeout": "120s",
    "client_min_messages": "warning",
}


class Door:
    """Connections as the application's role. Safe to share between threads.

    pool_size: connections kept; as many again are made when all are in use. patience_s: how long to wait for
    one, for a new one to be made, and for a network that swallows what is sent.
    """

    def __init__(self, app_url: str, *, pool_size: int = 4, patience_s: float = 10.0) -> None:
        self._engine: Engine = create_engine(
            app_url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=patience_s,
            connect_args={
                "application_name": "predig",
                "connect_timeout": max(2, round(patience_s)),  # libpq waits no less than 2 s
                "tcp_user_timeout": round(patience_s * 1000),
                "options": " ".join(f"-c {name}={value}" for name, value in SETTINGS.items()),
            },
        )
        self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self.database: tuple[Any, ...] | None = None
        """Which database and which run of its server the newest connection is to. When it is another than before, what
        was remembered of the old one may be wrong: after a restore, revisions and ids are given anew."""
        event.listen(self._engine, "connect", self._note_database)

    def _note_database(self, driver: Any, _record: Any) -> None:
        with driver.cursor() as cursor:
            cursor.execute(FIND["which_database"])
            self.database = cursor.fetchone()
        driver.rollback()

    def read(self, work: Callable[[Connection], Answer]) -> Answer:
        """Run questions that need no common transaction. Asked once more when the connection was dead."""
        with translated():
            try:
                with self._reading.connect() as connection:
                    return work(connection)
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
            self._forget_idle()
            with self._reading.connect() as connection:
                return work(connection)

    def glance(
        self, statement: str, values: Mapping[str, Any], *, prepare: str | None = None
    ) -> list[tuple[Any, ...]]:
        """The rows of one question that needs no transaction: read() for the hot path, without what SQLAlchemy does
        around a question, which takes as long as half the answer.

        prepare: a statement that each connection has to be sent once before."""
        with translated():
            try:
                return self._glance(statement, values, prepare)
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
            self._forget_idle()
            return self._glance(statement, values, prepare)

    def _glance(
        self, statement: str, values: Mapping[str, Any], prepare: str | None
    ) -> list[tuple[Any, ...]]:
        lent = self._engine.raw_connection()
        try:
            driver = lent.driver_connection
            assert driver is not None
            try:
                driver.autocommit = True
                with driver.cursor() as cursor:
                    if prepare is not None and prepare not in lent.info:
                        cursor.execute(prepare)
                        lent.info[prepare] = True  # forgotten with the connection
                    cursor.execute(statement, values)
                    return list(cursor.fetchall())
            finally:
                # Whoever has it next may want a transaction.
                if not driver.closed:
                    driver.autocommit = False
        except psycopg2.Error as error:
            gone = self._engine.dialect.is_disconnect(error, driver, None)
            if gone:
                lent.invalidate(error)
            raise _as_sqlalchemy(error, statement, gone) from error
        finally:
            lent.close()

    def write(self, work: Callable[[Connection], Answer]) -> Answer:
        """Run `work` in one transaction and commit it.

        Run once more when the connection was dead before the commit was sent, since then nothing was kept.
        A commit whose answer was lost is not repeated: nobody knows whether it was kept.
        """
        with translated():
            again = True
            while True:
                with self._engine.connect() as connection:
                    try:
                        answer = work(connection)
                    except DBAPIError as error:
                        if not (again and error.connection_invalidated):
                            raise
                        again = False
                        self._forget_idle()
                        continue
                    connection.commit()
                    return answer

    def _forget_idle(self) -> None:
        """Those that wait in the pool mostly died with the one that was found dead, and nothing is tried a third time."""
        self._engine.dispose()

    def close(self) -> None:
        self._engine.dispose()


def ask(connection: Connection, statement: str, values: Mapping[str, Any]) -> list[Any]:
    """The rows of a statement, as named tuples, by the driver's own cursor: for the few statements of every filing and
    enquiry, since SQLAlchemy's result costs this process as much again as the statement. Errors are the same."""
    if not connection.in_transaction():
        connection.begin()  # or a commit would not know that there is anything to commit
    driver = connection.connection
    try:
        with driver.cursor(cursor_factory=NamedTupleCursor) as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall())
    except psycopg2.Error as error:
        gone = connection.dialect.is_disconnect(error, driver.dbapi_connection, None)
        if gone:
            connection.invalidate(error)
        raise _as_sqlalchemy(error, statement, gone) from error


def _as_sqlalchemy(error: psycopg2.Error, statement: str, gone: bool) -> DBAPIError:
    made: DBAPIError = DBAPIError.instance(
        statement, None, error, psycopg2.Error, hide_parameters=True, connection_invalidated=gone
    )
    return made
