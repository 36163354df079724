"""Local widths over national ones: they replace, they never narrow, and of two places' the wider counts."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.errors import Refused
from spatial.rules.overrides import derive, lay_over
from spatial.rules.profile import RuleProfile
from spatial.rules.profile_build import build
from spatial.words import AssetKind, PressureClass
from tests.support.builders import make_profile, rules_document

BASE = make_profile()
CLASSES = [name.value for name in PressureClass]
KINDS = [kind.value for kind in AssetKind]


def row(
    protection_m: float, control_m: float | None = None, assets: Any = ("pipe",), classes: Any = ("LP",)
) -> dict[str, Any]:
    widths = {"protection_m": protection_m} | ({} if control_m is None else {"control_m": control_m})
    return {
        "assets": list(assets),
        "classes": list(classes),
        "clause": "the notice",
        "source": ["N"],
        "verified": True,
        **widths,
    }


def override(*rows: dict[str, Any], place: str = "A") -> dict[str, Any]:
    return {
        "version": "1",
        "title_zh": f"{place}地",
        "title_en": f"place {place}",
        "sources": {"N": "a notice"},
        "zones": list(rows),
    }


def laid(*overrides: dict[str, Any]) -> RuleProfile:
    named = [(f"place{number}", document) for number, document in enumerate(overrides)]
    return build(lay_over(rules_document(), named), "sha")


def widths(profile: RuleProfile, name: str = "LP", kind: str = "pipe") -> tuple[float, float]:
    found = profile.widths_of(AssetKind(kind), PressureClass(name))
    return found.protection_m, found.control_m


def test_a_local_row_replaces_its_classes_and_leaves_the_others() -> None:
    profile = laid(override(row(1.5, 6.0, classes=("LP", "MP-B"))))
    assert widths(profile) == widths(profile, "MP-B") == (1.5, 6.0)
    assert profile.widths_of(AssetKind.PIPE, PressureClass.LP).clause == "the notice"
    assert widths(profile, "MP-A") == (0.5, 5.0)
    assert widths(profile, kind="valve") == (0.5, 5.0)
    assert profile.rulings == BASE.rulings


def test_the_family_stays_and_the_version_says_what_was_laid_over_it() -> None:
    profile = laid(override(row(1.5)), override(row(1.0), place="B"))
    assert profile.profile_id == BASE.profile_id
    assert profile.version == f"{BASE.version}+place0-1+place1-1"
    assert profile.title_en.endswith("place A; place B") and profile.title_zh.endswith("A地；B地")


def test_a_notice_without_a_control_width_leaves_the_codes_and_rests_on_both() -> None:
    found = laid(override(row(2.0))).widths_of(AssetKind.PIPE, PressureClass.LP)
    assert (found.protection_m, found.control_m) == (2.0, 5.0)
    assert "the notice" in found.clause and "5.1.7" in found.clause
    wide = laid(override(row(10.0, assets=("station",), classes=CLASSES))).widths_of(
        AssetKind.STATION, PressureClass.LP
    )
    assert (wide.protection_m, wide.control_m) == (10.0, 10.0)
    assert not wide.verified  # the code's own width of a station is not


def test_of_two_places_the_wider_counts_width_by_width() -> None:
    profile = laid(override(row(1.5, 6.0)), override(row(1.0, 8.0), place="B"))
    assert widths(profile) == (1.5, 8.0)
    assert laid(override(row(1.5, 8.0)), override(row(1.0, 6.0))).widths == (
        laid(override(row(1.0, 6.0)), override(row(1.5, 8.0))).widths
    )


@pytest.mark.parametrize("narrow", [row(0.4, 6.0), row(0.6, 4.9), row(0.4)])
def test_a_width_below_the_codes_minimum_is_refused_with_its_place(narrow: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        laid(override(row(1.0, classes=("MP-A",)), narrow))
    (fault,) = refused.value.faults
    assert (fault.code, fault.pointer) == ("override_narrower", "/zones/1")
    assert "minimum" in fault.en and "最小值" in fault.zh and "5.1.6" in fault.en


def test_a_class_named_twice_by_one_place_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        laid(override(row(1.0), row(2.0)))
    assert {fault.code for fault in refused.value.faults} == {"profile_twice"}


def test_a_stand_in_that_is_no_longer_the_widest_is_still_refused() -> None:
    with pytest.raises(Refused, match="widest"):
        laid(override(row(60.0, 70.0)))


ROWS = st.lists(
    st.builds(
        row,
        st.floats(0.1, 12.0),
        st.none() | st.floats(0.1, 60.0),
        st.lists(st.sampled_from(KINDS), min_size=1, unique=True),
        st.lists(st.sampled_from(CLASSES), min_size=1, unique=True),
    ),
    min_size=1,
    max_size=3,
)


@given(places=st.lists(ROWS, min_size=1, max_size=3))
def test_whatever_is_laid_over_it_no_width_becomes_narrower(places: list[list[dict[str, Any]]]) -> None:
    base = rules_document()
    before = copy.deepcopy(base)
    try:
        profile = laid(*(override(*rows) for rows in places))
    except Refused:
        return
    finally:
        assert base == before
    for key, found in profile.widths.items():
        assert found.protection_m >= BASE.widths[key].protection_m
        assert found.control_m >= BASE.widths[key].control_m
        for rows in places:
            for given_row in rows:
                if key[0] in given_row["assets"] and key[1] in given_row["classes"]:
                    assert found.protection_m >= given_row["protection_m"]
                    assert found.control_m >= given_row.get("control_m", 0.0)


def test_a_derived_profile_says_only_what_it_does_otherwise() -> None:
    own = {"base": "cn-gb55009", "id": "own", "validity": {"days": 7}, "sources": {"N": "a notice"}}
    whole = derive(rules_document(), own)
    assert "base" not in whole
    assert whole["id"] == "own" and whole["validity"] == {"days": 7}
    assert whole["zones"] == rules_document()["zones"]
    assert set(whole["sources"]) == {*rules_document()["sources"], "N"}
