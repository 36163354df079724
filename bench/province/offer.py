"""The network in the forms that others take it in: a file for the dock, columns for peers, an intake for the vault."""

from pathlib import Path

import geopandas
import numpy as np
import pandas
import pyogrio
import shapely

from bench.province.network import CLASSES, Network, ObjectArray
from bench.province.walks import FloatArray
from spatial.asset_table import ATTRIBUTES, AssetTable
from spatial.canonical import sha256
from spatial.columns import Coded
from spatial.measuring.pieces import Cuts, cut
from spatial.rules.profile import RuleProfile
from spatial.values import NetworkIntake, UncertaintyTerm
from spatial.words import AssetKind, PipeKind

CRS = "EPSG:4490"
ID_FIELD = "id"
LAYER = "pipes"
_CLASS_OR_NONE = (*CLASSES, None)


def network_frame(network: Network) -> geopandas.GeoDataFrame:
    """Canonical columns and lon/lat lines, one row a pipe."""
    return geopandas.GeoDataFrame(_table(network), geometry=network.lines(), crs=CRS)


def network_wkb(network: Network) -> ObjectArray:
    """The lines as little-endian WKB, one bytes a pipe."""
    wkb: ObjectArray = shapely.to_wkb(network.lines(), byte_order=1)
    return wkb


def write_network(network: Network, path: Path) -> Path:
    """A GeoPackage with the canonical columns, as `predig network import --id-field id --crs EPSG:4490` reads it.

    The same bytes for the same network: GDAL stamps the file with a fixed day.
    """
    path.unlink(missing_ok=True)
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2026-01-01T00:00:00.000Z"})
    try:
        pyogrio.write_dataframe(network_frame(network), path, layer=LAYER, driver="GPKG")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
    return path


def _table(network: Network) -> pandas.DataFrame:
    return pandas.DataFrame(
        {
            ID_FIELD: network.source_ids(),
            "pressure_class": network.class_words(),
            "diameter_mm": network.diameter_mm,
            "uncertainty_m": network.uncertainty_m,
            "kind": np.full(len(network), PipeKind.MAIN.value, dtype=object),
        }
    )


def radius_m(network: Network, profile: RuleProfile) -> FloatArray:
    """Half the outside diameter; unknown: half the largest of the class, as the register takes it."""
    largest = np.array(
        [profile.diameter_or_largest_mm(None, pressure_class) for pressure_class in _CLASS_OR_NONE]
    )
    known = np.isfinite(network.diameter_mm)
    diameter_mm = np.where(known, network.diameter_mm, largest[network.pressure_class])
    return np.asarray(diameter_mm / 2000.0)


def reach_m(network: Network, profile: RuleProfile) -> FloatArray:
    """How far from its axis each pipe conflicts with a dig without width or doubt: the rule of every contestant.

    Control width + tolerance + radius + uncertainty, for excavation (which has no distance of its own).
    """
    control_m = np.array(
        [profile.widths_of(AssetKind.PIPE, pressure_class).control_m for pressure_class in _CLASS_OR_NONE]
    )
    return np.asarray(
        control_m[network.pressure_class]
        + profile.tolerance_m
        + radius_m(network, profile)
        + network.uncertainty_m
    )


def assets_of(network: Network, first: int = 0) -> AssetTable:
    """The rows as the dock would hand them over, their names counted from `first`.

    The digests are unique and no more: nothing is altered and asked about afterwards.
    """
    lines = network.lines()
    shapes = shapely.multilinestrings(lines, indices=np.arange(len(lines)))
    metres, doubt = np.unique(network.uncertainty_m, return_inverse=True)
    terms = [(UncertaintyTerm("pipe_stated", one, "register"),) for one in metres.tolist()]
    diameters, diameter = np.unique(network.diameter_mm, return_inverse=True)  # NaN but once
    stated = {
        "kind": Coded.all_alike(AssetKind.PIPE, len(lines)),
        # -1, an unknown class, is the last of the words.
        "pressure_class": Coded(
            (network.pressure_class % len(_CLASS_OR_NONE)).astype(np.int32), _CLASS_OR_NONE
        ),
        "diameter_mm": Coded(
            diameter.astype(np.int32), [None if np.isnan(one) else one for one in diameters.tolist()]
        ),
        "pipe_kind": Coded.all_alike(PipeKind.MAIN, len(lines)),
        "uncertainty": Coded(doubt.astype(np.int32), terms),
        "depth_uncertainty": Coded.all_alike((), len(lines)),
        "profiled": Coded.all_alike(False, len(lines)),
    }
    source_ids = network.source_ids(first)
    return AssetTable(
        source_id=source_ids,
        wkb=shapely.to_wkb(shapes, byte_order=1),
        attributes={name: stated.get(name, Coded.all_alike(None, len(lines))) for name in ATTRIBUTES},
        digest=[sha256(f"{network.seed} {source_id}") for source_id in source_ids],
    )


def intake_of(network: Network, first: int = 0) -> NetworkIntake:
    """What vault.import_network() takes, with cuts_of(). first: as in assets_of()."""
    assets = assets_of(network, first)
    return NetworkIntake(
        received=len(assets),
        assets=assets,
        rejected=(),
        warnings={},
        crs=CRS,
        operation="no change; exact",
        operation_accuracy_m=0.0,
        stable_ids=True,
        sources=(("generated", sha256(f"{network.seed} {first} {len(network)}")),),
    )


def cuts_of(network: Network, profile: RuleProfile) -> Cuts:
    """The pieces of the network as an import cuts them, without the assets in between."""
    lines = network.lines()
    return cut(list(lines), radius_m(network, profile) + network.uncertainty_m)
