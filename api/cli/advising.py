"""predig advise: what would help at a screened site."""

from argparse import Namespace

from api.advice import advice_on
from api.cli.output import Output
from api.cli.screening import screening_ids
from api.settings import Settings
from api.wiring import open_vault
from spatial.saying.advice_texts import advice_lines


def advise(arguments: Namespace, settings: Settings, output: Output) -> None:
    """For each site of a permit as it stands, or for that of one screening."""
    with open_vault(settings) as vault:
        for record in vault.screenings_by_id(screening_ids(arguments.id, vault)):
            advice = {"screening_id": record.screening_id, **advice_on(vault, record)}
            lines = advice_lines(advice, output.language) or [
                output.both(
                    "没有涉及登记的燃气管道，无需改动", "no pipe on record is involved: nothing to change"
                )
            ]
            output.record(advice, "\n".join([record.site.feature_id, *lines]))
