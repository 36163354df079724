"""How near many sites come to many pipes, edge against edge.

The distances are those of spatial.measuring.measure to about a nanometre, worked out another way. Whoever needs the
same bits measures again what lies that near to a rounding (spatial.bulk.verdicts does).
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.bulk.field import Field, finite_on_plane
from spatial.bulk.kernels import least_distances, meetings
from spatial.bulk.sites import Outlines, SiteColumns, outlines_of
from spatial.measuring.boxes import FloatArray
from spatial.measuring.pieces import IntArray


@dataclass(frozen=True, slots=True)
class Near:
    """What comes near some sites, numbered as they were given. Columns, one row a (site, asset) within what both reach,
    by site and rank. axis_m: their least distance.

    begins, edge: the edges of the field that each site was held against are edge[begins[site]] to edge[begins[site + 1]].
    """

    site: IntArray
    rank: IntArray
    axis_m: FloatArray
    begins: IntArray
    edge: NDArray[np.int32]

    def pieces(self, field: Field, site: int) -> IntArray:
        """Rows of the pieces that one site was held against, each once."""
        edges = self.edge[self.begins[site] : self.begins[site + 1]]
        return np.unique(field.piece[edges])


def near_of(field: Field, sites: SiteColumns, some: IntArray) -> Near:
    """What of a field comes near `some` of the sites."""
    geometry, reach_m = sites.geometry[some], sites.reach_m[some]
    drawn = outlines_of(geometry)
    is_area = shapely.get_dimensions(geometry) == 2
    outline = (drawn.to, drawn.first, is_area)
    begins, vertex, edge = meetings(drawn.xy, *outline, sites.bounds[some], reach_m, *field.grid.searched())
    flat, slot = _flat(drawn, begins, field.plane[edge], field.meridians)
    site, rank, axis_m = least_distances(begins, vertex, edge, field.edges, flat, slot, *outline, reach_m)
    return Near(site, rank, axis_m, begins, edge)


def _flat(
    drawn: Outlines, begins: IntArray, plane: NDArray[np.int16], meridians: tuple[int, ...]
) -> tuple[FloatArray, IntArray]:
    """(planes, vertices, 2): each site's vertices on the planes it meets edges of; and where each plane stands in it.

    plane: of the edges that the sites meet, in their order.
    """
    used = np.flatnonzero(np.bincount(plane, minlength=len(meridians)))
    slot = np.full(len(meridians), -1, dtype=np.int64)
    slot[used] = np.arange(len(used))
    if len(used) == 1:
        return finite_on_plane(drawn.xy, meridians[used[0]])[None], slot
    flat = np.empty((len(used), *drawn.xy.shape))
    owner = np.repeat(np.arange(len(begins) - 1), np.diff(begins))
    for place, number in enumerate(used.tolist()):
        wanted = np.zeros(len(begins) - 1, dtype=np.bool_)
        wanted[owner[plane == number]] = True
        vertices = np.repeat(wanted, np.diff(drawn.first))
        flat[place, vertices] = finite_on_plane(drawn.xy[vertices], meridians[number])
    return flat, slot
