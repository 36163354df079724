"""An import that would quietly lose or move a network stops and says so; a dry run stores nothing."""

from typing import Any

import numpy as np
import pytest
from pyproj import Transformer

from spatial.crs.offsets import gcj02_from_wgs84
from tests.api.conftest import Predig, Said, Write, collection, feature, ring
from tests.api.town import CRS, E, N

TO_LONLAT = Transformer.from_crs("EPSG:4543", "EPSG:4490", always_xy=True)


def pipes(count: int = 40, *, names: str = "P", apart_m: float = 25.0, **about: Any) -> list[dict[str, Any]]:
    """Pipes of 50 to 89 m, side by side, EPSG:4543."""
    columns = {"pressure_class": "MP-A", "diameter_mm": 200, "kind": "main"} | about
    return [
        feature(
            "LineString",
            [[E, N + row * apart_m], [E + 50 + row, N + row * apart_m]],
            id=f"{names}-{row}",
            **columns,
        )
        for row in range(count)
    ]


def moved(rows: list[dict[str, Any]], east_m: float, north_m: float) -> list[dict[str, Any]]:
    return [
        row
        | {"geometry": row["geometry"] | {
            "coordinates": [[x + east_m, y + north_m] for x, y in row["geometry"]["coordinates"]]}}
        for row in rows
    ]  # fmt: skip


def give(
    predig: Predig,
    write: Write,
    rows: list[dict[str, Any]],
    *more: object,
    stable: bool = True,
    dataset: str = "town",
    crs: tuple[str, ...] = CRS,
) -> Said:
    how = ("network", "import", write("pipes.geojson", collection(*rows)), "--utility", "GAS", *crs)
    ids = ("--id-field", "id") if stable else ()
    return predig(*how, "--dataset", dataset, *ids, *more)


def test_a_dry_run_tells_all_and_stores_nothing(predig: Predig, write: Write) -> None:
    first = give(predig, write, pipes(), "--dry-run").lines[0]
    assert first["dry_run"] and first["changes"]["added"] == 40 and first["changes"]["length_before_m"] == 0.0
    assert predig("network", "list").lines == []
    assert give(predig, write, pipes()).code == 0
    rows = pipes(41)
    changed = [*rows[1:2], feature("LineString", [[E, N + 50], [E + 60, N + 50]], id="P-2"), *rows[3:]]
    said = give(predig, write, changed, "--dry-run").lines[0]
    assert said["changes"]["ids"] == {"added": ["P-40"], "changed": ["P-2"], "removed": ["P-0"]}
    counts = {key: said["changes"][key] for key in ("added", "changed", "removed", "unchanged")}
    assert counts == {"added": 1, "changed": 1, "removed": 1, "unchanged": 38}
    before_m = sum(range(50, 90))
    assert said["changes"]["length_before_m"] == pytest.approx(before_m, abs=1)
    assert said["changes"]["length_after_m"] == pytest.approx(before_m - 50 + 90 + 60 - 52, abs=1)
    assert len(predig("network", "list").lines) == 2  # the dataset and its one revision
    done = give(predig, write, changed).lines[0]
    assert (done["added"], done["closed"], done["unchanged"]) == (2, 2, 38)
    assert done["changes"] == {key: value for key, value in said["changes"].items() if key in done["changes"]}
    assert said["changes"].keys() - done["changes"].keys() == {"ids", "doubled_rows"}


def test_a_dry_run_is_readable(said: Predig, write: Write) -> None:
    assert give(said, write, pipes(30)).code == 0
    shown = give(said, write, pipes(3), "--dry-run")
    assert shown.code == 2 and "removed 27: P-3, P-4" in shown.out and "P-22 ... and 7 more" in shown.out
    assert "added 0\n" in shown.out and "--confirm-loss" in shown.err


@pytest.mark.parametrize("stable", [True, False])
def test_a_loss_wants_somebodys_word(stable: bool, predig: Predig, write: Write) -> None:
    assert give(predig, write, pipes(), stable=stable).code == 0
    refused = give(predig, write, pipes(37), stable=stable)
    assert (refused.code, refused.codes) == (2, ["network_loss"])
    lost_m = 87 + 88 + 89
    assert "--confirm-loss 265" in refused.err or "--confirm-loss 264" in refused.err, refused.err
    assert give(predig, write, pipes(37), "--confirm-loss", lost_m // 2, stable=stable).code == 2
    assert give(predig, write, pipes(37), "--confirm-loss", lost_m + 2, stable=stable).code == 0
    assert give(predig, write, pipes(36), stable=stable).code == 0  # less than 5 %


def test_another_districts_file_of_the_same_length_is_a_loss_too(predig: Predig, write: Write) -> None:
    assert give(predig, write, pipes()).code == 0
    other = moved(pipes(names="Q"), 5_000, 0)
    assert give(predig, write, other).codes == ["network_loss"]
    # Beside it, as a dataset of its own, nothing goes: only what is replaced counts.
    done = give(predig, write, other, dataset="south")
    assert done.code == 0 and done.lines[0]["closed"] == 0


@pytest.mark.parametrize("stable", [True, False])
def test_a_jump_of_datum_stops_the_import(stable: bool, predig: Predig, write: Write) -> None:
    assert give(predig, write, pipes(), stable=stable).code == 0
    off = moved(pipes(), 80, -60)
    refused = give(predig, write, off, stable=stable)
    assert (refused.code, refused.codes) == (2, ["network_jumps"])
    assert "40 of 40 rows" in refused.err and "median shift 100 m towards 127 degrees" in refused.err
    assert give(predig, write, off, "--confirm-loss", 99_999, stable=stable).codes == ["network_jumps"]
    assert give(predig, write, off, "--confirm-shift", 101, stable=stable).code == 0


@pytest.mark.parametrize("stable", [True, False])
def test_a_map_frame_not_declared_is_named(stable: bool, predig: Predig, write: Write) -> None:
    plain = [
        row | {"geometry": {"type": "LineString", "coordinates": [
            list(TO_LONLAT.transform(*xy)) for xy in row["geometry"]["coordinates"]]}}
        for row in pipes()
    ]  # fmt: skip
    framed = [
        row | {"geometry": {"type": "LineString", "coordinates": gcj02_from_wgs84(
            np.array(row["geometry"]["coordinates"])).tolist()}}
        for row in plain
    ]  # fmt: skip
    assert give(predig, write, plain, stable=stable, crs=("--crs", "EPSG:4490")).code == 0
    refused = give(predig, write, framed, stable=stable, crs=("--crs", "EPSG:4490"))
    assert refused.codes == ["network_jumps"]
    assert "the file looks like GCJ-02, and was declared EPSG:4490" in refused.err


def test_a_new_survey_of_a_few_goes_through(predig: Predig, write: Write) -> None:
    assert give(predig, write, pipes()).code == 0
    rows = pipes()
    done = give(predig, write, [*moved(rows[:8], 3.0, 2.0), *rows[8:]])
    assert done.code == 0 and done.lines[0]["changes"]["changed"] == 8


def test_case_7_a_re_export_with_new_ids_changes_nothing_and_alerts_nobody(
    predig: Predig, write: Write
) -> None:
    rows = pipes(400, apart_m=3.0)  # a ninetieth of the 1,800 km; the number changes nothing
    assert give(predig, write, rows, stable=False).code == 0
    others = moved(pipes(names="S"), 2_000, 0)
    assert give(predig, write, others, stable=False, dataset="south").lines[0]["closed"] == 0
    alerts = predig("status").lines[0]
    again = [row | {"properties": row["properties"] | {"id": f"X-{at}"}} for at, row in enumerate(rows)]
    done = give(predig, write, again[::-1], stable=False).lines[0]
    assert (done["revision"], done["added"], done["closed"], done["unchanged"]) == (None, 0, 0, 400)
    assert (done["changes"]["changed"], done["pending_permits"]) == (0, 0)
    assert predig("status").lines[0] == alerts


def test_case_7_the_same_main_in_two_sources_is_kept_twice_and_reported(
    predig: Predig, said: Predig, write: Write
) -> None:
    old, new = pipes(12, names="A"), moved(pipes(12, names="B"), 0.4, 1.13)
    across = [feature("LineString", [[E + 20, N - 30], [E + 20, N + 300]], id="B-across")]
    apart = moved(pipes(3, names="C"), 0.0, 2.4)
    assert give(predig, write, old, dataset="2012").lines[0]["changes"]["doubled"] == 0
    told = give(predig, write, [*new, *across, *apart], "--dry-run", dataset="2020").lines[0]["changes"]
    assert [(row["source_id"], row["dataset"], row["other_id"]) for row in told["doubled_rows"]] == [
        (f"B-{row}", "2012", f"A-{row}") for row in range(12)
    ]
    shown = give(said, write, [*new, *across, *apart], dataset="2020")
    assert (
        shown.code == 0
        and "of 16 rows looked at, 12 (" in shown.err
        and "twice: B-0 and GAS/2012/A-0" in shown.err
    )
    assert predig("status").lines[0]["assets"] == 28
    # Another utility's pipe is another's, and is told as well; what stands already is not told again.
    other = write("other.geojson", collection(*old[:1]))
    how = ("network", "import", other, "--utility", "G2", *CRS, "--id-field", "id")
    assert predig(*how).lines[0]["changes"]["doubled"] == 1
    assert predig(*how).lines[0]["changes"]["doubled"] == 0


def test_checks_are_told_before_an_import_and_keep_nothing_out(
    predig: Predig, said: Predig, write: Write
) -> None:
    rows = pipes(3)
    eight = [[E, N + 99], [E + 9, N + 99], [E + 9, N + 90], [E, N + 90], [E + 5, N + 105]]
    rows += [feature("LineString", eight, id="eight"), feature("LineString", [[E, N], [E, N]], id="dot")]
    file = write("pipes.geojson", collection(*rows))
    (looked,) = predig("network", "inspect", file, *CRS, "--id-field", "id").lines
    assert [(check["code"], check["severity"], check["examples"]) for check in looked["checks"]] == [
        ("line_zero_length", "error", ["dot"]),
        ("line_crosses_itself", "warning", ["eight"]),
        ("pipe_alone", "warning", ["P-0", "P-1", "P-2", "eight"]),
    ]
    area = write("area.geojson", collection(feature("Polygon", ring(E - 100, N - 100, 300, 140))))
    predig("utility", "set", "GAS", "--name", "某燃气")
    assert predig("coverage", "set", area, "--utility", "GAS", *CRS, "--service-area").code == 0
    (dry,) = give(predig, write, rows, "--dry-run").lines
    assert [(check["code"], check["count"]) for check in dry["checks"]][3:] == [("outside_service_area", 2)]
    shown = said("network", "inspect", file, *CRS, "--id-field", "id")
    assert "check: 1 pipes cross themselves" in shown.err and "for example eight" in shown.err
    done = give(predig, write, rows).lines[0]
    assert (done["received"], done["accepted"], done["rejected"]) == (5, 4, 1)
