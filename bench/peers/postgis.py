"""PostGIS as its manual has it, on whole pipes in `geography`: the first thing anybody with a database would write.

In the cluster that holds Predig's own register, with its settings, so that nothing but the query differs.
"""

from collections.abc import Sequence
from io import StringIO

import numpy as np
import psycopg2
import shapely

from bench.house import libpq_form
from bench.limit import Hits
from bench.peers.contest import Contest, least
from bench.province.network import ObjectArray
from bench.province.walks import FloatArray

SCHEMA = """
CREATE SCHEMA IF NOT EXISTS peers;
DROP TABLE IF EXISTS peers.pipe, peers.dig;
CREATE TABLE peers.pipe (asset bigint, reach float8, geog geography);
CREATE TABLE peers.dig (site bigint PRIMARY KEY, reach float8, geog geography);
"""
INDEX = """
CREATE INDEX ON peers.pipe USING gist (geog);
ANALYZE peers.pipe, peers.dig;
"""

DWITHIN = """
SELECT d.site, p.asset, ST_Distance(p.geog, d.geog) FROM peers.dig d
 CROSS JOIN LATERAL (SELECT asset, reach, geog FROM peers.pipe
                      WHERE ST_DWithin(geog, d.geog, %(most)s) OFFSET 0) p
 WHERE d.site >= %(first)s AND d.site < %(end)s AND ST_Distance(p.geog, d.geog) <= p.reach + d.reach
"""
"""The widest radius for the index, since a radius that is a column loses it; then each pair's own. LATERAL with OFFSET
keeps the plan from turning round and reading all pipes."""

BUFFER = """
SELECT d.site, p.asset, ST_Distance(p.geog, d.geog) FROM peers.dig d
 CROSS JOIN LATERAL (SELECT asset, reach, geog FROM peers.pipe
                      WHERE ST_Intersects(geog, ST_Buffer(d.geog, %(most)s)) OFFSET 0) p
 WHERE d.site >= %(first)s AND d.site < %(end)s AND ST_Intersects(p.geog, ST_Buffer(d.geog, p.reach + d.reach))
"""


class Geography:
    """ST_DWithin(geography), then ST_Distance."""

    name = "PostGIS ST_DWithin(geography), whole pipes"
    query = DWITHIN

    def __init__(self, contest: Contest, admin_url: str) -> None:
        self._most_m = contest.most_m
        self._connection = psycopg2.connect(libpq_form(admin_url))
        self._connection.autocommit = True
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('peers.pipe')")
            if cursor.fetchone()[0] is None:
                cursor.execute(SCHEMA)
                for table, shapes, reach in (
                    ("peers.pipe", contest.network.lines(), contest.reach_m),
                    ("peers.dig", contest.sites.geometry, contest.site_reach_m),
                ):
                    cursor.copy_expert(f"COPY {table} FROM STDIN", _rows(shapes, reach))
                cursor.execute(INDEX)

    def bulk(self, count: int) -> Hits:
        return self._hits(0, count)

    def single(self, number: int) -> Hits:
        return self._hits(number, number + 1)

    def _hits(self, first: int, end: int) -> Hits:
        with self._connection.cursor() as cursor:
            cursor.execute(self.query, {"most": self._most_m, "first": first, "end": end})
            return hits_of(cursor.fetchall())

    def close(self) -> None:
        self._connection.close()


class Buffer(Geography):
    """The textbook: does the pipe meet the buffer?"""

    name = "PostGIS ST_Intersects(ST_Buffer(geography)), whole pipes"
    query = BUFFER


def hits_of(rows: Sequence[tuple[int, int, float]]) -> Hits:
    site, asset, axis_m = np.array(rows, dtype=np.float64).reshape(-1, 3).T
    return least(site.astype(np.int64), asset.astype(np.int64), axis_m)


def _rows(shapes: ObjectArray, reach_m: FloatArray) -> StringIO:
    """COPY's text: number, reach, EWKB in hex. SRID 4326: ST_Buffer gives that back whatever it was given, and its
    ellipsoid differs from CGCS2000's by 0.1 mm at the pole."""
    words = shapely.to_wkb(shapely.set_srid(shapes, 4326), hex=True, include_srid=True)
    return StringIO(
        "".join(
            f"{number}\t{reach!r}\t{word}\n"
            for number, (reach, word) in enumerate(zip(reach_m.tolist(), words, strict=True))
        )
    )
