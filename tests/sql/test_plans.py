"""How PostgreSQL does what a filing asks of it: by index from the first row on, whatever it knew when it planned."""

import re
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from sql.postgis import PostgisVault, keeping, permits
from sql.vault import Filing, Judged, RequestKey
from tests.conftest import VaultUrls
from tests.contract.town import PROFILE, conflict, file, judged, parties_of, site, site_boxes

EXPLAIN = (
    "LOAD 'auto_explain'",
    "SET auto_explain.log_min_duration = 0",
    "SET auto_explain.log_nested_statements = on",
    "SET auto_explain.log_level = 'notice'",
    "SET client_min_messages = 'notice'",
)

WHOLE_INDEX = re.compile(
    r"Index (Only )?Scan( Backward)? using \w+ on (permit|permit_site|screening|conflict|job) .*\n(?!\s*Index Cond)"
)
"""Of a table that grows with every filing: no condition to go down by."""


@pytest.fixture
def told(vault_urls: VaultUrls) -> Iterator[Connection]:
    """A session that is told every plan, of tables that hold one row each and are known to."""
    with closing(PostgisVault(vault_urls.app)) as vault:
        vault.keep_screenings([judged(0, conflict("a"))], permit_id=file(vault))
    engine = create_engine(vault_urls.owner, poolclass=NullPool)
    with engine.connect() as connection:
        for statement in ("ANALYZE", *EXPLAIN):
            connection.exec_driver_sql(statement)
        yield connection


def test_a_filing_and_its_judgement_read_no_table_whole(told: Connection) -> None:
    notices: list[str] = told.connection.dbapi_connection.notices  # type: ignore[union-attr]
    key = RequestKey("key", "a" * 64)
    filing = Filing(parties_of(), PROFILE, (site(),), tuple(site_boxes(0.0)), key)
    (filed,) = permits.file_all(told, [filing], 0.0)
    of_filing = list(notices)
    record = permits.by_id(told, filed.permit_id, None)
    notices.clear()
    judgement = Judged((judged(0, conflict("a")),), filed.permit_id, None, record)
    (kept,) = keeping.keep_all(told, [judgement])
    of_keeping = list(notices)
    assert kept.permit is not None and kept.permit.screening_ids
    assert any("INSERT INTO permit " in plan for plan in of_filing)
    for used in ("permit_pkey", "permit_site_pkey", "screening_standing", "screening_pkey", "job_permit"):
        assert any(f"using {used} on" in plan for plan in of_keeping), used
    told_plans = of_filing + of_keeping
    assert not [plan for plan in told_plans if "Seq Scan" in plan or WHOLE_INDEX.search(plan)]
