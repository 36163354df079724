"""The pieces of an import are committed just before what publishes them: what if it ends in between?"""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from spatial.errors import Refused
from spatial.values import Utility
from sql.postgis import PostgisVault, register
from sql.records import ImportReport
from tests.conftest import VaultUrls
from tests.contract.town import HERE, bring, code_of, pipe, rejected
from tests.sql.test_walls import connect

OLD = [pipe("a", 10), pipe("b", 20)]
NEW = [pipe("b", 20), pipe("c", 30), pipe("d", 40)]


class Died(Exception):
    """The program ended."""


@pytest.fixture
def vault(vault_urls: VaultUrls) -> Iterator[PostgisVault]:
    with closing(PostgisVault(vault_urls.app)) as made:
        yield made


@pytest.fixture
def owner(vault_urls: VaultUrls) -> Iterator[Connection]:
    with closing(connect(vault_urls.owner)) as made:
        yield made


def value(connection: Connection, statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        (found,) = cursor.fetchone()
    return found


def ownerless(owner: Connection) -> int:
    return int(
        value(
            owner,
            "SELECT count(*) FROM predig.piece WHERE asset_id NOT IN (SELECT asset_id FROM predig.asset)",
        )
    )


def standing(vault: PostgisVault) -> tuple[Any, ...]:
    pieces = vault.find([HERE]).pieces
    region = vault.region(HERE[0])
    return (
        vault.newest_revision(),
        vault.datasets(),
        sorted(zip(pieces.assets.asset_id.tolist(), map(str, pieces.assets.source_id), strict=True)),
        len(region.asset),
    )


def die_between(vault: PostgisVault, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the pieces were committed, before the assets are."""

    def dies(**_: Any) -> None:
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(register, "ImportReport", dies)
        with pytest.raises(Died):
            bring(vault, NEW)


def test_pieces_without_their_assets_are_found_by_nobody(
    vault: PostgisVault, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(vault, OLD)
    before = standing(vault)
    die_between(vault, monkeypatch)
    assert ownerless(owner) > 0
    assert standing(vault) == before


@pytest.mark.parametrize("change", ["the same", "nothing new", "other", "roll back", "utility"])
def test_the_next_change_takes_them_away(
    vault: PostgisVault, owner: Connection, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """What it does itself comes out as if the import that died had never been begun."""
    first = bring(vault, OLD).revision
    assert first is not None
    die_between(vault, monkeypatch)
    if change == "the same":
        report = bring(vault, NEW)
        assert (report.added, report.closed, report.unchanged) == (2, 1, 1)
        assert {name for _, name in standing(vault)[2]} == {"b", "c", "d"}
    elif change == "nothing new":
        report = bring(vault, OLD[:1])
        assert (report.added, report.closed, report.unchanged) == (0, 1, 1)
        assert {name for _, name in standing(vault)[2]} == {"a"}
    elif change == "other":
        bring(vault, [pipe("x", 15)], dataset="other")
        assert {name for _, name in standing(vault)[2]} == {"a", "b", "x"}
    elif change == "roll back":
        vault.roll_back(first)
        assert standing(vault)[2] == []
    else:
        vault.set_utility(Utility("G9", "Other"))
        assert {name for _, name in standing(vault)[2]} == {"a", "b"}
    assert ownerless(owner) == 0
    assert value(owner, "SELECT max(asset_id) = count(*) FROM predig.asset")
    assert not value(
        owner, "SELECT count(*) FROM predig.piece p JOIN predig.asset a USING (asset_id)"
        " WHERE (p.valid_from, p.valid_to) IS DISTINCT FROM (a.valid_from, a.valid_to)"
    )  # fmt: skip


def test_an_import_that_fails_keeps_none_of_its_pieces(
    vault: PostgisVault, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(vault, OLD)
    before = standing(vault)

    def broken(*_: Any) -> None:
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(register.canonical, "dumps", broken)
        with pytest.raises(Died):
            bring(vault, NEW)
    with monkeypatch.context() as patched:
        patched.setattr(register, "copy_pieces", broken)
        with pytest.raises(Died):
            bring(vault, NEW)
    assert (ownerless(owner), standing(vault)) == (0, before)
    assert bring(vault, NEW).added == 2


def test_no_change_while_pieces_of_one_that_died_are_still_coming(
    vault: PostgisVault, vault_urls: VaultUrls
) -> None:
    bring(vault, OLD)
    with closing(connect(vault_urls.app)) as left:
        left.autocommit = False
        value(left, "SELECT predig.lock_pieces()")
        for attempt in (lambda: bring(vault, NEW), lambda: vault.set_utility(Utility("G9", "Other"))):
            with pytest.raises(Refused) as refusal:
                attempt()
            assert code_of(refusal) == "register_busy"
        left.rollback()  # and waits for it, as closing does not
        assert bring(vault, NEW).added == 2


def test_a_pipe_that_stands_gets_no_more_pieces(vault: PostgisVault, vault_urls: VaultUrls) -> None:
    bring(vault, OLD)
    before = standing(vault)
    with closing(connect(vault_urls.app)) as app, app.cursor() as cursor:
        cursor.execute(
            "INSERT INTO predig.staged_piece VALUES (1, 9, 'SRID=4490;LINESTRING(101.7 36.6, 101.701 36.6)',"
            " 0, 1, 101.69, 36.59, 101.71, 36.61)"
        )
        with pytest.raises(psycopg2.errors.InvalidParameterValue):
            cursor.execute("SELECT predig.lock_pieces(), predig.open_pieces()")
    assert standing(vault) == before


def between(vault: PostgisVault, monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """From now on `act` happens after the pieces of an import were committed, before the assets are."""
    write = vault._door.write
    here = threading.current_thread()

    def written(work: Any) -> Any:
        done = write(work)
        if threading.current_thread() is not here:
            act()
        return done

    monkeypatch.setattr(vault._door, "write", written)


TAKE = "SELECT predig.lock_pieces()"
ADD = (
    "INSERT INTO predig.staged_piece SELECT 3, 9, 'SRID=4490;LINESTRING(101.7 36.6, 101.701 36.6)'::geometry,"
    " 0, 1, 101.69, 36.59, 101.71, 36.61; SELECT predig.lock_pieces(), predig.open_pieces()"
)
OPEN_ALONE = ADD.replace("predig.lock_pieces(), ", "")


@pytest.mark.parametrize("act", [TAKE, ADD, OPEN_ALONE])
def test_an_import_whose_pieces_were_touched_is_not_published(
    vault: PostgisVault, vault_urls: VaultUrls, owner: Connection, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    """Whoever holds the application's role could take them for those of an import that died."""
    bring(vault, OLD)
    before = standing(vault)

    def touch() -> None:
        with closing(connect(vault_urls.app)) as app, app.cursor() as cursor:
            cursor.execute(act)

    with monkeypatch.context() as patched:
        between(vault, patched, touch)
        with pytest.raises(Refused) as refusal:
            bring(vault, NEW)
    assert code_of(refusal) == "pieces_missing"
    assert standing(vault) == before
    assert bring(vault, NEW).added == 2
    assert ownerless(owner) == 0 and len(standing(vault)[2]) == 3


def test_nobody_touches_pieces_from_their_count_to_their_publication(
    vault: PostgisVault, vault_urls: VaultUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(vault, OLD)
    refusals = []

    def touches(**about: Any) -> Any:
        with closing(connect(vault_urls.app)) as app, app.cursor() as cursor:
            for act in (TAKE, ADD, OPEN_ALONE):
                with pytest.raises(psycopg2.Error) as refusal:
                    cursor.execute(act)
                refusals.append(refusal.value.pgcode)
        return ImportReport(**about)

    with monkeypatch.context() as patched:
        patched.setattr(register, "ImportReport", touches)
        assert bring(vault, NEW).added == 2
    assert refusals == ["PD001"] * 3
    assert {name for _, name in standing(vault)[2]} == {"b", "c", "d"}


@pytest.mark.parametrize("act", [TAKE, "SELECT predig.set_utility('G9', 'Other', NULL, NULL)"])
def test_who_looks_at_an_older_register_takes_nothing_away(
    vault: PostgisVault, vault_urls: VaultUrls, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    """Pieces are there in such a look, and their assets are not, though they are published by now."""
    bring(vault, OLD)
    with closing(connect(vault_urls.app)) as app:
        app.set_session(isolation_level="REPEATABLE READ", autocommit=False)

        def look() -> None:
            value(app, "SELECT predig.newest_revision()")

        with monkeypatch.context() as patched:
            between(vault, patched, look)
            bring(vault, NEW)
        with pytest.raises(psycopg2.errors.InvalidTransactionState):
            value(app, act)
    assert {name for _, name in standing(vault)[2]} == {"b", "c", "d"}


def test_what_was_rejected_before_rows_were_kept_stays_after_a_change_set(
    vault: PostgisVault, owner: Connection
) -> None:
    bring(vault, OLD, rejected=[rejected(3, HERE[0], "x"), rejected(4, None, "y")])
    value(owner, "WITH gone AS (DELETE FROM predig.rejected_row RETURNING 1) SELECT count(*) FROM gone")
    bring(vault, [pipe("c", 30)], removed=["x", "y"])
    (ground,) = vault.find([HERE]).ground[0]
    assert (len(ground.unreadable), ground.boxless_rejected) == (1, 1)
    assert vault.datasets()[0]["rejected"] == 2
    bring(vault, NEW)
    (ground,) = vault.find([HERE]).ground[0]
    assert (len(ground.unreadable), ground.boxless_rejected) == (0, 0)
