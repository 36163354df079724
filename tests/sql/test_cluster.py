"""The embedded cluster under everything that may happen to it: real servers, real kills, bounded waits."""

import os
import shutil
import signal
import stat
import subprocess
import threading
from pathlib import Path

import psycopg2
import pytest

from sql.cluster import ADMIN, APP, embedded_cluster
from sql.cluster_home import is_private, recorded_socket_dir, server_account
from tests.sql.cluster_tools import (
    WAIT_S,
    ask,
    ask_in,
    connect,
    eventually,
    holder,
    in_child,
    living,
    server_pid,
)

pytestmark = pytest.mark.timeout(180)


def test_a_fresh_home_gets_a_sound_private_cluster(home: Path) -> None:
    with embedded_cluster(home) as cluster:
        settings = {
            name: ask_in(cluster, f"SHOW {name}")
            for name in (
                "data_checksums",
                "server_encoding",
                "listen_addresses",
                "fsync",
                "synchronous_commit",
            )
        }
        assert settings == {
            "data_checksums": "on",
            "server_encoding": "UTF8",
            "listen_addresses": "",
            "fsync": "on",
            "synchronous_commit": "on",
        }
        assert ask_in(cluster, "SELECT current_database() || ' ' || current_user") == f"predig {ADMIN}"
        assert ask_in(cluster, "SELECT datcollate FROM pg_database WHERE datname = 'predig'") == "C.UTF-8"
        assert ask_in(cluster, "CREATE EXTENSION postgis") is None
        assert is_private(cluster.socket_dir, server_account())
        assert len(os.fsencode(cluster.socket_dir / ".s.PGSQL.5432")) <= 107
        for closed in (home, home / "data", home / "data" / "log"):
            assert stat.S_IMODE(closed.stat().st_mode) == 0o700, closed
        for file in [*(home / "data" / "log").iterdir(), *home.glob("*.lock"), home / "start.log"]:
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
        pid = server_pid(home) or 0
        assert os.getsid(pid) != os.getsid(0), "Ctrl-C here would reach the server"
        parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]
        assert int(parent) != os.getpid(), "a child of ours would be left a zombie"
    assert living(home) == []
    assert not cluster.socket_dir.exists()
    assert not (home / "data" / "postmaster.pid").exists()


@pytest.mark.usefixtures("already_made")
def test_what_was_committed_is_there_at_the_next_start(home: Path) -> None:
    with embedded_cluster(home) as cluster:
        ask_in(cluster, "CREATE TABLE kept AS SELECT 42 AS answer")
    with embedded_cluster(home) as cluster:
        assert ask_in(cluster, "SELECT answer FROM kept") == 42


@pytest.mark.usefixtures("already_made")
def test_only_known_roles_have_a_way_in(home: Path) -> None:
    with embedded_cluster(home) as cluster:
        ask_in(cluster, f"CREATE ROLE {APP} LOGIN; CREATE ROLE stranger LOGIN")
        assert ask(cluster.url(APP), "SELECT current_user") == APP
        with pytest.raises(ValueError, match="stranger"):
            cluster.url("stranger")
        with pytest.raises(psycopg2.OperationalError, match="Peer authentication failed"):
            connect(cluster.url(APP).replace(APP, "stranger"))


@pytest.mark.usefixtures("already_made")
def test_the_log_keeps_network_data_to_itself(home: Path) -> None:
    with embedded_cluster(home) as cluster:
        ask_in(cluster, "CREATE TABLE pipe (course text CHECK (length(course) < 5))")
        for statement in (
            "INSERT INTO pipe VALUES ('101.7781 36.6171')",
            "SELECT '101.7781 36.6171'::int / 0",
        ):
            with pytest.raises(psycopg2.Error):
                ask_in(cluster, statement)
    log = "".join(file.read_text() for file in (home / "data" / "log").iterdir())
    assert "violates check constraint" in log
    assert "INSERT" not in log
    assert "Failing row" not in log


@pytest.mark.parametrize(
    "name",
    [
        "with spaces",
        "a,comma",
        'it\'s "quoted" `twice`',
        "$HOME;true&&#%h",
        "-rf",
        "西宁 燃气",
        "long-" + "x" * 200,
    ],
)
def test_awkward_paths(home: Path, name: str) -> None:
    place = home.parent / name / "home"
    for _ in range(2):
        with embedded_cluster(place) as cluster:
            assert ask_in(cluster, "SELECT 1") == 1
            assert server_pid(place)
    assert living(place) == []


def test_a_home_can_hold_another_home(home: Path) -> None:
    with embedded_cluster(home / "far" / "demo") as inner, embedded_cluster(home) as outer:
        assert ask_in(inner, "SHOW data_directory") != ask_in(outer, "SHOW data_directory")


@pytest.mark.usefixtures("already_made")
def test_two_processes_share_and_the_last_one_stops_it(home: Path) -> None:
    with holder(home) as first, holder(home) as second:
        url = first.url()
        assert second.url() == url
        pid = server_pid(home)
        assert first.leave() == 0
        assert ask(url, "SELECT 1") == 1
        assert server_pid(home) == pid
        assert second.leave() == 0
        assert living(home) == []


def test_many_that_come_at_once_to_an_empty_home_make_one_cluster(home: Path) -> None:
    with holder(home) as one, holder(home) as two, holder(home) as three, holder(home) as four:
        everyone = (one, two, three, four)
        assert len({each.url() for each in everyone}) == 1
        assert [each.leave() for each in everyone] == [0, 0, 0, 0]
    assert living(home) == []
    assert list(home.glob(".initdb-*")) == []


@pytest.mark.usefixtures("already_made")
def test_nested_use_and_threads_count(home: Path) -> None:
    inside, go = threading.Event(), threading.Event()

    def work() -> None:
        with embedded_cluster(home):
            inside.set()
            go.wait(WAIT_S)

    with embedded_cluster(home) as cluster:
        with embedded_cluster(home) as again:
            assert again == cluster
        assert ask_in(cluster, "SELECT 1") == 1
        thread = threading.Thread(target=work)
        thread.start()
        assert inside.wait(WAIT_S)
    assert ask_in(cluster, "SELECT 1") == 1
    go.set()
    thread.join(WAIT_S)
    assert living(home) == []


@pytest.mark.usefixtures("already_made")
def test_a_forked_child_counts_on_its_own(home: Path) -> None:
    ready, go = os.pipe(), os.pipe()
    with embedded_cluster(home) as cluster:
        child = os.fork()
        if child == 0:
            os.write(ready[1], b"!")
            os.read(go[0], 1)
            os._exit(0)
        os.read(ready[0], 1)
    try:
        assert ask_in(cluster, "SELECT 1") == 1, "the child still used it"
    finally:
        os.write(go[1], b"!")
        os.waitpid(child, 0)
        for end in (*ready, *go):
            os.close(end)
    with embedded_cluster(home):
        pass
    assert living(home) == []


@pytest.mark.usefixtures("already_made")
def test_the_server_survives_a_killed_predig_and_is_adopted(home: Path) -> None:
    with holder(home) as victim:
        url = victim.url()
        ask(url, "CREATE TABLE kept AS SELECT 42 AS answer")
        pid = server_pid(home)
        victim.kill()
    assert server_pid(home) == pid
    with embedded_cluster(home) as cluster:
        assert server_pid(home) == pid
        assert cluster.url(ADMIN) == url
        assert ask_in(cluster, "SELECT answer FROM kept") == 42
    assert living(home) == []


@pytest.mark.usefixtures("already_made")
def test_a_killed_server_and_the_backend_it_left_behind_are_put_right(home: Path) -> None:
    with holder(home) as victim:
        url = victim.url()
        ask(url, "CREATE TABLE kept AS SELECT 42 AS answer")
        busy = threading.Thread(target=_count_for_ever, args=(url,))
        busy.start()
        eventually(lambda: ask(url, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%1e12%'") == 2)
        os.kill(server_pid(home) or 0, signal.SIGKILL)
        victim.kill()
        assert living(home), "a backend should outlive its server here, or this test shows nothing"
        with embedded_cluster(home) as cluster:
            busy.join(WAIT_S)
            assert ask_in(cluster, "SELECT answer FROM kept") == 42
            assert cluster.url(ADMIN) == url
    assert living(home) == []


def _count_for_ever(url: str) -> None:
    with pytest.raises(psycopg2.OperationalError):
        ask(url, "SELECT count(*) FROM generate_series(1, 1e12::bigint)")


@pytest.mark.usefixtures("already_made")
def test_the_last_one_out_clears_up_after_a_killed_server(home: Path) -> None:
    with embedded_cluster(home) as cluster:
        os.kill(server_pid(home) or 0, signal.SIGKILL)
    assert living(home) == []
    assert not cluster.socket_dir.exists()


@pytest.mark.usefixtures("already_made")
def test_whoever_is_inside_can_revive_a_killed_server(home: Path) -> None:
    with embedded_cluster(home) as cluster:
        os.kill(server_pid(home) or 0, signal.SIGKILL)
        eventually(lambda: server_pid(home) is None)
        cluster.revive()
        assert ask_in(cluster, "SELECT 1") == 1
        pid = server_pid(home)
        cluster.revive()
        assert server_pid(home) == pid, "a server that lives is left alone"
    assert living(home) == []


@pytest.mark.usefixtures("already_made")
def test_a_stale_process_number_that_now_belongs_to_another(home: Path) -> None:
    with embedded_cluster(home):
        pass
    account = server_account()
    as_owner = {"user": account.uid, "group": account.gid} if os.geteuid() == 0 else {}
    with subprocess.Popen(["sleep", "60"], cwd="/", **as_owner) as other:
        (home / "data" / "postmaster.pid").write_text(
            f"{other.pid}\n{home / 'data'}\n1\n5432\n/tmp\n\n\nready\n"
        )
        with embedded_cluster(home) as cluster:
            assert ask_in(cluster, "SELECT 1") == 1
        assert other.poll() is None, "the other process is none of our business"
        other.kill()


def test_a_stale_process_number_that_now_belongs_to_another_server(home: Path) -> None:
    mine, other = home / "mine", home / "other"
    home.mkdir()
    home.chmod(0o755)
    with embedded_cluster(mine):
        pass
    with embedded_cluster(other) as running:
        pid = server_pid(other)
        copy = (other / "data" / "postmaster.pid").read_text()
        (mine / "data" / "postmaster.pid").write_text(copy.replace(str(other), str(mine)))
        with embedded_cluster(mine) as cluster:
            assert server_pid(mine) != pid
            assert ask_in(cluster, "SHOW data_directory").endswith("mine/data")
        assert server_pid(other) == pid
        assert ask_in(running, "SELECT 1") == 1


def test_a_first_start_that_was_killed_leaves_nothing_half(home: Path) -> None:
    with holder(home) as victim:
        eventually(lambda: bool(list(home.glob(".initdb-*"))))
        victim.kill()
    assert not (home / "data").exists()
    with embedded_cluster(home) as cluster:
        assert ask_in(cluster, "SELECT current_database()") == "predig"
    eventually(lambda: living(home) == [])


@pytest.mark.usefixtures("already_made")
def test_a_stop_in_progress_is_waited_for(home: Path) -> None:
    with embedded_cluster(home) as cluster:
        first = server_pid(home) or 0
        connection = connect(cluster.url(ADMIN))
        os.kill(first, signal.SIGTERM)  # a smart shutdown: would wait for the connection for ever
        with embedded_cluster(home) as again:
            assert ask_in(again, "SELECT 1") == 1
            assert server_pid(home) != first
        connection.close()


@pytest.mark.usefixtures("already_made")
def test_ctrl_c_stops_it_properly(home: Path) -> None:
    with holder(home) as interrupted:
        assert interrupted.url()
        interrupted.process.send_signal(signal.SIGINT)
        interrupted.process.wait(WAIT_S)
    assert living(home) == []


# -- the socket folder


@pytest.mark.usefixtures("already_made")
def test_a_socket_folder_that_vanished_is_made_again_under_the_same_name(home: Path) -> None:
    with embedded_cluster(home) as cluster:
        shutil.rmtree(cluster.socket_dir)
        with embedded_cluster(home) as again:
            assert again.socket_dir == cluster.socket_dir
            assert ask_in(cluster, "SELECT 1") == 1


@pytest.mark.usefixtures("already_made")
def test_a_socket_folder_that_somebody_else_made_is_not_used(home: Path) -> None:
    with embedded_cluster(home) as cluster:
        first = cluster.socket_dir
    first.mkdir(mode=0o777)
    first.chmod(0o777)
    try:
        with embedded_cluster(home) as cluster:
            assert cluster.socket_dir != first
            assert ask_in(cluster, "SELECT 1") == 1
    finally:
        first.rmdir()


@pytest.mark.usefixtures("already_made")
def test_a_record_that_points_elsewhere_is_not_followed(home: Path) -> None:
    with embedded_cluster(home):
        pass
    (home / "socket").write_text("/etc\n")
    assert recorded_socket_dir(home) is None
    with embedded_cluster(home) as cluster:
        assert cluster.socket_dir.name.startswith("predig-")


# -- as an ordinary user


def test_an_ordinary_user_runs_it_as_himself(home: Path) -> None:
    """As root, tried in a child that has become the service user for good; else it is the test's own user."""
    account = server_account()

    def work() -> tuple[int, int, list[int]]:
        with embedded_cluster(home / "mine") as cluster:
            answer = ask_in(cluster, "SELECT 1")
            owner = (home / "mine" / "data").stat().st_uid
        return answer, owner, living(home / "mine")

    if os.geteuid() == 0:
        home.mkdir()
        os.chown(home, account.uid, account.gid)
        found = in_child(work, account.uid, account.gid)
    else:
        found = in_child(work)
    assert found == (1, account.uid, [])


@pytest.mark.usefixtures("already_made")
def test_the_settings_of_the_caller_steer_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "PGDATA": "/nowhere",
        "PGPORT": "1",
        "PGOPTIONS": "",
        "LC_ALL": "C",
        "TZ": "nowhere",
    }.items():
        monkeypatch.setenv(name, value)
    with embedded_cluster(home) as cluster:
        assert ask_in(cluster, "SHOW port") == "5432"
