"""What a page may load and who may frame it, told to the browser."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit


def page_headers(tiles: str | None) -> Mapping[str, str]:
    """Headers of every page. tiles: the basemap's URL template, None without one."""
    images = " ".join(["'self'", "data:", *([tile_host(tiles)] if tiles else [])])
    return {
        "Content-Security-Policy": "; ".join(
            [
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                f"img-src {images}",
                "connect-src 'self'",
                "frame-src 'self'",
                "form-action 'self'",
                "base-uri 'none'",
                "frame-ancestors 'none'",
            ]
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }


def tile_host(template: str) -> str:
    """The origin a tile template reaches: https://t{s}.tianditu.gov.cn/... is https://*.tianditu.gov.cn.

    A source expression may only begin with a wildcard, so everything up to the placeholder's label is one.

    >>> tile_host("https://t{s}.tianditu.gov.cn/vec_w/wmts?x={x}")
    'https://*.tianditu.gov.cn'
    """
    parts = urlsplit(re.sub(r"\{[^}]*\}", "-placeholder-", template))
    labels = parts.netloc.split(".")
    held = [number for number, label in enumerate(labels) if "-placeholder-" in label]
    host = ".".join(["*", *labels[held[-1] + 1 :]]) if held else parts.netloc
    return f"{parts.scheme}://{host}" if parts.netloc else "'self'"
