"""The worker child: works off jobs twice a second, looks for what no job tells of every ten minutes and at midnight."""

import logging
import signal
import threading
import time
from collections.abc import Mapping
from datetime import date

from api.imports.spool import Spool
from api.serve.child import Order
from api.serve.importing import Imports
from api.settings import read_settings, today
from api.trouble import where
from api.working import sweep, work_off_jobs
from spatial.errors import Fault, Refused
from sql.errors import VaultUnavailable
from sql.postgis import PostgisVault
from sql.vault import Vault

WORK_EVERY_S = 0.5
SWEEP_EVERY_S = 600.0
JUST_FILED_S = 5.0
"""As long as jobs of filings are left to the request that filed them (PostgisVault)."""
LONGEST_PAUSE_S = 5.0

LOG = logging.getLogger("predig.worker")


def work_on(order: Order) -> None:
    """Work until SIGTERM; the company at hand is finished first."""
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    vault = PostgisVault(order.database_url)
    imports = Imports(order, Spool(read_settings().spool))
    try:
        keep_working(vault, ended, imports)
    finally:
        imports.end()
        vault.close()


def keep_working(vault: Vault, ended: threading.Event, imports: Imports) -> None:
    """A database that is gone is waited for; an error no one foresaw is logged, and the next round goes on."""
    round_ = Round(vault, ended, imports)
    pause_s = WORK_EVERY_S
    while not ended.wait(pause_s):
        try:
            round_.go()
            pause_s = WORK_EVERY_S
        except VaultUnavailable as unavailable:
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            LOG.warning("the database is not there: %s", unavailable.fault.code)
        except Refused as refused:
            LOG.error("work was refused: %s", ", ".join(fault.code for fault in refused.faults))
        except Exception as unforeseen:
            pause_s = LONGEST_PAUSE_S
            LOG.error("work broke off: %s", where(unforeseen))


class Round:
    """What is due now: uploads to be imported and jobs each time, the sweep at start, after each midnight in China and
    every ten minutes."""

    def __init__(self, vault: Vault, ended: threading.Event, imports: Imports) -> None:
        self._vault, self._imports = vault, imports
        self._ended = ended
        self._swept_at = float("-inf")
        self._swept_on: date | None = None

    def go(self) -> None:
        on = today()
        self._imports.look(self._vault)
        told = work_off_jobs(self._vault, on, go_on=self._may_go_on)
        if on != self._swept_on or time.monotonic() - self._swept_at > SWEEP_EVERY_S:
            # At midnight clears run out; else what is pending for a moment is just being judged by whoever took it in.
            pending_for_s = JUST_FILED_S if self._swept_on in (None, on) else 0.0
            found = sweep(self._vault, on, told.failed, pending_for_s=pending_for_s, go_on=self._may_go_on)
            self._swept_at, self._swept_on = time.monotonic(), on
            _tell(found.failed)
        _tell(told.failed)

    def _may_go_on(self) -> bool:
        return not self._ended.is_set()


def _tell(failed: Mapping[str, Fault]) -> None:
    for permit_id, fault in failed.items():
        LOG.error("permit %s could not be judged: %s", permit_id, fault.code)
