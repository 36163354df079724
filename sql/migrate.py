"""Bringing a database to this version: numbered SQL files, each applied once, whole, and never changed after."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import resources

from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from spatial.errors import Refused
from sql.errors import translated
from sql.queries import MIGRATE

FILE_NAME = re.compile(r"\d{4}_[a-z0-9_]+\.sql")


def shipped() -> dict[str, str]:
    """The migrations of this version, name -> SQL text, in the order they apply."""
    folder = resources.files("sql") / "migrations"
    files = sorted(entry.name for entry in folder.iterdir() if FILE_NAME.fullmatch(entry.name))
    return {name: (folder / name).read_text(encoding="utf-8") for name in files}


def migrate(owner_url: str, migrations: Mapping[str, str] | None = None) -> list[str]:
    """Apply what is missing; the names applied, in order.

    owner_url: a role that may create extensions and roles. Each file is one transaction together with its
    record, so a failure leaves the database at the file before. Safe to run twice and by two processes at
    once: the second waits for the first, file by file, and finds nothing left to do.

    :raises Refused: `migration_changed`, when an applied file is not the one shipped; `migration_unknown`,
        when the database is newer than this program; `owner_role_weak`, when the role may not do this.
    :raises sql.errors.VaultUnavailable: when the database cannot be reached, or a lock is not to be had.
    """
    known = shipped() if migrations is None else migrations
    applied = []
    with _connected(owner_url) as connection:
        for name, text in known.items():
            with connection.begin():
                connection.exec_driver_sql(MIGRATE["wait_for_turn"])
                if name in missing(connection, known):
                    # No parameters: the text goes to the server as it stands in the file.
                    connection.exec_driver_sql(text, execution_options={"no_parameters": True})
                    connection.exec_driver_sql(MIGRATE["record"], {"name": name, "sha256": _sha256(text)})
                    applied.append(name)
    return applied


def pending(url: str, migrations: Mapping[str, str] | None = None) -> list[str]:
    """The migrations the database lacks, in order. Reads only; the application's role will do.

    Refuses as migrate() does.
    """
    with _connected(url) as connection, connection.begin():
        return missing(connection, migrations)


def missing(connection: Connection, migrations: Mapping[str, str] | None = None) -> list[str]:
    """As pending(), on a connection there is already."""
    known = shipped() if migrations is None else migrations
    if connection.exec_driver_sql(MIGRATE["has_record"]).scalar_one() is None:
        return list(known)
    done = {str(name): str(sha256) for name, sha256 in connection.exec_driver_sql(MIGRATE["applied"])}
    strange = [name for name in done if name not in known]
    if strange:
        raise Refused.because(
            "migration_unknown",
            en=f"the database was migrated by a newer predig ({', '.join(strange)}): use that version or newer",
            zh=f"数据库已由更新版本的 predig 迁移（{', '.join(strange)}）：请使用该版本或更新版本",
        )
    changed = [name for name, sha256 in done.items() if sha256 != _sha256(known[name])]
    if changed:
        raise Refused.because(
            "migration_changed",
            en=f"{', '.join(changed)} differs from what was applied to this database: restore the shipped file; "
            "a change of the schema is a new migration",
            zh=f"{', '.join(changed)} 与已应用到该数据库的内容不同：请恢复原文件；结构变更须写成新的迁移文件",
        )
    return [name for name in known if name not in done]


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    """One connection, closed afterwards. Waiting for a lock ends after a while instead of for ever."""
    engine = create_engine(
        url,
        poolclass=NullPool,
        connect_args={
            "application_name": "predig-migrate",
            "connect_timeout": 10,
            "options": "-c lock_timeout=30s -c client_min_messages=warning",
        },
    )
    with translated():
        try:
            with engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            if getattr(error.orig, "pgcode", None) == "42501":
                raise Refused.because(
                    "owner_role_weak",
                    en="this role may not create the extension, the roles or the tables: give PREDIG_OWNER_URL a "
                    "database administrator's role",
                    zh="该角色无权创建扩展、角色或数据表：请在 PREDIG_OWNER_URL 中使用数据库管理员角色",
                ) from None
            raise
        finally:
            engine.dispose()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
