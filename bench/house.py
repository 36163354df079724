"""An empty house of its own for a campaign: a private cluster that is gone afterwards."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

from sql.cluster import embedded_cluster
from sql.cluster_home import server_account


@contextmanager
def temporary_home() -> Iterator[Path]:
    """A folder that the server's user can live in, removed at the end."""
    account = server_account()
    folder = Path(tempfile.mkdtemp(prefix="predig-bench-"))
    try:
        if os.geteuid() == 0:
            os.chown(folder, account.uid, account.gid)
        yield folder / "home"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def temporary_house(**settings: str) -> Iterator[dict[str, str]]:
    """The environment to call `predig` with; its cluster stays up until the block ends."""
    with temporary_home() as home, embedded_cluster(home):
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PREDIG_")}
        yield {**kept, "PREDIG_HOME": str(home), **settings}


def libpq_form(url: str) -> str:
    """An SQLAlchemy URL as libpq takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
