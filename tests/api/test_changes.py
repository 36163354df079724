"""Files that hold only what differs: by the command line, against a real database."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Predig, Said, Write, collection, feature
from tests.api.test_guard import give, moved, pipes
from tests.api.town import AT_THE_MAIN, CRS, E, N, bring, codes, declare_all, file_permit, judge
from tests.conftest import VaultUrls
from tests.ingest.surveys import text_table
from tests.sql.test_walls import connect


def change(word: str, row: dict[str, Any], **about: Any) -> dict[str, Any]:
    return row | {"properties": row["properties"] | {"op": word} | about}


def gone(name: str, word: str = "D") -> dict[str, Any]:
    return {"type": "Feature", "properties": {"id": name, "op": word}, "geometry": None}


def broken(row: dict[str, Any]) -> dict[str, Any]:
    """All its points are one."""
    first = row["geometry"]["coordinates"][0]
    return row | {"geometry": {"type": "LineString", "coordinates": [first, first]}}


def send(predig: Predig, write: Write, rows: list[dict[str, Any]], *more: object, **about: Any) -> Said:
    return give(predig, write, rows, "--changes", "op", *more, **about)


ROWS = pipes()
NEW = pipes(41)[40]


def test_only_what_a_change_set_names_changes(predig: Predig, write: Write) -> None:
    assert give(predig, write, ROWS).code == 0
    assert give(predig, write, moved(pipes(3, names="S"), 3_000, 0), dataset="south").code == 0
    rows = [change("新增", NEW), change(" m ", moved(ROWS[3:4], 0, 1.5)[0]), gone("P-0", "删除")]
    (dry,) = send(predig, write, rows, "--dry-run").lines
    assert dry["changes"]["ids"] == {"added": ["P-40"], "changed": ["P-3"], "removed": ["P-0"]}
    assert len([line for line in predig("network", "list").lines if "revision" in line]) == 2
    (done,) = send(predig, write, rows).lines
    assert (done["received"], done["accepted"], done["to_remove"], done["rejected"]) == (3, 2, 1, 0)
    assert (done["added"], done["closed"], done["unchanged"]) == (2, 2, 38)
    town = next(line["dataset"] for line in predig("network", "list").lines if "assets" in str(line))
    assert (town["dataset"], town["assets"], town["rejected"]) == ("south", 3, 0)
    town = predig("network", "list").lines[1]["dataset"]
    assert (town["dataset"], town["assets"]) == ("town", 40)
    assert town["length_m"] == pytest.approx(sum(range(50, 90)) - 50 + 90, abs=0.1)
    assert town["length_m"] == pytest.approx(done["changes"]["length_after_m"], abs=0.1)
    # What stands is what a whole file of it would bring.
    whole = [*ROWS[1:3], moved(ROWS[3:4], 0, 1.5)[0], *ROWS[4:], NEW]
    assert give(predig, write, whole).lines[0]["revision"] is None


def test_the_same_change_set_again_changes_nothing(predig: Predig, said: Predig, write: Write) -> None:
    assert give(predig, write, ROWS).code == 0
    rows = [
        change("A", NEW),
        change("M", moved(ROWS[3:4], 0, 1.5)[0]),
        gone("P-0"),
        broken(change("M", ROWS[5])),
    ]
    assert send(predig, write, rows).lines[0]["revision"] == 2
    (again,) = send(predig, write, rows).lines
    assert (again["revision"], again["added"], again["closed"], again["unchanged"]) == (None, 0, 0, 40)
    assert again["changes"]["removed_already"] == 1
    shown = send(said, write, rows)
    assert "1 ids to be removed were removed before" in shown.err and "(nothing changed)" in shown.out


@pytest.mark.parametrize(
    ("rows", "codes", "told"),
    [
        ([change("A", moved(ROWS[3:4], 0, 1)[0])], ["change_adds_standing"], "P-3"),
        ([change("A", broken(ROWS[3]))], ["change_adds_standing"], "P-3"),
        ([change("M", NEW)], ["change_of_unknown"], "P-40"),
        ([gone("P-40")], ["change_removes_unknown"], "P-40"),
        ([change("M", NEW), gone("X"), change("A", moved(ROWS[:1], 0, 1)[0])],
         ["change_adds_standing", "change_of_unknown", "change_removes_unknown"], "P-40"),
        ([change("", ROWS[3]), ROWS[4], change("D", ROWS[5])], ["change_unknown"], "rows 1, 2"),
        ([change("停用", ROWS[3]), change("D", ROWS[5])], ["change_unknown"], "停用"),
        ([change("A", NEW), {**gone("x"), "properties": {"op": "D"}}], ["change_without_id"], "rows 2"),
        ([change("M", ROWS[3]), gone("P-3")], ["change_twice"], "P-3"),
    ],
)  # fmt: skip
def test_what_does_not_fit_refuses_the_whole_file(
    rows: list[dict[str, Any]], codes: list[str], told: str, predig: Predig, write: Write
) -> None:
    assert give(predig, write, ROWS).code == 0
    refused = send(predig, write, [*rows, change("A", moved(pipes(1, names="Q"), 0, 2_000)[0])])
    assert (refused.code, refused.codes) == (2, codes) and told in refused.err
    assert predig("status").lines[0]["assets"] == 40


def test_a_change_set_wants_stable_ids_and_a_dataset(predig: Predig, write: Write) -> None:
    rows = [change("A", NEW)]
    assert send(predig, write, rows).codes == ["changes_without_ids"]
    assert send(predig, write, rows, stable=False).codes == ["changes_without_id_field"]
    assert give(predig, write, ROWS, stable=False).code == 0
    assert send(predig, write, rows).codes == ["changes_without_ids"]
    assert predig("status").lines[0]["assets"] == 40
    assert give(predig, write, ROWS).code == 0
    assert give(predig, write, [NEW], "--changes", "op").codes == ["column_missing"]
    assert send(predig, write, rows, "--coverage", "hull:50").codes == ["hull_of_changes"]
    assert send(predig, write, rows).code == 0


def test_removals_alone_need_no_place_and_no_crs(predig: Predig, write: Write) -> None:
    assert give(predig, write, ROWS).code == 0
    done = send(predig, write, [gone("P-0"), gone("P-1")], crs=())
    assert done.code == 0 and done.lines[0]["closed"] == 2
    assert send(predig, write, [gone("P-2")], "--dry-run", crs=()).lines[0]["changes"]["removed"] == 1
    assert send(predig, write, [change("A", NEW)], crs=()).codes == ["crs_missing"]


def test_the_guard_looks_at_change_sets_too(predig: Predig, write: Write) -> None:
    assert give(predig, write, ROWS).code == 0
    lost = [gone(f"P-{row}") for row in range(35, 40)]
    refused = send(predig, write, lost)
    assert refused.codes == ["network_loss"] and "removes 5 rows" in refused.err
    off = [change("M", row) for row in moved(ROWS[:4], 80, -60)]
    assert send(predig, write, off).codes == ["network_jumps"]
    assert (
        send(
            predig, write, [change("A", ROWS[0] | {"geometry": NEW["geometry"]}, id="S-0")], "--dry-run"
        ).code
        == 0
    )
    assert send(predig, write, lost, "--confirm-loss", 1_000).code == 0
    assert send(predig, write, off, "--confirm-shift", 101).code == 0


def test_a_rejected_change_leaves_the_row_standing_and_its_ground_unreadable(
    predig: Predig, write: Write
) -> None:
    declare_all(predig, write)
    (before,) = judge(predig, write, AT_THE_MAIN)
    main = feature("LineString", [[E, N], [E + 400, N]], id="M-1", op="M")
    said = bring_changes(predig, write, broken(main))
    done = said.lines[0]
    assert (done["received"], done["accepted"], done["rejected"], done["closed"]) == (1, 0, 1, 0)
    near = feature("Point", [E, N], radius_m=1, act="excavate", method="mechanical")
    (after,) = judge(predig, write, near)
    assert "unreadable" in codes(after) and "unreadable" not in codes(before)
    assert [row["source_id"] for row in after["conflicts"]] == ["M-1"]
    assert before["conflicts"][0]["grade"] == judge(predig, write, AT_THE_MAIN)[0]["conflicts"][0]["grade"]


def bring_changes(predig: Predig, write: Write, *rows: dict[str, Any], more: tuple[object, ...] = ()) -> Said:
    how = (
        "network",
        "import",
        write("changes.geojson", collection(*rows)),
        "--utility",
        "GAS",
        "--dataset",
        "town",
    )
    return predig(*how, *CRS, "--changes", "op", "--confirm-loss", 100_000, *more)


def test_bad_rows_are_listed_mended_and_brought_back(
    predig: Predig, said: Predig, write: Write, tmp_path: Path
) -> None:
    """Import with bad rows, list them, mend them, import them as changes: then nothing is unreadable, and the permit there
    is judged again."""
    declare_all(predig, write)
    main = feature(
        "LineString", [[E, N], [E + 400, N]], id="M-1", pressure_class="MP-A", diameter_mm=200, kind="main"
    )
    far = feature(
        "LineString", [[E, N + 500], [E + 40, N + 500]], id="=M-2", pressure_class="LP", kind="main"
    )
    twice = feature("LineString", [[E, N + 900], [E + 40, N + 900]], id="M-1")
    assert bring(predig, write, main, broken(far), twice).lines[0]["rejected"] == 2
    near = feature("Point", [E, N + 500], radius_m=2, act="excavate", method="mechanical")
    permit = file_permit(predig, write, near)
    assert permit["status"] == "cannot_tell"
    revision = predig("network", "list").lines[0]["dataset"]["revision"]

    lines = predig("network", "rejected", revision).lines
    assert [(row["row"], row["id"], row["code"], row["replaceable"]) for row in lines] == [
        (2, "=M-2", "line_zero_length", True),
        (3, "M-1", "id_duplicate", False),
    ]
    assert lines[0]["west"] < lines[0]["east"] and "redraw it" in lines[0]["reason"]
    out = tmp_path / "lists" / "rejected.csv"
    assert said("network", "rejected", revision, "--out", out, language="zh").code == 0
    text = out.read_text("utf-8-sig").splitlines()
    assert text[0] == "row,id,code,reason,to_mend,west,south,east,north"
    assert text[1].startswith(
        "2,'=M-2,line_zero_length,该线长度为零（所有点重合），请重新绘制,变更文件或整体导入,1"
    )
    assert text[2].startswith("3,M-1,id_duplicate,") and ",整体导入," in text[2]
    assert "line_zero_length" in said("network", "rejected", revision).out

    mended = far | {"properties": far["properties"] | {"op": "修改"}}
    done = bring_changes(predig, write, mended).lines[0]
    assert (done["rejected"], done["added"], done["pending_permits"]) == (0, 1, 1)
    assert predig("show", permit["id"]).lines[0]["status"] == "pending"
    assert predig("work").code == 0
    assert predig("show", permit["id"]).lines[0]["status"] == "conflict"
    assert [row["id"] for row in predig("network", "rejected", done["revision"]).lines] == ["M-1"]
    assert len(predig("network", "rejected", revision).lines) == 2  # as it was then
    # A doubled id says nothing of which pipe it is: only a whole file without it settles that.
    change_main = main | {"properties": main["properties"] | {"op": "M", "diameter_mm": 250}}
    assert bring_changes(predig, write, change_main).code == 0
    assert predig("network", "list").lines[0]["dataset"]["rejected"] == 1
    doubled = twice | {"properties": twice["properties"] | {"id": "M-3"}}
    assert bring(predig, write, main, far, doubled).lines[0]["rejected"] == 0
    last = predig("network", "list").lines[0]["dataset"]
    assert (last["rejected"], predig("network", "rejected", last["revision"]).lines) == (0, [])
    assert predig("network", "rollback", last["revision"]).code == 0
    back = predig("network", "list").lines[0]["dataset"]
    assert [row["id"] for row in predig("network", "rejected", back["revision"]).lines] == ["M-1"]


def test_rejected_rows_are_asked_for_by_a_revision_that_has_some(predig: Predig, write: Write) -> None:
    predig("utility", "set", "GAS", "--name", "某燃气")
    assert predig("network", "rejected", 1).codes == ["revision_without_rows"]
    assert predig("network", "rejected", 9).codes == ["revision_unknown"]
    assert predig("network", "rejected", "x").codes == ["option_unreadable"]


def test_rows_rejected_before_they_were_kept_are_said_not_to_be_listed(
    predig: Predig, write: Write, vault_urls: VaultUrls
) -> None:
    assert (
        give(
            predig, write, [*ROWS, broken(NEW), broken(feature("LineString", [[E, N], [E, N]], id="Q"))]
        ).code
        == 0
    )
    with closing(connect(vault_urls.owner)) as owner, owner.cursor() as cursor:
        cursor.execute("DELETE FROM predig.rejected_row")
    assert send(predig, write, [broken(change("M", ROWS[3]))]).code == 0
    listed = predig("network", "rejected", 2)
    assert [row["id"] for row in listed.lines] == ["P-3"]
    assert "2 more were rejected before such rows were kept" in listed.err
    assert "2 more" in predig("network", "rejected", 1).err
    assert give(predig, write, [*ROWS, broken(NEW)]).lines[0]["rejected"] == 1
    assert "more were rejected" not in predig("network", "rejected", 3).err


def test_a_survey_table_can_be_a_change_set(predig: Predig, tmp_path: Path) -> None:
    points = [["点号", "X", "Y"], ["1", N, E], ["2", N, E + 50], ["3", N, E + 90]]
    lines = [["起点点号", "终点点号", "变更"], ["1", "2", ""], ["2", "3", ""]]
    files = (text_table(tmp_path / "points.csv", points), text_table(tmp_path / "lines.csv", lines))
    how = ("--utility", "GAS", "--dataset", "town", *CRS, "--id-field", "id", "--confirm-loss", 100)
    assert predig("network", "import", *files, *how).code == 0
    text_table(files[0], [*points, ["4", N + 40, E + 90]])
    text_table(files[1], [lines[0], ["1", "2", "删除"], ["3", "4", "新增"]])
    done = predig("network", "import", *files, *how, "--changes", "变更").lines[0]
    assert (done["added"], done["closed"], done["unchanged"]) == (1, 1, 1)
