"""SedonaDB: a planner that knows spatial joins and builds the index anew in each query."""

from typing import Any

import geoarrow.pyarrow as geoarrow
import numpy as np
import pyarrow
import sedonadb
import shapely

from bench.limit import Hits
from bench.peers import planar
from bench.peers.contest import Contest, least
from bench.peers.planar import Planar
from bench.province.network import ObjectArray


class SedonaWhole:
    """ST_DWithin by what each pipe and the widest dig reach, then by what each pair does; whole pipes.

    A radius made of columns of both sides would lose the spatial join; and ST_DWithin is planned as "nearer than", so
    that the exact limit has to be in the filter anyhow.
    """

    name = "SedonaDB ST_DWithin, whole pipes"

    def __init__(self, contest: Contest) -> None:
        self._session = sedonadb.connect()
        self._widest_m = float(contest.site_reach_m.max()) + 0.001
        shapes = self._shapes(contest)
        self._table("pipes", shapes.geometry, {"asset": shapes.asset, "reach": shapes.reach_m})
        digs = planar.digs(contest)
        self._table("digs", digs, {"site": np.arange(len(digs)), "reach": contest.site_reach_m})

    def _shapes(self, contest: Contest) -> Planar:
        return planar.whole_pipes(contest)

    def _table(self, name: str, geometry: ObjectArray, columns: dict[str, Any]) -> None:
        shapes = geoarrow.as_geoarrow(geoarrow.as_wkb(pyarrow.array(shapely.to_wkb(geometry))))
        table = pyarrow.table({**columns, "geom": geoarrow.as_wkb(shapes)})
        self._session.create_data_frame(table).to_memtable().to_view(name, overwrite=True)

    def bulk(self, count: int) -> Hits:
        return self._answer(f"site < {count}")

    def single(self, number: int) -> Hits:
        return self._answer(f"site = {number}")

    def _answer(self, which: str) -> Hits:
        found = self._session.sql(
            "SELECT d.site, p.asset, ST_Distance(p.geom, d.geom) AS axis_m FROM pipes p "
            f"JOIN (SELECT * FROM digs WHERE {which}) d ON ST_DWithin(p.geom, d.geom, p.reach + {self._widest_m!r}) "
            "WHERE ST_Distance(p.geom, d.geom) <= p.reach + d.reach"
        ).to_arrow_table()
        return least(*(found[column].to_numpy() for column in ("site", "asset", "axis_m")))

    def close(self) -> None:
        del self._session


class SedonaPieces(SedonaWhole):
    """The same, pieces."""

    name = "SedonaDB ST_DWithin, pieces"

    def _shapes(self, contest: Contest) -> Planar:
        return planar.pieces(contest)
