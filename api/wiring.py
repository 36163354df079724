"""Wiring: opens the vault that the settings name."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from api.screen import Rules
from api.settings import Settings
from spatial.errors import Refused
from sql.cluster import Cluster, embedded_cluster
from sql.migrate import migrate, pending
from sql.postgis import PostgisVault
from sql.vault import Vault


@contextmanager
def open_vault(settings: Settings) -> Iterator[Vault]:
    """The vault at PREDIG_DATABASE_URL, or the embedded one, started and migrated.

    :raises Refused: a database whose schema is not current, a home that cannot be used.
    :raises sql.errors.VaultUnavailable: a database that cannot be reached.
    """
    with ExitStack() as stack:
        if settings.database_url is None:
            cluster = stack.enter_context(embedded_cluster(settings.home))
            migrate(cluster.url("predig_admin"))
            url = cluster.url("predig_app")
        else:
            url = settings.database_url
            _refuse_old_schema(url)
        vault = PostgisVault(url)
        stack.callback(vault.close)
        yield vault


@contextmanager
def database_for_serving(settings: Settings, rules: Rules) -> Iterator[tuple[str, Cluster | None]]:
    """(application URL, the embedded cluster if it is ours), migrated, with `rules` in force, until the block ends.

    A database named by PREDIG_DATABASE_URL is migrated only when PREDIG_OWNER_URL is given.
    :raises: as open_vault().
    """
    if settings.owner_url is not None:
        migrate(settings.owner_url)
    with ExitStack() as stack:
        if settings.database_url is None:
            cluster = stack.enter_context(embedded_cluster(settings.home))
            migrate(cluster.url("predig_admin"))
            url = cluster.url("predig_app")
        else:
            cluster = None
            url = settings.database_url
            _refuse_old_schema(url)
        with closing(PostgisVault(url)) as vault:
            profile = rules.profile
            vault.adopt_profile(rules.text, profile.sha256, profile.profile_id, profile.version)
        yield url, cluster


def migrate_database(settings: Settings) -> list[str]:
    """Bring the schema up to date; the names of the migrations applied."""
    if settings.owner_url is not None:
        return migrate(settings.owner_url)
    if settings.database_url is not None:
        raise Refused.because(
            "owner_url_missing",
            en="PREDIG_DATABASE_URL is the application's role; migrating needs PREDIG_OWNER_URL, "
            "the address of a role that may create tables",
            zh="PREDIG_DATABASE_URL 是应用角色；迁移还需要 PREDIG_OWNER_URL，即可以建表的角色的地址",
        )
    with embedded_cluster(settings.home) as cluster:
        return migrate(cluster.url("predig_admin"))


def _refuse_old_schema(url: str) -> None:
    missing = pending(url)
    if missing:
        raise Refused.because(
            "schema_old",
            en=f"the database lacks {', '.join(missing)}: run `predig db migrate` with PREDIG_OWNER_URL set",
            zh=f"数据库缺少 {', '.join(missing)}：请设置 PREDIG_OWNER_URL 后运行 predig db migrate",
        )
