"""A form with files, written to disk as it arrives: no more of it is ever in memory than a block.

What is bounded: the number of parts and files, the length of a field, the headers of a part. The name a file brings is
only ever a word; on disk it has a plain name of ours.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from api.http.multipart import PartHead, Parts
from ingest.files.zipped import plain_name
from spatial.errors import Refused

MOST_PARTS = 40
MOST_FILES = 20
LONGEST_FIELD_BYTES = 200_000
"""The map of a dataset is the longest; real ones have some thousand."""
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """name: on disk, and the one it goes by from here on."""

    name: str
    bytes: int
    sha256: str


@dataclass(slots=True)
class _Part:
    name: str
    file: str | None
    data: bytearray = field(default_factory=bytearray)
    out: IO[bytes] | None = None
    size: int = 0
    hash: Any = field(default_factory=hashlib.sha256)


class FormOnDisk:
    """Takes a body of multipart/form-data bit by bit. Blocks on the disk: not for the event loop.

    Every method raises Refused: form_unreadable, form_too_many_parts, form_too_large, form_name, file_name_missing, file_twice.
    """

    def __init__(self, content_type: str, folder: Path) -> None:
        """folder: empty; the files go there."""
        self._folder = folder
        self.fields: list[tuple[str, str]] = []
        self.files: list[ReceivedFile] = []
        self._part: _Part | None = None
        self._parts = Parts(content_type, MOST_PARTS, self)

    def write(self, block: bytes) -> None:
        """The next bytes of the body."""
        self._parts.write(block)

    def finish(self) -> None:
        """That was all of it."""
        self._parts.finish()

    def close(self) -> None:
        """Let go of the file at hand, if the body broke off within it."""
        if self._part is not None and self._part.out is not None:
            self._part.out.close()

    # -- what the parts call

    def begin(self, head: PartHead) -> None:
        name = _text(head.name)
        if head.filename is None:
            self._part = _Part(name, None)
            return
        if name != "file":
            raise Refused.because(
                "form_name",
                en=f"a file came as part {name[:80]!r}: send files as parts named `file`",
                zh=f"文件所在部分名为 {name[:80]!r}：文件请以名为 file 的部分发送",
                pointer=f"/{name[:80]}",
            )
        # Some browsers send a path.
        shown = _text(head.filename).replace("\\", "/").rpartition("/")[2]
        plain = plain_name(shown) if shown.strip() else ""
        if not plain or len(shown) > LONGEST_NAME:
            raise Refused.because(
                "file_name_missing",
                en=f"a file has no name, or one of more than {LONGEST_NAME} letters: its ending says of what kind it is",
                zh=f"有文件未写文件名，或文件名超过 {LONGEST_NAME} 个字符；系统按扩展名识别格式",
                pointer="/file",
            )
        if len(self.files) >= MOST_FILES:
            raise _too_large(f"{MOST_FILES} files", f"{MOST_FILES} 个文件")
        if plain.casefold() in {one.name.casefold() for one in self.files}:
            raise Refused.because(
                "file_twice",
                en=f"two files are named {plain}; give each a name of its own",
                zh=f"有两个文件同名：{plain}；请分别命名",
                pointer="/file",
            )
        self._part = _Part(name, plain, out=(self._folder / plain).open("xb"))

    def take(self, data: bytes) -> None:
        part = self._part
        assert part is not None
        part.size += len(data)
        if part.out is not None:
            part.out.write(data)
            part.hash.update(data)
        elif part.size > LONGEST_FIELD_BYTES:
            raise _too_large(
                f"{LONGEST_FIELD_BYTES:,} bytes in one field", f"{LONGEST_FIELD_BYTES:,} 字节的字段"
            )
        else:
            part.data += data

    def end(self) -> None:
        part = self._part
        assert part is not None
        if part.file is None:
            self.fields.append((part.name, _text(bytes(part.data))))
        else:
            assert part.out is not None
            part.out.close()
            self.files.append(ReceivedFile(part.file, part.size, part.hash.hexdigest()))
        self._part = None


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused.because(
            "form_unreadable",
            en="a field or a file name of the form is not UTF-8: send text as UTF-8",
            zh="表单中的字段或文件名不是 UTF-8：文字请用 UTF-8 发送",
        ) from error


def _too_large(what_en: str, what_zh: str) -> Refused:
    return Refused.because(
        "form_too_large",
        en=f"the form has more than {what_en}: pack the files into one .zip, or send fewer",
        zh=f"表单超过 {what_zh}：请将文件打包为一个 .zip，或减少内容",
    )
