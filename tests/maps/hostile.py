"""Forty texts that want to be more than text, and a view that says one of them everywhere."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from maps.briefing.view import JudgedSite, MapView
from spatial.values import Contact, PermitParties, Utility

RUN = "window.struck=1;alert(1)"

STRINGS = (
    f"<script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"</ScRiPt ><script>{RUN}//",
    f"<!--<script>{RUN}",
    f"--><script>{RUN}</script>",
    f"]]><script>{RUN}</script>",
    f"<![CDATA[<script>{RUN}</script>]]>",
    f"${{{RUN}}}",
    f"`${{{RUN}}}`",
    "``",
    f"{{{{7*7}}}}{{{{{RUN}}}}}",
    "{% for x in (1,) %}{{x}}{% endfor %}",
    f"{{{{''.__class__.__mro__}}}}${{{{{RUN}}}}}",
    f"javascript:{RUN}",
    f"JaVaScRiPt&colon;{RUN}",
    f"data:text/html,<script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f'"><img src=x onerror="{RUN}">',
    f"'><svg/onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<body onload={RUN}>",
    f"<details open ontoggle={RUN}>",
    f"<a href=javascript:{RUN}>x</a>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<link rel=stylesheet href=https://evil.example/a.css>",
    "<style>@import 'https://evil.example/a.css';</style>",
    "url(https://evil.example/a.png)",
    "</style><style>body{display:none}</style>",
    f'\\"; {RUN}; //',
    f"\\u003cscript\\u003e{RUN}\\u003c/script\\u003e",
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"a\u2028{RUN}\u2029b",
    f"\u202e{RUN}\u202c txt.exe",
    "\u2066\u200f\u061c\u200b\ufeffhidden\u2069",
    "\x01\x07\x08\x1b[31m\x7f\x85\x9b\r\n\tcontrols",
    "👷🏽‍♂️🚧\U0001f469‍\U0001f469‍\U0001f467 \u0301\u0301\u0301\u0301 مرحبا שלום བོད་སྐད",
    "long" * 5_000,
    "\ud800 half a pair \udfff",
    "__proto__",
    "constructor\\x3cscript\\x3e",
)

CLOSED = frozenset(
    "id pipe_id outcome grade zone certainty act requirement asset pressure_class code valid_until on verified coverage "
    "pipe_kinds sha256 received_sha256 data_date as_of".split()
)
"""Fields that a closed list, a number or Predig itself fills; all other texts are somebody's."""


def say_everywhere(view: MapView, text: str) -> MapView:
    """The view with `text` in every field that holds free text."""
    return replace(
        view,
        sites=tuple(
            JudgedSite(
                replace(judged.site, feature_id=text, received=text, crs=text, operation=text),
                None if judged.screening is None else _in_mapping(judged.screening, text),
            )
            for judged in view.sites
        ),
        assets=tuple(
            replace(asset, source_id=text, utility=text, dataset=text, status=text) for asset in view.assets
        ),
        contacts={text: Utility(text, text, text, text)},
        rules_title=(text, text),
        permit=None
        if view.permit is None
        else replace(view.permit, permit_id=text, parties=_in_parties(view.permit.parties, text)),
    )


def _in_mapping(node: Mapping[str, Any], text: str) -> dict[str, Any]:
    return {key: value if key in CLOSED else _in_value(value, text) for key, value in node.items()} | (
        # The utility's own code is free text too, and the register's key of whom to call.
        {"code": text, "phone": text, "duty_phone": text} if "duty_phone" in node else {}
    )


def _in_value(value: Any, text: str) -> Any:
    if isinstance(value, Mapping):
        return _in_mapping(value, text)
    if isinstance(value, list | tuple):
        return [_in_value(one, text) for one in value]
    return text if isinstance(value, str) else value


def _in_parties(parties: PermitParties, text: str) -> PermitParties:
    contact = Contact(text, text, text)
    return replace(
        parties,
        title=text,
        contractor=contact,
        builder=contact,
        supervisor=contact,
        driver=contact,
        permit_numbers=(text, text),
        machine=text,
    )
