"""`predig network inspect --propose FILE`: a map for files nobody has mapped yet, written for a person to finish."""

from pathlib import Path

from api.cli.output import Output
from api.register import NetworkSource
from api.settings import today
from ingest import ColumnMap, Proposal, parse_mapping, proposal_text, propose_mapping, remarks_of
from spatial.errors import Refused


def propose(source: NetworkSource, path: Path, output: Output) -> ColumnMap:
    """Write the proposal and tell it; it as a map. :raises Refused: as propose_mapping; propose_with_map,
    proposal_exists, proposal_unwritable."""
    known = source.mapping or ColumnMap()
    if known != ColumnMap(encoding=known.encoding):
        raise Refused.because(
            "propose_with_map",
            en="--propose starts from nothing: leave out --map, or give one that holds no more than the encoding",
            zh="--propose 从头提出对照：请去掉 --map，或只给出写有 encoding 的映射文件",
        )
    proposal = propose_mapping(source.files, encoding=known.encoding, on=today(), reading=source.reading)
    text = proposal_text(proposal, output.language)
    _write(path, text)
    output.record({"proposal": _document(proposal, path, text)}, text)
    output.note(
        f"已写入 {path}；请逐行核对，再用 --map {path} 查看或导入",
        f"written to {path}; look at every line, then inspect or import with --map {path}",
    )
    return parse_mapping(text)


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise Refused.because(
            "proposal_exists",
            en=f"{path} is there already, and may hold what somebody decided; name a new file after --propose",
            zh=f"{path} 已存在，可能含有已确认的内容；请在 --propose 后给出新的文件名",
        ) from error
    except OSError as error:
        raise Refused.because(
            "proposal_unwritable",
            en=f"{path} cannot be written ({error.strerror}); name a file in a folder you may write to",
            zh=f"无法写入 {path}（{error.strerror}）；请给出可写文件夹中的文件名",
        ) from error


def _document(proposal: Proposal, path: Path, text: str) -> dict[str, object]:
    """For machines: the text, and what is left to be decided."""
    return {
        "file": str(path),
        "rows": proposal.rows,
        "toml": text,
        "columns": [
            {
                "ours": one.ours,
                "theirs": one.theirs,
                "decided": one.decided,
                "unit": one.unit,
                "unit_to_be_stated": one.asks_unit,
                "unknown_words": dict(one.told.words.most_common()),
                "remarks": [{"en": en, "zh": zh} for en, zh in remarks_of(one)],
            }
            for one in proposal.pairings
        ],
        "ids": [{"column": one.theirs, "repeated": one.repeated, "blank": one.blank} for one in proposal.ids],
        "unmapped": [
            {
                "column": one.theirs,
                "filled": one.filled,
                "different": one.different,
                "examples": list(one.examples),
            }
            for one in proposal.unmapped
        ],
    }
