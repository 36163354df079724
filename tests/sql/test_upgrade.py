"""A database that was in use before permits could be amended comes along whole."""

from sqlalchemy import create_engine, make_url
from sqlalchemy.pool import NullPool

from spatial.values import Contact
from spatial.words import PermitStatus
from sql import rows
from sql.migrate import migrate, shipped
from sql.postgis import PostgisVault
from tests.contract.town import DAY, PROFILE, bring, changes, conflict, judged, pipe, site, site_boxes

BEFORE = "0006_the_life_of_a_permit.sql"
PERMIT = "11111111-1111-4111-8111-111111111111"
FIRST, SECOND, LATE = (f"22222222-2222-4222-8222-22222222222{number}" for number in range(3))

OLD_ROWS = [
    "INSERT INTO predig.rule_profile (sha256, profile_id, version, document)"
    " VALUES (%(profile)s, 'cn-gb55009', '1', 'profile')",
    "INSERT INTO predig.permit (permit_id, firm, title, starts_on, ends_on, extra, profile)"
    " VALUES (%(permit)s, 'Road works', 'Trench', '2026-11-01', '2099-01-01', '{}', %(profile)s)",
    "INSERT INTO predig.permit_site (permit_id, site_index, site, geom, boxes)"
    " VALUES (%(permit)s, 0, %(site)s, %(geom)s, %(boxes)s)",
    *(
        "INSERT INTO predig.screening (screening_id, permit_id, site_index, register_revision, screened_on, site, geom,"
        " query_boxes, profile_sha256, engine, outcome, valid_until, document, document_sha256)"
        f" VALUES ('{screening}', %(permit)s, 0, {revision}, '2026-11-01', %(site)s, %(geom)s, %(old_boxes)s,"
        " %(profile)s, 'predig/1', 'conflict', '2099-01-01', '{}', 'x')"
        for screening, revision in ((FIRST, 1), (SECOND, 2), (LATE, 1))
    ),
    "INSERT INTO predig.conflict (screening_id, ordinal, pipe_id, source_id, utility, dataset, centreline_distance_m,"
    " clearance_m, uncertainty_m, certainty, zone, act, requirement, grade, rest)"
    f" SELECT s, 0, '\"7\"', 'a', 'G1', 'town', 1, 1, 1, 'certain', 'protection', 'excavate', 'notify', 'II', '{{}}'"
    f" FROM unnest(ARRAY['{FIRST}'::uuid, '{SECOND}']) s",
    "INSERT INTO predig.alert (permit_id, site_index, screening_id, ordinal, utility, dataset, source_id, pipe_id,"
    f" grade, change) VALUES (%(permit)s, 0, '{FIRST}', 0, 'G1', 'town', 'a', '\"7\"', 'II', 'new')",
]


def test_permits_judgements_and_alerts_of_before_are_read_and_go_on(empty_database_url: str) -> None:
    names = list(shipped())
    old = {name: text for name, text in shipped().items() if name < BEFORE}
    migrate(empty_database_url, old)
    boxes = site_boxes(0.0)[0]
    row = rows.site_row(site()) | rows.box_arrays(boxes)
    row |= {"permit": PERMIT, "profile": PROFILE, "old_boxes": str([list(box) for box in boxes])}
    engine = create_engine(empty_database_url, poolclass=NullPool)
    with engine.begin() as connection:
        for statement in OLD_ROWS:
            connection.exec_driver_sql(statement, row)
    assert migrate(empty_database_url) == names[len(old) :]

    url = make_url(empty_database_url).set(username="predig_app")
    vault = PostgisVault(url.render_as_string(hide_password=False))
    try:
        for dataset in ("first", "second"):
            bring(vault, [pipe("far", 900)], dataset=dataset)
        record = vault.permit(PERMIT, on=DAY)
        assert (record.status, record.screening_ids) == (PermitStatus.CONFLICT, (SECOND,))
        assert (record.amendment, record.amended_at, record.parties.contractor) == (
            0,
            None,
            Contact("Road works"),
        )
        assert vault.permits(open_on=DAY) == (record,)
        kept = vault.screenings(PERMIT)
        assert [(one.screening_id, one.stood) for one in kept] == [
            (LATE, False),
            (SECOND, True),
            (FIRST, True),
        ]
        assert {one.query_boxes for one in kept} == {boxes}
        vault.keep_screenings([judged(2, conflict("a", "I"))], permit_id=PERMIT)
        assert changes(vault, PERMIT) == [("a", "II", "new"), ("a", "I", "worse")]
        bring(vault, [pipe("near", 5)], dataset="third")
        assert vault.permit(PERMIT, on=DAY).status is PermitStatus.PENDING
    finally:
        vault.close()
