"""The same view gives the same bytes, whatever the process."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from maps.briefing.map import briefing_map
from tests.maps.scene import make_view, pit, trench

HOUSE = Path(__file__).parents[2]
DRAW = """
import sys
from maps.briefing.map import briefing_map
from tests.maps.scene import make_view, pit, trench
sys.stdout.buffer.write(briefing_map(make_view([trench(), pit(400.0)]), language="zh").encode())
"""


def drawn_in_a_process(seed: str) -> bytes:
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    return subprocess.run(
        [sys.executable, "-c", DRAW], cwd=HOUSE, env=environment, check=True, capture_output=True
    ).stdout


def test_two_processes_draw_the_same_bytes() -> None:
    here = briefing_map(make_view([trench(), pit(400.0)]), language="zh").encode()
    digests = {hashlib.sha256(page).hexdigest() for page in (here, *map(drawn_in_a_process, ("1", "2")))}
    assert len(here) > 200_000
    assert len(digests) == 1


def test_another_view_draws_other_bytes() -> None:
    one, other = (briefing_map(make_view([trench(half_width_m=half)]), language="zh") for half in (0.6, 0.7))
    assert one != other


def test_no_address_but_the_one_of_a_namespace_stands_in_the_page() -> None:
    page = briefing_map(make_view(), language="en")
    own = page[page.index('id="data"') :]
    own = own[: own.index("</script>")]
    assert "http" not in own
    assert 'src="' not in page
