"""The tables as another program sees them: every geometry column typed, and in EPSG:4490."""

import geoalchemy2
import pytest
from sqlalchemy import MetaData, create_engine

from tests.conftest import VaultUrls

TYPED = {
    "pipe.geom": "MULTILINESTRING",
    "facility.geom": "GEOMETRY",
    "piece.geom": "GEOMETRY",
    "piece.box": "POLYGON",
    "ground.geom": "MULTIPOLYGON",
    "permit_site.geom": "GEOMETRY",
    "screening.geom": "GEOMETRY",
    "staged_asset.geom": "GEOMETRY",
    "staged_piece.geom": "GEOMETRY",
    "staged_ground.geom": "MULTIPOLYGON",
}
"""Where several types may stand a CHECK names them."""


@pytest.mark.filterwarnings("ignore:Did not recognize type")
def test_every_geometry_column_is_typed_and_in_4490(vault_urls: VaultUrls) -> None:
    engine = create_engine(vault_urls.owner)
    found = MetaData(schema="predig")
    found.reflect(engine)
    engine.dispose()
    columns = {
        f"{table.name}.{column.name}": column.type
        for table in found.tables.values()
        for column in table.columns
        if isinstance(column.type, geoalchemy2.Geometry)
    }
    assert {name: kind.geometry_type for name, kind in columns.items()} == TYPED
    assert {kind.srid for kind in columns.values()} == {4490}
    assert {kind.dimension for kind in columns.values()} == {2}
