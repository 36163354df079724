"""What a browser is told instead of a problem document: one page that loads nothing, so that nothing of it can be missing.

It also stands in the frames of a permit and of the risk map, whose sandbox gives it no origin: hence its own style.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from html import escape

from starlette.datastructures import Headers, QueryParams

from api.pages.texts import text
from maps.plain import plain
from spatial.errors import Fault, Language

LOOK_AGAIN_S = 10
UNAVAILABLE = 503
HEADINGS: Mapping[int, str] = {404: "not_found", UNAVAILABLE: "unavailable"}
IN_PLAIN_WORDS: Mapping[str, str] = {
    "database_gone": "sorry_database_gone",
    "too_slow": "sorry_too_slow",
    "path_unknown": "sorry_path_unknown",
}
"""Faults whose own sentence is for programs."""

STYLE = (
    "body{margin:0 auto;max-width:40rem;padding:2rem 1rem;background:#f6f5f1;color:#1c2730;"
    'font:16px/1.55 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC",sans-serif}'
    "h1{font-size:1.3rem}p{overflow-wrap:anywhere}a{color:#12455a;margin-right:1.5rem}"
    "a:focus-visible{outline:3px solid #f0b323;outline-offset:2px}"
)
POLICY = (
    "default-src 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode("ascii")
    + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


def wants_page(method: str, headers: Headers) -> bool:
    """Whether a browser is opening this, as a page or in a frame: it names text/html before all else."""
    return method in ("GET", "HEAD") and headers.get("accept", "").lower().startswith("text/html")


def sorry_page(status: int, faults: Iterable[Fault], query: QueryParams, headers: Headers) -> str:
    """The page. It looks again by itself while the service is not there: who waits should not have to press."""
    language: Language = "en" if query.get("lang") == "en" else "zh"
    heading = text(HEADINGS.get(status, "sorry"), language)
    said = "".join(f"<p>{escape(plain(_sentence(fault, language)))}</p>" for fault in faults)
    waits = status == UNAVAILABLE
    links = f'<a href="">{text("retry", language)}</a>' if waits else ""
    if headers.get("sec-fetch-dest", "document") == "document":
        home = "/?lang=en" if language == "en" else "/"
        links += f'<a href="{home}">{text("back", language)}</a>'
    again = f'<meta http-equiv="refresh" content="{LOOK_AGAIN_S}">' if waits else ""
    return (
        f'<!doctype html><html lang="{"zh-CN" if language == "zh" else "en"}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{again}'
        f"<title>{heading} · Predig</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{heading}</h1>{said}<p>{links}</p></main></body></html>"
    )


def _sentence(fault: Fault, language: Language) -> str:
    name = IN_PLAIN_WORDS.get(fault.code)
    return text(name, language) if name else fault.text(language)
