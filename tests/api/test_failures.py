"""Crashes, second writers, a database that goes away, a full disk: nothing half, a sentence, and it goes on."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.settings import today
from api.working import work
from sql.cluster import ADMIN, embedded_cluster
from sql.cluster_processes import postmaster
from sql.postgis import PostgisVault
from tests.api.conftest import Predig, Said, Write, collection, feature
from tests.api.intrusion import as_admin, cut_connections, locked, someone_waits, wait_until
from tests.api.town import (
    AT_THE_MAIN,
    CRS,
    FIELD_MAIN,
    FIRM,
    IN_THE_FIELD,
    MAIN,
    E,
    N,
    bring,
    cover,
    days,
    declare_all,
    file_permit,
)
from tests.conftest import VaultUrls

PREDIG = str(Path(sys.executable).with_name("predig"))
IMPORT = ("--utility", "GAS", "--dataset", "town", *CRS, "--id-field", "id")


def start(environment: dict[str, str], *words: object) -> "subprocess.Popen[str]":
    """A predig of its own, with --json."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREDIG_")}
    return subprocess.Popen(
        [PREDIG, *map(str, words), "--json"],
        env=kept | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def end(process: "subprocess.Popen[str]") -> Said:
    out, err = process.communicate(timeout=90)
    assert "Traceback" not in err, err
    return Said(process.returncode, out, err)


def by(urls: VaultUrls) -> dict[str, str]:
    return {"PREDIG_DATABASE_URL": urls.app}


# -- a filing whose screening dies


def test_a_filing_killed_before_its_screening_is_pending_and_work_finishes_it(
    predig: Predig, write: Write, vault_urls: VaultUrls
) -> None:
    declare_all(predig, write)
    predig("work")
    plan = write("plan.geojson", collection(AT_THE_MAIN))
    with locked(vault_urls.owner, "predig.screening"):
        filing = start(by(vault_urls), "file", plan, *CRS, *FIRM, *days())
        wait_until(lambda: someone_waits(vault_urls.owner), "the screening to be stored")
        filing.kill()
        assert end(filing).code == -signal.SIGKILL
    (listed,) = predig("show").lines
    assert listed["status"] == "pending" and listed["screenings"] == []
    assert predig("status").lines[0]["jobs"]["waiting"] == 1
    worked = predig("work").lines[0]
    assert [(row["id"], row["status"]) for row in worked["permits"]] == [(listed["id"], "conflict")]
    assert predig("status").lines[0]["jobs"]["waiting"] == 0
    assert len(as_admin(vault_urls.owner, "SELECT 1 FROM predig.screening")) == 1


def test_a_filing_whose_screening_fails_is_acknowledged(
    predig: Predig, write: Write, vault_urls: VaultUrls
) -> None:
    """Whoever heard only of the failure would file again."""
    declare_all(predig, write)
    plan = write("plan.geojson", collection(AT_THE_MAIN))
    with locked(vault_urls.owner, "predig.screening"):
        filing = start(by(vault_urls), "file", plan, *CRS, *FIRM, *days())
        for _ in range(2):  # a cut connection is tried once more
            wait_until(lambda: someone_waits(vault_urls.owner), "the screening to be stored")
            assert cut_connections(vault_urls.owner)
        said = end(filing)
    assert said.code == 0
    assert said.lines[0]["status"] == "pending" and said.lines[0]["screenings"] == []
    assert said.lines[0]["id"] in said.err and "predig work" in said.err
    assert predig("show", said.lines[0]["id"]).lines[0]["status"] == "pending"
    assert predig("work").lines[0]["permits"][0]["id"] == said.lines[0]["id"]
    assert predig("show", said.lines[0]["id"]).lines[0]["status"] == "conflict"


def test_a_killed_worker_leaves_nothing_undone(predig: Predig, write: Write, vault_urls: VaultUrls) -> None:
    declare_all(predig, write)
    permit = file_permit(predig, write, IN_THE_FIELD)
    predig("work")
    bring(predig, write, MAIN, FIELD_MAIN)
    with locked(vault_urls.owner, "predig.screening"):
        worker = start(by(vault_urls), "work")
        wait_until(lambda: someone_waits(vault_urls.owner), "the worker to store what it judged")
        worker.kill()
        end(worker)
    again = predig("work")
    assert [row["id"] for row in again.lines[0]["permits"]] == [permit["id"]]
    assert predig("show", permit["id"]).lines[0]["status"] == "conflict"
    # The dead worker's claim has not lapsed yet: it is told of, and does no harm.
    assert again.lines[0]["left"] == 1 and "again" in again.err
    as_admin(
        vault_urls.owner,
        "UPDATE predig.job SET claimed_at = claimed_at - interval '5 min' WHERE state = 'claimed'",
    )
    # Its job lapses and is done once more: another judgement, and no alert twice.
    last = predig("work").lines[0]
    assert (last["screened"], last["left"]) == (1, 0)
    alerts = as_admin(vault_urls.owner, "SELECT source_id, change FROM predig.alert")
    assert alerts == [("M-2", "new")]


def test_one_permit_that_cannot_be_judged_starves_no_other(
    predig: Predig, write: Write, vault_urls: VaultUrls
) -> None:
    declare_all(predig, write)
    bad, good = (file_permit(predig, write, IN_THE_FIELD)["id"] for _ in range(2))
    predig("work")
    (kept,) = as_admin(vault_urls.owner, "SELECT DISTINCT profile FROM predig.permit")
    as_admin(vault_urls.owner, "UPDATE predig.permit SET profile = 'lost' WHERE permit_id = %s", bad)
    bring(predig, write, MAIN, FIELD_MAIN)
    for _ in range(2):
        said = predig("work")
        assert said.code == 1 and bad in said.err
        (record,) = said.lines
        assert [row["id"] for row in record["failed"]] == [bad] and record["failed"][0]["zh"]
        jobs = predig("status").lines[0]["jobs"]
        assert record["left"] == jobs["failing"] == 1 and jobs["last_error"]  # put back, not forgotten
        assert predig("show", good).lines[0]["status"] == "conflict"
        assert predig("show", bad).lines[0]["status"] == "pending"
    later = file_permit(predig, write, AT_THE_MAIN)
    assert later["status"] == "conflict"
    as_admin(vault_urls.owner, "UPDATE predig.permit SET profile = %s WHERE permit_id = %s", kept[0], bad)
    as_admin(vault_urls.owner, "UPDATE predig.job SET not_before = '-infinity'")
    healed = predig("work")
    assert healed.code == 0 and [row["id"] for row in healed.lines[0]["permits"]] == [bad]
    assert healed.lines[0]["left"] == 0


def test_a_clear_that_has_run_out_is_judged_again(
    predig: Predig, write: Write, vault_urls: VaultUrls
) -> None:
    declare_all(predig, write)
    permit = file_permit(predig, write, IN_THE_FIELD, ends=90)
    predig("work")
    vault = PostgisVault(vault_urls.app)
    later = today() + timedelta(days=40)
    assert vault.permit(permit["id"], on=later).status == "pending"
    assert work(vault, later).screened == (permit["id"],)
    assert vault.permit(permit["id"], on=later).status == "clear"
    vault.close()


# -- two writers, lost connections


def test_a_second_writer_is_refused_and_the_first_unharmed(
    predig: Predig, write: Write, vault_urls: VaultUrls
) -> None:
    declare_all(predig, write)
    before = predig("status").lines[0]["revision"]
    file = write("net.geojson", collection(MAIN, FIELD_MAIN))
    with locked(vault_urls.owner, "predig.asset"):
        first = start(by(vault_urls), "network", "import", file, *IMPORT)
        wait_until(lambda: someone_waits(vault_urls.owner), "the import to be stored")
        for said in (
            bring(predig, write, MAIN, dataset="other"),
            cover(predig, write),
            predig("utility", "set", "OTHER", "--name", "n"),
            predig("network", "rollback", 2),
        ):
            assert (said.code, said.codes, said.out) == (2, ["register_busy"], "")
        # Asking goes on meanwhile, against the register as it was.
        screened = predig("screen", write("plan.geojson", collection(IN_THE_FIELD)), *CRS)
        assert screened.lines[0]["outcome"] == "clear"
    done = end(first)
    assert done.code == 0 and done.lines[0]["added"] == 1 and done.lines[0]["revision"] == before + 1


def test_connections_cut_during_an_import_leave_nothing_half(
    predig: Predig, write: Write, vault_urls: VaultUrls
) -> None:
    declare_all(predig, write)
    before = predig("status").lines[0]
    file = write("net.geojson", collection(MAIN, FIELD_MAIN))
    with locked(vault_urls.owner, "predig.asset"):
        importing = start(by(vault_urls), "network", "import", file, *IMPORT)
        for _ in range(2):  # a cut connection is tried once more
            wait_until(lambda: someone_waits(vault_urls.owner), "the import to be stored")
            assert cut_connections(vault_urls.owner)
        said = end(importing)
    assert (said.code, said.codes, said.out) == (1, ["database_gone"], "")
    assert predig("status").lines[0] == before
    assert predig("network", "import", file, *IMPORT).lines[0]["added"] == 1


# -- the embedded cluster


def _many(count: int) -> dict[str, Any]:
    """So many pipes, 10 m apart, each with a name of its own."""
    return collection(
        *(
            feature(
                "LineString",
                [[E + k % 500 * 10, N + k // 500 * 10], [E + k % 500 * 10 + 8, N + k // 500 * 10 + 1]],
                id=f"pipe {k}",
            )
            for k in range(count)
        )
    )


@pytest.mark.usefixtures("already_made")
def test_the_server_stopped_during_an_import_comes_back_whole(home: Path, write: Write) -> None:
    environment = {"PREDIG_HOME": str(home)}

    def run(*words: object) -> Said:
        return end(start(environment, *words))

    small, large = write("small.geojson", collection(MAIN)), write("large.geojson", _many(8_000))
    assert run("network", "import", small, *IMPORT).lines[0]["added"] == 1
    with embedded_cluster(home) as cluster:
        admin = cluster.url(ADMIN)
        with locked(admin, "predig.piece"):  # reached when the assets and pipes are in, not yet committed
            importing = start(environment, "network", "import", large, *IMPORT)
            wait_until(lambda: someone_waits(admin), "the import to be half in")
            server = postmaster(home / "data")
            assert server is not None
            os.kill(server, signal.SIGQUIT)  # at once, as when the machine goes down
            said = end(importing)
    assert (said.code, said.out) == (1, "") and len(said.codes) == 1, said
    status = run("status").lines[0]
    assert (status["revision"], status["assets"]) == (1, 1)
    assert run("network", "import", large, *IMPORT).lines[0]["added"] == 8_000
    assert postmaster(home / "data") is None  # the last one out stops it


def test_a_full_disk_stores_nothing_half_and_works_again_after_freeing(write: Write) -> None:
    with small_disk(140) as disk:
        network = write("many.geojson", _many(disk.pipes))
        environment = {"PREDIG_HOME": str(disk.folder / "home")}

        def run(*words: object) -> Said:
            return end(start(environment, *words))

        assert run("utility", "set", "GAS", "--name", "n").code == 0
        before = run("status").lines[0]
        with disk.filled(but_mb=8):
            said = run("network", "import", network, *IMPORT)
            assert (said.code, said.out) == (1, ""), said
            assert said.codes[0] in disk.codes
            assert "free some space" in said.err or "try again" in said.err
            # The server may have stopped, for want of room to write that it goes on; it says so, and comes back.
            told = run("status")
            assert told.lines == [before] or told.codes == ["disk_full"], told
        assert run("status").lines == [before]
        assert run("network", "import", network, *IMPORT).lines[0]["added"] == disk.pipes


class SmallDisk:
    """A file system of its own, filled up by a file."""

    codes: tuple[str, ...] = ("disk_full",)
    pipes = 20_000

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def filled(self, *, but_mb: int) -> Iterator[None]:
        filler = self.folder / "filler"
        left = shutil.disk_usage(self.folder).free - but_mb * 1_000_000
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, left)
        try:
            yield
        finally:
            filler.unlink()


class ShortFiles(SmallDisk):
    """Where nothing can be mounted: a server that may write no file beyond a limit fails at the same places.

    A segment of its log has 16 MB and must still fit, or it stops altogether.
    """

    codes = ("disk_full", "database_failed")
    pipes = 60_000

    @contextmanager
    def filled(self, *, but_mb: int) -> Iterator[None]:
        serve = (
            "import resource, sys; from pathlib import Path; from sql.cluster import embedded_cluster\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (17_000_000, 17_000_000))\n"
            "with embedded_cluster(Path(sys.argv[1])): print('in', flush=True); sys.stdin.readline()"
        )
        with subprocess.Popen(
            [sys.executable, "-c", serve, str(self.folder / "home")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as holder:
            assert holder.stdout is not None and holder.stdout.readline() == "in\n"
            try:
                yield
            finally:
                holder.communicate("\n", timeout=60)


@contextmanager
def small_disk(megabytes: int) -> Iterator[SmallDisk]:
    """A disk of so many megabytes: mounted where that is allowed, else the nearest thing to it."""
    folder = Path(tempfile.mkdtemp(prefix="predig-disk-"))
    folder.chmod(0o755)
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    mine = f"size={megabytes}m,mode=755,uid={os.geteuid()},gid={os.getegid()}"
    mount = [*as_root, "mount", "-t", "tmpfs", "-o", mine, "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    try:
        yield SmallDisk(folder) if mounted else ShortFiles(folder)
    finally:
        if mounted:
            subprocess.run([*as_root, "umount", "--lazy", str(folder)], check=True)
        shutil.rmtree(folder, ignore_errors=True)


def test_json_of_a_failure_is_on_stderr(predig: Predig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREDIG_DATABASE_URL", "postgresql+psycopg2://predig_app@/predig?host=/nonexistent")
    said = predig("work")
    assert (said.code, said.out) == (1, "")
    (fault,) = (json.loads(line)["fault"] for line in said.err.splitlines())
    assert fault["code"] == "database_gone" and fault["en"] and fault["zh"]
