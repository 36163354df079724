"""A private PostgreSQL + PostGIS under PREDIG_HOME: no port, no password, one socket in a closed folder.

Every predig enters with `embedded_cluster`; the first starts the server, the last stops it, and a server or a
predig that died by `kill -9` is put right by whoever comes next. Layout of the home:

    data/          the cluster; made under another name and renamed, so it is never half there
    data/log/      the server's log, 0600: with terse messages and no statements, for they hold network data
    start.log      what the server said before it opened its log
    socket         the path of the socket folder
    *.lock         see sql.cluster_locks
"""

import fcntl
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from spatial.errors import Refused
from sql import cluster_locks as locks
from sql.cluster_home import (
    Account,
    as_account,
    ensure_socket_dir,
    is_private,
    prepare_home,
    recorded_socket_dir,
    run_as,
    server_account,
    told,
    write_file,
)
from sql.cluster_processes import pid_line, postmaster, processes_in
from sql.cluster_server import Server, find_server
from sql.errors import VaultUnavailable

ADMIN = "predig_admin"
"""The bootstrap superuser: migrations only."""
APP = "predig_app"
"""The application's role, created by the first migration."""
DATABASE = "predig"
PORT = 5432
"""Only a part of the socket's file name: nothing listens on TCP."""

READY_WAIT_S = 300.0
STOP_WAIT_S = 120.0
ORPHAN_WAIT_S = 5.0

TUNING = """
# Predig: sized for a small machine; change what you like here.
shared_buffers = 128MB
jit = off                           # short queries: compiling them costs more than running them
dynamic_shared_memory_type = mmap   # /dev/shm is 64 MB in containers, and logind empties it at logout
random_page_cost = 1.1
"""

FIXED = {
    # Promises, so on the command line, where neither a file nor ALTER SYSTEM can undo them.
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgres-%a.log",
    "log_file_mode": "0600",
    "log_rotation_age": "1d",
    "log_truncate_on_rotation": "on",
    # The log is network data: a failing row would be printed with its geometry (trust F14).
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running cluster. Good while the `embedded_cluster` block it came from is open."""

    home: Path
    socket_dir: Path
    server: Server
    account: Account

    def url(self, role: str, database: str = DATABASE) -> str:
        """SQLAlchemy URL (psycopg2, unix socket) for `predig_admin` or `predig_app`. Holds no secret."""
        if role not in (ADMIN, APP):
            raise ValueError(f"no way in for role {role!r}: {ADMIN} or {APP}")
        return f"postgresql+psycopg2://{role}@/{database}?host={self.socket_dir}&port={PORT}"

    def is_running(self) -> bool:
        """Whether the server's process lives; it may still be starting, or stopped by a signal."""
        return postmaster(self.home / "data") is not None

    def revive(self) -> None:
        """Start the server again if it died (killed, out of memory) while this process was using it.

        Addresses given out stay right: the socket folder keeps its name.
        """
        with locks.turn(self.home, self.account):
            _ensure_running(self.home, self.account, self.server)


@contextmanager
def embedded_cluster(home: Path, *, pg_bin: Path | None = None) -> Iterator[Cluster]:
    """Have the cluster of `home` running, with an empty or filled database `predig`, until the block ends.

    home: PREDIG_HOME. pg_bin: folder of the server programs, default PREDIG_PG_BIN, else the newest installed
    PostgreSQL that has PostGIS (or the version that made the cluster). Nested and concurrent use, in threads,
    forked children and other processes, is counted; the last to leave returns only after the server has stopped.
    Raises Refused for what can be mended by set-up or another home, VaultUnavailable when the server cannot run.
    """
    if pg_bin is None and os.environ.get("PREDIG_PG_BIN"):
        pg_bin = Path(os.environ["PREDIG_PG_BIN"])
    account = server_account()
    with _system_failures():
        home = prepare_home(home, account)
        server = find_server(major=_major_of(home), pg_bin=pg_bin)
        with locks.turn(home, account):
            use = locks.hold_use(home, account)
            try:
                socket_dir = _ensure_running(home, account, server)
            except BaseException:
                os.close(use)
                with suppress(VaultUnavailable):  # the first failure is the one to tell
                    _stop_if_unused(home, account)
                raise
    try:
        yield Cluster(home, socket_dir, server, account)
    finally:
        with _system_failures():
            _leave(home, account, use)


@contextmanager
def _system_failures() -> Iterator[None]:
    """A full disk or a refused call is the vault's trouble, said in a sentence."""
    try:
        yield
    except (OSError, subprocess.SubprocessError, psycopg2.Error) as error:
        raise told(str(error), "starting or stopping the database", "启动或停止数据库") from error


def _leave(home: Path, account: Account, use: int) -> None:
    try:
        with locks.turn(home, account):
            os.close(use)
            use = -1
            _stop_if_unused(home, account)
    finally:
        if use >= 0:
            os.close(use)


def _stop_if_unused(home: Path, account: Account) -> None:
    if not locks.in_use(home, account):
        _stop(home, account)
        socket_dir = recorded_socket_dir(home)
        if socket_dir is not None and is_private(socket_dir, account):
            with suppress(OSError):
                os.rmdir(socket_dir)


# -- starting


def _ensure_running(home: Path, account: Account, server: Server) -> Path:
    """Adopt a running server, else make the cluster if there is none and start it. The socket folder."""
    data = home / "data"
    if _major_of(home) is None:
        _create(home, account, server)
    pid = postmaster(data)
    if pid is not None:
        socket_dir = recorded_socket_dir(home)
        if socket_dir is not None and _wait_until_ready(home, account, socket_dir, pid):
            _ensure_database(socket_dir)
            return socket_dir
        _stop(home, account)
    _clear_wreck(home, account)
    socket_dir = ensure_socket_dir(home, account)
    _launch(home, account, server, socket_dir)
    if not _wait_until_ready(home, account, socket_dir, None):
        raise told(_newest_log(data) + _tail(home / "start.log"), "starting the database", "启动数据库")
    _ensure_database(socket_dir)
    return socket_dir


def _major_of(home: Path) -> int | None:
    """The PostgreSQL version that made the cluster; None when there is no cluster yet."""
    data = home / "data"
    try:
        return int((data / "PG_VERSION").read_text(encoding="ascii"))
    except FileNotFoundError:
        if data.is_dir() and any(data.iterdir()):
            raise Refused.because(
                "home_not_a_cluster",
                en=f"{str(data)!r} holds files but no PostgreSQL cluster: name another PREDIG_HOME, or move it away",
                zh=f"{str(data)!r} 中有文件但不是 PostgreSQL 数据库：请改用其他 PREDIG_HOME，或将其移走",
            ) from None
        return None


def _create(home: Path, account: Account, server: Server) -> None:
    """initdb beside the final place, then rename: an interrupted one leaves nothing that looks like a cluster."""
    leftovers = [str(place) for place in home.glob(".initdb-*")]
    if leftovers:
        run_as(account, ["rm", "-rf", "--", *leftovers])
    making = home / f".initdb-{secrets.token_hex(6)}"
    done = run_as(
        account,
        [
            server.initdb, "-D", str(making), "--username", ADMIN, "--encoding", "UTF8", "--locale", "C.UTF-8",
            "--data-checksums", "--auth-local", "peer", "--auth-host", "reject", "--no-instructions",
        ],
        timeout_s=READY_WAIT_S,
    )  # fmt: skip
    if done.returncode == 0:
        finish = 'cat >>"$1/postgresql.conf" && mv -T -- "$1" "$2" && sync -f "$3"'
        done = run_as(
            account, ["/bin/sh", "-c", finish, "sh", str(making), str(home / "data"), str(home)], text=TUNING
        )
    if done.returncode:
        run_as(account, ["rm", "-rf", "--", str(making)])
        raise told(done.stdout + done.stderr, "making the database (initdb)", "创建数据库（initdb）")


def _launch(home: Path, account: Account, server: Server, socket_dir: Path) -> None:
    """Start the server as a process of its own: no child of ours, in its own session, out of reach of Ctrl-C."""
    data = home / "data"
    _write_access(data, account)
    settings = [
        part
        for name, value in (FIXED | {"unix_socket_directories": str(socket_dir)}).items()
        for part in ("-c", f"{name}={value}")
    ]
    alive = locks.open_lock(home, "server.lock", account)
    try:
        if not locks.try_lock(alive, fcntl.LOCK_EX):
            raise _haunted()
        done = subprocess.run(
            ["/bin/sh", "-c", '"$@" >"$0" 2>&1 &', str(home / "start.log"), server.postgres, "-D", str(data), *settings],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=60,
            check=False, start_new_session=True, pass_fds=(alive,), **as_account(account),
        )  # fmt: skip
    finally:
        os.close(alive)  # the server has its own copy now, and the lock with it
    if done.returncode:
        raise told(done.stderr, "starting the database", "启动数据库")


def _write_access(data: Path, account: Account) -> None:
    """Who may come in, rewritten at every start: the server's own user and root, by what the kernel says they are."""
    names = dict.fromkeys((account.name, "root"))
    rows = [f'predig  "{name}"  {role}' for name in names for role in (ADMIN, APP)]
    write_file(account, data / "pg_ident.conf", "\n".join(rows) + "\n")
    write_file(account, data / "pg_hba.conf", "local  all  all  peer  map=predig\n")


def _wait_until_ready(home: Path, account: Account, socket_dir: Path, pid: int | None) -> bool:
    """Wait for a server that answers. False when it is gone, going down, or cannot be reached any more.

    pid: of the server to adopt; None for one just launched, which may not have written its number yet.
    """
    data = home / "data"
    deadline = time.monotonic() + READY_WAIT_S
    while time.monotonic() < deadline:
        if postmaster(data) is None if pid is not None else not locks.anything_alive(home, account):
            return False
        status = pid_line(data, 8)
        if status == "stopping":
            return False
        if status == "ready":
            try:
                _connect(socket_dir, "postgres").close()
                return True
            except psycopg2.OperationalError as error:
                said = str(error)
                if "too many clients" in said or "connection slots" in said:
                    return True
                if "shutting down" in said or not (socket_dir / f".s.PGSQL.{PORT}").exists():
                    return False
        time.sleep(0.05)
    raise VaultUnavailable.because(
        "database_silent",
        en=f"the database has not answered for {READY_WAIT_S:.0f} s; its log is in {data / 'log'}: if it is still "
        "recovering, wait and run this again",
        zh=f"数据库 {READY_WAIT_S:.0f} 秒未响应，日志在 {data / 'log'}：若仍在恢复，请稍候再试",
    )


def _connect(socket_dir: Path, database: str) -> psycopg2.extensions.connection:
    connection = psycopg2.connect(
        host=str(socket_dir), port=PORT, user=ADMIN, dbname=database, connect_timeout=5
    )
    connection.autocommit = True
    return connection


def _ensure_database(socket_dir: Path) -> None:
    with closing(_connect(socket_dir, "postgres")) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", (DATABASE,))
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE DATABASE {DATABASE}")


# -- stopping and recovering


def _stop(home: Path, account: Account) -> None:
    """Stop the server, fast, and wait until nothing of it is left."""
    data = home / "data"
    for how, wait_s in ((signal.SIGINT, STOP_WAIT_S), (signal.SIGQUIT, 30.0)):
        pid = postmaster(data)
        if pid is None:
            break
        with suppress(ProcessLookupError):
            os.kill(pid, how)
        deadline = time.monotonic() + wait_s
        while time.monotonic() < deadline and (postmaster(data) or locks.anything_alive(home, account)):
            time.sleep(0.02)
    _clear_wreck(home, account)


def _clear_wreck(home: Path, account: Account) -> None:
    """After a server died by force: end the backends it left, then its number and socket files.

    A backend in a long query outlives its server and keeps the shared memory, so PostgreSQL would refuse to
    start; ending it loses nothing that was acknowledged. A process number in postmaster.pid that now belongs to
    something else would make it refuse too.
    """
    data = home / "data"
    for how in (signal.SIGQUIT, signal.SIGKILL):
        deadline = time.monotonic() + ORPHAN_WAIT_S
        while time.monotonic() < deadline:
            orphans = processes_in(data, account)
            if not orphans and not locks.anything_alive(home, account):
                break
            for pid in orphans:
                with suppress(ProcessLookupError):
                    os.kill(pid, how)
            time.sleep(0.05)
    if processes_in(data, account) or locks.anything_alive(home, account):
        raise _haunted()
    stale = [data / "postmaster.pid"]
    socket_dir = recorded_socket_dir(home)
    if socket_dir is not None and is_private(socket_dir, account):
        stale += [socket_dir / f".s.PGSQL.{PORT}", socket_dir / f".s.PGSQL.{PORT}.lock"]
    if any(os.path.lexists(place) for place in stale):
        run_as(account, ["rm", "-f", "--", *map(str, stale)])


def _haunted() -> VaultUnavailable:
    return VaultUnavailable.because(
        "database_stuck",
        en="processes of an earlier database server of this home do not end: end them by hand (ps -u, processes "
        "named postgres), then run this again; if the home is shared between containers, use it from one only",
        zh="本目录先前的数据库进程无法结束：请手动结束（ps -u 查看名为 postgres 的进程）后重试；若多个容器共用此目录，请只在一个容器中使用",
    )


def _newest_log(data: Path) -> str:
    logs = list((data / "log").glob("*.log"))
    return _tail(max(logs, key=lambda place: place.stat().st_mtime)) if logs else ""


def _tail(place: Path) -> str:
    try:
        return place.read_text(encoding="utf-8", errors="replace")[-4000:]
    except FileNotFoundError:
        return ""
