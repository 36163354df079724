"""Which PostgreSQL to run: the newest installed one that can also load PostGIS."""

import os
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from spatial.errors import Refused

BIN_GLOBS = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin")
"""Where Debian and the RPM packages put servers. PATH is not searched: what it finds often has no PostGIS."""

DEBIAN_PACKAGES = "postgresql-15 postgresql-15-postgis-3"


@dataclass(frozen=True, slots=True)
class Server:
    """The programs of one PostgreSQL version, PostGIS among its extensions."""

    bin_dir: Path
    major: int

    @property
    def postgres(self) -> str:
        return str(self.bin_dir / "postgres")

    @property
    def initdb(self) -> str:
        return str(self.bin_dir / "initdb")


def find_server(
    *, major: int | None = None, pg_bin: Path | None = None, roots: Iterable[Path] = (Path("/"),)
) -> Server:
    """The server to use.

    major: the version an existing cluster was made by; None = the newest found.
    pg_bin: look only there (PREDIG_PG_BIN). roots: file system roots to search, for tests.
    Raises Refused `postgis_missing` (none can load PostGIS) or `postgres_version` (none of that version).
    """
    places = (
        [pg_bin]
        if pg_bin
        else [found for root in roots for pattern in BIN_GLOBS for found in root.glob(pattern)]
    )
    servers = [server for place in places if (server := _server_at(place)) is not None]
    if not servers:
        raise _postgis_missing(pg_bin)
    fitting = [server for server in servers if major in (None, server.major)]
    if not fitting:
        present = ", ".join(str(server.major) for server in servers)
        raise Refused.because(
            "postgres_version",
            en=f"the database in this home was made by PostgreSQL {major}, but only {present} with PostGIS is "
            f"installed: install postgresql-{major} and postgresql-{major}-postgis-3, or name another PREDIG_HOME",
            zh=f"本目录中的数据库由 PostgreSQL {major} 创建，而已安装且带 PostGIS 的版本只有 {present}："
            f"请安装 postgresql-{major} 和 postgresql-{major}-postgis-3，或改用其他 PREDIG_HOME",
        )
    return max(fitting, key=lambda server: server.major)


def _server_at(bin_dir: Path) -> Server | None:
    if not all(os.access(bin_dir / name, os.X_OK) for name in ("postgres", "initdb")):
        return None
    if not any((share / "extension" / "postgis.control").is_file() for share in _share_dirs(bin_dir)):
        return None
    said = _output(bin_dir / "postgres", "--version")
    version = re.search(r"\(PostgreSQL\) (\d+)", said)
    return Server(bin_dir, int(version[1])) if version else None


def _share_dirs(bin_dir: Path) -> list[Path]:
    if os.access(bin_dir / "pg_config", os.X_OK):
        return [Path(_output(bin_dir / "pg_config", "--sharedir").strip())]
    return [bin_dir / "../../../../share/postgresql" / bin_dir.parent.name, bin_dir / "../share"]


def _output(program: Path, argument: str) -> str:
    done = subprocess.run(
        [str(program), argument],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    return done.stdout


def _postgis_missing(pg_bin: Path | None) -> Refused:
    where_en = f"under PREDIG_PG_BIN={pg_bin}" if pg_bin else "on this machine"
    where_zh = f"PREDIG_PG_BIN={pg_bin} 下" if pg_bin else "本机"
    return Refused.because(
        "postgis_missing",
        en=f"no PostgreSQL server with PostGIS was found {where_en}: run `make setup`, or on Debian "
        f"`apt-get install {DEBIAN_PACKAGES}`, or point PREDIG_DATABASE_URL at a PostGIS database you already have",
        zh=f"{where_zh}未找到带 PostGIS 的 PostgreSQL 服务器：请运行 `make setup`，或在 Debian 上执行 "
        f"`apt-get install {DEBIAN_PACKAGES}`，或用 PREDIG_DATABASE_URL 指向已有的 PostGIS 数据库",
    )
