"""The pieces of an import are committed just before what publishes them: what if it ends in between?"""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from spatial.errors import Refused
from spatial.values import Utility
from sql.postgis import PostgisVault, register
from tests.conftest import VaultUrls
from tests.contract.town import HERE, bring, code_of, pipe
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
