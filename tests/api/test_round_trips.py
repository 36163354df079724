"""What a filing and an enquiry may ask of the database: counted, since time tells more of the machine than of us.

Each statement is a round trip and a tenth of a millisecond of this process; each commit waits for the disk.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import shapely
from psycopg2.extras import NamedTupleCursor
from sqlalchemy import Engine, event

from api.screen import Rules, enquire, enquiring, filing, screening_filed
from api.settings import today
from api.together import alone, in_company
from ingest import load_profile
from spatial.values import Contact, DigSite, PermitParties
from spatial.words import PermitStatus
from sql.postgis import PostgisVault
from sql.postgis.connection import Door
from sql.vault import PermitRecord
from tests.contract.town import bring, declared, pipe
from tests.support.builders import make_site

DAY = today()
RULES = Rules(*load_profile("cn-gb55009"))
PARTIES = PermitParties("works", DAY, DAY + timedelta(days=9), Contact("firm"))
NEAR_THE_PIPE = make_site(shapely.box(0, 5, 4, 9), feature_id="near")
FAR_FROM_IT = make_site(shapely.box(300, 300, 304, 304), feature_id="far")


@dataclass(slots=True)
class Count:
    statements: list[str] = field(default_factory=list)
    commits: int = 0


@contextmanager
def counted() -> Iterator[Count]:
    count = Count()

    def statement(_connection: Any, _cursor: Any, text: str, *_: Any) -> None:
        count.statements.append(text)

    def commit(_connection: Any) -> None:
        count.commits += 1

    def directly(cursor: Any, text: str, values: Any = None) -> Any:
        count.statements.append(text)
        return execute(cursor, text, values)

    def at_a_glance(door: Door, text: str, values: Any, prepare: str | None) -> Any:
        count.statements.append(text)
        return glance(door, text, values, prepare)

    execute, glance = NamedTupleCursor.execute, Door._glance
    event.listen(Engine, "before_cursor_execute", statement)
    event.listen(Engine, "commit", commit)
    NamedTupleCursor.execute, Door._glance = directly, at_a_glance  # type: ignore[method-assign]
    try:
        yield count
    finally:
        NamedTupleCursor.execute, Door._glance = execute, glance  # type: ignore[method-assign]
        event.remove(Engine, "before_cursor_execute", statement)
        event.remove(Engine, "commit", commit)


@pytest.fixture
def vault(database_url: str) -> Iterator[PostgisVault]:
    """With a pipe, and asked once, so that what is remembered for ever is remembered."""
    with closing(PostgisVault(database_url)) as made:
        bring(made, [pipe("a", 10)])
        made.declare_ground(declared("service_area"))
        enquire(made, [NEAR_THE_PIPE, FAR_FROM_IT], RULES, DAY)
        yield made


def file_and_read(vault: PostgisVault, *sites: DigSite) -> PermitRecord:
    """What the HTTP door does for one filing."""
    filed = alone(filing(vault, PARTIES, sites, RULES, DAY, None))
    record = PermitRecord(
        filed.permit_id,
        PARTIES,
        RULES.profile.sha256,
        sites,
        PermitStatus.PENDING,
        None,
        (),  # type: ignore[arg-type]
    )
    stands = alone(screening_filed(vault, record, RULES, DAY)).permit
    assert stands is not None
    return stands


@pytest.mark.parametrize(
    ("asked", "statements", "commits"),
    [
        # find; keep
        (lambda vault: enquire(vault, [NEAR_THE_PIPE], RULES, DAY), 2, 1),
        (lambda vault: enquire(vault, [NEAR_THE_PIPE, FAR_FROM_IT] * 20, RULES, DAY), 2, 1),
        # eight enquiries of one moment
        (
            lambda vault: in_company([enquiring(vault, [NEAR_THE_PIPE], RULES, DAY) for _ in range(8)]),
            2,
            1,
        ),
        # file; find; keep, and say how it stands
        (lambda vault: file_and_read(vault, NEAR_THE_PIPE), 3, 2),
        (lambda vault: file_and_read(vault, *[NEAR_THE_PIPE, FAR_FROM_IT] * 20), 3, 2),
    ],
    ids=["enquiry", "of forty sites", "eight at once", "filing", "filing of forty sites"],
)
def test_no_more_is_asked_of_the_database(
    vault: PostgisVault, asked: Callable[[PostgisVault], object], statements: int, commits: int
) -> None:
    with counted() as count:
        asked(vault)
    assert len(count.statements) <= statements, count.statements
    assert count.commits <= commits


def test_the_counter_counts(vault: PostgisVault) -> None:
    with counted() as count:
        assert file_and_read(vault, NEAR_THE_PIPE).status is PermitStatus.CONFLICT
    assert len(count.statements) == 3
    assert count.commits == 2
