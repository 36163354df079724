"""The shipped rules say what the code says; a profile with a gap or a contradiction is refused, all faults at once."""

from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.errors import Refused
from spatial.rules.profile import STRICTNESS
from spatial.words import Act, AssetKind, Method, PressureClass, Requirement, Zone
from tests.support.builders import make_profile, own_distance, rules_document

RULES = make_profile()


@pytest.mark.parametrize(
    ("classes", "protection_m", "control_m"),
    [
        (("LP", "MP-B", "MP-A"), 0.5, 5.0),
        (("SHP-B", "SHP-A"), 1.5, 15.0),
        (("HP-B", "HP-A", "UHP"), 5.0, 50.0),
    ],
)
@pytest.mark.parametrize("kind", [AssetKind.PIPE, AssetKind.VALVE])
def test_widths_of_the_code(
    kind: AssetKind, classes: tuple[str, ...], protection_m: float, control_m: float
) -> None:
    for name in classes:
        widths = RULES.widths_of(kind, PressureClass(name))
        assert (widths.protection_m, widths.control_m) == (protection_m, control_m)
        assert widths.verified and "5.1.7" in widths.clause


def test_an_unknown_class_takes_the_widest_of_every_kind() -> None:
    for kind in AssetKind:
        unknown = RULES.widths_of(kind, None)
        for pressure_class in PressureClass:
            known = RULES.widths_of(kind, pressure_class)
            assert unknown.protection_m >= known.protection_m
            assert unknown.control_m >= known.control_m
            assert RULES.diameter_or_largest_mm(None, None) >= RULES.diameter_or_largest_mm(
                None, pressure_class
            )


@pytest.mark.parametrize("act", list(Act))
@pytest.mark.parametrize("zone", [Zone.PROTECTION, Zone.CONTROL])
def test_every_act_has_a_ruling_and_nearer_is_never_milder(zone: Zone, act: Act) -> None:
    strictness = list(Requirement)
    ruling = RULES.ruling(zone, [act], None)
    assert ruling.clause
    near = RULES.ruling(Zone.PROTECTION, [act], None)
    assert strictness.index(near.requirement) <= strictness.index(ruling.requirement)
    assert RULES.ruling(Zone.OUTSIDE, [act], None) == RULES.ruling(Zone.CONTROL, [act], None)


@pytest.mark.parametrize("zone", [Zone.PROTECTION, Zone.CONTROL])
def test_the_shipped_rules_name_every_act_and_say_how_what_no_clause_names_was_read(zone: Zone) -> None:
    for act in Act:
        ruling = RULES.rulings[zone, act]
        assert ruling.verified or ruling.note
        assert not RULES.ruling(zone, [act], None).by_default


@given(
    acts=st.lists(st.sampled_from(Act), min_size=1, unique=True),
    clearance_m=st.floats(0, 60),
    method=st.sampled_from([None, *Method]),
    kind=st.sampled_from(AssetKind),
    pressure_class=st.sampled_from([None, *PressureClass]),
)
def test_a_set_of_acts_needs_the_strictest_that_any_of_them_needs_there(
    acts: list[Act], clearance_m: float, method: Method | None, kind: AssetKind, pressure_class: Any
) -> None:
    widths = RULES.widths_of(kind, pressure_class)

    def alone(act: Act) -> int | None:
        outer_m = max(widths.control_m, RULES.own_distance_m([act], kind))
        if clearance_m > outer_m + 0.01:
            return None
        return STRICTNESS[RULES.ruling_at(zone, [act], method, clearance_m, widths).requirement]

    zone = Zone.PROTECTION if clearance_m <= widths.protection_m + 0.01 else Zone.CONTROL
    each = [rank for rank in map(alone, acts) if rank is not None]
    if each:
        together = RULES.ruling_at(zone, acts, method, clearance_m, widths)
        assert STRICTNESS[together.requirement] == min(each)
        assert together.act in acts


def test_the_reach_is_the_widest_thing_that_can_matter() -> None:
    assert RULES.reach_m([Act.EXCAVATE]) == 50.01
    far = make_profile({"act_distances": [own_distance(Act.BLAST, 200.0)]})
    assert far.reach_m([Act.EXCAVATE, Act.BLAST]) == 200.01
    assert far.reach_m([Act.EXCAVATE]) == 50.01
    assert far.own_distance_m([]) == 0.0


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"zones.0.control_m": 0.4}, "profile_widths", "/zones/0"),
        ({"zones.0.classes": ["LP", "MP-B"]}, "profile_gap", "/zones"),
        ({"zones.1.classes": ["SHP-B", "SHP-A", "LP"]}, "profile_twice", "/zones/1"),
        ({"rules.1.acts": ["open_flame", "build"]}, "profile_twice", "/rules/1"),
        ({"rules": [rules_document()["rules"][0]]}, "profile_gap", "/rules"),
        ({"zones.2.source": ["hearsay"]}, "profile_source", "/zones/2"),
        ({"uncertainty.drift.source": ["hearsay"]}, "profile_source", "/uncertainty/drift"),
        (
            {"act_distances": [own_distance(Act.BLAST, 9.0), own_distance(Act.BLAST, 8.0)]},
            "profile_twice",
            "/act_distances/1",
        ),
        ({"measured_from": "centre_line"}, "profile_centre_line", "/zones/0"),
        ({"unknown.pressure_class": "MP-A"}, "profile_narrow_unknown", "/unknown/pressure_class"),
        ({"unknown.diameter_mm.UHP": 1600}, "profile_narrow_unknown", "/unknown/diameter_mm"),
        (
            {"uncertainty.survey_classes.3.plan_m": 3.0},
            "profile_narrow_unknown",
            "/uncertainty/survey_classes/3",
        ),
    ],
)
def test_a_profile_that_contradicts_itself_is_refused(
    changes: dict[str, Any], code: str, pointer: str
) -> None:
    with pytest.raises(Refused) as refused:
        make_profile(changes)
    assert (code, pointer) in {(fault.code, fault.pointer) for fault in refused.value.faults}
    assert all(fault.en and fault.zh for fault in refused.value.faults)


def test_a_stand_in_with_a_narrower_protection_zone_is_refused_too() -> None:
    with pytest.raises(Refused, match="widest"):
        make_profile({"zones.1.protection_m": 6.0})


def test_all_faults_are_said_at_once() -> None:
    with pytest.raises(Refused) as refused:
        make_profile({"zones.0.control_m": 0.4, "rules.0.source": ["hearsay"]})
    assert {fault.code for fault in refused.value.faults} == {"profile_widths", "profile_source"}


def test_a_profile_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        RULES.tolerance_m = 0.0  # type: ignore[misc]
