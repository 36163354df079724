-- Roles, schema and the record of migrations. Run by a database administrator (a superuser here, because
-- PostGIS asks for one). Everything after this file runs as predig_owner.

CREATE EXTENSION IF NOT EXISTS postgis WITH SCHEMA public;

-- Roles belong to the whole cluster, and several databases of one cluster may be migrated at once:
-- this lock is the one thing they share, so that only one of them makes the roles.
LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE;

DO $$
BEGIN
    -- Owns every table and function and cannot log in, so that no session ever works as the owner.
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'predig_owner') THEN
        CREATE ROLE predig_owner NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
    END IF;
    -- What the program logs in as. It owns nothing. Its password, if it needs one, is the administrator's.
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'predig_app') THEN
        CREATE ROLE predig_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
    END IF;
    -- A role of that name that can do more would walk through every wall below.
    IF EXISTS (
        SELECT FROM pg_catalog.pg_roles
         WHERE rolname IN ('predig_owner', 'predig_app')
           AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls OR (rolname = 'predig_owner' AND rolcanlogin))
    ) OR pg_catalog.pg_has_role('predig_app', 'predig_owner', 'MEMBER') THEN
        RAISE EXCEPTION 'the roles predig_owner and predig_app hold more rights than they may' USING ERRCODE = 'PD010';
    END IF;
END $$;

-- The functions below look names up in public (PostGIS lives there): nobody may plant a name in it.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;

CREATE SCHEMA predig AUTHORIZATION predig_owner;
GRANT USAGE ON SCHEMA predig TO predig_app;

-- A function is for nobody until it is granted by name: without this line PUBLIC could run each new one.
ALTER DEFAULT PRIVILEGES FOR ROLE predig_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

SET LOCAL ROLE predig_owner;
SET LOCAL search_path = predig, public;

CREATE TABLE schema_migration (
    name       text PRIMARY KEY,
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT ON schema_migration TO predig_app;
