"""`predig map` against a real register: what is drawn is what was judged, and only near it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Predig, Write, feature, ring
from tests.api.town import (
    AT_THE_MAIN,
    FIELD_MAIN,
    IN_THE_FIELD,
    MAIN,
    E,
    N,
    bring,
    declare_all,
    file_permit,
    judge,
)

FAR_MAIN = feature(
    "LineString",
    [[E, N + 150], [E + 400, N + 150]],
    id="FAR",
    pressure_class="MP-A",
    diameter_mm=200,
    kind="main",
)


def drawn(predig: Predig, name: str, tmp_path: Path) -> dict[str, Any]:
    """The data of the page that `predig map` writes."""
    file = tmp_path / "map.html"
    said = predig("map", name, "--out", file)
    assert (said.code, said.lines) == (0, [{"id": name, "path": str(file)}])
    block = re.search(
        r'<script type="application/json" id="data">(.*?)</script>', file.read_text("utf-8"), re.DOTALL
    )
    assert block is not None
    data: dict[str, Any] = json.loads(block[1])
    return data


def said_of(data: dict[str, Any]) -> set[str]:
    """The utility's ids of all pipes drawn."""
    return {dict(pipe["facts"])["id"] for pipe in data["drawing"]["pipes"]}


def test_a_permit_s_map_shows_what_the_permit_says(predig: Predig, write: Write, tmp_path: Path) -> None:
    declare_all(predig, write)
    assert bring(predig, write, FAR_MAIN, dataset="suburb").code == 0
    permit = file_permit(predig, write, AT_THE_MAIN)
    data = drawn(predig, permit["id"], tmp_path)
    (screening,) = permit["screenings"]
    (site,) = data["sheet"]["sites"]
    assert data["sheet"]["headline"]["tone"] == "conflict"
    assert [row["pipe"] for row in site["rows"]] == ["GAS M-1"]
    assert site["rows"][0]["clearance"].startswith(f"{screening['conflicts'][0]['clearance_m']:.2f} ")
    assert site["rows"][0]["call"]["phones"] == [{"label": "duty", "number": "0971-1", "dial": "09711"}]
    assert screening["hash"] in dict(data["sheet"]["evidence"])["screening 1"]
    assert said_of(data) == {"M-1"}  # 150 m away is nobody's business


def test_the_register_is_read_as_it_was_judged(predig: Predig, write: Write, tmp_path: Path) -> None:
    """A pipe that came later is on no map of an earlier judgement; the permit says that it is pending."""
    declare_all(predig, write)
    permit = file_permit(predig, write, IN_THE_FIELD)
    assert permit["status"] == "clear"
    before = drawn(predig, permit["screenings"][0]["id"], tmp_path)
    assert before["sheet"]["headline"]["tone"] == "clear"
    assert bring(predig, write, MAIN, FIELD_MAIN).code == 0
    pending = drawn(predig, permit["id"], tmp_path)
    assert pending["sheet"]["headline"]["tone"] == "pending"
    assert "M-2" not in said_of(pending)
    old = drawn(predig, permit["screenings"][0]["id"], tmp_path)
    assert old["sheet"]["headline"]["tone"] == "pending"
    assert "do not dig by it" in old["sheet"]["banner"]
    assert predig("work").code == 0
    after = drawn(predig, permit["id"], tmp_path)
    assert after["sheet"]["headline"]["tone"] == "conflict"
    assert "M-2" in said_of(after)


def test_an_enquiry_has_a_map_too(predig: Predig, write: Write, tmp_path: Path) -> None:
    declare_all(predig, write)
    (screening,) = judge(predig, write, AT_THE_MAIN)
    data = drawn(predig, screening["id"], tmp_path)
    assert data["sheet"]["facts"] == []
    assert data["sheet"]["headline"]["tone"] == "conflict"


def test_every_conflict_of_every_site_is_marked(predig: Predig, write: Write, tmp_path: Path) -> None:
    declare_all(predig, write)
    sites = [
        feature("Polygon", ring(E + 40 * n, N - 4, 8, 8), act="excavate", method="mechanical")
        for n in range(5)
    ]
    permit = file_permit(predig, write, *sites)
    marks = drawn(predig, permit["id"], tmp_path)["drawing"]["marks"]
    conflicts = [len(screening["conflicts"]) for screening in permit["screenings"]]
    assert [sum(mark["site"] == number for mark in marks) for number in range(5)] == conflicts == [1] * 5


def test_two_drawings_are_the_same_bytes(predig: Predig, write: Write, tmp_path: Path) -> None:
    declare_all(predig, write)
    permit = file_permit(predig, write, AT_THE_MAIN)
    one, other = tmp_path / "one.html", tmp_path / "other.html"
    assert (
        predig("map", permit["id"], "--out", one).code
        == predig("map", permit["id"], "--out", other).code
        == 0
    )
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("name", ["00000000-0000-0000-0000-000000000000", "nope", "../x"])
def test_a_map_of_nothing_is_refused(predig: Predig, write: Write, tmp_path: Path, name: str) -> None:
    declare_all(predig, write)
    file_permit(predig, write, AT_THE_MAIN)  # which must not stand in for another
    said = predig("map", name, "--out", tmp_path / "maps" / "x.html")
    assert (said.code, said.codes) == (2, ["id_unknown"])
    assert not (tmp_path / "maps").exists()


def test_a_file_that_cannot_be_written_is_said(predig: Predig, write: Write, tmp_path: Path) -> None:
    declare_all(predig, write)
    (screening,) = judge(predig, write, AT_THE_MAIN)
    (tmp_path / "taken").write_text("")
    said = predig("map", screening["id"], "--out", tmp_path / "taken" / "map.html")
    assert (said.code, said.codes) == (2, ["file_not_written"])


@pytest.mark.parametrize("word", ["zh", "en"])
def test_the_page_speaks_the_reader_s_language(
    predig: Predig, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    declare_all(predig, write)
    (screening,) = judge(predig, write, AT_THE_MAIN)
    monkeypatch.setenv("PREDIG_LANG", word)
    file = tmp_path / "map.html"
    assert predig("map", screening["id"], "--out", file).code == 0
    assert f'<html lang="{"zh-CN" if word == "zh" else "en"}">' in file.read_text("utf-8")
