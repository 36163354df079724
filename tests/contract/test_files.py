"""What came in is kept byte for byte with the permit it became, and several permits of one plan are filed as one."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from threading import Barrier

from sql.postgis import PostgisVault
from sql.vault import Filed, FileRecord, KeptAnswer, PlanFile, RequestKey, Vault
from tests.contract.town import PROFILE, filing_at, parties_of, refuses, site, site_boxes

EVERY_BYTE = bytes(range(256)) * 3
READ_AS = {"crs": "EPSG:4543", "layer": None, "judged": "file", "名": "沟"}
DRAWING = PlanFile("开挖 (1).dxf", "application/dxf", EVERY_BYTE, READ_AS)
EMPTY_TYPE = PlanFile("a.shx", None, b"\0", {})
KEY = RequestKey("several", "1" * 64)


def bring(vault: Vault, *files: PlanFile) -> str:
    vault.keep_profile("profile", PROFILE, "cn-gb55009", "1")
    (filed,) = vault.file_all([filing_at(0.0, files=files)])
    return filed.permit_id


def test_files_are_told_and_given_back_byte_for_byte(vault: Vault) -> None:
    permit_id = bring(vault, DRAWING, EMPTY_TYPE)
    digest = sha256(EVERY_BYTE).hexdigest()
    drawing = FileRecord(0, 0, "开挖 (1).dxf", "application/dxf", 768, digest, READ_AS)
    found = vault.permit(permit_id).files
    assert found[0] == drawing
    assert (found[1].number, found[1].content_type, found[1].size_bytes) == (1, None, 1)
    assert vault.permit_file(permit_id, 0) == (drawing, EVERY_BYTE)
    assert vault.permit_file(permit_id, 1)[1] == b"\0"
    assert vault.permits()[0].files == found
    for number in (2, -1):
        refuses("file_unknown", lambda number=number: vault.permit_file(permit_id, number))
    refuses("permit_unknown", lambda: vault.permit_file("nobody", 0))
    assert vault.permit(bring(vault)).files == ()


def test_the_file_of_an_amendment_comes_after_those_of_before(vault: Vault) -> None:
    permit_id = bring(vault, DRAWING)
    words = (permit_id, parties_of(), PROFILE, [site(5.0)], site_boxes(5.0))
    vault.amend_permit(*words)
    again = PlanFile("b.kml", None, EVERY_BYTE, {"judged": "plan"})
    vault.amend_permit(*words, files=[again, EMPTY_TYPE], seen=1)
    refuses("permit_changed", lambda: vault.amend_permit(*words, files=[DRAWING], seen=1))
    files = vault.permit(permit_id).files
    assert [(file.number, file.amendment, file.name) for file in files] == [
        (0, 0, DRAWING.name),
        (1, 2, "b.kml"),
        (2, 2, "a.shx"),
    ]
    assert vault.permit_file(permit_id, 1) == (files[1], EVERY_BYTE)


def test_a_filing_that_is_sent_again_keeps_its_files_once(vault: Vault) -> None:
    vault.keep_profile("profile", PROFILE, "cn-gb55009", "1")
    for repeated in (False, True):
        (filed,) = vault.file_all([filing_at(0.0, key=KEY, files=(DRAWING,))])
        assert filed.repeated is repeated
    assert len(vault.permit(filed.permit_id).files) == 1


def several(vault: Vault, key: RequestKey | None = KEY) -> Filed:
    vault.keep_profile("profile", PROFILE, "cn-gb55009", "1")
    first = filing_at(0.0, key=key, files=(DRAWING,))
    return vault.file_together([first, *(filing_at(east_m, files=(DRAWING,)) for east_m in (30.0, 60.0))])


def test_the_permits_of_one_plan_are_one_request(vault: Vault) -> None:
    filed = several(vault)
    assert (filed.repeated, filed.answer, len(filed.beside)) == (False, None, 2)
    ids = [filed.permit_id, *filed.beside]
    assert [permit.permit_id for permit in vault.permits()] == ids
    assert all(vault.permit_file(permit_id, 0)[1] == EVERY_BYTE for permit_id in ids)
    assert vault.status()["jobs"]["waiting"] == 3
    again = Filed(filed.permit_id, True, None, filed.beside)
    assert several(vault) == vault.filed_under(KEY) == again
    answer = vault.keep_answer(KEY.key, KeptAnswer(201, b"all"))
    assert several(vault) == Filed(filed.permit_id, True, answer, filed.beside)
    refuses("idempotency_key_reused", lambda: several(vault, RequestKey(KEY.key, "2" * 64)))
    assert len(vault.permits()) == 3
    assert len({*ids, *(several(vault, None).beside)}) == 5
    assert vault.file_together([filing_at(0.0)]).beside == ()


def test_the_same_plan_at_the_same_moment_is_filed_once(postgis: PostgisVault) -> None:
    start = Barrier(4)

    def once(_: int) -> Filed:
        start.wait()
        return several(postgis)

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(once, range(4)))
    assert len({(filed.permit_id, filed.beside) for filed in done}) == 1
    assert sorted(filed.repeated for filed in done) == [False, True, True, True]
    assert len(postgis.permits()) == 3
