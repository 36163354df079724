"""Profiles put together from several files: by name, by path, and the text that is kept of them."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import load_profile, parse_profile, shipped_profiles
from ingest.toml_text import toml_text
from spatial.errors import Refused
from spatial.words import AssetKind, PressureClass
from tests.ingest.dock import codes, written

QINGDAO = "cn-gb55009+qingdao"


def widths(name: str, pressure_class: str, kind: AssetKind = AssetKind.PIPE) -> tuple[float, float]:
    found = load_profile(name)[0].widths_of(kind, PressureClass(pressure_class))
    return found.protection_m, found.control_m


@pytest.mark.parametrize(
    ("place", "pressure_class", "expected"),
    [
        ("qingdao", "LP", (1.5, 5.0)),
        ("qingdao", "MP-A", (1.5, 5.0)),
        ("qingdao", "SHP-B", (3.0, 30.0)),
        ("qingdao", "UHP", (5.0, 50.0)),
        ("shanghai", "MP-B", (0.7, 6.0)),
        ("shanghai", "SHP-A", (1.5, 15.0)),  # the notice's 0.7 m is below the code's minimum
        ("shanghai", "HP-A", (6.0, 50.0)),
        ("xianyang", "LP", (1.5, 5.0)),
        ("xianyang", "MP-A", (2.0, 5.0)),
        ("xianyang", "SHP-A", (6.5, 15.0)),
        ("datong", "LP", (1.0, 5.0)),
        ("datong", "MP-A", (1.5, 5.0)),
        ("datong", "HP-A", (6.5, 50.0)),
        ("qingdao+datong", "LP", (1.5, 5.0)),
        ("datong+qingdao", "SHP-A", (6.5, 30.0)),
    ],
)
def test_the_published_widths_of_a_place(
    place: str, pressure_class: str, expected: tuple[float, float]
) -> None:
    assert widths(f"cn-gb55009+{place}", pressure_class) == expected


def test_stations_have_the_widths_their_place_published() -> None:
    assert widths(QINGDAO, "LP", AssetKind.STATION) == (1.0, 50.0)
    assert widths("cn-gb55009+datong", "LP", AssetKind.STATION) == (10.0, 10.0)
    assert widths("cn-gb55009+xianyang", "LP", AssetKind.VALVE) == (1.0, 5.0)


@pytest.mark.parametrize("name", shipped_profiles())
def test_every_shipped_profile_loads_and_its_kept_text_is_the_whole_of_it(name: str) -> None:
    profile, text = load_profile(name)
    assert parse_profile(text) == profile
    assert "base" not in tomllib.loads(text)


def test_the_order_of_two_places_changes_no_width() -> None:
    one, other = load_profile(f"{QINGDAO}+datong")[0], load_profile("cn-gb55009+datong+qingdao")[0]
    assert {key: (row.protection_m, row.control_m) for key, row in one.widths.items()} == {
        key: (row.protection_m, row.control_m) for key, row in other.widths.items()
    }


LOCAL = """
schema = "predig-rule-override/1"
base = "cn-gb55009"
version = "1"
title_zh = "某县公布的范围"
title_en = "the widths of a county"
areas = [{zh = "某县", en = "a county", adcode = "630000"}]
[sources]
N = "a notice"
[[zones]]
assets = ["pipe"]
classes = ["LP"]
protection_m = 1.0
clause = "notice"
source = ["N"]
verified = true
"""


def test_a_countys_own_file_is_laid_over_its_base(tmp_path: Path) -> None:
    path = written(tmp_path, LOCAL, "my county.toml")
    profile, text = load_profile(path)
    assert profile.widths_of(AssetKind.PIPE, PressureClass.LP).protection_m == 1.0
    assert profile.profile_id == "cn-gb55009" and profile.version.endswith("+my-county-1")
    assert load_profile(written(tmp_path, text, "whole.toml")) == (profile, text)


@pytest.mark.parametrize(
    ("find", "put", "code"),
    [
        ("protection_m = 1.0", "protection_m = 0.4", "override_narrower"),
        ("protection_m = 1.0", "protection_m = nan", "profile_not_finite"),
        ("protection_m = 1.0", "protection_m = 60.0", "profile_narrow_unknown"),
        ('classes = ["LP"]', 'classes = ["XP"]', "profile_schema"),
        ('source = ["N"]', 'source = ["M"]', "profile_source"),
        ('base = "cn-gb55009"', 'base = "cn-nowhere"', "profile_unknown"),
        ("[sources]", "[switches]", "profile_schema"),
        ("[sources]", "[sources", "profile_unreadable"),
    ],
)
def test_a_wrong_override_is_refused(tmp_path: Path, find: str, put: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        load_profile(written(tmp_path, LOCAL.replace(find, put), "county.toml"))
    assert code in codes(caught.value)
    assert all(fault.en and fault.zh for fault in caught.value.faults)


def test_a_derived_profile_in_a_file(tmp_path: Path) -> None:
    own = 'base = "cn-gb55009"\nid = "own"\n[validity]\ndays = 7\nsource = ["PREDIG"]\nverified = false\n'
    profile, _ = load_profile(written(tmp_path, own, "own.toml"))
    assert (profile.profile_id, profile.valid_days) == ("own", 7)
    assert profile.widths == load_profile("cn-gb55009")[0].widths
    for broken in ("sources = 5\n" + own, own.replace("cn-gb55009", "UPPER"), own + "scale = 3\n"):
        with pytest.raises(Refused) as caught:
            load_profile(written(tmp_path, broken, "broken.toml"))
        assert codes(caught.value) == {"profile_schema"}


@pytest.mark.parametrize("name", ["cn-gb55009+nowhere", "cn-nowhere+qingdao", "cn-longdistance+qingdao"])
def test_a_place_nobody_shipped_is_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(Refused, match="qingdao") as caught:
        load_profile(name)
    assert codes(caught.value) == {"profile_unknown"}


PLAIN = (
    st.text(st.characters(exclude_categories=["Cs"]))
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans()
)
KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9)
ROW = st.dictionaries(KEYS, PLAIN | st.lists(PLAIN, max_size=3) | st.dictionaries(KEYS, PLAIN, max_size=3))


@given(
    document=st.dictionaries(
        KEYS,
        st.recursive(
            PLAIN | st.lists(PLAIN, max_size=3) | st.lists(ROW, max_size=3),
            lambda inner: st.dictionaries(KEYS, inner, max_size=4),
            max_leaves=12,
        ),
        max_size=6,
    )
)
def test_a_document_written_as_toml_reads_as_it_was(document: dict[str, Any]) -> None:
    text = toml_text(document)
    assert tomllib.loads(text) == document
    assert toml_text(tomllib.loads(text)) == text
