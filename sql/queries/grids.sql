-- name: lock_grids
-- To the end of the transaction: versions of one name are numbered one after the other.
SELECT pg_advisory_xact_lock(1886545255, 3);

-- name: keep_grid
INSERT INTO predig.registered_grid (name, version, kind, source, accuracy_m, sealed)
SELECT %(name)s, coalesce(max(version), 0) + 1, %(kind)s, %(source)s, %(accuracy_m)s, %(sealed)s
  FROM predig.registered_grid WHERE name = %(name)s
RETURNING version;

-- name: grid
SELECT name, version, kind, source, accuracy_m, registered_at, sealed
  FROM predig.registered_grid WHERE name = %(name)s ORDER BY version DESC LIMIT 1;

-- name: grids
SELECT name, version, kind, source, accuracy_m, registered_at, sealed
  FROM predig.registered_grid ORDER BY name COLLATE "C", version DESC;
