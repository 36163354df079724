"""Files of parameters and common points come from strangers: each is read, or refused with a sentence."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.grids import read_common_points, read_parameters
from spatial.crs.grids.fit import fit
from spatial.crs.grids.values import Helmert, Similarity
from spatial.errors import Refused

WORDS = st.sampled_from(
    ["x_local", "y_local", "x", "y", "lon", "lat", "name", ",", "\n", "\r\n", '"', "1", "-4052000.5", "1e400", "nan",
     "dx_m", "dy_m", "dz_m", " = ", "[a]", "1_0", "０", "\x00", "'", "#", "\ufeff", "[[[", "true", "1979-05-27"]
)  # fmt: skip
FILES = st.one_of(
    st.binary(max_size=300), st.lists(WORDS, max_size=60).map(lambda words: "".join(words).encode())
)


@pytest.mark.property
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FILES)
def test_any_file_is_read_or_refused_in_two_languages(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "it"
    file.write_bytes(data)
    for read in (lambda: read_parameters(file, None), lambda: read_common_points(file, 4543)):
        try:
            read()
        except Refused as refused:
            assert all(fault.en and fault.zh for fault in refused.faults)


def test_parameters_say_by_their_names_how_many_they_are(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text(
        "\ufeffscale_ppm = 100\r\nd_east_m = 1\r\nd_north_m = -2.5\r\nclockwise_arcsec = 3\r\n",
        encoding="utf-8",
    )
    four = read_parameters(file, None)
    assert isinstance(four, Similarity)
    assert (four.d_east_m, four.d_north_m, four.clockwise_arcsec, four.scale) == (1.0, -2.5, 3.0, 1.0001)
    file.write_text("dz_m = 3\ndx_m = 1\ndy_m = 2\n", encoding="utf-8")
    three = read_parameters(file, None)
    assert isinstance(three, Helmert)
    assert (three.dx_m, three.dy_m, three.dz_m, three.rx_arcsec, three.scale_ppm) == (1.0, 2.0, 3.0, 0.0, 0.0)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_points_come_with_their_names_from_a_table_in_either_encoding(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "points.csv"
    file.write_text("Y,X,Name,Y_LOCAL,X_LOCAL,备注\n2,1,北山,4,3,石\n20,10,,40,30,\n", encoding=encoding)
    points = read_common_points(file, 4543)
    assert points.names == ("北山", "2")
    assert np.array_equal(points.local, [[3, 4], [30, 40]]) and np.array_equal(
        points.known, [[1, 2], [10, 20]]
    )


def test_points_in_degrees_fit_as_those_in_metres(tmp_path: Path) -> None:
    file = tmp_path / "points.csv"
    rows = ["x_local,y_local,lon,lat", "0,0,101.70,36.60", "8940,5,101.80,36.60", "-10,5549,101.70,36.65"]
    file.write_text("\n".join(rows), encoding="utf-8")
    points = read_common_points(file, 4543)
    assert points.known[0] == pytest.approx([473_173, 4_052_022], abs=300)
    with pytest.raises(Refused, match="do not fit"):
        fit(points.local, points.known + np.array([[0, 0], [0, 90], [0, 0]]))
