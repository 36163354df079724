"""A utility's inbox: the alerts that match, newest first, with the digs they are about."""

from collections.abc import Mapping, Sequence
from typing import Any

import shapely

from api.pages.paint import address
from api.pages.views import View, alert_view, grade_view
from maps.plain import plain
from spatial.errors import Language
from spatial.saying.texts import word
from spatial.words import AlertState, Grade
from sql.vault import PermitRecord, Vault

A_PAGE = 50


def inbox_page(vault: Vault, query: Mapping[str, str], language: Language) -> dict[str, Any]:
    """The values of alerts.html for a query; words it does not know are as good as absent.

    query: utility, state, grade, and page (a number) as in the address.
    """
    utilities = vault.utilities()
    chosen = {
        "utility": _one_of(query.get("utility"), [utility.code for utility in utilities]),
        "grade": _one_of(query.get("grade"), list(Grade)),
        # Nothing asked: what still waits for an answer. An empty word is asked for: all.
        "state": _one_of(query.get("state", AlertState.OPEN), list(AlertState)),
    }
    found = vault.alerts(**{key: value or None for key, value in chosen.items()})[::-1]
    number = int(query["page"]) if query.get("page", "").isascii() and query.get("page", "").isdigit() else 0
    number = min(number, len(found) // A_PAGE)
    shown = found[number * A_PAGE : (number + 1) * A_PAGE]
    permits = {one: vault.permit(one) for one in dict.fromkeys(alert["permit_id"] for alert in shown)}

    def to(page: int) -> str:
        kept = {key: value or None for key, value in chosen.items()} | {"state": chosen["state"]}
        return address("/alerts", language, **kept, page=page or None)

    return {
        "alerts": [alert_view(alert, permits[alert["permit_id"]].parties.title, language) for alert in shown],
        "count": len(found),
        "utilities": [
            {"code": utility.code, "label": plain(f"{utility.name}（{utility.code}）")}
            for utility in utilities
        ],
        "states": [(state.value, word("alert", state, language)) for state in AlertState],
        "chosen": chosen,
        "first_page": to(0) if number else "",
        "next_page": to(number + 1) if len(found) > (number + 1) * A_PAGE else "",
        "data": {
            "permits": [
                _dig(permit, [alert for alert in shown if alert["permit_id"] == one], language)
                for one, permit in permits.items()
            ]
        },
    }


def _dig(permit: PermitRecord, alerts: Sequence[Mapping[str, Any]], language: Language) -> View:
    """Where a permit digs, with the gravest grade of its alerts here. No pipe."""
    gravest = min(alerts, key=lambda alert: list(Grade).index(Grade(alert["grade"])))
    # The site may be gone since: an amendment took it away.
    site = permit.sites[min(gravest["site_index"], len(permit.sites) - 1)]
    centre = site.geometry.representative_point()
    return {
        "id": permit.permit_id,
        "title": plain(permit.parties.title),
        "grade": grade_view(Grade(gravest["grade"]), language),
        "address": address(f"/permits/{permit.permit_id}", language),
        "centre": [centre.x, centre.y],
        "sites": [
            {"geometry": shapely.geometry.mapping(site.geometry), "half_width_m": site.half_width_m}
            for site in permit.sites
        ],
    }


def _one_of(said: str | None, known: Sequence[str]) -> str:
    return str(said) if said in known else ""
