"""A real server as a user starts it: `predig up` in a process of its own, on any free port of this machine."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STARTS_WITHIN_S = 60
ENDS_WITHIN_S = 30


@contextmanager
def predig_up(database_url: str, **environment: str) -> Iterator[str]:
    """The address of a server and its worker over the database, ready; both are ended with the block.

    environment: PREDIG_ settings beside the database's address.
    """
    env = {name: value for name, value in os.environ.items() if not name.startswith("PREDIG_")}
    env |= {"PREDIG_DATABASE_URL": database_url, "PREDIG_LANG": "en", **environment}
    process = subprocess.Popen(
        [sys.executable, "-m", "api", "up", "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        stderr=sys.stderr,
        env=env,
        text=True,
        cwd=Path(__file__).parent.parent.parent,
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said, f"the server ended with {process.wait(STARTS_WITHIN_S)} before it was ready"
        yield json.loads(said)["address"]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(ENDS_WITHIN_S)
        assert process.stdout is not None
        process.stdout.close()
