"""Templates and what every page needs: language, links, texts, assets, headers."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from api.pages.assets import Assets
from api.pages.policy import page_headers
from api.pages.texts import TEXTS, text
from spatial.errors import Fault, Language


class Painter:
    """Makes pages. tiles: URL template of the basemap, None without one."""

    def __init__(self, assets: Assets, tiles: str | None, max_body_mb: float, max_upload_mb: float) -> None:
        self.assets = assets
        self.tiles = tiles
        self.max_body_mb, self.max_upload_mb = max_body_mb, max_upload_mb
        self._headers = page_headers(tiles)
        self._templates = Environment(
            loader=PackageLoader("api.pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def page(
        self,
        name: str,
        request: Request,
        language: Language,
        *,
        tab: str,
        status: int = 200,
        data: Mapping[str, Any] | None = None,
        **values: Any,
    ) -> HTMLResponse:
        """The page of template `name`. tab: the path of the tab it belongs to; data: what its scripts read."""

        def say(text_name: str, **parameters: Any) -> str:
            return text(text_name, language, **parameters)

        html = self._templates.get_template(name).render(
            language=language,
            tab=tab,
            t=say,
            asset=self.assets.url,
            link=lambda path: address(path, language),
            other_language=_in_other_language(request, language),
            page={
                "language": language,
                "tiles": self.tiles,
                "max_body_mb": self.max_body_mb,
                "max_upload_mb": self.max_upload_mb,
                "texts": {key: text(key, language) for key in TEXTS},
                **(data or {}),
            },
            **values,
        )
        return HTMLResponse(html, status, dict(self._headers))

    def refusal(
        self, request: Request, language: Language, status: int, faults: Sequence[Fault], heading: str
    ) -> HTMLResponse:
        """A page that says what is wrong, for a person."""
        return self.page(
            "error.html",
            request,
            language,
            tab="",
            status=status,
            heading=text(heading, language),
            sentences=[fault.text(language) for fault in faults],
        )


def address(path: str, language: Language, **query: Any) -> str:
    """A link that keeps the reader's language; Chinese is the one that needs no saying. None is left out."""
    known = {key: value for key, value in query.items() if value is not None}
    if language == "en":
        known["lang"] = "en"
    return f"{path}?{urlencode(known)}" if known else path


def language_of(request: Request) -> Language:
    """?lang=en, else Chinese."""
    return "en" if request.query_params.get("lang") == "en" else "zh"


def _in_other_language(request: Request, language: Language) -> str:
    query = [(key, value) for key, value in request.query_params.multi_items() if key != "lang"]
    if language == "zh":
        query.append(("lang", "en"))
    # Never the bare path: one that begins with // would name another host.
    return f"/{request.url.path.lstrip('/')}" + (f"?{urlencode(query)}" if query else "")
