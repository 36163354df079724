"""Front-end text that set-up installed: Leaflet and its plugins, made fit to stand inside one page."""

import base64
import re
from importlib import resources
from pathlib import Path

from spatial.errors import Refused

LEAFLET_JS = "leaflet/dist/leaflet.js"
LEAFLET_CSS = "leaflet/dist/leaflet.css"

_SOURCE_MAP = re.compile(r"\n?(//[#@] sourceMappingURL=\S+|/\*[#@] sourceMappingURL=.*?\*/)")
_IMAGE = re.compile(r"url\(\s*['\"]?([\w./@-]+\.png)['\"]?\s*\)")


def installed_file(name: str) -> Path:
    """Where an installed front-end file lies, for example "leaflet/dist/leaflet.js".

    :raises Refused: (`assets_missing`) set-up has not installed it.
    """
    place = Path(__file__).parent / "node_modules" / name
    if not place.is_file():
        raise Refused.because(
            "assets_missing",
            en=f"the front-end file {name} is not installed: run `make setup`, then try again",
            zh=f"前端文件 {name} 尚未安装：请运行 make setup 后重试",
        )
    return place


def script(name: str) -> str:
    """An installed script that can stand between <script> tags.

    Without its source map's address, which a browser's tools would ask for. Line ends are \\n, since a browser
    makes them so before it takes the hash that a content security policy names.
    """
    text = _SOURCE_MAP.sub("", _text(name))
    if re.search(r"</script|<!--", text, re.IGNORECASE):
        raise ValueError(f"{name} would end the script element it is to stand in")
    return text


def style(name: str) -> str:
    """An installed style sheet that can stand between <style> tags; its images are in it as data."""
    text = _SOURCE_MAP.sub("", _text(name))
    folder = installed_file(name).parent

    def inline(found: re.Match[str]) -> str:
        image = base64.b64encode((folder / found[1]).read_bytes()).decode("ascii")
        return f"url(data:image/png;base64,{image})"

    text = _IMAGE.sub(inline, text)
    if "</style" in text.lower():
        raise ValueError(f"{name} would end the style element it is to stand in")
    return text


def own(name: str) -> str:
    """A file of the drawing room itself, for example "static/briefing.js"."""
    return (resources.files("maps") / name).read_text(encoding="utf-8")


def _text(name: str) -> str:
    return installed_file(name).read_text(encoding="utf-8").replace("\r\n", "\n").replace("\r", "\n")
