"""The place of the embedded cluster: who owns it, whether that user can live there, and its socket folder.

Everything inside the home is written by its owner's own hand (`run_as`), even when root calls: root following
a path that an unprivileged user controls is how files get overwritten that should not be.
"""

import os
import pwd
import re
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from spatial.errors import Refused
from sql.errors import VaultUnavailable

SERVICE_USER = "predig"
"""PostgreSQL refuses to run as root; this is the user `make setup` creates for it to run as."""

SOCKET_BASES = ("/tmp", "/var/tmp")
"""A socket path holds at most 107 bytes, so TMPDIR and the home, which may be long, are not used for it."""

_SOCKET_DIR = re.compile(r"/(?:var/)?tmp/predig-[A-Za-z0-9_]+")
_LONGEST_HOME_BYTES = 700
"""PostgreSQL's paths end at 1,024 bytes; the rest is left to the names below the data directory."""


@dataclass(frozen=True, slots=True)
class Account:
    """The system user the server runs as."""

    name: str
    uid: int
    gid: int


def server_account() -> Account:
    """The caller, or for root the service user. Raises Refused `service_user_missing`, `caller_unnamed`."""
    uid = os.geteuid()
    if uid == 0:
        try:
            entry = pwd.getpwnam(SERVICE_USER)
        except KeyError:
            raise Refused.because(
                "service_user_missing",
                en=f"PostgreSQL does not run as root and the system user `{SERVICE_USER}` does not exist: run "
                f"`make setup`, or `useradd --system --user-group --shell /usr/sbin/nologin {SERVICE_USER}`",
                zh=f"PostgreSQL 不能以 root 运行，且系统用户 `{SERVICE_USER}` 不存在：请运行 `make setup`，"
                f"或 `useradd --system --user-group --shell /usr/sbin/nologin {SERVICE_USER}`",
            ) from None
    else:
        try:
            entry = pwd.getpwuid(uid)
        except KeyError:
            raise Refused.because(
                "caller_unnamed",
                en=f"user id {uid} has no name on this machine, and PostgreSQL needs one: run as a user that is in "
                "/etc/passwd, or set PREDIG_DATABASE_URL",
                zh=f"用户编号 {uid} 在本机没有名称，而 PostgreSQL 需要：请以 /etc/passwd 中的用户运行，"
                "或设置 PREDIG_DATABASE_URL",
            ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def run_as(
    account: Account, argv: Sequence[str], *, text: str = "", timeout_s: float = 60.0
) -> subprocess.CompletedProcess[str]:
    """Run a command as `account`, with `text` on its standard input and an environment that steers nothing.

    PG* variables of the caller would move the data directory, the port or the settings.
    """
    return subprocess.run(
        argv, input=text, capture_output=True, encoding="utf-8", errors="replace", timeout=timeout_s,
        check=False, **as_account(account),
    )  # fmt: skip


def as_account(account: Account) -> dict[str, object]:
    """The subprocess arguments that make a child run as `account`."""
    kept: dict[str, object] = {
        "cwd": "/",
        "umask": 0o077,
        "env": {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
    }
    if os.geteuid() == account.uid:
        return kept
    return kept | {"user": account.uid, "group": account.gid, "extra_groups": []}


def write_file(account: Account, path: Path, text: str) -> None:
    """Write a file whole or not at all, as its owner."""
    done = run_as(
        account, ["/bin/sh", "-c", 'cat >"$1.new" && mv -f -- "$1.new" "$1"', "sh", str(path)], text=text
    )
    if done.returncode:
        raise told(done.stderr, f"writing {path.name}", f"写入 {path.name}")


def keep_once(account: Account, path: Path, text: str | None) -> str:
    """What a private file of `account` holds, by its own hand; made of `text` if it is not there, once for ever.

    text: None makes nothing. FileNotFoundError without the file, PermissionError when others can read it.
    """
    if text is not None:
        script = 'cat >"$1.$$" && { ln -- "$1.$$" "$1" 2>/dev/null; rm -f -- "$1.$$"; }'
        made = run_as(account, ["/bin/sh", "-c", script, "sh", str(path)], text=text)
        if made.returncode:
            raise told(made.stderr, f"writing {path.name}", f"写入 {path.name}")
    found = os.lstat(path)
    if not stat.S_ISREG(found.st_mode) or found.st_uid != account.uid or found.st_mode & 0o077:
        raise PermissionError(path)
    return run_as(account, ["/bin/cat", "--", str(path)]).stdout


def told(output: str, doing_en: str, doing_zh: str) -> VaultUnavailable:
    """What went wrong, from what a program or the system printed."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    fatal = [line for line in lines if re.search("FATAL|PANIC|error:", line)]
    last = (fatal or lines or ["no message"])[-1]
    if re.search("no space left|disk quota exceeded", output, re.I):
        return VaultUnavailable.because(
            "disk_full",
            en=f"the disk of PREDIG_HOME is full ({doing_en}): free some space or name another PREDIG_HOME, then "
            "run this again; nothing was stored half",
            zh=f"PREDIG_HOME 所在磁盘已满（{doing_zh}）：请清理空间或改用其他 PREDIG_HOME，然后重试；没有任何内容被部分保存",
        )
    if re.search("read-only file system", output, re.I):
        return VaultUnavailable.because(
            "disk_read_only",
            en=f"the disk of PREDIG_HOME is read-only ({doing_en}): name another PREDIG_HOME",
            zh=f"PREDIG_HOME 所在磁盘为只读（{doing_zh}）：请改用其他 PREDIG_HOME",
        )
    if re.search("cannot allocate memory|out of memory", output, re.I):
        return VaultUnavailable.because(
            "memory_short",
            en=f"the machine has no memory left for the database ({doing_en}): end other programs, then run this again",
            zh=f"本机内存不足，数据库无法启动（{doing_zh}）：请关闭其他程序后重试",
        )
    return VaultUnavailable.because(
        "database_start_failed",
        en=f"{doing_en} failed: {last} (start.log and data/log in PREDIG_HOME say more)",
        zh=f"{doing_zh}失败：{last}（详见 PREDIG_HOME 下的 start.log 和 data/log）",
    )


def prepare_home(home: Path, account: Account) -> Path:
    """Make the home if need be; its real path. It belongs to `account`, who can enter and write it.

    Raises Refused: `home_characters`, `home_too_long`, `home_not_a_folder`, `home_closed`, `home_of_another`.
    """
    if any(ord(character) < 32 for character in str(home)):
        raise _refused(
            home,
            "home_characters",
            "has a control character in its name: give it another name",
            "名称含控制字符：请换一个名称",
        )
    home = Path(os.path.realpath(home))
    if len(os.fsencode(home)) > _LONGEST_HOME_BYTES:
        raise _refused(
            home, "home_too_long",
            f"has a path of more than {_LONGEST_HOME_BYTES} bytes: choose a shorter one",
            f"路径超过 {_LONGEST_HOME_BYTES} 字节：请选择更短的路径",
        )  # fmt: skip
    ground = next(place for place in (home, *home.parents) if os.path.exists(place))
    if not ground.is_dir():
        raise _refused(
            home,
            "home_not_a_folder",
            f"cannot be made, {ground} is a file: name another",
            f"无法创建，{ground} 是文件：请另选",
        )
    if ground != home:
        _check_entry(home, ground, account)
        try:
            _make_folders(home, ground, account)
        except PermissionError:
            raise _refused(
                home, "home_closed",
                f"cannot be made, {ground} is not yours to write in: choose a folder of your own",
                f"无法创建，您无权写入 {ground}：请选择您自己的目录",
            ) from None  # fmt: skip
    elif os.geteuid() == 0 and home.stat().st_uid == 0 and not any(home.iterdir()):
        _check_entry(home, home.parent, account)
        os.chown(home, account.uid, account.gid)
    if home.stat().st_uid != account.uid:
        raise _refused(
            home, "home_of_another",
            f"belongs to another user than `{account.name}`, as whom the database runs: choose another, or give it "
            f"to that user with `chown -R {account.name}`",
            f"不属于运行数据库的用户 `{account.name}`：请另选，或用 `chown -R {account.name}` 移交",
        )  # fmt: skip
    _check_entry(home, home, account, write=True)
    return home


def _make_folders(home: Path, ground: Path, account: Account) -> None:
    """Make the home and the folders above it that are missing. All belong to the account.

    So /var/lib/predig can become a home itself after /var/lib/predig/demo was one.
    """
    made = [place for place in (*reversed(home.parents), home) if ground in place.parents]
    for place in made:
        place.mkdir(exist_ok=True)
        place.chmod(0o755)  # whatever the umask: the owner of the home must be able to pass
    home.chmod(0o700)
    if os.geteuid() != account.uid:
        for place in reversed(made):
            os.chown(place, account.uid, account.gid)


def _check_entry(home: Path, place: Path, account: Account, *, write: bool = False) -> None:
    """Ask the system, as that user, rather than reading modes: ACLs and mounts count too."""
    test = 'cd -- "$1" && test -w .' if write else 'cd -- "$1"'
    if run_as(account, ["/bin/sh", "-c", test, "sh", str(place)]).returncode:
        raise _refused(
            home, "home_closed",
            f"cannot be used: the user `{account.name}`, as whom the database runs, may not enter"
            f"{' and write' if write else ''} {place}. Choose a home outside closed folders such as /root, for "
            "example PREDIG_HOME=/var/lib/predig",
            f"不可用：运行数据库的用户 `{account.name}` 无权进入{'并写入' if write else ''} {place}。"
            "请选择不在 /root 等封闭目录下的位置，例如 PREDIG_HOME=/var/lib/predig",
        )  # fmt: skip


def _refused(home: Path, code: str, en: str, zh: str) -> Refused:
    return Refused.because(code, en=f"PREDIG_HOME={str(home)!r} {en}", zh=f"PREDIG_HOME={str(home)!r} {zh}")


def recorded_socket_dir(home: Path) -> Path | None:
    """The socket folder's path as the home remembers it, whether or not it is there."""
    try:
        said = (home / "socket").read_text(encoding="ascii", errors="replace").strip()
    except FileNotFoundError:
        return None
    return Path(said) if _SOCKET_DIR.fullmatch(said) else None


def is_private(folder: Path, account: Account) -> bool:
    """Whether the folder is there, the account's own, and closed to everybody else."""
    try:
        found = os.lstat(folder)
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == account.uid and not found.st_mode & 0o077


def ensure_socket_dir(home: Path, account: Account) -> Path:
    """The recorded folder, made again under the same name when gone, so that addresses given out stay right.

    A folder somebody else put there is never used: then a new one is made and recorded.
    """
    remembered = recorded_socket_dir(home)
    if remembered is not None:
        if is_private(remembered, account):
            return remembered
        try:
            os.mkdir(remembered, 0o700)
            os.chown(remembered, account.uid, account.gid, follow_symlinks=False)
            return remembered
        except OSError:
            pass  # squatted, or its parent is gone: mint another
    failure: OSError | None = None
    for base in SOCKET_BASES:
        try:
            made = Path(tempfile.mkdtemp(prefix="predig-", dir=base))
        except OSError as error:
            failure = error
            continue
        try:
            os.chown(made, account.uid, account.gid, follow_symlinks=False)
            write_file(account, home / "socket", f"{made}\n")
        except BaseException:
            os.rmdir(made)  # nobody would ever find it again
            raise
        return made
    raise told(
        str(failure), "making the socket folder in /tmp or /var/tmp", "在 /tmp 或 /var/tmp 中创建套接字目录"
    )
