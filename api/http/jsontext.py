"""JSON from strangers, read strictly: what Python's reader lets through and nothing downstream should meet."""

import json
import re
from typing import Any

from spatial.errors import Refused

DEEPEST = 64

_NO_TEXT = re.compile(r"[\ud800-\udfff]|(?<!\\)(?:\\\\)*\\u0000")
"""In JSON as Python writes it: half a surrogate pair, or a NUL (not the text that merely looks like its escape)."""
_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


def read_json(data: bytes) -> Any:
    """The document of a request's body.

    :raises Refused: empty, not UTF-8, not JSON, NaN or Infinity, a number too large for a double, a name twice in
    one object, half a surrogate pair, a NUL, or more than 64 lists and objects inside one another.
    """
    if not data.strip():
        raise Refused.because(
            "body_missing",
            en="the request has no body: send one JSON object",
            zh="请求没有正文：请发送一个 JSON 对象",
        )
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise Refused.because(
            "json_not_utf8",
            en="the body is not UTF-8 text; send it as UTF-8",
            zh="正文不是 UTF-8 编码，请以 UTF-8 发送",
        ) from None
    _check_depth(data)
    try:
        document = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise Refused.because(
            "json_unreadable",
            en=f"the body is not JSON (line {error.lineno}, column {error.colno}): mend it there",
            zh=f"正文不是有效的 JSON（第 {error.lineno} 行第 {error.colno} 列）：请修正",
        ) from None
    except Refused:
        raise
    except ValueError:  # a whole number of more than 4,300 digits
        raise _not_finite("a number of thousands of digits") from None
    # Escaped ones only show in what was read; most bodies have no escape at all.
    if "\\u" in text and _NO_TEXT.search(json.dumps(document, ensure_ascii=False)):
        raise Refused.because(
            "json_not_text",
            en="a text in the body holds \\u0000 or half of a surrogate pair, which no text has: take it out",
            zh="正文中有 \\u0000 或不成对的代理字符，不是有效文字：请删除",
        )
    return document


def _check_depth(data: bytes) -> None:
    if data.count(b"[") + data.count(b"{") <= DEEPEST:
        return
    depth = 0
    for found in _BRACKETS.finditer(data):
        mark = found[0]
        if mark in (b"[", b"{"):
            depth += 1
            if depth > DEEPEST:
                raise Refused.because(
                    "json_too_deep",
                    en=f"the body nests more than {DEEPEST} lists and objects; no dig plan needs that: export it again",
                    zh=f"正文嵌套超过 {DEEPEST} 层，开挖方案不需要这样的结构：请重新导出",
                )
        elif mark in (b"]", b"}"):
            depth -= 1


def _no_constant(name: str) -> Any:
    raise _not_finite(name)


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _not_finite(text[:40])
    return number


def _not_finite(what: str) -> Refused:
    return Refused.because(
        "json_not_finite",
        en=f"the body holds {what}, which is no finite number: write a number, or leave the field out",
        zh=f"正文中有 {what}，不是有限的数值：请填写数字，或不填该项",
    )


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Refused.because(
            "json_name_twice",
            en=f"an object in the body has the name {twice[:80]!r} twice: keep one, nobody can tell which is meant",
            zh=f"正文中某个对象有两个 {twice[:80]!r}：请只保留一个，无法判断以哪个为准",
        )
    return found


_DECODER = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_named_once)
"""Made once: to make it takes as long as to read a body."""
