-- name: around
-- Ground and pipes round some sites in one question, of one revision. Rows of ground come with read_revision set
-- (the one without ground_id says no more than which revision was read), rows of pipes without.
WITH ground AS MATERIALIZED (
    SELECT read_revision, ground_id, site_index FROM predig.ground_near(%(site)s, %(boxes)s, %(as_of)s)
)
SELECT read_revision, ground_id, site_index, NULL::bigint AS asset_id, NULL::integer AS ordinal, NULL::bytea AS geom,
       NULL::float8 AS from_m, NULL::float8 AS to_m, NULL AS source_id, NULL AS utility, NULL AS dataset,
       NULL::bigint AS revision, NULL AS kind, NULL AS pressure_class, NULL::float8 AS diameter_mm,
       NULL::float8 AS cover_m, NULL AS status, NULL AS pipe_kind, NULL::float8 AS uncertainty_m, NULL AS uncertainty,
       NULL::float8 AS cover_most_m, NULL::boolean AS profiled, NULL::float8 AS depth_uncertainty_m,
       NULL AS depth_uncertainty
  FROM ground
UNION ALL
SELECT NULL, NULL, found.*
  FROM predig.candidates(%(site)s, %(boxes)s, (SELECT max(read_revision) FROM ground)) AS found;

-- name: candidates
-- The pipes alone.
SELECT * FROM predig.candidates(%(site)s, %(boxes)s, %(as_of)s);

-- name: ground_rows
SELECT * FROM predig.ground_rows(%(ids)s::bigint[]);

-- name: utilities_at
SELECT code, name, phone, duty_phone FROM predig.utility
 WHERE valid_from <= %(revision)s AND (valid_to IS NULL OR valid_to > %(revision)s) ORDER BY code;

-- name: datasets_at
SELECT utility, dataset, valid_from, data_date, boxless_rejected FROM predig.dataset
 WHERE valid_from <= %(revision)s AND (valid_to IS NULL OR valid_to > %(revision)s) ORDER BY utility, dataset;

-- name: utilities_without_area
SELECT code FROM predig.utilities_without_area(%(revision)s) AS code;

-- name: whole_assets
SELECT * FROM predig.whole_assets(%(boxes)s, %(as_of)s);

-- name: stored_pieces
SELECT asset_id, geom, from_m, to_m FROM predig.stored_pieces(%(ids)s::bigint[]);

-- name: declared_ground
SELECT * FROM predig.declared_ground();

-- name: position_doubt_m
SELECT predig.position_doubt_m(%(as_of)s);
