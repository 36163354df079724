"""Peers that hold everything in this process: a shapely tree, and geopandas."""

import geopandas
import numpy as np
import shapely

from bench.limit import Hits
from bench.peers import planar
from bench.peers.contest import Contest, least
from bench.peers.planar import Planar
from bench.province.network import ObjectArray
from bench.province.walks import FloatArray, IntArray


class Tree:
    """shapely's STRtree over the pieces' boxes, each widened by what its pipe reaches; then the distance."""

    name = "shapely STRtree, pieces"

    def __init__(self, contest: Contest) -> None:
        self._pipes, self._digs = planar.pieces(contest), planar.digs(contest)
        self._reach = contest.site_reach_m
        self._tree = shapely.STRtree(
            planar.box_shapes(planar.boxes(self._pipes.geometry, self._pipes.reach_m))
        )

    def bulk(self, count: int) -> Hits:
        return self._hits(np.arange(count))

    def single(self, number: int) -> Hits:
        return self._hits(np.array([number]))

    def _hits(self, numbers: IntArray) -> Hits:
        asked = planar.box_shapes(planar.boxes(self._digs[numbers], self._reach[numbers]))
        site, piece = self._tree.query(asked)
        return _near_enough(numbers[site], piece, self._pipes, self._digs, self._reach)

    def close(self) -> None:
        del self._tree


class GeopandasWhole:
    """`sjoin` with `dwithin` by the one widest radius, then the distance: what the manual shows."""

    name = "geopandas sjoin dwithin, whole pipes"

    def __init__(self, contest: Contest) -> None:
        self._pipes, self._digs = planar.whole_pipes(contest), planar.digs(contest)
        self._reach, self._most_m = contest.site_reach_m, contest.most_m
        self._frame = geopandas.GeoDataFrame(geometry=self._pipes.geometry)
        _ = self._frame.sindex  # kept by the frame: no contestant pays for its index while it is timed

    def bulk(self, count: int) -> Hits:
        return self._hits(np.arange(count))

    def single(self, number: int) -> Hits:
        return self._hits(np.array([number]))

    def _hits(self, numbers: IntArray) -> Hits:
        asked = geopandas.GeoDataFrame(geometry=self._digs[numbers], index=numbers)
        joined = asked.sjoin(self._frame, predicate="dwithin", distance=self._most_m)
        return _near_enough(
            joined.index.to_numpy(), joined["index_right"].to_numpy(), self._pipes, self._digs, self._reach
        )

    def close(self) -> None:
        del self._frame


class GeopandasPieces(GeopandasWhole):
    """`sjoin` of widened boxes, as a user does who has cut the pipes and thought of the radius."""

    name = "geopandas sjoin, pieces"

    def __init__(self, contest: Contest) -> None:
        self._pipes, self._digs = planar.pieces(contest), planar.digs(contest)
        self._reach = contest.site_reach_m
        widened = planar.box_shapes(planar.boxes(self._pipes.geometry, self._pipes.reach_m))
        self._frame = geopandas.GeoDataFrame(geometry=widened)
        _ = self._frame.sindex

    def _hits(self, numbers: IntArray) -> Hits:
        widened = planar.box_shapes(planar.boxes(self._digs[numbers], self._reach[numbers]))
        joined = geopandas.GeoDataFrame(geometry=widened, index=numbers).sjoin(self._frame)
        return _near_enough(
            joined.index.to_numpy(), joined["index_right"].to_numpy(), self._pipes, self._digs, self._reach
        )


def _near_enough(
    site: IntArray, row: IntArray, pipes: Planar, digs: ObjectArray, site_reach_m: FloatArray
) -> Hits:
    """Of the pairs an index proposes, those that conflict."""
    axis_m = shapely.distance(digs[site], pipes.geometry[row])
    kept = axis_m <= pipes.reach_m[row] + site_reach_m[site]
    return least(site[kept], pipes.asset[row[kept]], axis_m[kept])
