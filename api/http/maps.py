"""Maps over HTTP: the page that opens without a network, with the policy that its own scripts and styles allow."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.http.asking import read_query
from api.http.context import Here
from api.http.docs import documented
from api.http.schemas import LANGUAGE
from api.views.map_view import permit_map_view, screening_map_view
from maps.briefing.view import MapView
from maps.policy import policy_of
from spatial.errors import Language

router = APIRouter()
ASKED = {"lang": LANGUAGE}
HTML = "text/html"


@router.get(
    "/v1/permits/{permit_id}/map",
    **documented("The map of a permit, one HTML file", None, media=HTML, query=ASKED, problems=(404,)),
)
def permit_map(permit_id: str, request: Request, here: Here) -> Response:
    language = read_query(request, ASKED)["lang"]
    view = permit_map_view(here.vault, here.vault.permit(permit_id))
    return _page(view, language, here.settings.tiles)


@router.get(
    "/v1/screenings/{screening_id}/map",
    **documented("The map of one judgement, one HTML file", None, media=HTML, query=ASKED, problems=(404,)),
)
def screening_map(screening_id: str, request: Request, here: Here) -> Response:
    language = read_query(request, ASKED)["lang"]
    view = screening_map_view(here.vault, here.vault.screening(screening_id))
    return _page(view, language, here.settings.tiles)


def _page(view: MapView, language: Language, tiles: str | None) -> Response:
    # Here, since a server that draws no map need not wait for folium, which brings pandas.
    from maps.briefing.map import briefing_map

    html = briefing_map(view, language=language, tiles=tiles)
    headers = {"Content-Security-Policy": policy_of(html)}
    return Response(html.encode("utf-8", "backslashreplace"), headers=headers, media_type=HTML)
