"""multipart/form-data taken apart as it arrives: what a part is called, then its bytes as they come. Nothing is kept here.

What is bounded: the number of parts and their headers. How much a part may hold is for whoever takes it.
"""

from dataclasses import dataclass
from typing import Protocol

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from spatial.errors import Refused

MOST_HEADERS = 8
MOST_HEADER_BYTES = 1_000


@dataclass(frozen=True, slots=True)
class PartHead:
    """As sent, undecoded. filename: None where the part is no file; content_type: empty where it says none."""

    name: bytes
    filename: bytes | None
    content_type: bytes


class Taker(Protocol):
    """What is done with the parts, one after the other. It may raise Refused at any time."""

    def begin(self, head: PartHead) -> None: ...
    def take(self, data: bytes) -> None: ...
    def end(self) -> None: ...


class Parts:
    """A body of multipart/form-data, bit by bit. Every method raises Refused: form_unreadable, form_too_many_parts, and what
    the taker raises."""

    def __init__(self, content_type: str, most: int, taker: Taker) -> None:
        """most: parts there may be."""
        self._most, self._taker = most, taker
        self._number, self._whole = 0, False
        self._header: tuple[bytearray, bytearray] = (bytearray(), bytearray())
        self._headers: dict[bytes, bytes] = {}
        boundary = parse_options_header(content_type)[1].get(b"boundary")
        if not boundary:
            raise form_unreadable()
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin,
                    "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
                    "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
                    "on_header_end": self._keep_header,
                    "on_headers_finished": self._open,
                    "on_part_data": lambda data, start, end: taker.take(data[start:end]),
                    "on_part_end": taker.end,
                    "on_end": self._end,
                },
                max_header_count=MOST_HEADERS,
                max_header_size=MOST_HEADER_BYTES,
            )
        except FormParserError:
            raise form_unreadable() from None

    def write(self, data: bytes) -> None:
        """The next bytes of the body."""
        try:
            self._parser.write(data)
        except FormParserError:
            raise form_unreadable() from None

    def finish(self) -> None:
        """That was all of it."""
        if not self._whole:
            raise form_unreadable()

    def _begin(self) -> None:
        self._number += 1
        self._headers = {}
        if self._number > self._most:
            raise Refused.because(
                "form_too_many_parts",
                en=f"the form has more than {self._most} parts: pack the files into one .zip, or send fewer",
                zh=f"表单超过 {self._most} 个部分：请将文件打包为一个 .zip，或减少内容",
            )

    def _keep_header(self) -> None:
        name, value = (bytes(one) for one in self._header)
        self._headers[name.lower()] = value
        self._header = (bytearray(), bytearray())

    def _open(self) -> None:
        kind, said = parse_options_header(self._headers.get(b"content-disposition", b""))
        if kind != b"form-data" or b"name" not in said or b"content-transfer-encoding" in self._headers:
            raise form_unreadable()
        self._taker.begin(
            PartHead(said[b"name"], said.get(b"filename"), self._headers.get(b"content-type", b""))
        )

    def _end(self) -> None:
        self._whole = True


def form_unreadable() -> Refused:
    return Refused.because(
        "form_unreadable",
        en="the body is no whole form: send multipart/form-data with its boundary, each part with a name, as `curl -F` does, "
        "and send it whole",
        zh="正文不是完整的表单：请以 multipart/form-data 发送（注明 boundary，每部分有名称，如 curl -F），并完整发送",
    )
