"""The process that imports one upload and ends. It dies with the worker that started it."""

import logging

from api.imports.spool import Spool
from api.imports.working import import_next
from api.serve.child import Order
from api.settings import read_settings, today
from ingest import come_last, parse_profile
from sql.errors import VaultUnavailable
from sql.postgis import PostgisVault

NICENESS = 5
"""A third of a core that the servers would use up."""

LOG = logging.getLogger("predig.imports")


def import_one(order: Order) -> None:
    """The next upload of this machine's spool, if no other process is at it."""
    come_last(NICENESS)
    settings = read_settings()
    spool = Spool(settings.spool)
    vault = PostgisVault(order.database_url)
    try:
        with spool.alone() as alone:
            if alone:
                with spool.workbench():
                    import_next(vault, spool, settings, parse_profile(order.profile), today())
    except VaultUnavailable as unavailable:
        LOG.warning("the database is not there: %s", unavailable.fault.code)
    finally:
        vault.close()
