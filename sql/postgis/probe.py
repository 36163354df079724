"""Does the database answer a newcomer? Asked on a connection made for the question and dropped after it."""

from sqlalchemy import NullPool, create_engine

from sql.errors import translated


class Probe:
    """app_url: as PostgisVault. A held connection would not do: its backend answers although the server that makes
    new ones hangs."""

    def __init__(self, app_url: str) -> None:
        self._engine = create_engine(
            app_url,
            poolclass=NullPool,
            # 2 s is the least that libpq waits; whoever asks must not rely on it to give up.
            connect_args={"application_name": "predig probe", "connect_timeout": 2},
        )

    def ask(self) -> None:
        """:raises VaultUnavailable: no answer. Hangs for as long as a stopped server keeps its connections open."""
        with translated(), self._engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
