"""The routes of the pages: `/`, `/permits/{id}`, `/alerts`, `/register`, `/reports/{revision}`, `/risk`, their data and their files."""

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from api.advice import with_advice
from api.pages import inbox, permits, registers
from api.pages.assets import load_assets
from api.pages.drawn import LastDrawn
from api.pages.paint import Painter, language_of
from api.pages.texts import SYSTEMS
from api.pages.views import MOST_SITES, grade_view, verdict_view
from api.quality.reports import revision_report
from api.screen import Rules
from api.settings import CHINA_TIME, Settings, today
from api.views.risk import risk_view
from maps.counties import county_at
from maps.days import with_days
from maps.policy import policy_of
from maps.risk.view import RiskView
from spatial.errors import Language, Refused
from spatial.judging.doubt import DEVICE_TO_95, wgs84_drift_m
from spatial.rules.notice import earliest_start
from spatial.saying.texts import say, word
from spatial.words import Act, Drawn, Grade, GroundKind, Method, PermitKind
from sql.vault import Vault

FOR_EVER = "public, max-age=31536000, immutable"
NOT_KEPT = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

MOST_REPORTED = 100_000
"""Assets of a dataset whose report is drawn while somebody waits; a larger one is for `predig network report`."""
MOST_ADVISED_WHILE_DRAWING = 3
"""Sites; the plan changes again before more are read."""


def router(vault: Vault, rules: Rules, settings: Settings) -> APIRouter:
    """All pages over one vault. None of it is part of the API's contract. rules: those filings are made under.

    :raises Refused: `assets_missing`, set-up has not installed Leaflet.
    """
    assets = load_assets()
    painter = Painter(assets, settings.tiles, settings.max_body_mb, settings.max_upload_mb)
    pages_drawn = LastDrawn[str](lambda view, language: _risk_html(view, language, settings.tiles))
    pictures_drawn = LastDrawn[bytes](_risk_png)
    routes = APIRouter(include_in_schema=False)

    def for_people(handler: Callable[..., Response]) -> Callable[..., Response]:
        """A refusal becomes a page with its sentence: nobody should have to read JSON.

        A database that is gone is told by the same plain page everywhere, see api.pages.sorry.
        """

        @wraps(handler)
        def guarded(request: Request, **parameters: Any) -> Response:
            try:
                return handler(request, **parameters)
            except Refused as refused:
                return painter.refusal(request, language_of(request), 404, refused.faults, "not_found")

        return guarded

    @routes.get("/")
    @for_people
    def ask(request: Request) -> Response:
        language = language_of(request)

        def words(kind: str, names: Any) -> list[dict[str, str]]:
            return [{"code": name.value, "word": word(kind, name, language)} for name in names]

        return painter.page(
            "ask.html",
            request,
            language,
            tab="/",
            acts=words("act", Act),
            methods=words("method", Method),
            kinds=words("permit_kind", PermitKind),
            drawn=words("drawn", Drawn),
            data={
                "slope_ratio": rules.profile.footprint.slope_ratio,
                "device_to_95": DEVICE_TO_95,
                "wgs84_drift_m": wgs84_drift_m(rules.profile, today()),
            },
            systems=[(code, zh if language == "zh" else en) for code, (zh, en) in SYSTEMS],
            today=today().isoformat(),
        )

    @routes.get("/start")
    def start() -> Response:
        """Where a map without a past begins: round the service areas, which everybody may know."""
        areas = [
            row.geometry.bounds
            for row in vault.declared_ground()
            if row.kind == GroundKind.SERVICE_AREA and not row.geometry.is_empty
        ]
        bounds = None
        if areas:
            west, south, east, north = zip(*areas, strict=True)
            bounds = [min(west), min(south), max(east), max(north)]
        return JSONResponse({"bounds": bounds}, headers=NOT_KEPT)

    @routes.get("/place")
    def place(
        lon: float = Query(ge=-180, le=180),
        lat: float = Query(ge=-90, le=90),
    ) -> Response:
        """The county of a place, roughly: a plan in a wrong zone is seen by it."""
        county = county_at(lon, lat)
        return JSONResponse({"county": county.name if county else None}, headers=NOT_KEPT)

    @routes.get("/verdict")
    def verdict(request: Request, id: list[str] = Query(max_length=1_000)) -> Response:  # noqa: B008
        """Judgements in words, for the page that asked for them."""
        answers = with_advice(vault, vault.screenings_by_id(id[:MOST_SITES]), MOST_ADVISED_WHILE_DRAWING)
        return JSONResponse(verdict_view(answers, language_of(request)), headers=NOT_KEPT)

    @routes.get("/earliest")
    def earliest(request: Request, starts_on: str, kind: str = PermitKind.NORMAL) -> Response:
        """When a dig filed now might start: told while the day is being chosen, before it is too late."""
        try:
            asked, kinds = date.fromisoformat(starts_on), [PermitKind(kind)]
        except ValueError:
            return Response(status_code=404)
        start = earliest_start(datetime.now(CHINA_TIME), asked, rules.profile, kinds)
        language = language_of(request)
        sentences = [say(with_days(reason, language), language) for reason in start.reasons]
        return JSONResponse({"too_early": start.too_early, "sentences": sentences}, headers=NOT_KEPT)

    @routes.get("/permits/{permit_id}")
    @for_people
    def permit(request: Request, permit_id: str) -> Response:
        language = language_of(request)
        return painter.page(
            "permit.html", request, language, tab="/", **permits.permit_page(vault, permit_id, language)
        )

    @routes.get("/alerts")
    @for_people
    def alerts(request: Request) -> Response:
        language = language_of(request)
        return painter.page(
            "alerts.html",
            request,
            language,
            tab="/alerts",
            grades=[grade_view(grade, language) for grade in Grade],
            **inbox.inbox_page(vault, dict(request.query_params), language),
        )

    @routes.get("/risk")
    @for_people
    def risk(request: Request) -> Response:
        return painter.page("risk.html", request, language_of(request), tab="/risk")

    @routes.get("/risk/map")
    def risk_map(request: Request) -> Response:
        """The map alone, for the frame and to be kept: one file that needs nothing else."""
        html = pages_drawn.of(risk_view(vault, today()), language_of(request))
        return HTMLResponse(html, headers={**NOT_KEPT, "Content-Security-Policy": policy_of(html)})

    @routes.get("/risk/map.png")
    def risk_picture(request: Request) -> Response:
        png = pictures_drawn.of(risk_view(vault, today()), language_of(request))
        return Response(png, media_type="image/png", headers=NOT_KEPT)

    @routes.get("/register")
    @for_people
    def all_registers(request: Request) -> Response:
        language = language_of(request)
        return painter.page(
            "registers.html", request, language, tab="/register", **registers.registers_page(vault, language)
        )

    @routes.get("/register/{code}")
    @for_people
    def one_register(request: Request, code: str) -> Response:
        language = language_of(request)
        return painter.page(
            "register.html",
            request,
            language,
            tab="/register",
            **registers.register_page(vault, code, today(), language),
        )

    @routes.get("/reports/{revision}")
    @for_people
    def report(request: Request, revision: int) -> Response:
        """The quality report of a revision: the utility's own document, for this machine's user only."""
        view = revision_report(vault, revision, most_assets=MOST_REPORTED)
        from maps.quality.map import quality_html

        html = quality_html(view, language_of(request), settings.tiles)
        return HTMLResponse(html, headers={**NOT_KEPT, "Content-Security-Policy": policy_of(html)})

    @routes.get("/assets/{digest}/{name:path}")
    def asset(request: Request, digest: str, name: str) -> Response:
        """Only what is on the list, only under the present hash."""
        found = assets.files.get(name)
        if found is None or digest != assets.digest:
            return Response(status_code=404)
        headers = {
            "Cache-Control": FOR_EVER,
            "ETag": f'"{digest}"',
            "X-Content-Type-Options": "nosniff",
        }
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(found.content, media_type=found.media_type, headers=headers)

    return routes


def _risk_html(view: RiskView, language: Language, tiles: str | None) -> str:
    # Here, as wherever a server draws: folium and matplotlib are half of what it would load before it answers.
    from maps.risk.map import risk_html

    return risk_html(view, language, tiles)


def _risk_png(view: RiskView, language: Language) -> bytes:
    from maps.risk.picture import risk_png

    return risk_png(view, language)
