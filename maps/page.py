"""One page that needs nothing else: a folium map, our own script, and the data as JSON; no request can leave it.

Foreign text travels in one block of JSON and is set as text by the page's script. It enters no markup, no script,
no attribute, no popup: folium runs `${...}` in popups even when it is escaped.
"""

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import folium
from folium.elements import Figure
from folium.template import Template

from maps.assets import LEAFLET_CSS, LEAFLET_JS, own, script, style
from maps.policy import TIANDITU, policy_for, tile_source
from spatial.errors import Language

DATA_ID = "data"
_POLICY_SLOT = "content-security-policy-of-this-page"

_UNSAFE = {character: f"\\u{ord(character):04x}" for character in "<>&'\u2028\u2029\x7f"}


class PlanMap(folium.Map):
    """folium's map without what it fetches from elsewhere, and with an id that is the same every time.

    Its script makes the Leaflet map and leaves it in `map_plan`; the page's own script draws on it.
    """

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - the form folium gives them
    default_css: list[tuple[str, str]] = []  # noqa: RUF012
    _template = Template(
        """
        {%- macro html(this, kwargs) -%}
        <div class="folium-map" id={{ this.get_name()|tojson }}></div>
        {%- endmacro -%}
        {%- macro script(this, kwargs) -%}
        var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, {
          center: {{ this.location|tojson }},
          crs: L.CRS.{{ this.crs }},
          ...{{ this.options|tojavascript }}
        });
        {%- endmacro -%}
        """
    )

    def __init__(self, location: tuple[float, float], tiles: str | None, **options: Any) -> None:
        """location: latitude, longitude; tiles: a URL template with {z}, {x}, {y}, or None for bare paper."""
        super().__init__(location=location, tiles=None, attribution_control=False, **options)
        self._id = "plan"
        self.tiles = tiles
        if tiles:
            layer = folium.TileLayer(
                tiles,
                name="base",
                attr=escape(tile_source(tiles)),
                max_zoom=24,
                max_native_zoom=18,
                subdomains="01234567" if tile_source(tiles) == TIANDITU else "abc",
            )
            layer._id = "base"
            self.add_child(layer)


class _Page(Figure):
    """folium's figure in a frame of our own, so that the policy stands before every script."""

    def __init__(self, **fields: Any) -> None:
        super().__init__()
        self._template = Template(own("templates/page.html"))
        self.policy_slot = _POLICY_SLOT
        self.data_id = DATA_ID
        for name, value in fields.items():
            setattr(self, name, value)


def offline_page(
    plan: PlanMap,
    data: Mapping[str, Any],
    *,
    language: Language,
    title: str,
    styles: Sequence[str],
    scripts: Sequence[str],
    before: str = "",
    after: str = "",
) -> str:
    """The page as text; the same inputs give the same bytes.

    data: everything to be shown, foreign text included, read by the scripts from element #data;
    title, styles, scripts, before, after: ours, never foreign: they become the page as they are. The last of
    `scripts` runs when folium's map exists, the others before; Leaflet stands in front of both.
    """
    *libraries, last = scripts
    page = _Page(
        language="zh-CN" if language == "zh" else "en",
        page_title=escape(title),
        styles=[style(LEAFLET_CSS), *styles],
        before=before,
        after=after,
        data=data_block(data),
        scripts=[script(LEAFLET_JS), *libraries],
        last=last,
    )
    page.add_child(plan)
    html: str = page.render()
    return html.replace(_POLICY_SLOT, escape(policy_for(html, plan.tiles)), 1)


def data_block(data: Mapping[str, Any]) -> str:
    """JSON that can stand in a <script> element whatever it holds. NaN and Infinity raise ValueError.

    Halves of surrogate pairs are written as escapes: no encoding can say them.
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character, said in _UNSAFE.items():
        text = text.replace(character, said)
    return re.sub("[\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", text)
