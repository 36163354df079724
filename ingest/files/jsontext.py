"""JSON from strangers, read strictly: what Python's reader lets through and nothing downstream should meet."""

import json
import re
from typing import Any

import numpy as np

from spatial.errors import Refused

DEEPEST = 64
MOST_VALUES = 2_000_000
"""Commas and opening brackets: 1,000 shapes of 500 points with heights are as many."""
MOST_OBJECTS = 400_000
"""Opening braces: an empty object costs Python what thirty numbers cost."""

_NO_TEXT = re.compile(r"[\ud800-\udfff]|(?<!\\)(?:\\\\)*\\u0000")
"""In JSON as Python writes it: half a surrogate pair, or a NUL (not the text that merely looks like its escape)."""
_TEXTS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
"""One that never ends is matched to the end of the body: looked for again from each of its quotation marks, 32 kB of `\\"`
took 8 s."""
_MAY_BE_TOO_LARGE = re.compile(r"[eE]\+?\d{3}|\d{300}")
"""A number no double can hold, perhaps."""


def read_json(data: bytes, what: str = "the body", zh_what: str = "正文") -> Any:
    """The document of a request's body, or of a file; what, zh_what: how to call it to its owner.

    :raises Refused: empty, not UTF-8, not JSON, NaN or Infinity, a number too large for a double, a name twice in
    one object, half a surrogate pair, a NUL, more than 64 lists and objects inside one another, or more values than
    a plan has.
    """
    check_size(data, what, zh_what)
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
            en=f"{what} is not UTF-8 text; send it as UTF-8",
            zh=f"{zh_what}不是 UTF-8 编码，请以 UTF-8 发送",
        ) from None
    _check_depth(data, what, zh_what)
    try:
        document = (_CAREFUL if _MAY_BE_TOO_LARGE.search(text) else _DECODER).decode(text)
    except json.JSONDecodeError as error:
        raise Refused.because(
            "json_unreadable",
            en=f"{what} is not JSON (line {error.lineno}, column {error.colno}): mend it there",
            zh=f"{zh_what}不是有效的 JSON（第 {error.lineno} 行第 {error.colno} 列）：请修正",
        ) from None
    except Refused:
        raise
    except ValueError:  # a whole number of more than 4,300 digits
        raise _not_finite("a number of thousands of digits") from None
    # Escaped ones only show in what was read; most bodies have no escape at all.
    if "\\u" in text and _NO_TEXT.search(json.dumps(document, ensure_ascii=False)):
        raise Refused.because(
            "json_not_text",
            en=f"a text in {what} holds \\u0000 or half of a surrogate pair, which no text has: take it out",
            zh=f"{zh_what}中有 \\u0000 或不成对的代理字符，不是有效文字：请删除",
        )
    return document


def check_size(data: bytes, what: str, zh_what: str) -> None:
    """Before it is parsed, which takes up to fifty times the memory of the text: not more values than a plan can have.

    :raises Refused: json_too_much."""
    if data.count(b",") + data.count(b"[") > MOST_VALUES or data.count(b"{") > MOST_OBJECTS:
        raise Refused.because(
            "json_too_much",
            en=f"{what} holds more than {MOST_VALUES:,} values; send only the ground to be dug, or divide the plan",
            zh=f"{zh_what}中的数值超过 {MOST_VALUES:,} 个；请只提交开挖范围，或拆分方案",
        )


def _check_depth(data: bytes, what: str, zh_what: str) -> None:
    if data.count(b"[") + data.count(b"{") <= DEEPEST:
        return
    marks = np.frombuffer(_TEXTS.sub(b"", data), dtype=np.uint8)
    marks = marks[np.isin(marks, list(b"[]{}"))]
    depth = np.cumsum(np.where(np.isin(marks, list(b"[{")), 1, -1))
    if depth.max(initial=0) > DEEPEST:
        raise Refused.because(
            "json_too_deep",
            en=f"{what} nests more than {DEEPEST} lists and objects; no dig plan needs that: export it again",
            zh=f"{zh_what}嵌套超过 {DEEPEST} 层，开挖方案不需要这样的结构：请重新导出",
        )


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
        en=f"it holds {what}, which is no finite number: write a number, or leave the field out",
        zh=f"其中有 {what}，不是有限的数值：请填写数字，或不填该项",
    )


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise Refused.because(
            "json_name_twice",
            en=f"an object has the name {twice[:80]!r} twice: keep one, nobody can tell which is meant",
            zh=f"某个对象有两个 {twice[:80]!r}：请只保留一个，无法判断以哪个为准",
        )
    return found


_DECODER = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_named_once)
_CAREFUL = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_named_once)
"""Made once: to make one takes as long as to read a body. To look at each number takes five times as long as to read it."""
