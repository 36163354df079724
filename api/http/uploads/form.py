"""A body of multipart/form-data, read as it arrives: the request as JSON, the files, and what is said of them."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from api.http.asking import check_encoding, receive_body
from api.http.bodies import value_faults
from api.http.multipart import PartHead, Parts
from api.http.schemas import CRS, SHAPES_OF_POINTS, UNITS, Schema, text
from spatial.errors import Fault, Refused

FORM = "multipart/form-data"
REQUEST, FILE = "request", "file"

SAID: dict[str, Schema] = {
    "crs": CRS,
    "layer": text(200, "The layer, or the sheet, that is meant where there are several."),
    "units": UNITS,
    "points_are": SHAPES_OF_POINTS,
}
"""What may have to be said of a file. Query parameters where its bytes are the body, text parts of a form."""

MOST_PARTS = 16
"""The request, what may be said, and a Shapefile with all that programs put beside it."""
MOST_TEXT_BYTES = 4_000
LONGEST_NAME = 200
LONGEST_TYPE = 200

_NOT_IN_A_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that turn what is shown after them round."""


@dataclass(frozen=True, slots=True)
class SentFile:
    """name: the last part of what the sender calls it; content_type: as the sender has it."""

    name: str
    content_type: str | None
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Form:
    """request: the JSON of the part of that name. said: of every field asked for, None where it was left out. faults: what
    is wrong with parts of the form, each at `form:NAME`."""

    request: bytes | None
    files: tuple[SentFile, ...]
    said: Mapping[str, Any]
    faults: tuple[Fault, ...]

    def meaning(self) -> bytes:
        """The same for the same parts, whatever stands between them: a client that sends a form again chooses another
        boundary."""
        return json.dumps(
            [
                None if self.request is None else _digest(self.request),
                sorted((file.name, _digest(file.data)) for file in self.files),
                dict(self.said),
            ],
            sort_keys=True,
        ).encode()


def is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM


async def read_form(
    request: Request,
    fields: Mapping[str, Schema],
    *,
    asks: bool,
    most_bytes: int,
    hold: Callable[[bytes], None],
) -> Form:
    """The parts of the body. fields: the texts it may have; asks: whether a request belongs in it; hold: called with what
    arrives, before it is kept in memory.

    :raises Refused: what is no form. :raises Unread: the same, too many parts, too large or too slow, as soon as that is
    seen.
    """
    check_encoding(request.headers)
    known = (*fields, FILE, *((REQUEST,) if asks else ()))
    taker = _Taker(known, request.app.state.max_body_bytes)
    parts = Parts(request.headers["content-type"], MOST_PARTS, taker)

    def take(data: bytes) -> None:
        hold(data)
        parts.write(data)

    await receive_body(request, most_bytes, take)
    parts.finish()
    return taker.form(fields)


@dataclass(slots=True)
class _Part:
    name: str
    filename: bytes | None
    content_type: bytes
    data: bytearray = field(default_factory=bytearray)


class _Taker:
    """Keeps the parts, none of them longer than it may be."""

    def __init__(self, known: tuple[str, ...], most_request_bytes: int) -> None:
        self._known = known
        self._most_request_bytes = most_request_bytes
        self._parts: list[_Part] = []

    def begin(self, head: PartHead) -> None:
        self._parts.append(_Part(head.name.decode("utf-8", "replace"), head.filename, head.content_type))

    def take(self, data: bytes) -> None:
        part = self._parts[-1]
        part.data += data
        if part.name == REQUEST and len(part.data) > self._most_request_bytes:
            raise Refused.because(
                "body_too_large",
                en=f"the request is larger than {self._most_request_bytes / 1e6:g} MB: divide the plan, or send it as a "
                f"`{FILE}`",
                zh=f"request 部分超过 {self._most_request_bytes / 1e6:g} MB：请拆分方案，或以 {FILE} 提交",
                pointer=_at(REQUEST),
            )
        if part.name not in (FILE, REQUEST) and len(part.data) > MOST_TEXT_BYTES:
            raise Refused.because(
                "field_too_long",
                en=f"this text is longer than {MOST_TEXT_BYTES} bytes: shorten it, or send a file as `{FILE}`",
                zh=f"该文字超过 {MOST_TEXT_BYTES} 字节：请缩短；文件请用 {FILE} 提交",
                pointer=_at(part.name),
            )

    def end(self) -> None:
        """Nothing is done with a part before all have come."""

    def form(self, fields: Mapping[str, Schema]) -> Form:
        faults: list[Fault] = []
        files: list[SentFile] = []
        texts: dict[str, bytes] = {}
        for part in self._parts:
            if part.name not in self._known:
                faults.append(_unknown(part.name, self._known))
            elif part.name == FILE:
                files += _file(part, faults)
            elif part.name in texts:
                faults.append(_twice(part.name))
            else:
                texts[part.name] = bytes(part.data)
        names = [file.name.casefold() for file in files]
        if len(set(names)) < len(names):
            faults.append(_twice(FILE))
        said = {
            name: _text(texts[name], schema, name, faults) for name, schema in fields.items() if name in texts
        }
        whole = {name: said.get(name, schema.get("default")) for name, schema in fields.items()}
        return Form(texts.get(REQUEST), tuple(files), whole, tuple(faults))


def _file(part: _Part, faults: list[Fault]) -> list[SentFile]:
    """None where a page's field was left empty: then it is sent without a name and without a byte."""
    if not part.filename:
        if part.data:
            faults.append(_nameless())
        return []
    try:
        # The last part alone: some programs send the whole path, of a folder of theirs.
        name = re.split(r"[/\\]", part.filename.decode("utf-8"))[-1].replace("%22", '"').strip()
    except UnicodeDecodeError:
        name = ""
    if name in ("", ".", "..") or len(name) > LONGEST_NAME or _NOT_IN_A_NAME.search(name):
        faults.append(_nameless())
        return []
    kind = part.content_type.decode("latin-1")
    kind = _NOT_IN_A_NAME.sub("", kind)[:LONGEST_TYPE].strip()
    return [SentFile(name, kind or None, bytes(part.data))]


def _text(data: bytes, schema: Schema, name: str, faults: list[Fault]) -> str | None:
    try:
        said = data.decode("utf-8").strip()
    except UnicodeDecodeError:
        said = "\0"
    if "\0" in said:
        faults.append(
            Fault(
                "parameter_not_text",
                "it is no text in UTF-8: send it as such",
                "不是 UTF-8 文字：请以 UTF-8 发送",
                _at(name),
            )
        )
        return None
    wrong = value_faults(said, schema, _at(name))
    faults += wrong
    return None if wrong else said


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _at(name: str) -> str:
    return f"form:{name[:80]}"


def _unknown(name: str, known: tuple[str, ...]) -> Fault:
    names = ", ".join(known)
    return Fault(
        "part_unknown",
        f"the form has no part of this name: leave it out; known are {names}",
        f"表单中没有这一部分：请删除；可用的有 {names}",
        _at(name),
    )


def _twice(name: str) -> Fault:
    if name == FILE:
        return Fault(
            "file_twice",
            "two files have the same name: keep one",
            "有两个同名文件：请只保留一个",
            _at(FILE),
        )
    return Fault(
        "part_twice", "it is given more than once: keep one", "该部分出现多次：请只保留一个", _at(name)
    )


def _nameless() -> Fault:
    return Fault(
        "file_name_missing",
        f"a file needs a name in UTF-8, of at most {LONGEST_NAME} characters: its ending says of what kind it is",
        f"文件需有 UTF-8 编码的文件名，最多 {LONGEST_NAME} 个字符：系统按扩展名识别格式",
        _at(FILE),
    )
