"""The quality report of an import from what the vault keeps, and a utility's register, by the command line."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from tests.api.conftest import Predig, Write, collection, feature
from tests.api.town import CRS, MAIN, E, N, cover, serve
from tests.conftest import VaultUrls


def row(name: str, north_m: float, **about: Any) -> dict[str, Any]:
    return feature("LineString", [[E, N + north_m], [E + 100, N + north_m]], id=name, **about)


ROWS = [
    row("a", 0, pressure_class="MP-A", diameter_mm=200, cover_m=1.2, material="PE100", laid_on="2012-05-01"),
    row("b", 10, pressure_class="LP", diameter_mm="??", cover_m=9.99, length_m=250),
    row("b2", 10),
    row("a", 30),
    feature("LineString", [[E, N], [E, N]], id="dot"),
    feature("Point", [E, N], id="v", asset="valve"),
]


def bring(predig: Predig, write: Write, rows: list[Any], *more: object, name: str = "town") -> Any:
    file = write(f"{name}.geojson", collection(*rows))
    how = ("network", "import", file, "--utility", "GAS", "--dataset", name, *CRS, "--id-field", "id")
    return predig(*how, "--confirm-loss", 100_000, *more)


def report(predig: Predig, revision: int, out: Path) -> dict[str, Any]:
    done = predig("network", "report", revision, "--out", out)
    assert done.code == 0, done.err
    (told,) = done.lines
    return dict(told)


def checks_of(told: dict[str, Any]) -> dict[str, tuple[str, int, list[str]]]:
    """What came back with a roll-back stands after what stayed, so examples are sorted."""
    return {
        check["code"]: (check["severity"], check["count"], sorted(check["examples"]))
        for check in told["checks"]
    }


def test_a_report_tells_all_that_the_import_found(predig: Predig, write: Write, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    bring(predig, write, ROWS, "--report", out)
    at_import = out.read_text(encoding="utf-8")
    told = report(predig, 1, out)
    assert out.read_text(encoding="utf-8") == at_import
    assert told["received"] == told["accepted"] + told["quarantined"] == 6
    assert told["quarantined"] == 2
    assert told["changes"] == {"added": 4, "changed": 0, "removed": 0, "unchanged": 0}
    found = checks_of(told)
    assert found["id_duplicate"] == ("error", 1, ["a"])
    assert found["line_zero_length"] == ("error", 1, ["dot"])
    assert found["shape_twice"] == ("warning", 1, ["b2"])
    assert found["length_differs"] == ("warning", 1, ["b"])
    assert found["diameter_mm_unusable"] == ("warning", 1, ["b: ??"])
    assert found["cover_m_unusable"] == ("warning", 1, ["b: 9.99"])
    assert found["diameter_mm_unknown"] == ("warning", 2, ["b", "b2"])
    assert "pressure_class_missing" not in found and found["pressure_class_unknown"][1] == 1
    assert [(line["row"], line["source_id"], line["code"]) for line in told["quarantined_rows"]] == [
        (4, "a", "id_duplicate"),
        (5, "dot", "line_zero_length"),
    ]
    assert all(line["en"] and line["zh"] and line["box"] for line in told["quarantined_rows"])
    assert told["pipes"] == 3 and 299 < told["length_m"] < 301
    assert told["sources"][0]["name"] == "town.geojson"


def test_an_old_revision_is_told_as_it_was(predig: Predig, write: Write, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    bring(predig, write, ROWS)
    first, page = report(predig, 1, out), out.read_text(encoding="utf-8")
    bring(predig, write, [ROWS[0] | {"geometry": ROWS[1]["geometry"]}, *ROWS[1:2]])
    second = report(predig, 2, out)
    assert second["changes"] == {"added": 0, "changed": 1, "removed": 2, "unchanged": 1}
    assert second["received"] == second["accepted"] == 2 and second["quarantined_rows"] == []
    assert report(predig, 1, out) == first and out.read_text(encoding="utf-8") == page
    predig("network", "rollback", 2)
    back = report(predig, 3, out)
    assert (back["kind"], back["changes"]) == ("rollback", {"added": 3, "closed": 1, "unchanged": 1})
    assert checks_of(back) == checks_of(first) and back["quarantined_rows"] == first["quarantined_rows"]
    # The same file again changes nothing: the report is that of what stands.
    done = bring(predig, write, ROWS, "--report", out)
    assert done.lines[-1]["revision"] is None and out.exists()


def test_a_file_has_its_report_before_it_is_imported(predig: Predig, write: Write, tmp_path: Path) -> None:
    file, out = write("town.geojson", collection(*ROWS)), tmp_path / "looked.html"
    assert predig("network", "inspect", file, *CRS, "--id-field", "id", "--report", out).code == 0
    looked = out.read_text(encoding="utf-8")
    assert "nothing stored" in looked
    done = bring(predig, write, ROWS, "--dry-run", "--report", out)
    assert done.lines[-1]["dry_run"] is True
    assert "nothing stored" in out.read_text(encoding="utf-8")
    assert predig("network", "list").lines == []


def test_what_has_no_report_is_refused_with_a_sentence(predig: Predig, write: Write, tmp_path: Path) -> None:
    predig("utility", "set", "GAS", "--name", "某燃气")
    bring(predig, write, ROWS)
    predig("network", "rollback", 2)
    asked = {
        revision: predig("network", "report", revision, "--out", tmp_path / "x.html")
        for revision in (1, 3, 9)
    }
    assert {revision: (said.code, said.codes) for revision, said in asked.items()} == {
        1: (2, ["revision_not_network"]),
        3: (2, ["dataset_gone"]),
        9: (2, ["revision_unknown"]),
    }
    assert predig("network", "report", 2, "--out", "/proc/none/x.html").codes == ["file_not_written"]


def test_a_report_of_before_findings_were_kept_says_so(
    predig: Predig, write: Write, tmp_path: Path, vault_urls: VaultUrls
) -> None:
    bring(predig, write, ROWS)
    engine = create_engine(vault_urls.owner)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE predig.dataset SET findings = NULL")
        connection.exec_driver_sql("DELETE FROM predig.rejected_row")
    engine.dispose()
    told = report(predig, 1, tmp_path / "report.html")
    assert told["findings_kept"] is False and told["quarantined"] == 2
    assert checks_of(told)["rejected_not_kept"] == ("error", 2, [])
    assert "before such findings were kept" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_register_tells_what_a_utility_holds(predig: Predig, said: Predig, write: Write) -> None:
    predig("utility", "set", "GAS", "--name", "某燃气", "--duty", "0971-1")
    bring(predig, write, ROWS)
    bring(predig, write, [MAIN], name="west")
    serve(predig, write)
    cover(predig, write, "--kind", "main", "--as-of", "2026-11-01", "--max-age-days", 30_000)
    (told,) = predig("utility", "show", "GAS").lines
    assert (told["pipes"], told["duty_phone"]) == (4, "0971-1")
    assert 699 < told["length_m"] < 701
    assert told["known_depth_share"] == pytest.approx(500 / 700, abs=0.001)
    assert {line["value"]: round(line["length_m"]) for line in told["counts"]["pressure_class"]} == {
        "LP": 100,
        "MP-A": 500,
        None: 100,
    }
    assert told["service_area_km2"] == pytest.approx(100, rel=0.01)
    (coverage,) = told["coverage"]
    assert (coverage["pipe_kind"], coverage["as_of"], coverage["in_force"]) == ("main", "2026-11-01", True)
    assert coverage["km2"] == pytest.approx(5.76, rel=0.01) and told["blanks"] == {"count": 0, "km2": 0}
    town, west = told["datasets"]
    assert (town["dataset"], town["quarantined"], town["revisions"][0]["revision"]) == ("town", 2, 2)
    assert {warning["code"] for warning in town["warnings"]} >= {"diameter_mm_unusable", "cover_m_unusable"}
    assert west["known_depth_share"] == 1.0
    for language, word in (("zh", "已知埋深"), ("en", "depth known")):
        shown = said("utility", "show", "GAS", language=language)
        assert shown.code == 0 and word in shown.out and "MP-A" in shown.out
    assert predig("utility", "show", "NOBODY").codes == ["register_unknown"]


def test_a_register_of_nothing_is_told_too(predig: Predig, said: Predig) -> None:
    predig("utility", "set", "GAS", "--name", "某燃气")
    (told,) = predig("utility", "show", "GAS").lines
    assert (told["pipes"], told["known_depth_share"], told["datasets"], told["coverage"]) == (0, None, [], [])
    assert told["service_area_km2"] is None
    assert said("utility", "show", "GAS").code == 0


def test_the_report_of_a_change_set_is_of_the_whole_dataset(
    predig: Predig, write: Write, tmp_path: Path
) -> None:
    bring(predig, write, ROWS)
    mended = row("dot", 60, op="M", pressure_class="LP")
    done = bring(predig, write, [mended], "--changes", "op")
    assert done.code == 0, done.err
    told = report(predig, 2, tmp_path / "report.html")
    assert (told["received"], told["accepted"], told["quarantined"]) == (6, 5, 1)
    assert told["changes"] == {"added": 1, "closed": 0, "unchanged": 4}
    found = checks_of(told)
    assert found["id_duplicate"] == ("error", 1, ["a"]) and "line_zero_length" not in found
    # What only the file of the last whole import told is not said of this one.
    assert "length_differs" not in found and found["shape_twice"][1] == 1
