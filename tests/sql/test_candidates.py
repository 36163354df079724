"""The shipped question to the register on 100,000 pipes and a 150 km line, with PostgreSQL's default settings."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import psycopg2
import pytest
import shapely
from sqlalchemy import make_url

from spatial.measuring.boxes import widen
from spatial.measuring.pieces import cut
from spatial.values import Asset, Box, NetworkIntake, RegisterGeometry, UncertaintyTerm
from spatial.words import AssetKind, PressureClass
from sql import rows
from sql.cluster import ADMIN, APP, Cluster
from sql.postgis import PostgisVault
from sql.queries import FIND
from tests.contract.town import DAY
from tests.support.databases import execute_as_admin

PIPES = 100_000
TOWN = (101.5, 36.4, 102.1, 36.8)
DATABASE = "large"


@dataclass(frozen=True, slots=True)
class Large:
    """A database with the large network; places: lon, lat of pipes in it."""

    owner: str
    app: str
    places: np.ndarray


@pytest.fixture(scope="module")
def large(cluster: Cluster, migrated_template: str) -> Iterator[Large]:
    execute_as_admin(cluster, f"CREATE DATABASE {DATABASE} TEMPLATE {migrated_template}")
    app = cluster.url(APP, DATABASE)
    taken, places = network()
    cuts = cut([asset.geometry for asset in taken.assets], np.full(len(taken.assets), 0.6))
    vault = PostgisVault(app)
    vault.import_network(taken, cuts, utility="G1", dataset="town", on=DAY)
    vault.close()
    yield Large(cluster.url(ADMIN, DATABASE), app, places)
    execute_as_admin(cluster, f"DROP DATABASE {DATABASE} WITH (FORCE)")


def network() -> tuple[NetworkIntake, np.ndarray]:
    """Short pipes of 4 vertices over a town, and one line of 150 km with a vertex every 50 m across it."""
    rng = np.random.default_rng(11)
    starts = rng.uniform(TOWN[:2], TOWN[2:], (PIPES, 1, 2))
    lines = starts + np.cumsum(rng.normal(0, 1.5e-4, (PIPES, 4, 2)), axis=1)
    shapes = list(shapely.multilinestrings(shapely.linestrings(lines)[:, None]))
    long = np.column_stack([np.linspace(101.0, 102.68, 3001), 36.6 + 0.01 * np.sin(np.arange(3001) / 40)])
    shapes.append(shapely.MultiLineString([long]))
    terms = (UncertaintyTerm("pipe_default", 0.5, "profile", False),)
    assets = tuple(
        Asset(
            source_id=f"P{number}",
            kind=AssetKind.PIPE,
            geometry=RegisterGeometry(shape),
            pressure_class=PressureClass.MP_A,
            diameter_mm=200.0,
            cover_m=None,
            material="PE",
            status=None,
            survey_class=None,
            laid_on=None,
            pipe_kind=None,
            uncertainty=terms,
            digest=f"{number:064x}",
        )
        for number, shape in enumerate(shapes)
    )
    taken = NetworkIntake(len(assets), assets, (), {}, "EPSG:4490", "none", 0.0, True, ())
    return taken, lines[:, 0]


def connect(url: str) -> psycopg2.extensions.connection:
    parts = make_url(url)
    made = psycopg2.connect(
        host=parts.query["host"], port=parts.query["port"], user=parts.username, dbname=parts.database
    )
    made.autocommit = True
    return made


def boxes_at(places: np.ndarray) -> list[Box]:
    return [
        (float(w), float(s), float(e), float(n))
        for w, s, e, n in widen(np.column_stack([places, places]), 60.0)
    ]


def question(box: Box) -> dict[str, object]:
    return {"site": "{0}", "as_of": 1} | rows.box_arrays([box])


@pytest.mark.parametrize("analysed", [True, False])
def test_the_index_is_used_with_default_settings(large: Large, analysed: bool) -> None:
    """The plan of the statement inside the function, also on the sixth call, when it may turn generic.

    Not analysed: as after a restore, when the planner knows nothing.
    """
    with connect(large.owner) as owner, owner.cursor() as cursor:
        if not analysed:
            cursor.execute("DELETE FROM pg_statistic WHERE starelid = 'predig.piece'::regclass")
        cursor.execute("LOAD 'auto_explain'")
        for setting in ("log_min_duration = 0", "log_nested_statements = on", "log_level = 'notice'"):
            cursor.execute(f"SET auto_explain.{setting}")
        cursor.execute("SET client_min_messages = 'notice'")
        for box in boxes_at(large.places[:8]):
            owner.notices.clear()
            cursor.execute(FIND["candidates"], question(box))
            assert len(cursor.fetchall()) > 1
            plans = [notice for notice in owner.notices if "FROM piece p" in notice]
            assert len(plans) == 1
            assert "Index Scan using piece_box" in plans[0] and "Index Scan using asset_pkey" in plans[0]
            assert "Seq Scan" not in plans[0]


def test_the_long_line_is_found_where_it_passes_and_only_there(large: Large) -> None:
    vault = PostgisVault(large.app)
    try:
        beside = vault.find([boxes_at(np.array([[101.5, 36.6]]))])
        assert f"P{PIPES}" not in beside.pieces.assets.source_id.tolist()
        passes = vault.find([boxes_at(np.array([[101.0, 36.6]]))])
        assert passes.pieces.assets.source_id.tolist() == [f"P{PIPES}"]
        assert passes.pieces.from_m.tolist() == [0.0]
    finally:
        vault.close()
