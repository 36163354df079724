"""The network in the forms that others take it in: a file for the dock, columns for peers, an intake for the vault."""

from collections.abc import Sequence
from pathlib import Path

import geopandas
import numpy as np
import pandas
import pyogrio
import shapely

from bench.province.network import CLASSES, Network, ObjectArray
from bench.province.walks import FloatArray
from spatial.canonical import sha256
from spatial.measuring.pieces import Cuts, cut
from spatial.rules.profile import RuleProfile
from spatial.values import Asset, NetworkIntake, RegisterGeometry, UncertaintyTerm
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


def assets_of(network: Network) -> tuple[Asset, ...]:
    """The rows as the dock would hand them over; about 1 kB each, so for a million and not for many millions.

    The digests are unique and no more: nothing is altered and asked about afterwards.
    """
    lines = network.lines()
    shapes = shapely.multilinestrings(lines, indices=np.arange(len(lines)))
    terms = {
        metres: (UncertaintyTerm("pipe_stated", metres, "register"),)
        for metres in np.unique(network.uncertainty_m).tolist()
    }
    diameters: Sequence[float | None] = [
        None if np.isnan(diameter) else diameter for diameter in network.diameter_mm.tolist()
    ]
    return tuple(
        Asset(
            source_id=source_id,
            kind=AssetKind.PIPE,
            geometry=RegisterGeometry(shape),
            pressure_class=_CLASS_OR_NONE[pressure_class],
            diameter_mm=diameter,
            cover_m=None,
            material=None,
            status=None,
            survey_class=None,
            laid_on=None,
            pipe_kind=PipeKind.MAIN,
            uncertainty=terms[uncertainty],
            digest=sha256(f"{network.seed} {source_id}"),
        )
        for source_id, shape, pressure_class, diameter, uncertainty in zip(
            network.source_ids(),
            shapes,
            network.pressure_class.tolist(),
            diameters,
            network.uncertainty_m.tolist(),
            strict=True,
        )
    )


def intake_of(network: Network) -> NetworkIntake:
    """What vault.import_network() takes, with cuts_of()."""
    assets = assets_of(network)
    return NetworkIntake(
        received=len(assets),
        assets=assets,
        rejected=(),
        warnings={},
        crs=CRS,
        operation="no change; exact",
        operation_accuracy_m=0.0,
        stable_ids=True,
        sources=(("generated", sha256(f"{network.seed} {len(network)}")),),
    )


def cuts_of(network: Network, profile: RuleProfile) -> Cuts:
    """The pieces of the network as an import cuts them, without the assets in between."""
    lines = network.lines()
    return cut(list(lines), radius_m(network, profile) + network.uncertainty_m)
