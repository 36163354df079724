"""What a page that opens by itself may load: its own scripts and styles, by their hashes, and tiles if there are any.

Apart from the drawing: servers say policies all day, and folium, with the pandas it brings, is loaded by the first map.
"""

import base64
import hashlib
import re
from html import unescape
from urllib.parse import urlsplit

TIANDITU = "天地图"
_SCRIPTS = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_STYLES = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')


def policy_of(html: str) -> str:
    """The content security policy for a server to send with such a page: the page's own, and no framing by others."""
    found = _POLICY.search(html)
    if found is None:
        raise ValueError("the page carries no policy")
    return f"{unescape(found[1])}; frame-ancestors 'self'"


def policy_for(html: str, tiles: str | None) -> str:
    """Nothing but the page's own scripts and styles, by their hashes; images as data, and tiles if there are any."""
    scripts = " ".join(dict.fromkeys(_hash(text) for text in _SCRIPTS.findall(html)))
    styles = " ".join(dict.fromkeys(_hash(text) for text in _STYLES.findall(html)))
    images = " ".join(["data:", *([tile_origin(tiles)] if tiles else [])])
    return (
        f"default-src 'none'; script-src {scripts}; style-src {styles}; img-src {images}; "
        "base-uri 'none'; form-action 'none'"
    )


def tile_source(tiles: str) -> str:
    """Who made the tiles, for the corner of the map: 天地图, or the host they come from."""
    host = urlsplit(tiles).hostname or ""
    return TIANDITU if host.endswith("tianditu.gov.cn") else host or "basemap"


def tile_origin(tiles: str) -> str:
    """https://t{s}.example/{z} -> https://*.example: a label that varies stands for any."""
    parts = urlsplit(tiles)
    if not parts.netloc:
        return "'self'"
    labels = parts.netloc.split(".")
    varying = [number for number, label in enumerate(labels) if "{" in label]
    host = ".".join(["*", *labels[varying[-1] + 1 :]]) if varying else parts.netloc
    if not re.fullmatch(r"(\*\.)?[\w.:\[\]-]+", host) or parts.scheme not in ("http", "https"):
        raise ValueError("the address of the tiles has no host that a policy can name")
    return f"{parts.scheme}://{host}"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"
