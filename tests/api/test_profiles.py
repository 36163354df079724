"""`predig profile`: what rules there are, what they say, and whom another set would judge otherwise."""

from pathlib import Path

import pytest

from ingest import load_profile
from spatial.rules.profile_diff import differences
from tests.api.conftest import Predig, Write
from tests.api.town import IN_THE_FIELD, E, N, declare_all, feature, file_permit, ring
from tests.support.builders import make_profile, rules_text

A_METRE_OFF = feature("Polygon", ring(E + 100, N + 1.2, 10, 5), act="excavate", method="hand")
"""Outside 0.5 m of the main's wall, inside 1.5 m."""


def test_rules_that_are_the_same_do_not_differ_and_every_other_entry_is_told() -> None:
    base, _ = load_profile("cn-gb55009")
    assert differences(base, base) == ()
    wider = make_profile({"zones.0.control_m": 6.0, "rules.2.requirement": "forbidden"})
    found = {row.at: (row.first, row.second) for row in differences(base, wider)}
    assert found["widths/pipe/MP-A/control_m"] == ("5", "6")
    assert found["widths/valve/LP/control_m"] == ("5", "6")
    assert found["rulings/protection/excavate/requirement"] == ("plan_required", "forbidden")
    assert all("pipe/HP" not in at for at in found)
    assert {row.at: (row.second, row.first) for row in differences(wider, base)} == found


def test_a_tenth_of_a_millimetre_is_a_difference() -> None:
    base, _ = load_profile("cn-gb55009")
    hair = make_profile({"zones.2.control_m": 50.0001, "version": base.version})
    assert ("50", "50.0001") in {(row.first, row.second) for row in differences(base, hair)}


def test_the_shipped_rules_are_listed_and_shown(predig: Predig) -> None:
    names = [line["name"] for line in predig("profile", "list").lines]
    assert {"cn-gb55009", "cn-gb55009+qingdao", "cn-longdistance"} <= set(names)
    for name in names:
        (shown,) = predig("profile", "show", name).lines
        assert float(shown["entries"]["widths/pipe/MP-A/protection_m"]) >= 0.5


def test_a_file_of_rules_is_checked(predig: Predig, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(rules_text().replace("protection_m = 0.5", "protection_m = 0.8"), encoding="utf-8")
    assert predig("profile", "check", own).lines[0]["id"] == "cn-gb55009"
    own.write_text(rules_text().replace("protection_m = 0.5", "protection_m = 7.0"), encoding="utf-8")
    said = predig("profile", "check", own)
    assert said.code == 2 and "profile_widths" in said.codes


def test_local_widths_tell_which_open_permits_they_would_change(predig: Predig, write: Write) -> None:
    declare_all(predig, write)
    near, far = file_permit(predig, write, A_METRE_OFF), file_permit(predig, write, IN_THE_FIELD)
    kept = predig("status").lines
    said = predig("profile", "diff", "cn-gb55009", "cn-gb55009+qingdao")
    rules = {line["at"]: line for line in said.lines if line["kind"] == "rule"}
    assert rules["widths/pipe/MP-A/protection_m"]["second"] == "1.5"
    (permit,) = [line for line in said.lines if line["kind"] == "permit"]
    assert permit["permit_id"] == near["id"] != far["id"]
    (before,), (after,) = permit["first"]["conflicts"], permit["second"]["conflicts"]
    assert (before[0], before[2], after[2]) == (after[0], "notify", "plan_required")
    assert said.lines[-1] == {"kind": "total", "rules": len(rules), "sites": 1}
    assert predig("status").lines == kept  # nothing was stored
    digest = near["screenings"][0]["rule_profile"]["sha256"]
    assert predig("profile", "diff", digest, "cn-gb55009").lines == [
        {"kind": "total", "rules": 0, "sites": 0}
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_person_is_told_what_differs_in_words(predig: Predig, said: Predig, language: str) -> None:
    told = said("profile", "diff", "cn-gb55009", "cn-longdistance", language=language)
    for sentence in {
        "zh": (
            "管道 LP 保护范围 (m): 0.5 -> 5",
            "须通知燃气企业 -> 须共同制定保护方案",
            "爆破, 管道，单独距离 (m): 30 -> 200",
        ),
        "en": (
            "pipe LP protection zone (m): 0.5 -> 5",
            "notify the utility -> joint protection plan",
            "for long-distance pipes only",
        ),
    }[language]:
        assert sentence in told.out
    assert "--json" in told.out.splitlines()[-1]


def test_that_a_doubt_differs_is_told_though_no_filed_permit_shows_it(predig: Predig, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(rules_text().replace("plan_m = 2.0", "plan_m = 2.5"), encoding="utf-8")
    assert "from then on" in predig("profile", "diff", "cn-gb55009", own).err
    assert predig("profile", "diff", "cn-gb55009", "cn-gb55009+qingdao").err == ""


def test_the_brute_force_agrees_about_rules_that_count_from_the_centre_line(
    predig: Predig, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Machines near the main; drilling 150 m off, which only its own distance reaches; a flame there, which none does."""
    declare_all(predig, write)
    monkeypatch.setenv("PREDIG_PROFILE", "cn-longdistance")
    machines = feature("Polygon", ring(E + 100, N + 1.2, 10, 5), act="excavate", method="mechanical")
    drill = feature("Polygon", ring(E + 100, N + 150, 10, 5), act="drill", method="mechanical")
    flame = feature("Polygon", ring(E + 100, N + 150, 10, 5), act="open_flame")
    grades = [file_permit(predig, write, site)["screenings"][0] for site in (machines, drill, flame)]
    assert [(one["outcome"], one["grade"]) for one in grades] == [
        ("conflict", "I"),
        ("conflict", "III"),
        ("cannot_tell", None),
    ]
    said = predig("reconcile")
    assert said.code == 0 and said.lines[-1]["mismatches"] == 0 and said.lines[-1]["conflicts"] == 2


def test_rules_that_are_nowhere_are_refused(predig: Predig) -> None:
    assert predig("profile", "show", "cn-nowhere").codes == ["profile_unknown"]
    assert predig("profile", "diff", "cn-gb55009", "f" * 64).code == 2
