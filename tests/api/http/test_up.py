"""`predig up`: where it listens, how it ends, and what it survives."""

import os
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest

from api.serve.address import bind
from ingest import load_profile
from sql.cluster_processes import postmaster
from tests.api.conftest import Predig
from tests.api.http.conftest import enquiry, filing
from tests.api.http.test_down import IN_DEGREES
from tests.support.served import COMMAND, served, until

READY_AGAIN_S = 30.0


@pytest.fixture
def folder() -> Iterator[Path]:
    """That the database's user can enter."""
    made = Path(tempfile.mkdtemp(prefix="predig-test-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "example.org"])
def test_it_listens_to_this_machine_only(predig: Predig, host: str) -> None:
    said = predig("up", "--host", host, "--port", "0")
    assert (said.code, said.codes) == (2, ["host_not_loopback"])


def test_a_container_is_published_on_loopback_only(predig: Predig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREDIG_PUBLISHED_ON", "192.0.2.7")
    said = predig("up", "--host", "0.0.0.0", "--port", "0")
    assert (said.code, said.codes) == (2, ["published_not_loopback"])


def test_a_container_may_listen_to_all_and_a_port_is_had_once(database_url: str, predig: Predig) -> None:
    published = {"PREDIG_PUBLISHED_ON": "127.0.0.1"}
    with (
        served("--host", "0.0.0.0", database_url=database_url, environment=published) as server,
        server.client() as client,
    ):
        assert client.get("/readyz").status_code == 200
        said = predig("up", "--port", server.address.rpartition(":")[2])
        assert (said.code, said.codes) == (2, ["port_taken"])
    for port in (-1, 65_536):
        assert predig("up", "--port", port).codes == ["port_unreadable"]


def test_what_is_accepted_sends_at_once() -> None:
    """Or small answers wait 40 ms for the other side; set on what listens, since what it accepts inherits it."""
    with (
        bind("127.0.0.1", 0, None) as listening,
        socket.create_connection(listening.getsockname()),
        listening.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_a_database_that_is_not_there_is_said_at_once(
    predig: Predig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREDIG_DATABASE_URL", "postgresql+psycopg2://predig_app@127.0.0.1:9/predig")
    said = predig("up", "--port", "0")
    assert (said.code, said.codes) == (1, ["database_gone"])


def test_changed_rules_judge_open_permits_anew(database_url: str, tmp_path: Path) -> None:
    _, text = load_profile("cn-gb55009")
    changed = tmp_path / "changed.toml"
    changed.write_text(text + "\n# read once more\n", encoding="utf-8")
    with served(database_url=database_url) as server, server.client() as client:
        permit = client.post("/v1/permits", json=filing(**IN_DEGREES)).json()
        assert server.terminate() == 0
    with served("--profile", str(changed), database_url=database_url) as server, server.client() as client:
        here = permit["links"]["self"]
        until(lambda: client.get(here).json()["status"] == permit["status"])
        now = client.get(here).json()["screenings"][0]
        assert now["id"] != permit["screenings"][0]["id"]
        assert now["rule_profile"]["sha256"] == load_profile(str(changed))[0].sha256


def test_it_ends_when_told_and_leaves_nothing_behind(folder: Path) -> None:
    """Requests under way are finished, the database is stopped, nothing listens any more."""
    answers: list[int] = []
    with served(home=folder / "home", log=folder / "log") as server:
        begun = threading.Event()

        def ask_slowly() -> None:
            big = enquiry(
                **{
                    **IN_DEGREES,
                    "plan": {
                        "type": "FeatureCollection",
                        "features": [
                            {
                                "type": "Feature",
                                "properties": {"half_width_m": 0.5},
                                "geometry": {
                                    "type": "LineString",
                                    "coordinates": [[101.7 + i * 1e-5, 36.6], [101.7 + i * 1e-5, 36.605]],
                                },
                            }
                            for i in range(900)
                        ],
                    },
                }
            )
            with server.client() as client:
                begun.set()
                answers.append(client.post("/v1/enquiries", json=big).status_code)

        thread = threading.Thread(target=ask_slowly)
        thread.start()
        begun.wait()
        time.sleep(0.25)
        assert answers == []
        code = server.terminate()
        thread.join()
    assert (code, answers) == (0, [200])
    assert postmaster(folder / "home" / "data") is None
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{server.address}/livez", trust_env=False)
    assert "Traceback" not in (folder / "log").read_text(encoding="utf-8")


def test_ctrl_c_while_starting_ends_it(folder: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "up", "--port", "0"],
        env={**os.environ, "PREDIG_HOME": str(folder / "home")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        until(lambda: (folder / "home").exists())
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()
    assert postmaster(folder / "home" / "data") is None


def test_children_that_are_killed_are_there_again(database_url: str, tmp_path: Path) -> None:
    with served(database_url=database_url, log=tmp_path / "log") as server, server.client() as client:
        for work in ("server", "heavy", "worker"):
            dead = until(lambda work=work: server.children(work))  # type: ignore[misc]
            for pid in dead:
                os.kill(pid, signal.SIGKILL)
            killed_at = time.monotonic()
            until(lambda work=work, dead=dead: _replaced(server.children(work), dead))  # type: ignore[misc]
            # Callers wait in the queue of the socket and are not turned away.
            answer = until(lambda: _answer(client))
            assert answer.status_code == 200
            assert time.monotonic() - killed_at < READY_AGAIN_S
        kept = client.post("/v1/permits", json=filing(**IN_DEGREES))
        assert kept.status_code == 201
    said = (tmp_path / "log").read_text(encoding="utf-8")
    assert "the server ended (-9) and is started again" in said
    assert "the worker ended (-9) and is started again" in said


def test_a_server_that_is_killed_is_not_missed(database_url: str) -> None:
    """The others of its socket take the callers; its figures stay in the sum."""
    with served(database_url=database_url) as server, server.client() as client:
        all_of_them = until(lambda: len(server.children("server")) > 1 and server.children("server"))
        for _ in range(20):
            assert httpx.get(f"{server.address}/livez", trust_env=False).status_code == 200
        os.kill(all_of_them[0], signal.SIGKILL)
        assert until(lambda: _answer(client)).status_code == 200
        counted = until(lambda: _figure(client, 'predig_http_requests_total{method="GET",route="/livez"'))
        assert counted == 20
        until(lambda: _replaced(server.children("server"), all_of_them[:1]))


def test_what_a_killed_server_had_in_hand_lies_about_no_longer(database_url: str, folder: Path) -> None:
    """Files that were sent, half read; of the house nothing at all once it has ended."""
    place = folder / "temporary"
    place.mkdir()
    with served(database_url=database_url, environment={"TMPDIR": str(place)}) as server:

        def in_rooms() -> list[Path]:
            return list(place.glob("predig-rooms-*/*/*"))

        with server.client() as client:
            asked = threading.Thread(target=_sent_in_vain, args=(server.address,))
            asked.start()
            until(in_rooms, every_s=0.002)
            for pid in server.children("heavy"):
                os.kill(pid, signal.SIGKILL)
            asked.join()
            assert until(lambda: _answer(client)).status_code == 200
            until(lambda: not in_rooms())
        assert server.terminate() == 0
    assert not list(place.iterdir())


def _sent_in_vain(address: str) -> None:
    """A list of points that takes a while to read."""
    rows = b"".join(b"%d,%d\n" % (4_054_000 + at, 480_000 + at) for at in range(45_000))
    asked = {"name": "a.csv", "crs": "EPSG:4543", "points_are": "points"}
    with suppress(httpx.HTTPError):
        httpx.post(
            f"{address}/v1/plans",
            params=asked,
            content=b"X,Y\n" + rows,
            headers={"Content-Type": "application/octet-stream"},
            trust_env=False,
            timeout=30.0,
        )


def test_a_template_that_is_killed_takes_its_children_along_and_all_are_there_again(
    database_url: str, tmp_path: Path
) -> None:
    with served(database_url=database_url, log=tmp_path / "log") as server, server.client() as client:
        (template,), children = server.children("template"), server.at_work()
        os.kill(template, signal.SIGKILL)
        until(lambda: not [pid for pid in children if Path(f"/proc/{pid}").exists()])
        assert until(lambda: _answer(client)).status_code == 200
        until(lambda: len(server.at_work()) == len(children))
        assert _replaced(server.children("template"), [template])
    assert "the worker ended (-9) and is started again" in (tmp_path / "log").read_text(encoding="utf-8")


def test_a_template_has_one_thread_and_opens_no_door(database_url: str) -> None:
    """A fork has none of the other threads, and may wait for ever for a lock that one of them held."""
    with served(database_url=database_url) as server:
        (template,) = server.children("template")
        until(lambda: len(server.at_work()) >= 3)
        assert len(list(Path(f"/proc/{template}/task").iterdir())) == 1
        port = int(server.address.rpartition(":")[2])
        for pid in (template, *server.children("worker")):
            assert _listening(pid, port) == 0, pid
        assert all(_listening(pid, port) == 1 for pid in server.children("server"))


def test_callers_are_dealt_out_evenly(database_url: str) -> None:
    """Left to the kernel, one server may get them all, and the others' cores stand idle."""
    with served(database_url=database_url) as server:
        port = int(server.address.rpartition(":")[2])
        servers = until(lambda: len(server.children("server")) > 1 and server.children("server"))

        def taken(callers: int) -> list[int]:
            with ExitStack() as stack:
                for _ in range(callers):
                    assert stack.enter_context(server.client()).get("/livez").status_code == 200
                return [_callers(pid, port) for pid in servers]

        def apart() -> int:
            until(lambda: not any(_callers(pid, port) for pid in servers))
            dealt = taken(4 * len(servers))
            assert sum(dealt) == 4 * len(servers)
            return max(dealt) - min(dealt)

        until(lambda: all(taken(len(servers))))  # each has begun to take callers
        # Where all cores are busy elsewhere a millisecond may not be enough, once.
        assert statistics.median(apart() for _ in range(3)) <= 1


ESTABLISHED, LISTENING = "01", "0A"


def _callers(pid: int, port: int) -> int:
    """How many established connections to a port of this machine a process holds."""
    return _sockets(pid, port, ESTABLISHED)


def _listening(pid: int, port: int) -> int:
    return _sockets(pid, port, LISTENING)


def _sockets(pid: int, port: int, state: str) -> int:
    rows = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    mine = {f"socket:[{row[9]}]" for row in rows if row[3] == state and int(row[1].split(":")[1], 16) == port}
    found = 0
    for held in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            found += os.readlink(held) in mine
    return found


def _replaced(now: list[int], dead: list[int]) -> bool:
    return bool(now) and not set(now) & set(dead)


def _figure(client: httpx.Client, start: str) -> float | None:
    answer = client.get("/metrics")
    return next(
        (float(line.split()[-1]) for line in answer.text.splitlines() if line.startswith(start)), None
    )


def _answer(client: httpx.Client) -> httpx.Response | None:
    try:
        return client.get("/readyz")
    except httpx.TransportError:
        return None


def test_a_killed_supervisor_takes_its_children_along_and_another_takes_over(folder: Path) -> None:
    with served(home=folder / "home", log=folder / "log") as first:
        children = first.at_work()
        with first.client() as client:
            kept = client.post("/v1/permits", json=filing(**IN_DEGREES)).json()["id"]
        first.kill()
        killed_at = time.monotonic()
        port = int(first.address.rpartition(":")[2])
        with served(home=folder / "home", port=port, log=folder / "log") as second:
            assert time.monotonic() - killed_at < READY_AGAIN_S
            assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
            with second.client() as client:
                assert client.get(f"/v1/permits/{kept}").status_code == 200
            assert second.terminate() == 0
    assert postmaster(folder / "home" / "data") is None
