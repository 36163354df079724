"""The database goes, stops or crawls: every answer that needs it is 503 within two seconds, and it comes back by itself."""

import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from sql.cluster_home import server_account
from sql.cluster_processes import postmaster, processes_in
from tests.api.http.conftest import codes, enquiry, filing
from tests.support.served import Served, served, until

ANSWERED_WITHIN_S = 2.0

SITE = {
    "type": "Feature",
    "properties": {"half_width_m": 0.6},
    "geometry": {"type": "LineString", "coordinates": [[101.7771, 36.6171], [101.7793, 36.6175]]},
}
IN_DEGREES = {"crs": "EPSG:4490", "plan": SITE}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Path]]:
    """A server on a cluster of its own, which may be stopped and killed."""
    folder = Path(tempfile.mkdtemp(prefix="predig-test-"))
    folder.chmod(0o755)
    try:
        with served(home=folder / "home", log=folder / "log") as server:
            yield server, folder / "home" / "data"
            assert "Traceback" not in (folder / "log").read_text(encoding="utf-8")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def needing(client: httpx.Client) -> list[httpx.Response]:
    """One request of each sort that needs the database, with what each took."""
    return [
        client.post("/v1/enquiries", json=enquiry(**IN_DEGREES)),
        client.post("/v1/permits", json=filing(**IN_DEGREES)),
        client.get("/v1/permits"),
        client.get("/v1/alerts"),
        client.get("/readyz"),
    ]


def all_are_503_in_time(client: httpx.Client) -> None:
    for answer in needing(client):
        assert answer.status_code == 503, answer.text
        assert answer.elapsed.total_seconds() < ANSWERED_WITHIN_S
        assert answer.headers["retry-after"]
        assert codes(answer)[""].startswith("database_")
    assert client.get("/livez").status_code == 200
    assert "predig_database_up 0.0" in client.get("/metrics").text


def all_is_well(client: httpx.Client) -> bool:
    return [answer.status_code for answer in needing(client)] == [200, 201, 200, 200, 200]


def signal_all(pids: Iterable[int], sent: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):  # a background task of the server may have ended by itself
            os.kill(pid, sent)


def test_a_database_that_hangs(own: tuple[Served, Path]) -> None:
    """Stopped by a signal it refuses nothing and answers nothing: only a watch of our own can tell."""
    server, data = own
    with server.client() as client:
        until(lambda: all_is_well(client))
        head = postmaster(data)
        assert head is not None
        stopped = {head}
        during: list[httpx.Response] = []
        end = threading.Event()

        def keep_filing() -> None:
            with server.client() as other:
                while not end.is_set():
                    during.append(other.post("/v1/permits", json=filing(**IN_DEGREES)))

        thread = threading.Thread(target=keep_filing)
        thread.start()
        try:
            until(lambda: during)  # it is in the middle of filing
            os.kill(head, signal.SIGSTOP)  # first, so that it starts no other while they are counted
            stopped |= set(processes_in(data, server_account()))
            signal_all(stopped, signal.SIGSTOP)
            stopped_at = time.monotonic()
            all_are_503_in_time(client)
            while time.monotonic() - stopped_at < 4:
                all_are_503_in_time(client)
        finally:
            signal_all(stopped, signal.SIGCONT)
            end.set()
            thread.join()
        assert max(answer.elapsed.total_seconds() for answer in during) < ANSWERED_WITHIN_S
        assert {answer.status_code for answer in during} == {201, 503}
        until(lambda: all_is_well(client))


def test_a_server_that_takes_no_newcomers(own: tuple[Served, Path]) -> None:
    """Its old connections may go on answering; it is not well, and says so."""
    server, data = own
    pid = postmaster(data)
    assert pid is not None
    with server.client() as client:
        os.kill(pid, signal.SIGSTOP)
        try:
            time.sleep(2)
            assert client.get("/v1/permits").status_code == 503
        finally:
            os.kill(pid, signal.SIGCONT)
        until(lambda: all_is_well(client))


def test_a_database_that_is_killed_comes_back(own: tuple[Served, Path]) -> None:
    server, data = own
    with server.client() as client:
        kept = client.post("/v1/permits", json=filing(**IN_DEGREES)).json()["id"]
        pid = postmaster(data)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        killed_at = time.monotonic()
        statuses = set()
        while time.monotonic() - killed_at < 1.5:
            answer = client.post("/v1/enquiries", json=enquiry(**IN_DEGREES))
            assert answer.elapsed.total_seconds() < ANSWERED_WITHIN_S
            statuses.add(answer.status_code)
        assert 503 in statuses
        assert statuses <= {200, 503}
        until(lambda: all_is_well(client))
        assert time.monotonic() - killed_at < 30
        assert client.get(f"/v1/permits/{kept}").status_code == 200
