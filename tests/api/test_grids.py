"""Local grids from end to end: registered, used by name through every door, and their parameters nowhere to be seen."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import psycopg2
import pytest
from cryptography.fernet import Fernet
from pyproj import Transformer
from sqlalchemy import make_url

from api.grids.sealing import KEY_FILE, sealing_key
from api.settings import read_settings
from spatial.errors import Refused
from sql.cluster_home import prepare_home, server_account
from sql.postgis import PostgisVault
from tests.api.conftest import Predig, Said, Write, collection, feature, ring
from tests.api.http.conftest import codes, filing
from tests.api.http.test_inside import RULES, app_over, ask
from tests.api.town import CRS, FIRM, E, N, days
from tests.conftest import VaultUrls

KEY = Fernet.generate_key().decode()
CENTRE_E, CENTRE_N, PLANE_M = 470_000.0, 4_053_000.0, 2261.0
RAISED = 1.0 + PLANE_M / 6_371_000.0
XINING = ("--crs", "grid:xining")
TO_LONLAT = Transformer.from_crs("EPSG:4543", "EPSG:4490", always_xy=True)
EXACTLY = ("--base", "EPSG:4543", "--source", "city survey office, 2019-07", "--accuracy-m", 0.05)

PARAMETERS = {
    "d_east_m": 412_345.6789,
    "d_north_m": 3_998_765.4321,
    "clockwise_arcsec": 7_412.8642,
    "scale_ppm": 123.4567,
}
SECRETS = ("412345.6", "3998765.4", "7412.86", "123.456", "1.0001234", "clockwise_arcsec", "affine", "xoff")


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREDIG_SECRET_KEY", KEY)


def on_the_plane(x: float, y: float) -> list[float]:
    """Where a place of EPSG:4543 stands in the raised grid: 3.55 m off ten kilometres from its centre."""
    return [CENTRE_E + (x - CENTRE_E) * RAISED, CENTRE_N + (y - CENTRE_N) * RAISED]


def in_the_city(x: float, y: float) -> list[float]:
    """Where a place of EPSG:4543 stands in the grid of PARAMETERS, by arithmetic of our own."""
    angle = np.radians(PARAMETERS["clockwise_arcsec"] / 3600.0)
    turn = (1.0 + PARAMETERS["scale_ppm"] * 1e-6) * np.array(
        [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
    )
    local = np.linalg.solve(turn, np.array([x, y]) - [PARAMETERS["d_east_m"], PARAMETERS["d_north_m"]])
    return [float(local[0]), float(local[1])]


def toml(values: dict[str, Any]) -> str:
    return "".join(f"{key} = {value}\n" for key, value in values.items())


def main_in(grid: Any) -> dict[str, Any]:
    """A main of 40 m, ten kilometres east of the centre, across the direction in which a raised grid is off."""
    ends = [grid(E, N - 20.0), grid(E, N + 20.0)]
    about = {"pressure_class": "MP-A", "diameter_mm": 200, "kind": "main", "uncertainty_m": 0.5}
    return collection(feature("LineString", ends, id="M-1", **about))


def bring(predig: Predig, write: Write, grid: Any, *crs: str) -> Said:
    file = write("town.geojson", main_in(grid))
    return predig(
        "network", "import", file, "--utility", "GAS", "--dataset", "town", "--id-field", "id", *crs
    )


def pit(grid: Any) -> dict[str, Any]:
    """A pit whose western edge lies 5 m east of the main."""
    corners = [grid(E + 5.0 + x, N + y) for x, y in ((0, 0), (2, 0), (2, 2), (0, 2), (0, 0))]
    return collection(feature("Polygon", [corners], act="excavate", method="mechanical"))


def as_it_is(x: float, y: float) -> list[float]:
    return [x, y]


def distance_m(predig: Predig, write: Write, grid: Any = as_it_is, *crs: str) -> float:
    (line,) = predig("screen", write("pit.geojson", pit(grid)), *(crs or CRS)).lines
    (found,) = line["conflicts"]
    return float(found["centreline_distance_m"])


def points_csv(folder: Path, grid: Any, places: Any, noise_m: float = 0.0) -> Path:
    chance = np.random.default_rng(3)
    file = folder / "points.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        rows = csv.writer(opened)
        rows.writerow(["name", "x_local", "y_local", "lon", "lat"])
        for at, (x, y) in enumerate(places, 1):
            lon, lat = TO_LONLAT.transform(*(np.array([x, y]) + chance.normal(0.0, noise_m, 2)))
            rows.writerow([f"G{at:02}", *grid(x, y), f"{lon:.11f}", f"{lat:.11f}"])
    return file


ROUND_THE_TOWN = [(E - 15e3, N - 9e3), (E + 6e3, N - 8e3), (E + 7e3, N + 9e3), (E - 14e3, N + 8e3), (E, N)]


# -- practice, case 1


def test_a_raised_grid_is_refused_until_it_is_registered_and_then_right_to_a_centimetre(
    predig: Predig, write: Write
) -> None:
    unregistered = bring(predig, write, on_the_plane, *XINING)
    assert (unregistered.code, unregistered.codes) == (2, ["crs_not_accepted"])
    assert "predig crs register" in unregistered.err
    plane = ("--plane-height-m", PLANE_M, "--centre", f"{CENTRE_E},{CENTRE_N}")
    done = predig("crs", "register", "Xining", *EXACTLY, *plane)
    assert done.lines == [
        {"name": "xining", "version": 1, "kind": "plane", "accuracy_m": 0.05, "residuals": []}
    ]
    (imported,) = bring(predig, write, on_the_plane, *XINING).lines
    assert imported["operation"] == "registered grid xining, version 1; accuracy 0.05 m"
    assert imported["operation_accuracy_m"] == 0.05
    assert distance_m(predig, write) == pytest.approx(5.0, abs=0.01)
    assert distance_m(predig, write, on_the_plane, "--crs", "XINING") == pytest.approx(5.0, abs=0.01)
    # What guessing would cost: nothing looks wrong, and it is 3.55 m off.
    bring(predig, write, on_the_plane, *CRS)
    assert distance_m(predig, write) == pytest.approx(5.0 - 3.55, abs=0.01)


def test_common_points_do_as_well_and_their_residuals_are_told_point_by_point(
    predig: Predig, write: Write, tmp_path: Path, said: Predig
) -> None:
    file = points_csv(tmp_path, on_the_plane, ROUND_THE_TOWN, noise_m=0.01)
    about = ("--base", "EPSG:4543", "--source", "5 points of the survey office", "--points", file)
    (done,) = predig("crs", "register", "xining", *about).lines
    assert [row["point"] for row in done["residuals"]] == ["G01", "G02", "G03", "G04", "G05"]
    assert all(0.0 < row["residual_m"] < 0.05 for row in done["residuals"])
    assert 0.02 < done["accuracy_m"] < 0.1
    bring(predig, write, on_the_plane, *XINING)
    assert distance_m(predig, write) == pytest.approx(5.0, abs=0.02)
    assert "公共点 G03：残差 0.0" in said("crs", "register", "xining", *about, language="zh").out


def test_the_accuracy_of_the_grid_widens_what_it_carried(predig: Predig, write: Write) -> None:
    predig("crs", "register", "xining", *EXACTLY, "--parameters", write("four.toml", toml(PARAMETERS)))
    bring(predig, write, in_the_city, *XINING)
    (line,) = predig("screen", write("pit.geojson", pit(in_the_city)), *XINING).lines
    (of_site,) = (term for term in line["site"]["uncertainty"] if term["code"] == "datum_operation")
    assert (of_site["metres"], of_site["source"]) == (0.05, "register")
    assert line["conflicts"][0]["centreline_distance_m"] == pytest.approx(5.0, abs=0.001)
    with_grid = line["conflicts"][0]["uncertainty_m"]
    bring(predig, write, as_it_is, *CRS)
    (plain,) = predig("screen", write("pit.geojson", pit(as_it_is)), *CRS).lines
    assert with_grid == pytest.approx(plain["conflicts"][0]["uncertainty_m"] + 0.1, abs=1e-6)


def test_registering_anew_makes_a_version_and_leaves_what_was_imported(
    predig: Predig, write: Write, said: Predig
) -> None:
    shifted = PARAMETERS | {"d_east_m": PARAMETERS["d_east_m"] + 2.0}
    for values in (PARAMETERS, shifted):
        predig("crs", "register", "xining", *EXACTLY, "--parameters", write("four.toml", toml(values)))
        if values is PARAMETERS:
            bring(predig, write, in_the_city, *XINING)
    assert distance_m(predig, write) == pytest.approx(5.0, abs=0.001)
    assert [(row["name"], row["version"], row["kind"]) for row in predig("crs", "list").lines] == [
        ("xining", 2, "4"),
        ("xining", 1, "4"),
    ]
    assert "xining  2  四参数  0.05 m  city survey office, 2019-07" in said("crs", "list", language="zh").out
    (again,) = bring(predig, write, in_the_city, *XINING).lines
    assert again["operation"].startswith("registered grid xining, version 2;")
    assert distance_m(predig, write) == pytest.approx(3.0, abs=0.001)


def test_seven_parameters_open_the_way_from_a_former_datum(predig: Predig, write: Write) -> None:
    seven = {"dx_m": 12.5, "dy_m": -140.25, "dz_m": -75.125}
    turns = {"rx_arcsec": 0.5, "ry_arcsec": -0.25, "rz_arcsec": 1.5, "scale_ppm": 2.0}
    file = write("seven.toml", toml(seven | turns))
    how = (
        *("crs", "register", "xian80", "--base", "EPSG:2343"),
        *("--source", "office", "--accuracy-m", 1, "--parameters", file),
    )
    assert predig(*how).codes == ["grid_name"]  # spoken of the public system
    how = ("crs", "register", "xian80-xining", *how[3:])
    assert predig(*how).codes == ["grid_convention"]
    assert predig(*how, "--convention", "position_vector").lines[0]["kind"] == "7"
    three = write("three.toml", toml(seven))
    assert predig(*how[:-1], three).lines[0] == {
        "name": "xian80-xining", "version": 2, "kind": "3", "accuracy_m": 1.0, "residuals": [],
    }  # fmt: skip


# -- every door


def test_every_door_takes_the_grid_and_replay_needs_no_parameters(
    predig: Predig, write: Write, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    predig("crs", "register", "xining", *EXACTLY, "--parameters", write("four.toml", toml(PARAMETERS)))
    bring(predig, write, in_the_city, *XINING)
    town = write("town.geojson", main_in(in_the_city))
    (looked,) = predig("network", "inspect", town, *XINING).lines
    assert (looked["crs"], looked["operation_accuracy_m"]) == ("grid:xining", 0.05)
    area = [
        in_the_city(E + x, N + y)
        for x, y in ((-1e3, -1e3), (1e3, -1e3), (1e3, 1e3), (-1e3, 1e3), (-1e3, -1e3))
    ]
    complete = write("area.geojson", collection(feature("Polygon", [area])))
    assert predig("coverage", "set", complete, "--utility", "GAS", *XINING).code == 0
    plan = write("pit.geojson", pit(in_the_city))
    (filed,) = predig("file", plan, *XINING, *FIRM, *days()).lines
    vault = PostgisVault(database_url)
    vault.adopt_profile(RULES.text, RULES.profile.sha256, RULES.profile.profile_id, RULES.profile.version)
    app = app_over(vault, PREDIG_SECRET_KEY=KEY, PREDIG_DATABASE_URL=database_url)
    (site,) = pit(in_the_city)["features"]
    body = filing(site, crs="grid:xining")
    posted, unknown = ask(
        app, ("POST", "/v1/permits", body, {}), ("POST", "/v1/permits", body | {"crs": "grid:nowhere"}, {})
    )
    assert posted.status_code == 201, posted.text
    assert codes(unknown) == {"/crs": "crs_not_accepted"}
    (amended,) = ask(
        app,
        ("PATCH", f"/v1/permits/{posted.json()['id']}", {"crs": "grid:xining", "plan": body["plan"], "acts": body["acts"]}, {}),
    )  # fmt: skip
    assert amended.status_code == 200, amended.text
    (asked,) = ask(
        app, ("POST", "/v1/enquiries", {key: body[key] for key in ("crs", "plan", "acts", "method")}, {})
    )
    (keyless,) = ask(app_over(vault, PREDIG_DATABASE_URL=database_url), ("POST", "/v1/permits", body, {}))
    assert codes(keyless) == {"/crs": "secret_key_missing"}
    vault.close()
    for answer in (filed, posted.json(), amended.json(), asked.json()):
        (conflict,) = answer["screenings"][0]["conflicts"]
        assert conflict["centreline_distance_m"] == pytest.approx(5.0, abs=0.001)
    monkeypatch.delenv("PREDIG_SECRET_KEY")
    replayed = predig("replay", filed["id"])
    assert replayed.code == 0 and replayed.lines[0]["same"]


def dump(owner_url: str) -> str:
    """Every row of every table, as text."""
    parts = make_url(owner_url)
    connection = psycopg2.connect(
        host=parts.query["host"], port=parts.query["port"], user=parts.username, dbname=parts.database
    )
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'predig'")
        tables = [name for (name,) in cursor.fetchall()]
        rows = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM predig."{table}" AS t')
            rows += [row for (row,) in cursor.fetchall()]
    connection.close()
    return "\n".join(rows)


def test_the_parameters_are_nowhere_to_be_seen(
    predig: Predig,
    said: Predig,
    write: Write,
    vault_urls: VaultUrls,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In nothing a command prints, with the debug switch on too, nor in any table; only sealed."""
    monkeypatch.setenv("PREDIG_DEBUG", "1")
    caplog.set_level("DEBUG")
    file = write("four.toml", toml(PARAMETERS))
    town, plan = write("town.geojson", main_in(in_the_city)), write("pit.geojson", pit(in_the_city))
    how = ("network", "import", town, "--utility", "GAS", "--id-field", "id", *XINING)
    drawn = tmp_path / "map.html"
    far = write("far.geojson", collection(feature("Polygon", ring(9e9, 9e9, 2, 2), act="excavate")))
    spoken = [
        predig("crs", "register", "xining", *EXACTLY, "--parameters", file),
        predig("crs", "list"),
        said("crs", "list"),
        said("network", "inspect", town, *XINING),
        predig(*how),
        predig("network", "list"),
        predig("screen", plan, *XINING),
        predig("screen", far, *XINING),
        (filed := predig("file", plan, *XINING, *FIRM, *days())),
        *(predig(word, filed.lines[0]["id"]) for word in ("show", "explain", "advise", "replay")),
        predig("map", filed.lines[0]["id"], "--out", drawn),
        predig("status"),
        predig("reconcile"),
    ]
    assert [one.code for one in spoken] == [0] * 7 + [2] + [0] * 8, spoken
    everything = [one.out + one.err for one in spoken]
    everything += [drawn.read_text(encoding="utf-8"), caplog.text, dump(vault_urls.owner)]
    assert "grid:xining" in everything[-1]
    for text in everything:
        assert not [secret for secret in SECRETS if secret in text]
    assert any(secret in file.read_text() for secret in SECRETS)  # the search can find something


# -- keys


def test_another_key_or_a_borrowed_record_opens_nothing(
    predig: Predig, write: Write, vault_urls: VaultUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write("four.toml", toml(PARAMETERS))
    predig("crs", "register", "xining", *EXACTLY, "--parameters", file)
    with_key = ("network", "inspect", write("town.geojson", main_in(in_the_city)))
    vault = PostgisVault(vault_urls.app)
    record = vault.grid("xining")
    assert record is not None
    vault.keep_grid("other", kind="4", source="s", accuracy_m=0.05, sealed=record.sealed)
    vault.close()
    assert predig(*with_key, "--crs", "grid:other").codes == ["grid_sealed"]
    for key, code in (
        (Fernet.generate_key().decode(), "grid_sealed"),
        ("short", "secret_key_unreadable"),
        ("", "secret_key_missing"),
    ):
        monkeypatch.setenv("PREDIG_SECRET_KEY", key)
        assert predig(*with_key, *XINING).codes == [code]
    assert predig("crs", "register", "b", *EXACTLY, "--parameters", file).codes == ["secret_key_missing"]


def test_the_embedded_database_keeps_its_key_in_a_file_of_its_own(home: Path) -> None:
    prepare_home(home, server_account())
    settings = read_settings({"PREDIG_HOME": str(home)})
    with pytest.raises(Refused, match="PREDIG_SECRET_KEY"):
        sealing_key(settings)
    sealed = sealing_key(settings, make=True).encrypt(b"it")
    key = home / KEY_FILE
    assert key.stat().st_mode & 0o777 == 0o600 and key.stat().st_uid == server_account().uid
    assert sealing_key(settings, make=True).decrypt(sealed) == sealing_key(settings).decrypt(sealed) == b"it"
    assert [path.name for path in home.iterdir()] == [KEY_FILE]
    key.chmod(0o644)
    with pytest.raises(Refused, match="0600"):
        sealing_key(settings)


# -- what is refused


@pytest.mark.parametrize(
    ("name", "more", "code"),
    [
        ("EPSG:4543", ("--parameters", "four.toml"), "grid_name"),
        ("two words", ("--parameters", "four.toml"), "grid_name"),
        ("xn", (), "grid_ways"),
        ("xn", ("--plane-height-m", 2261), "grid_ways"),
        ("xn", ("--parameters", "four.toml", "--points", "few.csv"), "grid_ways"),
        ("xn", ("--parameters", "four.toml", "--accuracy-m", 0), "grid_accuracy"),
        ("xn", ("--parameters", "four.toml", "--accuracy-m", "nan"), "grid_accuracy"),
        ("xn", ("--parameters", "four.toml", "--source", " "), "grid_source"),
        ("xn", ("--parameters", "four.toml", "--base", "GCJ-02"), "grid_base"),
        ("xn", ("--parameters", "four.toml", "--base", "EPSG:2343"), "grid_base"),
        ("xn", ("--parameters", "four.toml", "--convention", "position_vector"), "grid_convention"),
        ("xn", ("--plane-height-m", 22610, "--centre", "470000,4053000"), "grid_plane"),
        ("xn", ("--parameters", "missing.toml"), "file_missing"),
        ("xn", ("--parameters", "broken.toml"), "grid_parameters_unreadable"),
        ("xn", ("--parameters", "five.toml"), "grid_parameters"),
        ("xn", ("--parameters", "inches.toml"), "grid_parameters"),
        ("xn", ("--points", "few.csv"), "grid_accuracy"),
    ],
)
def test_what_cannot_be_registered_is_refused_and_its_numbers_are_not_repeated(
    name: str, more: tuple[object, ...], code: str, predig: Predig, write: Write, tmp_path: Path
) -> None:
    write("four.toml", toml(PARAMETERS))
    write("broken.toml", "d_east_m = 412345.6789 m\n")
    write("five.toml", toml(PARAMETERS | {"dx_m": 412345.6789}))
    write("inches.toml", toml(PARAMETERS | {"scale_ppm": 412345.6789}))
    write("few.csv", "x_local,y_local,x,y\n1,2,3,4\n")
    words = [tmp_path / word if str(word).endswith((".toml", ".csv")) else word for word in more]
    refused = predig("crs", "register", name, *EXACTLY, *words)
    assert (refused.code, refused.codes, refused.lines) == (2, [code], [])
    assert "412345" not in refused.err and predig("crs", "list").lines == []


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("x_local,y_local,x,y\n1,2,412345.67,4\n", "grid_points_few", "1 common points"),
        ("a,b\n1,2\n", "grid_points_unreadable", "x_local, y_local"),
        (
            "x_local,y_local,x,y\n1,2,412345.67,4\n1,,412345.67,4\n",
            "grid_points_unreadable",
            "row 2, y_local",
        ),
        ("x_local,y_local,x,y\n1,2,412345.67\n", "grid_points_unreadable", "row 1, y"),
        ("x_local,y_local,x,y\n1,2,412345.67,inf\n", "grid_points_unreadable", "row 1, y"),
        ("x_local,y_local,lon,lat\n1,2,101.7,500\n", "grid_points_unreadable", "longitude first"),
        ("", "file_empty", "empty"),
    ],
)
def test_points_that_cannot_be_read_are_told_by_row_and_column(
    text: str, code: str, said: str, predig: Predig, write: Write
) -> None:
    file = write("points.csv", text)
    about = ("--base", "EPSG:4543", "--source", "office", "--points", file)
    refused = predig("crs", "register", "xn", *about)
    assert refused.codes == [code] and said in json.dumps(refused.err) and "412345" not in refused.err
