"""The CRS door: the one place where source coordinates become register coordinates.

Strings and shapely arrays in, checked lon/lat EPSG:4490 out. Pure: nothing is fetched, opened or guessed.
"""

from spatial.crs.agreement import LONGEST_TEXT, check_agreement, not_understood, say_stated
from spatial.crs.grids.values import Grid
from spatial.crs.looks import SourceBounds, looks_like
from spatial.crs.names import BD_09, GCJ_02, DeclaredCrs, declare, grid_name
from spatial.crs.operations import Frame, rough_lonlat
from spatial.crs.passage import LONGEST_EDGE_M, Passage, looks_swapped, open_passage, rough_place, usable_at

__all__ = [
    "BD_09",
    "GCJ_02",
    "LONGEST_EDGE_M",
    "LONGEST_TEXT",
    "DeclaredCrs",
    "Frame",
    "Grid",
    "Passage",
    "SourceBounds",
    "check_agreement",
    "declare",
    "grid_name",
    "looks_like",
    "looks_swapped",
    "not_understood",
    "open_passage",
    "rough_lonlat",
    "rough_place",
    "say_stated",
    "usable_at",
]
