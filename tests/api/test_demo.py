"""`make demo` as a stranger meets it: nothing there yet, then once more over what the first left."""

import os
import subprocess
import sys
from pathlib import Path


def test_the_demo_runs_from_nothing_and_again(home: Path, tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREDIG_")}
    for _ in range(2):
        told = subprocess.run(
            [sys.executable, "-m", "api.demo"],
            cwd=tmp_path,
            env=kept | {"PREDIG_HOME": str(home), "PREDIG_LANG": "en"},
            capture_output=True,
            text=True,
            timeout=240,
        )
        assert told.returncode == 0, told.stdout + told.stderr
        assert "Traceback" not in told.stderr
        assert "\n  was: " in told.stdout and "\n  now: " in told.stdout and "  new  " in told.stdout
        assert {path.name for path in (tmp_path / "out" / "demo").glob("*.html")} >= {
            "map-1.html",
            "map-2.html",
            "map-3.html",
        }
