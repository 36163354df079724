"""The command line's grammar. Every option that takes a value has a twin: --max-age-days is PREDIG_MAX_AGE_DAYS."""

from api.cli.grammar import Parser, parser_class
from api.cli.options.answers import add_answers
from api.cli.options.digs import add_screening
from api.cli.options.grids import add_grids
from api.cli.options.measuring import add_bench
from api.cli.options.networks import add_networks
from api.cli.options.profiles import add_profiles
from api.cli.options.running import add_running
from api.cli.options.utilities import add_coverage, add_utilities
from spatial.errors import Language


def build_parser(language: Language) -> Parser:
    """The whole grammar; each command sets `run` to its name."""
    parser = parser_class(language)(prog="predig")
    parser.description = parser.told(
        (
            "动土之前，把开挖计划与燃气管网核对：附近有什么管道，法规要求什么，谁须先同意。",
            "Judges dig plans against gas networks before anyone digs.",
        )
    )
    parser.expect_commands("command")
    add_utilities(parser)
    add_networks(parser)
    add_coverage(parser)
    add_grids(parser)
    add_screening(parser)
    add_answers(parser)
    add_profiles(parser)
    add_bench(parser)
    add_running(parser)
    return parser
