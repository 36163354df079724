"""A form with files, written to disk as it arrives: no more of it is ever in memory than a block.

What is bounded: the body, the number of parts, the length of a field, the headers of a part. The name a file brings is
only ever a word; on disk it has a plain name of ours.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

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

    Every method raises Refused: form_unreadable, form_too_large, form_name, file_twice.
    """

    def __init__(self, content_type: str, folder: Path) -> None:
        """folder: empty; the files go there."""
        self._folder = folder
        self.fields: list[tuple[str, str]] = []
        self.files: list[ReceivedFile] = []
        self._part: _Part | None = None
        self._header: list[bytes] = [b"", b""]
        self._headers: dict[bytes, bytes] = {}
        self._parts, self._whole = 0, False
        boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
        if not boundary:
            raise _unreadable()
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin,
                    "on_header_field": lambda data, start, end: self._head(0, data[start:end]),
                    "on_header_value": lambda data, start, end: self._head(1, data[start:end]),
                    "on_header_end": self._keep_header,
                    "on_headers_finished": self._open,
                    "on_part_data": lambda data, start, end: self._take(data[start:end]),
                    "on_part_end": self._close,
                    "on_end": self._end,
                },
            )
        except FormParserError as error:
            raise _unreadable() from error

    def take(self, block: bytes) -> None:
        """The next bytes of the body."""
        try:
            self._parser.write(block)
        except FormParserError as error:
            raise _unreadable() from error

    def finish(self) -> None:
        """That was all of it."""
        if not self._whole:
            raise _unreadable()

    def close(self) -> None:
        """Let go of the file at hand, if the body broke off within it."""
        if self._part is not None and self._part.out is not None:
            self._part.out.close()

    # -- what the parser calls

    def _begin(self) -> None:
        self._parts += 1
        self._headers = {}
        if self._parts > MOST_PARTS:
            raise _too_large(f"{MOST_PARTS} parts", f"{MOST_PARTS} 个部分")

    def _head(self, which: int, data: bytes) -> None:
        self._header[which] += data

    def _keep_header(self) -> None:
        name, value = self._header
        self._headers[name.lower()] = value
        self._header = [b"", b""]

    def _open(self) -> None:
        kind, said = parse_options_header(self._headers.get(b"content-disposition", b"").decode("latin-1"))
        if kind != b"form-data" or b"name" not in said or b"content-transfer-encoding" in self._headers:
            raise _unreadable()
        name, file = _text(said[b"name"]), said.get(b"filename")
        if file is None:
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
        shown = _text(file).replace("\\", "/").rpartition("/")[2]
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

    def _take(self, data: bytes) -> None:
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

    def _close(self) -> None:
        part = self._part
        assert part is not None
        if part.file is None:
            self.fields.append((part.name, _text(bytes(part.data))))
        else:
            assert part.out is not None
            part.out.close()
            self.files.append(ReceivedFile(part.file, part.size, part.hash.hexdigest()))
        self._part = None

    def _end(self) -> None:
        self._whole = True


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused.because(
            "form_unreadable",
            en="a field or a file name of the form is not UTF-8: send text as UTF-8",
            zh="表单中的字段或文件名不是 UTF-8：文字请用 UTF-8 发送",
        ) from error


def _unreadable() -> Refused:
    return Refused.because(
        "form_unreadable",
        en="the body is no whole form: send multipart/form-data with its boundary, each part with a name, as `curl -F` does, "
        "and send it whole",
        zh="正文不是完整的表单：请以 multipart/form-data 发送（注明 boundary，每部分有名称，如 curl -F），并完整发送",
    )


def _too_large(what_en: str, what_zh: str) -> Refused:
    return Refused.because(
        "form_too_large",
        en=f"the form has more than {what_en}: pack the files into one .zip, or send fewer",
        zh=f"表单超过 {what_zh}：请将文件打包为一个 .zip，或减少内容",
    )
