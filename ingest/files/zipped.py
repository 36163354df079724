"""A zip archive, looked through before anything in it is unpacked: how many members, how large, and where they would go.

What is unpacked gets a plain name of ours in a folder of ours, never the name in the archive.
"""

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from ingest.files.local import READ_BLOCK_BYTES
from ingest.files.rows import MAX_FILE_BYTES
from spatial.errors import Refused

MAX_MEMBERS = 2_000
MOST_TIMES_LARGER = 200
"""Unpacked against packed. Text of coordinates shrinks five- to twentyfold, an empty column a hundredfold."""
SMALL_BYTES = 10_000_000
"""Unpacked, below which nobody asks how well it was packed."""

_PLAIN_WAYS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED, _UTF_8 = 0x1, 0x800
_ARCHIVES = frozenset({".zip", ".kmz", ".7z", ".rar", ".gz", ".tgz", ".tar", ".bz2", ".xz"})
_NOT_PLAIN = re.compile(r"[^\w.-]+")
_FOLDERS_OF_MACS = "__MACOSX"

Members = Mapping[PurePosixPath, zipfile.ZipInfo]


@contextmanager
def opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Members]]:
    """The archive and its files by their name inside, all of them looked at.

    :raises Refused: zip_unreadable, zip_encrypted, zip_too_many_members, zip_too_large, zip_nested,
        zip_path_unsafe, zip_method.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive, _looked_at(path.name, archive.infolist())
    except Refused:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise _unreadable(path.name) from error


def unpack(archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], folder: Path) -> dict[str, Path]:
    """Some members under plain names in `folder`; both mappings go by the name wanted there.

    A member that gives more bytes than it says it has is damaged: zipfile stops there and compares its checksum.
    """
    unpacked = {}
    for name, member in members.items():
        place = folder / plain_name(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(member) as packed, place.open("xb") as file:
            while block := packed.read(READ_BLOCK_BYTES):
                file.write(block)
        unpacked[name] = place
    return unpacked


@contextmanager
def own_folder() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    with TemporaryDirectory(prefix="predig-") as folder:
        yield Path(folder)


def plain_name(name: str) -> str:
    """A file name without anything a shell, a file system or GDAL reads as more than a name."""
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, ""
    plain = _within(_NOT_PLAIN.sub("_", stem).strip(".")[:60]) or "member"
    return f"{plain}.{_within(_NOT_PLAIN.sub('_', ending)[:20], 40)}" if ending else plain


def _within(name: str, most_bytes: int = 180) -> str:
    """What of a name a file system takes: rare letters have four bytes, and all of a name may have 255."""
    return name.encode()[:most_bytes].decode("utf-8", "ignore")


def _looked_at(name: str, members: list[zipfile.ZipInfo]) -> Members:
    if len(members) > MAX_MEMBERS:
        raise Refused.because(
            "zip_too_many_members",
            en=f"{name} holds more than {MAX_MEMBERS} files; pack only those of the network",
            zh=f"{name} 内文件超过 {MAX_MEMBERS} 个，请只打包管网数据的文件",
        )
    files = [member for member in members if not member.is_dir()]
    unpacked, packed = sum(f.file_size for f in files), sum(f.compress_size for f in files)
    if unpacked > MAX_FILE_BYTES or unpacked > max(SMALL_BYTES, MOST_TIMES_LARGER * packed):
        raise Refused.because(
            "zip_too_large",
            en=f"{name} would unpack to {unpacked / 1e6:,.0f} MB, more than {MAX_FILE_BYTES // 1_000_000} MB or more "
            f"than {MOST_TIMES_LARGER} times its size; unpack it yourself and name the data file",
            zh=f"{name} 解压后为 {unpacked / 1e6:,.0f} MB，超过 {MAX_FILE_BYTES // 1_000_000} MB 或压缩包的 "
            f"{MOST_TIMES_LARGER} 倍；请自行解压后指定数据文件",
        )
    found: dict[PurePosixPath, zipfile.ZipInfo] = {}
    for member in files:
        inside = _place(name, member)
        if inside.parts[0] == _FOLDERS_OF_MACS or inside.name.startswith("."):
            continue
        _check_member(name, inside, member)
        if inside in found:
            raise _unreadable(name)
        found[inside] = member
    return found


def _place(name: str, member: zipfile.ZipInfo) -> PurePosixPath:
    text = member_name(member)
    inside = PurePosixPath(text.replace("\\", "/"))
    linked = stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG)
    if (
        linked
        or inside.is_absolute()
        or ".." in inside.parts
        or not inside.parts
        or re.match(r"[A-Za-z]:", text)
    ):
        raise Refused.because(
            "zip_path_unsafe",
            en=f"{name} holds {text[:80]!r}, which is a link or leads out of the archive; pack the files again",
            zh=f"{name} 中的 {text[:80]!r} 是链接或指向压缩包之外，请重新打包",
        )
    return inside


def member_name(member: zipfile.ZipInfo) -> str:
    """The name as whoever packed it saw it: archives of Chinese systems hold GBK and do not say so."""
    if member.flag_bits & _UTF_8:
        return member.filename
    try:
        raw = member.filename.encode("cp437")
    except UnicodeEncodeError:
        return member.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return member.filename


def _check_member(name: str, inside: PurePosixPath, member: zipfile.ZipInfo) -> None:
    if member.flag_bits & _ENCRYPTED:
        raise Refused.because(
            "zip_encrypted",
            en=f"{name} is protected with a password; unpack it yourself and name the data file",
            zh=f"{name} 有密码保护；请自行解压后指定数据文件",
        )
    if member.compress_type not in _PLAIN_WAYS:
        raise Refused.because(
            "zip_method",
            en=f"{name} is packed in a way few programs read; pack it as an ordinary zip (deflate)",
            zh=f"{name} 使用了少见的压缩方式，请以普通 zip（deflate）重新打包",
        )
    if inside.suffix.lower() in _ARCHIVES:
        raise Refused.because(
            "zip_nested",
            en=f"{name} holds another archive ({str(inside)[:80]}); unpack it and name the data file",
            zh=f"{name} 中还有压缩包（{str(inside)[:80]}）；请解压后指定数据文件",
        )


def _unreadable(name: str) -> Refused:
    return Refused.because(
        "zip_unreadable",
        en=f"{name} is no readable zip archive; it may be damaged or cut off: pack it again",
        zh=f"{name} 不是可读取的 zip 压缩包，可能已损坏或不完整，请重新打包",
    )
