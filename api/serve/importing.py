"""The worker's side of importing what was uploaded: a process for each upload (api.serve.importer), started when one is due.

An import may take minutes and gigabytes, and meanwhile the worker goes on judging.
"""

import logging
import subprocess
import time
from dataclasses import replace

from api.imports.spool import Spool
from api.serve.child import Order, importer
from sql.vault import Vault

PAUSE_AFTER_DEATH_S = 5.0
SWEEP_EVERY_S = 600.0
END_WITHIN_S = 3.0

LOG = logging.getLogger("predig.imports")


class Imports:
    """At most one at a time."""

    def __init__(self, order: Order, spool: Spool) -> None:
        self._order, self._spool = replace(order, work="importer"), spool
        self._process: subprocess.Popen[bytes] | None = None
        self._not_before = self._swept_at = float("-inf")

    def look(self, vault: Vault) -> None:
        """Start one when an upload is due. Cheap: asked twice a second."""
        if self._process is not None:
            if self._process.poll() is None:
                return
            self._bury(self._process)
        name, now = self._spool.name(), time.monotonic()
        if name is None or now < self._not_before:
            return
        if now - self._swept_at > SWEEP_EVERY_S:
            self._spool.sweep(vault)
            self._swept_at = now
        _, due = vault.upload_queue(name)
        if due:
            self._process = importer(self._order)

    def end(self) -> None:
        """What it had in hand is begun anew at the next start."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(END_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _bury(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        process.stdin.close()
        self._process = None
        if process.returncode != 0:
            LOG.error("an import ended (%s) before it was done", process.returncode)
            self._not_before = time.monotonic() + PAUSE_AFTER_DEATH_S
