"""What was uploaded is imported once, as the command would, or ends with reasons; the moment's trouble ends nothing."""

import json
import os
import time
import uuid
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from api.guard import Confirmed
from api.http.replies import json_bytes
from api.imports import working
from api.imports.spool import Spool, on_disk
from api.imports.wish import Wish, named_files
from api.imports.working import MOST_FAULTS, MOST_TRIES, import_next
from api.register import NetworkSource, import_network
from api.settings import Settings, read_settings
from spatial.asset_table import AssetTable
from spatial.errors import Refused
from sql.errors import VaultUnavailable, refused
from sql.memory import MemoryVault
from sql.vault import NewUpload
from tests.ingest.dock import ON, PROFILE, collection, feature, line, written

SETTINGS = read_settings({})
NETWORK = collection(
    feature(line(), id="P-1", pressure_class="MP-A", diameter_mm=200, kind="main"),
    feature(line(0, 20), id="P-2", pressure_class="中压", diameter_mm="DN100"),
    feature({"type": "LineString", "coordinates": []}, id="P-3"),
)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "home" / "uploads")


@pytest.fixture
def vault() -> MemoryVault:
    return MemoryVault()


def upload(
    vault: MemoryVault, spool: Spool, content: Any = NETWORK, name: str = "pipes.geojson", **more: Any
) -> str:
    """As the door keeps it."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    spool_name, upload_id = spool.made(), str(uuid.uuid4())
    with spool.arriving(upload_id) as folder:
        (folder / name).write_bytes(data)
        on_disk(folder)
    files = [{"name": name, "bytes": len(data), "sha256": sha256(data).hexdigest()}]
    asked = Wish(**{"utility": "GAS", "dataset": "town", "crs": "EPSG:4543", "id_field": "id"} | more)
    return vault.keep_upload(NewUpload(upload_id, spool_name, "GAS", "town", asked.document(), files))


def work(vault: MemoryVault, spool: Spool, settings: Settings = SETTINGS) -> Any:
    """The upload that was next, as it stands afterwards."""
    upload_id = import_next(vault, spool, settings, PROFILE, ON)
    return upload_id and vault.upload(upload_id)


def codes(record: Any) -> list[str]:
    for fault in record.told["faults"]:
        assert fault["en"] and fault["zh"]
    return [fault["code"] for fault in record.told["faults"]]


def folders(spool: Spool) -> list[str]:
    return [place.name for place in spool.folder.iterdir() if place.is_dir()]


def test_an_upload_is_what_the_command_makes_of_the_same_file(
    vault: MemoryVault, spool: Spool, tmp_path: Path
) -> None:
    upload(vault, spool)
    ended = work(vault, spool)
    assert (ended.state, ended.revision, folders(spool)) == ("published", 1, [])
    assert ended.told["counts"] == {
        **{"received": 3, "accepted": 2, "quarantined": 1, "to_remove": 0},
        **{"added": 2, "changed": 0, "removed": 0, "unchanged": 0},
    }
    other = MemoryVault()
    source = NetworkSource((written(tmp_path, NETWORK),), "EPSG:4543", "id", None)
    import_network(
        other, source, utility="GAS", dataset="town", coverage=None, confirmed_rejected=0,
        confirmed=Confirmed(), dry_run=False, extent=SETTINGS.extent, profile=PROFILE, on=ON,
    )  # fmt: skip
    mine, theirs = (AssetTable.of(one.dataset_assets("GAS", "town", 1)) for one in (vault, other))
    assert (mine.source_id, mine.digest) == (theirs.source_id, theirs.digest)
    assert mine.wkb.tolist() == theirs.wkb.tolist()
    assert vault.stored_pieces([1, 2]) == other.stored_pieces([1, 2])
    assert vault.datasets() == other.datasets() and vault.dataset_records("GAS", 1) == other.dataset_records(
        "GAS", 1
    )
    assert vault.rejected("GAS", "town") == other.rejected("GAS", "town")
    assert work(vault, spool) is None


def test_a_dry_run_changes_nothing_and_tells_what_would_stop_it(vault: MemoryVault, spool: Spool) -> None:
    upload(vault, spool)
    work(vault, spool)
    upload(vault, spool, collection(feature(line(0, 20), id="P-2")), dry_run=True)
    compared = work(vault, spool)
    assert (compared.state, compared.revision, codes(compared)) == ("compared", None, ["network_loss"])
    assert compared.told["changes"]["ids"] == {"added": [], "changed": ["P-2"], "removed": ["P-1"]}
    upload(vault, spool, collection(feature(line(0, 20), id="P-2")))
    refused_ = work(vault, spool)
    assert (refused_.state, codes(refused_)) == ("refused", ["network_loss"])
    assert len(vault.revisions()) == 1 and folders(spool) == []


def test_what_nobody_says_again_is_read_as_last_time_and_told(vault: MemoryVault, spool: Spool) -> None:
    upload(vault, spool, encoding="GB18030", mapping='[constants]\nkind = "main"')
    assert work(vault, spool).state == "published"
    (kept,) = vault.datasets()
    assert kept["read_as"]["map"] == 'encoding = "GB18030"\n[constants]\nkind = "main"'
    upload(vault, spool, id_field=None)
    again = work(vault, spool)
    assert (again.state, again.revision, again.told["counts"]["unchanged"]) == ("published", None, 2)
    assert any("--id-field id --map" in note["en"] for note in again.told["notes"])


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"crs": None}, "crs_missing"),
        ({"mapping": "x = ["}, "map_unreadable"),
        ({"encoding": 'a"\n[columns]\nkind = "b'}, "map_encoding"),
        ({"id_field": "GUID"}, "column_missing"),
        ({"coverage": "hull:50", "changes": "kind"}, "hull_of_changes"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_reason(
    vault: MemoryVault, spool: Spool, monkeypatch: pytest.MonkeyPatch, more: dict[str, Any], code: str
) -> None:
    if code not in ("crs_missing", "column_missing"):
        monkeypatch.setattr("ingest.sandbox.apart.run", None)  # nothing is opened for these
    upload(vault, spool, **more)
    ended = work(vault, spool)
    assert (ended.state, codes(ended), vault.revisions(), folders(spool)) == ("refused", [code], (), [])


# -- the moment's trouble. What is read does not matter here, and to read it takes a second.


def broken_by(error: Exception) -> Any:
    def import_network_(*_: Any, **__: Any) -> Any:
        raise error

    return import_network_


def test_another_change_at_work_is_waited_for(
    vault: MemoryVault, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload_id = upload(vault, spool)
    monkeypatch.setattr(working, "import_network", broken_by(refused("register_busy")))
    monkeypatch.setattr(working, "AGAIN_AFTER_S", 0.0)
    for _ in range(MOST_TRIES + 2):
        assert work(vault, spool).state == "waiting"
    assert folders(spool) == [upload_id]


def test_a_database_that_is_gone_is_waited_for(
    vault: MemoryVault, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload_id = upload(vault, spool)
    gone = VaultUnavailable.because("database_gone", en="gone", zh="gone")
    monkeypatch.setattr(working, "import_network", broken_by(gone))
    with pytest.raises(VaultUnavailable):
        work(vault, spool)
    monkeypatch.undo()
    assert (vault.upload(upload_id).state, folders(spool)) == ("reading", [upload_id])
    assert work(vault, spool).state == "published"


def test_a_file_that_kills_whoever_imports_it_is_given_up(
    vault: MemoryVault, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(vault, spool)
    for _ in range(MOST_TRIES):
        assert vault.claim_upload(spool.made()) is not None  # and then it died
    monkeypatch.setattr(working, "import_network", None)
    ended = work(vault, spool)
    assert (ended.state, codes(ended), folders(spool)) == ("failed", ["import_cut_off"], [])


def test_an_error_nobody_foresaw_fails_without_its_words(
    vault: MemoryVault, spool: Spool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    upload(vault, spool)
    monkeypatch.setattr(working, "import_network", broken_by(KeyError("secret place 480000")))
    ended = work(vault, spool)
    assert (ended.state, codes(ended)) == ("failed", ["import_broke"])
    assert "480000" not in caplog.text + json.dumps(ended.told) and "KeyError at" in caplog.text


def test_what_a_file_is_called_is_told_in_words_that_can_be_sent(vault: MemoryVault, spool: Spool) -> None:
    upload(vault, spool, collection(feature(line(), **{"half \ud800": 1, "nul \x00": 2, "x" * 9_000: 3})))
    ended = work(vault, spool)
    assert (ended.state, codes(ended)) == ("refused", ["column_missing"])
    said = json_bytes(ended.told).decode()
    assert "half \ufffd" in said and len(said) < 1_000


def test_of_many_mistakes_so_many_are_told_and_the_others_counted(vault: MemoryVault, spool: Spool) -> None:
    upload(vault, spool, mapping="[values.kind]\n" + "\n".join(f"a{n}=1" for n in range(5_000)))
    ended = work(vault, spool)
    assert ended.state == "refused"
    assert codes(ended) == ["map_word_unknown"] * MOST_FAULTS + ["more_faults"]
    assert f"{5_000 - MOST_FAULTS} more" in ended.told["faults"][-1]["en"]


@pytest.mark.parametrize("mapping", ["[constants]\nlaid_on = 0x" + "F" * 40_000, "[units]\ncover_m = [1]"])
def test_no_map_breaks_an_import(vault: MemoryVault, spool: Spool, mapping: str) -> None:
    upload(vault, spool, mapping=mapping)
    assert work(vault, spool).state == "refused"


def test_bytes_that_are_gone_are_told(vault: MemoryVault, spool: Spool) -> None:
    spool.forget(upload(vault, spool))
    ended = work(vault, spool)
    assert (ended.state, codes(ended)) == ("failed", ["upload_gone"])


def test_who_was_taken_over_ends_nothing(
    vault: MemoryVault, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload_id = upload(vault, spool)

    def taken_over(*_: Any, **__: Any) -> Any:
        vault.claim_upload(spool.made())
        raise refused("job_lost")

    monkeypatch.setattr(working, "import_network", taken_over)
    assert (work(vault, spool).state, folders(spool)) == ("reading", [upload_id])


# -- the spool


def test_a_spool_is_closed_to_others_and_has_one_name(spool: Spool) -> None:
    assert spool.name() is None
    assert spool.made() == spool.made() == spool.name()
    assert spool.folder.stat().st_mode & 0o777 == 0o700
    assert Spool(spool.folder.parent / "other").made() != spool.name()


def test_one_process_at_a_time_is_alone_with_a_spool(spool: Spool) -> None:
    spool.made()
    with spool.alone() as first, spool.alone() as second:
        assert (first, second) == (True, False)
    with spool.alone() as again:
        assert again


def test_what_a_killed_import_left_on_the_workbench_is_taken_away(
    spool: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left = tmp_path / f"predig-import-{spool.made()}" / "half.gpkg"
    left.parent.mkdir()
    left.touch()
    with spool.workbench():
        assert not left.exists() and left.parent.exists()
    assert not left.parent.exists()


def test_a_sweep_leaves_what_waits_and_what_arrives(vault: MemoryVault, spool: Spool) -> None:
    spool.sweep(vault)  # there is none yet
    ended, waiting = upload(vault, spool), upload(vault, spool)
    claim = vault.claim_upload(spool.made())
    assert claim is not None
    vault.end_upload(claim, "failed", {"faults": []})
    arriving, stray = (spool.of(str(uuid.uuid4())) for _ in range(2))
    for place in (arriving, stray):
        place.mkdir()
    os.utime(stray, (time.time() - 4000,) * 2)
    spool.sweep(vault)
    assert sorted(folders(spool)) == sorted([waiting, arriving.name]) and ended not in folders(spool)


def test_a_full_disk_or_a_closed_home_takes_nothing_in(spool: Spool, tmp_path: Path) -> None:
    spool.made()
    with pytest.raises(Refused) as caught:
        spool.check_room(10**18)
    assert caught.value.faults[0].code == "spool_full"
    (tmp_path / "file").touch()
    with pytest.raises(Refused) as caught:
        Spool(tmp_path / "file" / "uploads").made()
    assert caught.value.faults[0].code == "spool_not_writable"


def test_of_a_shapefile_its_shp_is_named(tmp_path: Path) -> None:
    assert named_files(["n.shx", "n.dbf", "n.shp", "n.prj", "m.geojson"]) == ["n.shp", "m.geojson"]
    assert named_files(["n.dbf"]) == ["n.dbf"]
    wish = replace(Wish("GAS", "town"), layer=("a",))
    assert Wish.parse(json.loads(json.dumps(wish.document()))) == wish
