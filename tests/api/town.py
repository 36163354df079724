"""A small town in Xining for the doors' tests, EPSG:4543: one main from west to east, everything declared."""

from datetime import timedelta
from typing import Any

from api.settings import today
from tests.api.conftest import Predig, Said, Write, collection, feature, ring

CRS = ("--crs", "EPSG:4543")
E, N = 480_000.0, 4_053_000.0
MAIN = feature(
    "LineString",
    [[E, N], [E + 400, N]],
    id="M-1",
    pressure_class="MP-A",
    diameter_mm=200,
    cover_m=1.2,
    kind="main",
    uncertainty_m=0.5,
)
AT_THE_MAIN = feature("Polygon", ring(E + 100, N + 3, 10, 5), act="excavate", method="mechanical")
IN_THE_FIELD = feature("Polygon", ring(E + 100, N + 400, 10, 5), act="excavate", method="mechanical")
FIELD_MAIN = feature(
    "LineString",
    [[E, N + 402], [E + 400, N + 402]],
    id="M-2",
    pressure_class="MP-A",
    diameter_mm=160,
    kind="main",
    uncertainty_m=0.5,
)
FIRM = ("--firm", "某某市政", "--title", "给水管")


def days(starts: int = 1, ends: int = 20) -> tuple[str, ...]:
    first, last = today() + timedelta(days=starts), today() + timedelta(days=ends)
    return ("--starts-on", str(first), "--ends-on", str(last))


def bring(predig: Predig, write: Write, *pipes: Any, dataset: str = "town", utility: str = "GAS") -> Said:
    """Import pipes as one dataset, whatever it loses."""
    file = write(f"{utility}-{dataset}.geojson", collection(*pipes))
    how = ("network", "import", file, "--utility", utility, "--dataset", dataset, *CRS, "--id-field", "id")
    return predig(*how, "--confirm-loss", 100_000)


def serve(predig: Predig, write: Write, utility: str = "GAS") -> Said:
    """Declare a service area of 10 km."""
    file = write("area.geojson", collection(feature("Polygon", ring(E - 5_000, N - 5_000, 10_000, 10_000))))
    return predig("coverage", "set", file, "--utility", utility, *CRS, "--service-area")


def cover(predig: Predig, write: Write, *more: object, utility: str = "GAS") -> Said:
    """Declare the register complete within 2.4 km, for a year."""
    file = write("complete.geojson", collection(feature("Polygon", ring(E - 1_000, N - 1_000, 2_400, 2_400))))
    more = more or ("--max-age-days", 365)
    return predig("coverage", "set", file, "--utility", utility, *CRS, *more)


def declare_all(predig: Predig, write: Write) -> None:
    """All that `clear` needs."""
    done = [
        predig("utility", "set", "GAS", "--name", "某燃气", "--duty", "0971-1"),
        bring(predig, write, MAIN),
        serve(predig, write),
        cover(predig, write),
    ]
    assert [one.code for one in done] == [0, 0, 0, 0], done


def judge(predig: Predig, write: Write, *sites: Any) -> list[dict[str, Any]]:
    """The screenings of some sites."""
    return predig("screen", write("plan.geojson", collection(*sites)), *CRS).lines


def file_permit(predig: Predig, write: Write, *sites: Any, ends: int = 20) -> dict[str, Any]:
    """File one permit; the answer."""
    said = predig("file", write("plan.geojson", collection(*sites)), *CRS, *FIRM, *days(ends=ends))
    assert said.code == 0, said
    return said.lines[0]


def codes(screening: dict[str, Any]) -> set[str]:
    """The codes of what is not known."""
    return {unknown["code"] for unknown in screening["unknowns"]}
