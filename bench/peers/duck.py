"""DuckDB with its spatial extension, the one that comes as a Python package: nothing is fetched from anywhere."""

from pathlib import Path
from typing import Any

import duckdb
import duckdb_extension_spatial
import numpy as np
import pandas
import shapely

from bench.limit import Hits
from bench.peers import planar
from bench.peers.contest import Contest, least
from bench.peers.planar import Planar

THREADS = 2


def _connection() -> duckdb.DuckDBPyConnection:
    """A database in memory with `spatial` in it: the extension's file is named by the version of DuckDB it is for."""
    connection = duckdb.connect(config={"threads": THREADS, "autoinstall_known_extensions": False})
    (package,) = duckdb_extension_spatial.__path__
    extension = Path(package) / "extensions" / f"v{duckdb.__version__}" / "spatial.duckdb_extension"
    connection.load_extension(str(extension))
    return connection


class Duck:
    """Shared: tables of shapes, the answer read back as columns."""

    name = "DuckDB spatial"

    def __init__(self, contest: Contest) -> None:
        self._most_m = contest.most_m
        self._connection = _connection()
        self._pipes(self._shapes(contest))
        digs = planar.digs(contest)
        self._windows = planar.boxes(digs, contest.site_reach_m)
        self._load(
            "digs",
            {
                "site": np.arange(len(digs)),
                "reach": contest.site_reach_m,
                "wkb": shapely.to_wkb(digs),
                **_sides(self._windows),
            },
        )

    def _shapes(self, contest: Contest) -> Planar:
        raise NotImplementedError

    def _pipes(self, shapes: Planar) -> None:
        self._load(
            "pipes",
            {
                "asset": shapes.asset,
                "reach": shapes.reach_m,
                "wkb": shapely.to_wkb(shapes.geometry),
                **_sides(planar.boxes(shapes.geometry, shapes.reach_m)),
            },
        )
        self._connection.execute("CREATE INDEX pipes_box ON pipes USING RTREE (box)")

    def _load(self, table: str, columns: dict[str, Any]) -> None:
        frame = pandas.DataFrame(columns)
        self._connection.register("incoming", frame)
        self._connection.execute(
            f"CREATE TABLE {table} AS SELECT * EXCLUDE (wkb, x0, y0, x1, y1), ST_GeomFromWKB(wkb) AS geom, "
            "ST_MakeEnvelope(x0, y0, x1, y1) AS box FROM incoming"
        )
        self._connection.unregister("incoming")

    def _answer(self, query: str) -> Hits:
        found = self._connection.execute(query).fetchnumpy()
        return least(found["site"], found["asset"], found["axis_m"])

    def single(self, number: int) -> Hits:
        """A constant window, which is what DuckDB's R-tree can be asked for."""
        x0, y0, x1, y1 = self._windows[number].tolist()
        return self._answer(
            f"SELECT {number}::BIGINT AS site, p.asset, ST_Distance(p.geom, d.geom) AS axis_m "
            f"FROM pipes p, (SELECT * FROM digs WHERE site = {number}) d "
            f"WHERE ST_Intersects(p.box, ST_MakeEnvelope({x0!r}, {y0!r}, {x1!r}, {y1!r})) "
            "AND ST_Distance(p.geom, d.geom) <= p.reach + d.reach"
        )

    def close(self) -> None:
        self._connection.close()


class DuckWhole(Duck):
    """ST_DWithin by the one widest radius, whole pipes."""

    name = "DuckDB ST_DWithin, whole pipes"

    def _shapes(self, contest: Contest) -> Planar:
        return planar.whole_pipes(contest)

    def bulk(self, count: int) -> Hits:
        return self._answer(
            f"SELECT d.site, p.asset, ST_Distance(p.geom, d.geom) AS axis_m FROM (SELECT * FROM digs WHERE site < {count}) d "
            f"JOIN pipes p ON ST_DWithin(p.geom, d.geom, {self._most_m!r}) "
            "WHERE ST_Distance(p.geom, d.geom) <= p.reach + d.reach"
        )


class DuckPieces(Duck):
    """Widened boxes that meet, pieces."""

    name = "DuckDB, pieces"

    def _shapes(self, contest: Contest) -> Planar:
        return planar.pieces(contest)

    def bulk(self, count: int) -> Hits:
        return self._answer(
            f"SELECT d.site, p.asset, ST_Distance(p.geom, d.geom) AS axis_m FROM (SELECT * FROM digs WHERE site < {count}) d "
            "JOIN pipes p ON ST_Intersects(p.box, d.box) WHERE ST_Distance(p.geom, d.geom) <= p.reach + d.reach"
        )


def _sides(bounds: Any) -> dict[str, Any]:
    return dict(zip(("x0", "y0", "x1", "y1"), bounds.T, strict=True))
