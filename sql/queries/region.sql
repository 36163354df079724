-- name: region
-- Ground and pipes of one box in one question, of one revision. Rows of ground come with read_revision set (the one
-- without ground_id says no more than which revision was read), rows of pieces and assets without.
WITH ground AS MATERIALIZED (
    SELECT read_revision, ground_id
      FROM predig.ground_near(ARRAY[0], ARRAY[%(west)s, %(south)s, %(east)s, %(north)s]::float8[], %(as_of)s)
)
SELECT read_revision, ground_id, NULL::bigint AS asset_id, NULL::integer AS ordinal, NULL::bytea AS geom,
       NULL::float8 AS from_m, NULL::float8 AS to_m,
       NULL::float8 AS west, NULL::float8 AS south, NULL::float8 AS east, NULL::float8 AS north,
       NULL AS source_id, NULL AS utility, NULL AS dataset, NULL::bigint AS revision, NULL AS kind,
       NULL AS pressure_class, NULL::float8 AS diameter_mm, NULL::float8 AS cover_m, NULL AS status, NULL AS pipe_kind,
       NULL::float8 AS uncertainty_m, NULL AS uncertainty, NULL::float8 AS cover_most_m, NULL::boolean AS profiled,
       NULL::float8 AS depth_uncertainty_m, NULL AS depth_uncertainty
  FROM ground
UNION ALL
SELECT NULL, NULL, found.*
  FROM predig.region(%(west)s::float8, %(south)s::float8, %(east)s::float8, %(north)s::float8,
                     (SELECT max(read_revision) FROM ground)) AS found;
