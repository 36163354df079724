"""Migrated databases for tests, each lent to one at a time. Making one costs more than what most tests do with it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from typing import Any

import psycopg2
from sqlalchemy import make_url

from sql.cluster import ADMIN, Cluster

_SCHEMA = """
SELECT md5(string_agg(made, ',' ORDER BY made)) FROM (
    SELECT 'class ' || relname || ' ' || concat_ws(
        ' ', oid, relnamespace, relowner, relkind, relpersistence, relacl, reloptions, relrowsecurity
    ) FROM pg_class WHERE relnamespace IN ('predig'::regnamespace, 'public'::regnamespace)
    UNION ALL SELECT 'column ' || attrelid || '.' || attnum || ' ' || xmin FROM pg_attribute
    UNION ALL SELECT 'function ' || oid || ' ' || xmin FROM pg_proc
    UNION ALL SELECT 'trigger ' || oid || ' ' || xmin FROM pg_trigger
    UNION ALL SELECT 'constraint ' || oid || ' ' || xmin FROM pg_constraint
    UNION ALL SELECT 'schema ' || oid || ' ' || xmin FROM pg_namespace
        WHERE nspname !~ '^pg_(toast_)?temp_'
    UNION ALL SELECT 'setting ' || setdatabase || ' ' || setrole || ' ' || xmin FROM pg_db_role_setting
    UNION ALL SELECT 'database ' || xmin FROM pg_database WHERE datname = current_database()
    UNION ALL SELECT 'migration ' || to_json(done) FROM predig.schema_migration AS done
    UNION ALL SELECT 'reference ' || count(*) || ' ' || max(xmin::text::bigint) FROM spatial_ref_sys
) AS all_of_it(made)
"""
"""What migrations made, by who wrote each row of the catalog last; of tables, which an import writes anew, by what it says."""

_EMPTY = """
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT oid::regclass AS name, relkind FROM pg_class
        WHERE relnamespace = 'predig'::regnamespace AND relkind IN ('r', 'S')
            AND relname NOT IN ('schema_migration', 'pulse')
    LOOP
        IF one.relkind = 'S' THEN
            PERFORM setval(one.name, 1, false);
        ELSE
            EXECUTE 'DELETE FROM ' || one.name;
        END IF;
    END LOOP;
END
$$
"""


class Databases:
    """Copies of one migrated database; nobody may stay connected to that."""

    def __init__(self, cluster: Cluster, template: str) -> None:
        self._cluster, self._template = cluster, template
        self._numbers = count(1)
        self._free: list[tuple[str, str]] = []

    @contextmanager
    def lent(self) -> Iterator[str]:
        """The name of an empty one. It is thrown away if its schema is no longer what migrations made."""
        if self._free:
            name, schema = self._free.pop()
        else:
            name = f"vault_{next(self._numbers)}"
            execute_as_admin(self._cluster, f"CREATE DATABASE {name} TEMPLATE {self._template}")
            schema = execute_as_admin(self._cluster, _SCHEMA, name)
        yield name
        if self._emptied(name, schema):
            self._free.append((name, schema))
        else:
            execute_as_admin(self._cluster, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _emptied(self, name: str, schema: str) -> bool:
        try:
            with closing(_connected(self._cluster, name)) as connection, connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
                cursor.execute(_SCHEMA)
                if cursor.fetchone() != (schema,):
                    return False
                # No triggers, which forbid it, and no waiting for the disk.
                cursor.execute("SET session_replication_role = replica; SET synchronous_commit = off")
                cursor.execute(_EMPTY)
                return True
        except psycopg2.Error:
            return False


def execute_as_admin(cluster: Cluster, statement: str, database: str = "postgres") -> Any:
    """One statement outside any transaction, as the superuser; the first value it gives, if any."""
    with closing(_connected(cluster, database)) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None


def _connected(cluster: Cluster, database: str) -> Any:
    url = make_url(cluster.url(ADMIN, database))
    connection = psycopg2.connect(
        host=url.query["host"], port=url.query["port"], user=url.username, dbname=url.database
    )
    connection.autocommit = True
    return connection
