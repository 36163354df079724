-- name: prepare_around
-- Once a session: to parse and plan the question took a third of what it takes to answer it.
PREPARE predig_around (integer[], float8[], bigint) AS
SELECT read_revision, site_index, ground_id, numbers, geom, source_id, utility, dataset, kind, pressure_class, status,
       pipe_kind, uncertainty, depth_uncertainty
  FROM predig.around($1, $2, $3);

-- name: around
-- Ground and pipes round some sites, of one revision; rows as the function tells. All numbers of a piece come in one.
EXECUTE predig_around (%(site)s, %(boxes)s, %(as_of)s);

-- name: candidates
-- The same as one plain statement, for whoever wants to see its plan or what it costs by itself.
SELECT read_revision, site_index, ground_id, numbers, geom, source_id, utility, dataset, kind, pressure_class, status,
       pipe_kind, uncertainty, depth_uncertainty
  FROM predig.around(%(site)s, %(boxes)s, %(as_of)s);

-- name: which_database
SELECT oid, pg_postmaster_start_time() FROM pg_database WHERE datname = current_database();

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
