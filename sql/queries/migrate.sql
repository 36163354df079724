-- name: wait_for_turn
-- Held to the end of the transaction: two processes take turns, file by file.
SELECT pg_advisory_xact_lock(1886545255, 0);

-- name: has_record
-- NULL in a database that was never migrated.
SELECT to_regclass('predig.schema_migration');

-- name: applied
SELECT name, sha256 FROM predig.schema_migration ORDER BY name;

-- name: record
INSERT INTO predig.schema_migration (name, sha256) VALUES (%(name)s, %(sha256)s);
