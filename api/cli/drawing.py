"""Commands that draw: a permit or a screening as a page to carry to the dig."""

from argparse import Namespace
from pathlib import Path

from api.cli.output import Output, write_file
from api.cli.screening import find_by_id
from api.settings import Settings
from api.views.map_view import permit_map_view, screening_map_view
from api.wiring import open_vault
from maps.briefing.map import briefing_map
from sql.vault import PermitRecord


def map_file(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig map: one HTML file; its path is the answer."""
    out = arguments.out or Path("out") / f"map-{arguments.id}.html"
    with open_vault(settings) as vault:
        (thing,) = find_by_id(arguments.id, vault)
        view = (
            permit_map_view(vault, thing)
            if isinstance(thing, PermitRecord)
            else screening_map_view(vault, thing)
        )
    page = briefing_map(view, language=settings.language, tiles=settings.tiles)
    write_file(out, page)
    output.record({"id": arguments.id, "path": str(out)}, str(out))
