"""A real `predig up` of the demo's own, and the requests a firm's program would send it."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

READY_WAIT_S = 120.0
STOP_WAIT_S = 60.0


@contextmanager
def running(*options: str) -> Iterator[str]:
    """`predig up` with these options, server and worker, until the block ends; the address."""
    words = [sys.executable, "-m", "api.cli", "up", *options, "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            if not said:
                raise SystemExit(process.wait())  # it has said why
            yield str(json.loads(said)["address"]).rstrip("/")
        finally:
            process.terminate()
            try:
                process.wait(STOP_WAIT_S)
            except subprocess.TimeoutExpired:
                process.kill()


def get(address: str, path: str) -> Any:
    """The JSON answer to a GET."""
    return json.loads(fetch(address, path))


def fetch(address: str, path: str) -> bytes:
    with urllib.request.urlopen(f"{address}{path}", timeout=60) as answer:
        body: bytes = answer.read()
    return body


def post(address: str, path: str, body: dict[str, Any]) -> Any:
    """The JSON answer to a POST; what the server refuses ends the demo with its sentences."""
    request = urllib.request.Request(
        f"{address}{path}",
        data=json.dumps(body, ensure_ascii=False).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        raise SystemExit(f"POST {path}: {error.code} {error.read().decode()}") from error


def wait_for(address: str, path: str, settled: Any, seconds: float = 60.0) -> Any:
    """The first answer that `settled` accepts."""
    until = time.monotonic() + seconds
    while not settled(answer := get(address, path)):
        if time.monotonic() > until:
            raise SystemExit(f"GET {path}: nothing changed within {seconds:g} s")
        time.sleep(0.2)
    return answer
