"""Rule profiles: found by name or path, put together, checked against the schema, built into frozen values."""

import hashlib
import json
import math
import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from os import PathLike
from typing import Any

import jsonschema

from ingest.files.local import check_local, read_bytes
from ingest.toml_text import toml_text
from spatial.errors import Faults, Refused
from spatial.rules.overrides import derive, lay_over
from spatial.rules.profile import RuleProfile
from spatial.rules.profile_build import build

MAX_PROFILE_BYTES = 1_000_000
DEEPEST_NESTING = 20
PROFILE_SCHEMA = "rule-profile.schema.json"
OVERRIDE_SCHEMA = "rule-override.schema.json"
OVERRIDE = "predig-rule-override/1"
"""`schema` of a document that holds local widths only."""

_NAME = re.compile(r"^[a-z0-9][a-z0-9-]{1,40}(\+[a-z0-9][a-z0-9-]{0,40}){0,8}$")


def shipped_profiles() -> tuple[str, ...]:
    """The names load_profile() knows; `a+b` is profile `a` with the local widths `b` over it."""
    entries = files("spatial.rules").iterdir()
    return tuple(
        sorted(entry.name.removesuffix(".toml") for entry in entries if entry.name.endswith(".toml"))
    )


def load_profile(name_or_path: str | PathLike[str]) -> tuple[RuleProfile, str]:
    """(profile, its document text): one that ships with Predig by its name, or a .toml file by its path.

    `cn-gb55009+qingdao` lays local widths over a profile, `+a+b` those of several places: the wider count.
    A file may hold a whole profile, one that says only what it does otherwise than its `base`, or local
    widths over a `base`. The text is that of the whole, put together, and all there is to know of it.

    :raises Refused: no such profile, not TOML, or every place where it departs from the schema.
    """
    name = str(name_or_path)
    if _NAME.match(name):
        text = _shipped(name)
    else:
        data = read_bytes(check_local(name_or_path, max_bytes=MAX_PROFILE_BYTES))
        try:
            text = data.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            raise Refused.because(
                "profile_unreadable",
                en=f"the rule profile {name!r} is not UTF-8 text; save it as UTF-8",
                zh=f"规则配置 {name!r} 不是 UTF-8 编码，请另存为 UTF-8",
            ) from error
        text = _whole(
            text, re.sub(r"[^0-9A-Za-z.-]", "-", name.rsplit("/", 1)[-1].removesuffix(".toml"))[:40]
        )
    return parse_profile(text), text


def parse_profile(text: str) -> RuleProfile:
    """A profile from its whole document text. :raises Refused: every fault at once, each with its place."""
    document = _read(text)
    faults = Faults()
    _hold_against(PROFILE_SCHEMA, document, faults)
    faults.raise_if_any()
    return build(document, hashlib.sha256(text.encode()).hexdigest())


def _shipped(name: str) -> str:
    """The whole text of a shipped profile, with the local widths its name asks for."""
    base, *places = name.split("+")
    shipped = shipped_profiles()
    for wanted in (base, *(f"{base}+{place}" for place in places)):
        if wanted not in shipped:
            raise Refused.because(
                "profile_unknown",
                en=f"there is no rule profile {wanted!r}; shipped are {', '.join(shipped)}, or give the path of a .toml",
                zh=f"没有名为 {wanted!r} 的规则配置；自带的有 {'、'.join(shipped)}，也可指定 .toml 文件路径",
            )
    text = _whole(_resource(f"{base}.toml"), base)
    if not places:
        return text
    overrides = [(place, _override(_read(_resource(f"{base}+{place}.toml")))) for place in places]
    return toml_text(lay_over(_read(text), overrides))


def _whole(text: str, name: str) -> str:
    """The text itself, or that of the whole which it and its base make. name: of the widths laid over."""
    document = _read(text)
    base = document.get("base")
    if document.get("schema") == OVERRIDE:
        override = _override(document)
        return toml_text(lay_over(_read(_shipped(override["base"])), [(name, override)]))
    if isinstance(base, str) and _NAME.match(base):
        return toml_text(derive(_read(_shipped(base)), document))
    return text


def _override(document: dict[str, Any]) -> dict[str, Any]:
    faults = Faults()
    _hold_against(OVERRIDE_SCHEMA, document, faults)
    faults.raise_if_any()
    return document


def _resource(name: str) -> str:
    return (files("spatial.rules") / name).read_text("utf-8")


def _read(text: str) -> dict[str, Any]:
    try:
        document = tomllib.loads(text)
        _check_depth(document)
        return document
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits is a ValueError of int()
        raise Refused.because(
            "profile_unreadable",
            en=f"the rule profile is not TOML: {error}",
            zh=f"规则配置不是有效的 TOML：{error}",
        ) from error


def _check_depth(document: Any) -> None:
    """:raises RecursionError: nested deeper than any rule, before a schema's checker loses itself in there."""
    level = [document]
    for _ in range(DEEPEST_NESTING):
        level = [
            inner
            for node in level
            if isinstance(node, dict | list)
            for inner in (node.values() if isinstance(node, dict) else node)
        ]
    if level:
        raise RecursionError(f"tables within tables, more than {DEEPEST_NESTING} deep")


def _hold_against(schema: str, document: dict[str, Any], faults: Faults) -> None:
    checker = jsonschema.Draft202012Validator(json.loads(_resource(schema)))
    for found in sorted(checker.iter_errors(document), key=lambda one: list(map(str, one.absolute_path))):
        faults.add(
            "profile_schema",
            en=f"{found.message[:300]}; correct the rule profile here",
            zh=f"规则配置此处不符合规定：{found.message[:300]}",
            pointer="/" + "/".join(map(str, found.absolute_path)),
        )
    # TOML knows nan and inf, and a schema's limits let nan through: every comparison with it is false.
    for pointer, value in _numbers(document):
        if not math.isfinite(value):
            faults.add(
                "profile_not_finite",
                en=f"{value} is no width or bound; write a number",
                zh=f"{value} 不是有效数值，请填写数字",
                pointer=pointer,
            )


def _numbers(node: Any, pointer: str = "") -> Iterator[tuple[str, float]]:
    """Every float in a document with its JSON pointer."""
    if isinstance(node, float):
        yield pointer, node
    elif isinstance(node, dict | list):
        inner = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in inner:
            yield from _numbers(value, f"{pointer}/{key}")
