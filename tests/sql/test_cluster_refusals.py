"""What stands in the cluster's way is said in both languages, with what to do, and leaves nothing behind."""

import fcntl
import os
import shutil
from pathlib import Path

import pytest

from spatial.errors import Fault, Refused
from sql import cluster_home, cluster_locks
from sql.cluster import embedded_cluster
from sql.cluster_home import Account, server_account, told
from sql.cluster_server import find_server
from sql.errors import VaultUnavailable
from tests.sql.cluster_tools import living

pytestmark = pytest.mark.timeout(120)


def refusal(home: Path, **options: Path) -> Fault:
    with pytest.raises(Refused) as caught, embedded_cluster(home, **options):
        pass
    (fault,) = caught.value.faults
    assert any("\u4e00" <= letter <= "\u9fff" for letter in fault.zh)
    return fault


# -- the server


def fake_server(root: Path, place: str, version: str, *, postgis: bool) -> Path:
    """Programs that say a version, and a share folder beside them as Debian has it."""
    bin_dir = root / place
    bin_dir.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        (bin_dir / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version} (Debian)'\n")
        (bin_dir / name).chmod(0o755)
    if postgis:
        share = root / "usr/share/postgresql" / version.partition(".")[0] / "extension"
        share.mkdir(parents=True)
        (share / "postgis.control").touch()
    return bin_dir


def test_the_newest_server_that_has_postgis_is_taken(tmp_path: Path) -> None:
    fake_server(tmp_path, "usr/lib/postgresql/9.6/bin", "9.6.24", postgis=False)
    old = fake_server(tmp_path, "usr/lib/postgresql/15/bin", "15.18", postgis=True)
    new = fake_server(tmp_path, "usr/lib/postgresql/16/bin", "16.2", postgis=True)
    fake_server(tmp_path, "usr/lib/postgresql/17/bin", "17.1", postgis=False)
    fake_server(tmp_path, "usr/local/bin", "18.0", postgis=False)
    assert find_server(roots=[tmp_path]).bin_dir == new
    assert find_server(roots=[tmp_path], major=15).bin_dir == old
    assert find_server(pg_bin=old).major == 15


def test_a_server_without_postgis_is_no_server(tmp_path: Path) -> None:
    fake_server(tmp_path, "usr/lib/postgresql/15/bin", "15.18", postgis=False)
    with pytest.raises(Refused) as caught:
        find_server(roots=[tmp_path])
    (fault,) = caught.value.faults
    assert fault.code == "postgis_missing"
    for said in ("make setup", "postgresql-15-postgis-3", "PREDIG_DATABASE_URL"):
        assert said in fault.en
        assert said in fault.zh


def test_a_wrong_pg_bin_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = refusal(home, pg_bin=home.parent)
    assert fault.code == "postgis_missing"
    assert str(home.parent) in fault.en
    monkeypatch.setenv("PREDIG_PG_BIN", str(home.parent))
    assert refusal(home).code == "postgis_missing"


@pytest.mark.usefixtures("already_made")
def test_a_cluster_of_a_version_that_is_not_installed(home: Path) -> None:
    with embedded_cluster(home):
        pass
    (home / "data" / "PG_VERSION").write_text("9\n")
    fault = refusal(home)
    assert fault.code == "postgres_version"
    assert "postgresql-9-postgis-3" in fault.en


# -- the home


def test_a_home_that_is_a_file(home: Path) -> None:
    home.write_text("not a folder")
    assert refusal(home).code == "home_not_a_folder"
    assert refusal(home / "below").code == "home_not_a_folder"


@pytest.mark.parametrize(
    ("name", "code"), [("two\nlines", "home_characters"), ("/".join(["x" * 100] * 8), "home_too_long")]
)
def test_a_home_that_postgresql_cannot_have(home: Path, name: str, code: str) -> None:
    assert refusal(home / name).code == code
    assert not home.exists()


def test_a_home_in_a_folder_the_servers_user_cannot_enter(home: Path) -> None:
    home.mkdir()
    home.chmod(0o700 if os.geteuid() == 0 else 0o000)
    try:
        for place in (home / "below", home / "far" / "below"):
            fault = refusal(place)
            assert fault.code == "home_closed"
            assert server_account().name in fault.en
            assert "/var/lib/predig" in fault.en
    finally:
        home.chmod(0o700)
    assert list(home.iterdir()) == []


def test_a_home_with_other_peoples_files(home: Path) -> None:
    (home / "data").mkdir(parents=True)
    (home / "data" / "letters.txt").write_text("dear all")
    account = server_account()
    if os.geteuid() == 0:
        assert refusal(home).code == "home_of_another"
        shutil.chown(home, account.uid, account.gid)
    assert refusal(home).code == "home_not_a_cluster"
    assert (home / "data" / "letters.txt").read_text() == "dear all"


def test_no_service_user(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(cluster_home, "SERVICE_USER", "nobody-of-this-name")
    fault = refusal(home)
    assert fault.code == "service_user_missing"
    assert "make setup" in fault.en


def test_a_caller_without_a_name(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 3_999_999)
    assert refusal(home).code == "caller_unnamed"


# -- failures


def unavailable(home: Path) -> Fault:
    with pytest.raises(VaultUnavailable) as caught, embedded_cluster(home):
        pass
    return caught.value.fault


@pytest.mark.usefixtures("already_made")
def test_a_server_that_will_not_start_says_why_and_leaves_nothing(home: Path) -> None:
    with embedded_cluster(home):
        pass
    settings = home / "data" / "postgresql.conf"
    sound = settings.read_text()
    settings.write_text(sound + "\nshared_buffers = nonsense\n")
    fault = unavailable(home)
    assert fault.code == "database_start_failed"
    assert "postgresql.conf" in fault.en
    assert living(home) == []
    settings.write_text(sound)
    with embedded_cluster(home):
        pass


def test_an_initdb_that_fails_leaves_nothing_half(home: Path, tmp_path: Path) -> None:
    """A server whose initdb runs out of disk: the real words of initdb, a real failure of the step."""
    real = find_server()
    broken = home.parent / "bin"
    broken.mkdir()
    (broken / "postgres").symlink_to(real.postgres)
    (broken / "pg_config").symlink_to(real.bin_dir / "pg_config")
    (broken / "initdb").write_text(
        '#!/bin/sh\nmkdir -p "$2/base"\n'
        'echo "initdb: error: could not write file $2/base/1: No space left on device" >&2\nexit 1\n'
    )
    (broken / "initdb").chmod(0o755)
    with pytest.raises(VaultUnavailable) as caught, embedded_cluster(home, pg_bin=broken):
        pass
    assert caught.value.fault.code == "disk_full"
    assert [place.name for place in home.iterdir() if "data" in place.name or "initdb" in place.name] == []


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("initdb: error: could not create directory: No space left on device", "disk_full"),
        ("[Errno 122] Disk quota exceeded: 'x'", "disk_full"),
        ("[Errno 30] Read-only file system: 'x'", "disk_read_only"),
        ("FATAL:  could not map anonymous shared memory: Cannot allocate memory", "memory_short"),
        ("LOG:  starting\nFATAL:  bogus\nHINT:  x", "database_start_failed"),
        ("", "database_start_failed"),
    ],
)
def test_what_the_system_says_becomes_a_sentence(said: str, code: str) -> None:
    assert told(said, "starting the database", "启动数据库").fault.code == code


def test_somebody_else_taking_for_ever_to_start(home: Path) -> None:
    home.mkdir()
    account = Account("me", os.geteuid(), os.getegid())
    held = cluster_locks.open_lock(home, "turn.lock", account)
    fcntl.flock(held, fcntl.LOCK_EX)
    with pytest.raises(VaultUnavailable) as caught, cluster_locks.turn(home, account, wait_s=0.1):
        pass
    assert caught.value.fault.code == "database_busy"
    os.close(held)


def test_a_child_forked_during_a_start_does_not_hold_the_turn(home: Path) -> None:
    home.mkdir()
    account = Account("me", os.geteuid(), os.getegid())
    reader, writer = os.pipe()
    with cluster_locks.turn(home, account):
        child = os.fork()
        if child == 0:
            os.close(writer)
            os.read(reader, 1)  # until the parent is done
            os._exit(0)
    with cluster_locks.turn(home, account, wait_s=0.1):
        pass
    os.close(writer)
    os.close(reader)
    os.waitpid(child, 0)
