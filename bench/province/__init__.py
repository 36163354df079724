"""A made-up province: networks and dig sites of any size, the same for the same seed, for whoever measures."""

from bench.province.network import CITIES, Network, city_spread_km, make_network
from bench.province.offer import (
    assets_of,
    cuts_of,
    intake_of,
    network_frame,
    network_wkb,
    reach_m,
    write_network,
)
from bench.province.sites import Sites, make_sites
from bench.province.sites_offer import dig_sites, geojson_text, site_frame, site_reach_m

__all__ = [
    "CITIES",
    "Network",
    "Sites",
    "assets_of",
    "city_spread_km",
    "cuts_of",
    "dig_sites",
    "geojson_text",
    "intake_of",
    "make_network",
    "make_sites",
    "network_frame",
    "network_wkb",
    "reach_m",
    "site_frame",
    "site_reach_m",
    "write_network",
]
