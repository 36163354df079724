"""The databases tests are lent: as empty as a new one, or not lent again."""

import pytest

from sql.cluster import APP, Cluster
from sql.postgis import PostgisVault
from tests.contract.town import bring, file, pipe
from tests.support.databases import Databases, execute_as_admin


def test_what_one_test_left_the_next_does_not_find(databases: Databases, cluster: Cluster) -> None:
    with databases.lent() as name:
        vault = PostgisVault(cluster.url(APP, name))
        bring(vault, [pipe("a", 0.0)])
        first = file(vault, 0.0)
    vault.close()
    with databases.lent() as again:
        assert again == name
        vault = PostgisVault(cluster.url(APP, again))
        assert vault.permits() == ()
        bring(vault, [pipe("a", 0.0)])
        assert file(vault, 0.0) != first
        vault.close()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE predig.more ()",
        "ALTER TABLE predig.permit ADD COLUMN more int",
        "GRANT DELETE ON predig.permit TO predig_app",
        "CREATE INDEX ON predig.permit (permit_id)",
        "ALTER TABLE predig.permit DISABLE TRIGGER ALL",
        "DELETE FROM predig.schema_migration",
        "DELETE FROM public.spatial_ref_sys WHERE srid = 4490",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET jit = on', current_database()); END $$",
    ],
)
def test_a_changed_one_is_not_lent_again(databases: Databases, cluster: Cluster, statement: str) -> None:
    with databases.lent() as name:
        execute_as_admin(cluster, statement, name)
    with databases.lent() as another:
        assert another != name
    assert not execute_as_admin(cluster, f"SELECT count(*) FROM pg_database WHERE datname = '{name}'")
