"""Rule profiles: found by name or path, checked against the schema, built into frozen values."""

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
from spatial.errors import Faults, Refused
from spatial.profile import RuleProfile
from spatial.profile_build import build

MAX_PROFILE_BYTES = 1_000_000
SCHEMA_NAME = "rule-profile.schema.json"

_NAME = re.compile(r"^[a-z0-9][a-z0-9-]{1,40}$")


def load_profile(name_or_path: str | PathLike[str]) -> tuple[RuleProfile, str]:
    """(profile, its document text): one that ships with Predig by its name, or a .toml file by its path.

    :raises Refused: no such profile, not TOML, or every place where it departs from the schema.
    """
    name = str(name_or_path)
    if _NAME.match(name):
        shipped = sorted(
            entry.name.removesuffix(".toml")
            for entry in (files("spatial") / "rules").iterdir()
            if entry.name.endswith(".toml")
        )
        if name not in shipped:
            raise Refused.because(
                "profile_unknown",
                en=f"there is no rule profile {name!r}; shipped are {', '.join(shipped)}, or give the path of a .toml",
                zh=f"没有名为 {name!r} 的规则配置；自带的有 {'、'.join(shipped)}，也可指定 .toml 文件路径",
            )
        data = (files("spatial") / "rules" / f"{name}.toml").read_bytes()
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
    return parse_profile(text), text


def parse_profile(text: str) -> RuleProfile:
    """A profile from its document text. :raises Refused: every fault at once, each with its place."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Refused.because(
            "profile_unreadable",
            en=f"the rule profile is not TOML: {error}",
            zh=f"规则配置不是有效的 TOML：{error}",
        ) from error
    faults = Faults()
    checker = jsonschema.Draft202012Validator(_schema())
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
    faults.raise_if_any()
    return build(document, hashlib.sha256(text.encode()).hexdigest())


def _numbers(node: Any, pointer: str = "") -> Iterator[tuple[str, float]]:
    """Every float in a document with its JSON pointer."""
    if isinstance(node, float):
        yield pointer, node
    elif isinstance(node, dict | list):
        inner = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in inner:
            yield from _numbers(value, f"{pointer}/{key}")


def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((files("spatial") / "rules" / SCHEMA_NAME).read_text("utf-8"))
    return schema
