"""Rule profiles: by name, by path, or from a kept text; a fault is placed."""

import hashlib
from pathlib import Path

import pytest

from ingest import load_profile, parse_profile
from spatial.errors import Refused
from spatial.words import AssetKind, PressureClass
from tests.ingest.dock import codes, written


def test_the_shipped_profile_has_the_widths_of_gb_55009() -> None:
    profile, text = load_profile("cn-gb55009")
    assert profile.sha256 == hashlib.sha256(text.encode()).hexdigest()
    widths = {
        name: (
            profile.widths_of(AssetKind.PIPE, name).protection_m,
            profile.widths_of(AssetKind.PIPE, name).control_m,
        )
        for name in (PressureClass.MP_A, PressureClass.SHP_A, PressureClass.HP_A)
    }
    assert list(widths.values()) == [(0.5, 5.0), (1.5, 15.0), (5.0, 50.0)]


def test_a_kept_text_gives_the_same_profile_and_so_does_a_file(tmp_path: Path) -> None:
    profile, text = load_profile("cn-gb55009")
    assert parse_profile(text) == profile
    assert load_profile(written(tmp_path, text, "own.toml")) == (profile, text)


@pytest.mark.parametrize(
    ("find", "put", "code"),
    [
        ('schema = "predig-rule-profile/1"', 'schema = "other/1"', "profile_schema"),
        ("control_m = 5.0", 'control_m = "wide"', "profile_schema"),
        ("control_m = 5.0", "control_m = nan", "profile_not_finite"),
        ("[tolerance]", "[tolerance", "profile_unreadable"),
        ("control_m = 5.0", "control_m = 0.4", "profile_widths"),
        ("days = 28", "days = 1" + "0" * 5_000, "profile_unreadable"),
        ("[tolerance]", "a" + ".a" * 3_000 + " = 1\n[tolerance]", "profile_unreadable"),
        ('names = ["ql-b"]', 'names = ["ql-b", "QL-A"]', "profile_twice"),
    ],
)
def test_a_wrong_profile_is_refused_with_its_place(find: str, put: str, code: str) -> None:
    _, text = load_profile("cn-gb55009")
    with pytest.raises(Refused) as caught:
        parse_profile(text.replace(find, put, 1))
    assert code in {fault.code for fault in caught.value.faults}


def test_an_unknown_profile_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cn-gb55009") as caught:
        load_profile("cn-nowhere")
    assert codes(caught.value) == {"profile_unknown"}
    with pytest.raises(Refused):
        load_profile(tmp_path / "none.toml")
