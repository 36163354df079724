"""The walls round the network, read from the catalogue and tried with the application's own role."""

from collections.abc import Iterator

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection
from sqlalchemy import make_url

from sql.postgis import PostgisVault
from sql.vault import PlanFile
from tests.conftest import VaultUrls
from tests.contract.town import (
    HERE,
    PROFILE,
    bring,
    conflict,
    declared,
    file,
    filing_at,
    judged,
    parties_of,
    pipe,
    rejected,
    site,
    site_boxes,
)

SECRET = {"asset", "pipe", "facility", "piece", "ground", "rejected_row"}
"""Tables of the network: no privilege at all, and row-level security."""

STAGING = {"staged_asset", "staged_piece", "staged_ground", "staged_rejected", "staged_removed"}
MATCHED = {"staged_kept", "staged_fresh"}
"""Between two steps of an import: the functions alone write and read them."""

GRANTED = {
    **{key: set() for key in SECRET},
    **{key: {"INSERT"} for key in STAGING},
    **{key: set() for key in MATCHED},
    **{key: {"SELECT"} for key in ("schema_migration", "revision", "utility", "dataset", "dataset_figures")},
    **{
        key: {"SELECT", "INSERT"}
        for key in ("rule_profile", "permit", "permit_site", "screening", "conflict")
    },
    **{key: {"SELECT", "INSERT"} for key in ("alert", "job")},
    **{
        key: {"SELECT", "INSERT"}
        for key in ("amendment", "profile_adoption", "alert_response", "request_key", "registered_grid")
    },
    "network_upload": {"SELECT", "INSERT"},
    **{key: {"SELECT", "INSERT"} for key in ("plan_file", "permit_file", "permit_beside")},
    "pulse": set(),
}
"""Every table of the schema and what the application may do to all of it. A new table must be written here."""

UPDATABLE = {
    "permit": {"cancelled_at", "amendment", "last_day"},
    "request_key": {"status", "answer"},
    "pulse": {"at"},
    "network_upload": {
        *("state", "told", "revision", "fence", "tries", "not_before", "begun_at", "ended_at"),
    },
    "alert": {"state", "acknowledged_at"},
    "job": {"state", "fence", "not_before", "claimed_at", "failures", "error", "finished_at"},
}

CALLABLE = {
    "is_finite",
    "is_narrow",
    "lock_register",
    "newest_revision",
    "set_utility",
    "declare_ground",
    "match_import",
    "lock_pieces",
    "open_pieces",
    "seal_pieces",
    "rejected_rows",
    "stood_once",
    "apply_import",
    "roll_back",
    "around",
    "ground_rows",
    "utilities_without_area",
    "whole_assets",
    "stored_pieces",
    "region",
    "standing_assets",
    "keep_figures",
    "dataset_assets",
    "service_area_at",
    "pieces_beside",
    "position_doubt_m",
    "asset_count",
    "touched",
    "rules_now",
    "is_judged",
    "declared_ground",
    "file_permits",
    "keep_screenings",
    "keep_first",
}

PLAIN = {"is_finite", "is_narrow"}
"""Bound to what they call when they were created: they look nothing up and read no table."""

FIXED_PATH = "search_path=pg_catalog, predig, public, pg_temp"


def connect(url: str) -> Connection:
    parts = make_url(url)
    made = psycopg2.connect(
        host=parts.query["host"], port=parts.query["port"], user=parts.username, dbname=parts.database
    )
    made.autocommit = True
    return made


@pytest.fixture
def app(vault_urls: VaultUrls) -> Iterator[Connection]:
    made = connect(vault_urls.app)
    yield made
    made.close()


@pytest.fixture
def owner(vault_urls: VaultUrls) -> Iterator[Connection]:
    made = connect(vault_urls.owner)
    yield made
    made.close()


def ask(connection: Connection, statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def faults_of_tables(owner: Connection) -> list[str]:
    """What is wrong with the privileges of every relation of the schema."""
    faults = []
    relations = ask(
        owner,
        "SELECT relname, relrowsecurity, pg_get_userbyid(relowner), relkind FROM pg_class"
        " WHERE relnamespace = 'predig'::regnamespace AND relkind IN ('r', 'v', 'm', 'p', 'f')",
    )
    for name, secured, of, kind in relations:
        held = {
            privilege
            for privilege in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
            if ask(owner, f"SELECT has_table_privilege('predig_app', 'predig.{name}', '{privilege}')")[0][0]
        }
        columns = {
            str(column)
            for (column,) in ask(
                owner,
                f"SELECT attname FROM pg_attribute WHERE attrelid = 'predig.{name}'::regclass AND attnum > 0"
                f" AND NOT attisdropped AND has_column_privilege('predig_app', attrelid, attname, 'UPDATE')",
            )
        }
        if kind != "r" or name not in GRANTED:
            faults.append(f"{name} is not listed")
            continue
        if held != GRANTED[str(name)]:
            faults.append(f"{name}: {sorted(held)} instead of {sorted(GRANTED[str(name)])}")
        if columns != UPDATABLE.get(str(name), set()):
            faults.append(f"{name}: may update {sorted(columns)}")
        if name in SECRET and not secured:
            faults.append(f"{name}: no row-level security")
        if of != "predig_owner":
            faults.append(f"{name}: belongs to {of}")
    missing = GRANTED.keys() - {str(row[0]) for row in relations}
    return faults + [f"{name} is gone" for name in missing]


def faults_of_functions(owner: Connection) -> list[str]:
    faults = []
    for name, definer, config, of, public, callable_ in ask(
        owner,
        "SELECT p.proname, p.prosecdef, coalesce(array_to_string(p.proconfig, ';'), ''), pg_get_userbyid(p.proowner),"
        " EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0),"
        " has_function_privilege('predig_app', p.oid, 'EXECUTE')"
        " FROM pg_proc p WHERE p.pronamespace = 'predig'::regnamespace",
    ):
        if public:
            faults.append(f"{name}: anybody may run it")
        if callable_ != (name in CALLABLE):
            faults.append(f"{name}: {'may' if callable_ else 'may not'} be run by the application")
        if definer and config.split(";")[0] != FIXED_PATH:
            faults.append(f"{name}: looks names up in {config or 'the caller’s path'}")
        if not definer and name not in PLAIN:
            faults.append(f"{name}: runs as its caller")
        if of != "predig_owner":
            faults.append(f"{name}: belongs to {of}")
    return faults


def test_every_table_and_function_is_listed_and_holds_only_what_it_may(owner: Connection) -> None:
    assert faults_of_tables(owner) == []
    assert faults_of_functions(owner) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("CREATE TABLE predig.fresh (n integer)", "fresh is not listed"),
        ("CREATE VIEW predig.peep AS SELECT * FROM predig.pipe", "peep is not listed"),
        ("GRANT SELECT ON predig.pipe TO predig_app", "pipe: ['SELECT'] instead of []"),
        ("GRANT SELECT ON predig.pipe TO PUBLIC", "pipe: ['SELECT'] instead of []"),
        ("GRANT DELETE ON predig.screening TO predig_app", "screening:"),
        ("GRANT UPDATE (outcome) ON predig.screening TO predig_app", "screening: may update ['outcome']"),
        ("ALTER TABLE predig.piece DISABLE ROW LEVEL SECURITY", "piece: no row-level security"),
        ("ALTER TABLE predig.asset OWNER TO predig_app", "asset: belongs to predig_app"),
        (
            "CREATE FUNCTION predig.leak() RETURNS bigint LANGUAGE sql SECURITY DEFINER"
            " AS 'SELECT count(*) FROM predig.pipe'",
            "leak: anybody may run it",
        ),
        ("ALTER FUNCTION predig.around RESET search_path", "around: looks names up in"),
    ],
)
def test_the_catalogue_check_can_fail(owner: Connection, change: str, fault: str) -> None:
    ask(owner, change)
    assert any(found.startswith(fault) for found in faults_of_tables(owner) + faults_of_functions(owner))


def test_the_roles_can_do_nothing_else(owner: Connection, app: Connection) -> None:
    for role, may_log_in in (("predig_app", True), ("predig_owner", False)):
        assert ask(
            owner,
            "SELECT rolcanlogin, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication FROM pg_roles"
            f" WHERE rolname = '{role}'",
        ) == [(may_log_in, False, False, False, False, False)]
    assert ask(owner, "SELECT has_schema_privilege('predig_app', 'predig', 'CREATE')") == [(False,)]
    assert ask(owner, "SELECT has_schema_privilege('predig_app', 'public', 'CREATE')") == [(False,)]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(app, "SET ROLE predig_owner")


def test_the_application_reaches_no_row_of_the_network(vault_urls: VaultUrls, app: Connection) -> None:
    vault = PostgisVault(vault_urls.app)
    bring(vault, [pipe("CANARY", 10)], rejected=[rejected(2, HERE[0])])
    vault.close()
    statements = [f"SELECT count(*) FROM predig.{table}" for table in sorted(SECRET | STAGING)]
    statements += [f"COPY predig.{table} TO STDOUT" for table in sorted(SECRET | STAGING)]
    statements += [
        f"DELETE FROM predig.{table}" for table in sorted(SECRET | STAGING | {"revision", "screening"})
    ]
    statements += [f"TRUNCATE predig.{table}" for table in sorted(SECRET)]
    statements += [
        "UPDATE predig.asset SET digest = ''",
        "UPDATE predig.revision SET added = 0",
        "UPDATE predig.conflict SET clearance_m = 99",
        "INSERT INTO predig.revision VALUES (9, 'utility', 'x', NULL, NULL, 'ground', now(), 0, 0, 0, '{}')",
        "SELECT predig.begin_change()",
        "SELECT predig.hold_register()",
        "SELECT predig.clear_pieces()",
        "SELECT predig.record_change(9, 'utility', 'x', NULL, NULL, 'ground', 0, 0, 0, '{}')",
        "CREATE TABLE predig.mine (n integer)",
        "CREATE FUNCTION public.st_makeenvelope(float8, float8) RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ]
    for statement in statements:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege), app.cursor() as cursor:
            if statement.startswith("COPY"):
                with open("/dev/null", "w") as nowhere:
                    cursor.copy_expert(statement, nowhere)
            else:
                cursor.execute(statement)


def test_row_level_security_holds_should_a_grant_slip_in(
    vault_urls: VaultUrls, owner: Connection, app: Connection
) -> None:
    vault = PostgisVault(vault_urls.app)
    bring(vault, [pipe("CANARY", 10)])
    vault.close()
    for table in sorted(SECRET):
        ask(owner, f"GRANT SELECT ON predig.{table} TO predig_app")
        assert ask(app, f"SELECT count(*) FROM predig.{table}") == [(0,)]


def test_a_table_of_the_sessions_own_does_not_come_before_the_vaults(
    vault_urls: VaultUrls, app: Connection
) -> None:
    vault = PostgisVault(vault_urls.app)
    bring(vault, [pipe("a", 10)])
    vault.close()
    ask(app, "CREATE TEMPORARY TABLE piece (asset_id bigint, valid_from bigint)")
    ask(app, "CREATE TEMPORARY TABLE revision (revision bigint)")
    ask(app, "SET search_path = pg_temp, public")
    box = ", ".join(map(repr, HERE[0]))
    found = ask(
        app,
        f"SELECT source_id FROM predig.around('{{0}}', ARRAY[{box}]::float8[], predig.newest_revision())",
    )
    assert found == [(None,), ("a",)]


def test_the_functions_refuse_to_draw_the_whole_network(app: Connection) -> None:
    wide = "ARRAY[70, 0, 140, 60]::float8[]"
    for call in (
        f"predig.around('{{0}}', {wide}, 0)",
        "predig.region(70, 0, 140, 60, 0)",
        "predig.pieces_beside(70, 0, 140, 60, '', '')",
        "predig.region('NaN', 'NaN', 'NaN', 'NaN', 0)",
        f"predig.whole_assets({wide}, 0)",
        f"predig.touched({wide}, -1, NULL)",
    ):
        with pytest.raises(psycopg2.Error) as refusal:
            ask(app, f"SELECT * FROM {call}")
        assert refusal.value.pgcode == "PD007"


@pytest.mark.parametrize("number", ["'NaN'", "'Infinity'", "'-Infinity'"])
def test_a_check_refuses_what_is_no_number_whoever_writes_it(owner: Connection, number: str) -> None:
    """As a superuser, with the program bypassed: the constraint alone stands in the way."""
    bad = f"ST_SetSRID(ST_MakePoint({number}::float8, 36), 4490)"
    good = "ST_SetSRID(ST_MakePoint(101, 36), 4490)"
    line = f"ST_MakeLine(ARRAY[{good}, {bad}, ST_Translate({good}, 0.1, 0)])"
    area = f"ST_MakePolygon(ST_MakeLine(ARRAY[{good}, {bad}, ST_Translate({good}, 0.1, 0), {good}]))"
    about = (
        "INSERT INTO predig.asset (asset_id, utility, dataset, source_id, kind, uncertainty, uncertainty_m,"
        " widened_by_m, digest, valid_from) VALUES (1, 'G', 'd', 's', 'pipe', '[]', 0, 0, 'x', 1)"
    )
    ask(owner, about)
    for statement in (
        f"INSERT INTO predig.pipe VALUES (1, ST_Multi({line}))",
        f"INSERT INTO predig.facility VALUES (1, {bad})",
        f"INSERT INTO predig.facility VALUES (1, ST_Collect({good}, {bad}))",
        f"INSERT INTO predig.facility VALUES (1, {area})",
        f"INSERT INTO predig.piece VALUES (1, 0, {line}, 0, 1, 100, 35, 102, 37, DEFAULT, 1)",
        f"INSERT INTO predig.piece VALUES (1, 0, {good}, 0, 1, {number}, 35, 102, 37, DEFAULT, 1)",
        f"UPDATE predig.asset SET uncertainty_m = {number}",
        f"UPDATE predig.asset SET diameter_mm = {number}",
    ):
        with pytest.raises(psycopg2.errors.CheckViolation):
            ask(owner, statement)


@pytest.mark.parametrize(
    "shape",
    [
        "POLYGON EMPTY",
        "POLYGON((0 0, 1 1, 1 0, 0 1, 0 0))",
        "POINT(113 95)",
        "POINT(195 36)",
        "LINESTRING(0 0, 1 1)",
    ],
)
def test_a_check_refuses_a_facility_of_no_use(owner: Connection, shape: str) -> None:
    with pytest.raises(psycopg2.errors.CheckViolation):
        ask(owner, f"INSERT INTO predig.facility VALUES (1, 'SRID=4490;{shape}')")


def test_evidence_may_only_be_added(vault_urls: VaultUrls, app: Connection) -> None:
    vault = PostgisVault(vault_urls.app)
    bring(vault, [pipe("a", 10)], coverage=declared("coverage"))
    vault.keep_screenings([judged(1, conflict("a"))], permit_id=file(vault))
    vault.adopt_profile("profile", PROFILE, "cn-gb55009", "1")
    first = vault.permits()[0].permit_id
    vault.amend_permit(
        first,
        parties_of(),
        PROFILE,
        [site()],
        site_boxes(0.0),
        files=[PlanFile("a.kml", None, b"<kml/>", {})],
    )
    vault.file_together([filing_at(0.0), filing_at(30.0)])
    vault.respond(1, action="acknowledge", by="Li")
    vault.close()
    for table in (
        "screening",
        "conflict",
        "revision",
        "permit_site",
        "rule_profile",
        "amendment",
        "profile_adoption",
        "alert_response",
        "plan_file",
        "permit_file",
        "permit_beside",
    ):
        for statement in (f"DELETE FROM predig.{table}", f"UPDATE predig.{table} SET ctid = ctid"):
            with pytest.raises(psycopg2.Error):
                ask(app, statement)
        assert ask(app, f"SELECT count(*) FROM predig.{table}")[0] != (0,)
