"""From a file nobody has mapped to an import: look, decide, import."""

from pathlib import Path

from tests.api.conftest import Predig, Write
from tests.ingest.dock import collection, feature, line

CRS = ("--crs", "EPSG:4543")


def test_a_proposal_is_written_finished_and_imported(
    predig: Predig, said: Predig, write: Write, tmp_path: Path
) -> None:
    rows = [feature(line(), GJ=110, YL="中压A", id="a"), feature(line(dx=90), GJ=63, YL="P2", id="b")]
    town, new = write("town.geojson", collection(*rows)), tmp_path / "columns.toml"
    proposal, looked = predig("network", "inspect", town, *CRS, "--propose", new).lines
    assert proposal["proposal"]["toml"] == new.read_text(encoding="utf-8")
    assert [one["decided"] for one in proposal["proposal"]["columns"]] == [False, True]
    assert looked["pressure_classes"] == {"MP-A": 1, "unknown": 1}
    assert looked["warnings"]["diameter_mm_missing"] == 2

    assert predig("network", "inspect", town, "--propose", new).codes == ["proposal_exists"]
    text = new.read_text(encoding="utf-8").replace('# diameter_mm = "GJ"', 'diameter_mm = "GJ"')
    new.write_text(text.replace('# diameter_mm = ""', 'diameter_mm = "mm"'), encoding="utf-8")
    stored = predig("network", "import", town, *CRS, "--utility", "GAS", "--id-field", "id", "--map", new)
    assert stored.lines[-1]["accepted"] == 2 and "diameter_mm_missing" not in stored.lines[-1]["warnings"]

    other = tmp_path / "zh.toml"
    shown = said("network", "inspect", town, "--propose", other, language="zh")
    assert shown.code == 0 and shown.out.rstrip("\n") == other.read_text(encoding="utf-8").rstrip("\n")
    assert "逐行核对" in shown.err
    nowhere = ("network", "inspect", town, "--propose", tmp_path / "none" / "x.toml")
    assert predig(*nowhere).codes == ["proposal_unwritable"]
    assert predig(*nowhere, "--map", new).codes == ["propose_with_map"]
