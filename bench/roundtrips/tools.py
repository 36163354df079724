"""The programs that write, and how one gets them on Debian."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

PACKAGES: Mapping[str, str] = {
    "ogr2ogr": "gdal-bin",
    "qgis_process.bin": "qgis",
    "soffice": "libreoffice-calc",
}
"""Program -> Debian package. Debian's own qgis_process gives its program an option it does not know, so that is
called itself."""


def missing() -> list[str]:
    """The packages whose program is not there."""
    return [package for program, package in PACKAGES.items() if shutil.which(program) is None]


def run(scratch: Path, *words: str | Path) -> str:
    """Run one of them, at home in `scratch`, without a screen; what it said. :raises SystemExit: with all it said."""
    home = scratch / "home"
    home.mkdir(exist_ok=True, mode=0o700)
    own = {
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home),
        "QT_QPA_PLATFORM": "offscreen",
        "LC_ALL": "C.UTF-8",
    }
    done = subprocess.run(
        list(map(str, words)), env={**os.environ, **own}, capture_output=True, timeout=300, check=False
    )
    told = (done.stdout + done.stderr).decode("utf-8", "replace")
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, words))} ended with {done.returncode}:\n{told}")
    return told
