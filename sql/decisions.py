"""What both vaults decide alike about a declaration: pure, so that neither has a say of its own."""

from spatial.errors import Refused
from spatial.words import GroundKind
from sql.records import GroundDeclaration


def check_declaration(declaration: GroundDeclaration, utility: str) -> None:
    """:raises Refused: a coverage that says neither of what nor of when, or ground of somebody else."""
    if declaration.utility != utility:
        raise Refused.because(
            "ground_of_another",
            en=f"this ground is declared for {declaration.utility}, the network is of {utility}: use one code",
            zh=f"该范围属于 {declaration.utility}，而管网属于 {utility}：请使用同一企业代码",
        )
    if declaration.ground is GroundKind.COVERAGE and not declaration.pipe_kinds:
        raise Refused.because(
            "coverage_of_what",
            en="a coverage says for which kinds of pipe the register is complete: name them with --kind, or all",
            zh="声明覆盖范围须说明适用的管道类别：请用 --kind 指定，或 all",
        )
    if declaration.ground is GroundKind.COVERAGE and declaration.as_of is None:
        raise Refused.because(
            "coverage_of_when",
            en="a coverage holds as of a date: give it with --as-of",
            zh="覆盖范围须注明截止日期：请用 --as-of 给出",
        )
