"""The words of a briefing map: a judgement that does not stand never reads as one."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from maps.briefing.map import map_document
from maps.briefing.sheet import dial, sheet
from maps.briefing.words import WORDS
from spatial.errors import Language
from spatial.values import Utility
from spatial.words import PermitStatus
from tests.maps.scene import make_view, pit, trench, with_screening
from tests.support.builders import Pipe, make_ground, straight

FAR = [Pipe(straight(300.0))]
"""A register without anything near: clear."""

CLEAR = "登记资料范围内未发现"


def test_the_worst_outcome_stands_at_the_top() -> None:
    said = sheet(make_view([trench(), pit(400.0)]), "zh")
    assert said["headline"]["tone"] == "conflict"
    assert said["headline"]["sentence"].startswith("涉及燃气管道")
    assert "有效至 2026年11月20日" in said["headline"]["sentence"]
    assert said["headline"]["grade"] == "■ 一级 红"
    assert said["banner"] == ""


def test_a_clear_answer_says_until_when_and_that_it_is_no_permission() -> None:
    said = sheet(make_view([pit()], FAR, status=PermitStatus.CLEAR), "zh")
    assert said["headline"]["tone"] == "clear"
    assert (
        said["headline"]["sentence"] == f"{CLEAR}（截至2026年11月1日，有效至2026年11月20日，不等于可以开工）"
    )


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("status", "lapsed"),
    [
        (PermitStatus.PENDING, False),
        (PermitStatus.EXPIRED, False),
        (PermitStatus.CANCELLED, False),
        (None, True),
    ],
)
def test_what_does_not_stand_never_reads_as_clear(
    status: PermitStatus | None, lapsed: bool, language: Language
) -> None:
    said = sheet(make_view([pit()], FAR, status=status, lapsed=lapsed), language)
    assert said["headline"]["tone"] == "pending"
    assert said["banner"]
    assert not any(word in said["headline"]["sentence"] for word in (CLEAR, "nothing found"))
    (site,) = said["sites"]
    assert site["tone"] == "pending"
    assert site["sentence"].startswith(WORDS["before"][0 if language == "zh" else 1])


def test_one_unjudged_site_keeps_the_whole_permit_from_reading_clear() -> None:
    view = make_view([pit(), pit(40.0)], FAR, status=PermitStatus.CLEAR)
    half = replace(view, sites=(view.sites[0], replace(view.sites[1], screening=None)))
    said = sheet(half, "en")
    assert said["headline"]["tone"] == "pending"
    assert "do not start" in said["banner"]
    assert "no pipe is drawn" in said["sites"][1]["sentence"]


def test_a_map_without_judgement_says_that_its_bare_ground_means_nothing() -> None:
    said = sheet(make_view(judged=False, status=PermitStatus.PENDING), "zh")
    assert "不等于没有管道" in said["banner"]


def test_what_is_not_known_is_listed() -> None:
    view = make_view([pit()], FAR, status=PermitStatus.CANNOT_TELL, ground=[make_ground(max_age_days=None)])
    said = sheet(view, "zh")
    assert said["headline"]["tone"] == "cannot_tell"
    assert any("未承诺资料时限" in unknown for unknown in said["sites"][0]["unknowns"])
    assert any("0971-1" in advice for advice in said["sites"][0]["advice"])


def test_a_row_says_all_that_a_crew_needs() -> None:
    said = sheet(make_view(), "zh")
    rows = {row["pipe"].removeprefix("G1 "): row for row in said["sites"][0]["rows"]}
    row = rows["crossing"]
    assert row["grade_word"] == "一级 红"
    assert row["kind"] == "中压B De125"
    assert row["clearance"] == "0.00 ± 0.70 m"
    assert re.fullmatch(r"K0\+02\d\.\d–K0\+03\d\.\d", row["where"])
    assert row["requirement"] == "须共同制定保护方案"
    assert row["clause"].startswith("城镇燃气管理条例")
    assert any("人工" in sentence for sentence in row["do"])
    assert row["call"]["phones"][0] == {"label": "电话", "number": "0971-1", "dial": "09711"}
    assert row["why"]
    assert "按最不利位置可能" in rows["only at worst"]["zone"]
    numbers = [row["number"] for site in said["sites"] for row in site["rows"]]
    assert numbers == [str(n) for n in range(1, len(numbers) + 1)]


def test_conflicts_are_numbered_through_all_sites() -> None:
    said = sheet(make_view([trench(), pit(20.0)]), "en")
    assert len(said["sites"]) == 2
    numbers = [row["number"] for site in said["sites"] for row in site["rows"]]
    assert numbers == [str(n) for n in range(1, len(numbers) + 1)]


def test_an_owner_outside_its_service_area_is_still_named() -> None:
    view = with_screening(make_view(), utilities=[])
    row = sheet(view, "zh")["sites"][0]["rows"][0]
    assert row["call"]["name"] == "某燃气公司"
    assert [phone["label"] for phone in row["call"]["phones"]] == ["值班", "电话"]
    silent = replace(view, contacts={"G1": Utility("G1", "某燃气公司")})
    assert sheet(silent, "zh")["sites"][0]["rows"][0]["call"]["none"] == "未登记电话"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_map_is_readable_in_both_languages(language: Language) -> None:
    document = map_document(make_view([trench(), pit()]), language)
    text = json.dumps(document, ensure_ascii=False)
    assert "安全" not in text
    assert "{" not in "".join(texts(document["sheet"]) + texts(document["legend"]))
    chinese = re.findall(r"[\u4e00-\u9fff]", "".join(texts(document["words"]) + texts(document["legend"])))
    assert bool(chinese) == (language == "zh")


def texts(node: Any) -> list[str]:
    """Every text in a document."""
    if isinstance(node, str):
        return [node]
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [text for child in children for text in texts(child)]


def test_what_it_rests_on_is_told() -> None:
    view = make_view()
    evidence = dict(sheet(view, "en")["evidence"])
    assert evidence["register revision"] == "1"
    assert "cn-gb55009" in evidence["rules"]
    assert view.sites[0].screening["hash"] in evidence["screening 1"]  # type: ignore[index]
    assert evidence["data dates"] == "Gas company G1 2026-11-01"


@pytest.mark.parametrize(
    ("phone", "digits"),
    [
        ("0971-0000001", "09710000001"),
        ("+86 971 000 0001", "+869710000001"),
        (" 110 ", "110"),
        ("1234", "1234"),
        ("javascript:alert(1)", ""),
        ("0971-1;ext=2", ""),
        ("０９７１１１１", ""),
        ("12345\n67", ""),
        ("0971-1 (day)", ""),
        ("-" * 10, ""),
    ],
)
def test_only_digits_can_be_dialled(phone: str, digits: str) -> None:
    assert dial(phone) == digits


def test_text_that_steers_is_shown_and_not_sent() -> None:
    view = make_view()
    assert view.permit is not None
    parties = replace(view.permit.parties, title="a\u202eb\nc\x1b[31m")
    said = sheet(replace(view, permit=replace(view.permit, parties=parties)), "zh")
    assert said["facts"][0][1] == "a<U+202E>b<U+000A>c<U+001B>[31m"


def test_a_site_that_is_called_by_its_number_is_not_numbered_twice() -> None:
    named, numbered = replace(trench(), feature_id="T-9"), replace(pit(400.0), feature_id="2")
    assert [site["name"] for site in sheet(make_view([named, numbered]), "zh")["sites"]] == ["T-9", ""]
