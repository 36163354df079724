"""The digs in the forms that others take them in: dig sites, GeoJSON for a door, columns for peers."""

import json

import geopandas
import numpy as np
import shapely

from bench.province.offer import CRS
from bench.province.sites import Sites
from bench.province.walks import FloatArray
from spatial.values import DigSite, RegisterGeometry, UncertaintyTerm
from spatial.words import Act, Method, PermitKind

ACTS = (Act.EXCAVATE,)
METHOD = Method.MECHANICAL


def site_reach_m(sites: Sites) -> FloatArray:
    """What each dig adds to the reach of a pipe: its half width and its doubt."""
    return np.asarray(sites.half_width_m + sites.uncertainty_m)


def site_frame(sites: Sites) -> geopandas.GeoDataFrame:
    """Lon/lat shapes with their widths, one row a dig."""
    return geopandas.GeoDataFrame(
        {"half_width_m": sites.half_width_m, "uncertainty_m": sites.uncertainty_m},
        geometry=sites.geometry,
        crs=CRS,
    )


def dig_sites(sites: Sites) -> tuple[DigSite, ...]:
    """As the dock takes geojson_text() in, but for the text received."""
    terms = {
        metres: (UncertaintyTerm("site_stated", metres, "permit"),)
        for metres in np.unique(sites.uncertainty_m).tolist()
    }
    rows = zip(sites.geometry, sites.half_width_m.tolist(), sites.uncertainty_m.tolist(), strict=True)
    return tuple(
        DigSite(
            feature_id=str(number),
            geometry=RegisterGeometry(shape),
            half_width_m=half_width,
            half_width_known=True,
            start_station_m=0.0,
            acts=ACTS,
            method=METHOD,
            depth_m=None,
            kind=PermitKind.NORMAL,
            uncertainty=terms[uncertainty],
            received="{}",
            crs=CRS,
            operation="no change; exact",
        )
        for number, (shape, half_width, uncertainty) in enumerate(rows)
    )


def geojson_text(sites: Sites) -> str:
    """A FeatureCollection with what the dock asks of each feature, as properties."""
    features = []
    rows = zip(
        shapely.to_geojson(sites.geometry),
        sites.half_width_m.tolist(),
        sites.uncertainty_m.tolist(),
        strict=True,
    )
    for number, (shape, half_width, uncertainty) in enumerate(rows):
        properties = {
            "acts": [act.value for act in ACTS],
            "method": METHOD.value,
            "uncertainty_m": uncertainty,
        }
        if half_width:
            properties["half_width_m"] = half_width
        features.append(
            f'{{"type":"Feature","id":"{number}","properties":{json.dumps(properties)},"geometry":{shape}}}'
        )
    return f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}'
