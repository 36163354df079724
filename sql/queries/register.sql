-- name: lock_register
SELECT predig.lock_register();

-- name: allow_long_work
-- An import may take longer than a question, and one of its connections may wait for the other: for this transaction
-- only. When its program dies the server is to notice within a statement, or the register would stay locked until the
-- statement ends.
SELECT set_config('statement_timeout', '30min', true), set_config('idle_in_transaction_session_timeout', '30min', true),
       set_config('client_connection_check_interval', '1s', true);

-- name: copy_assets
COPY predig.staged_asset (ordinal, source_id, kind, pressure_class, pipe_kind, diameter_mm, cover_m, cover_most_m,
                          profiled, material, status, survey_class, laid_on, surveyed_on, resurfaced_on,
                          uncertainty, uncertainty_m, depth_uncertainty, depth_uncertainty_m, digest,
                          widened_by_m, geom)
FROM STDIN (FORMAT binary);

-- name: copy_pieces
COPY predig.staged_piece (asset_id, ordinal, geom, from_m, to_m, west, south, east, north)
FROM STDIN (FORMAT binary);

-- name: copy_ground
COPY predig.staged_ground (ordinal, kind, pipe_kind, as_of, max_age_days, assumed, source, digest, geom)
FROM STDIN (FORMAT binary);

-- name: copy_rejected
COPY predig.staged_rejected (ordinal, number, source_id, code, replaceable, west, south, east, north, ground_digest)
FROM STDIN (FORMAT binary);

-- name: copy_removed
COPY predig.staged_removed (source_id) FROM STDIN (FORMAT binary);

-- name: match_import
SELECT last_id, fresh FROM predig.match_import(%(utility)s, %(dataset)s, %(stable_ids)s);

-- name: lock_pieces
SELECT predig.lock_pieces();

-- name: open_pieces
SELECT predig.open_pieces();

-- name: seal_pieces
SELECT predig.seal_pieces(%(last_id)s, %(expected)s);

-- name: apply_import
SELECT revision, added, closed, unchanged, utility_created
  FROM predig.apply_import(%(utility)s, %(dataset)s, %(state)s::jsonb, %(of_changes)s, %(gone)s::bigint[], %(differs)s);

-- name: rejected
SELECT rejected_id, number, source_id, code, replaceable, west, south, east, north, ground_digest
  FROM predig.rejected_rows(%(utility)s, %(dataset)s, coalesce(%(revision)s, predig.newest_revision()));

-- name: stood_once
SELECT source_id FROM predig.stood_once(%(utility)s, %(dataset)s, %(ids)s::text[]) AS found (source_id);

-- name: roll_back
SELECT revision, of_utility, of_dataset, received, added, closed, unchanged, rejected
  FROM predig.roll_back(%(revision)s);

-- name: set_utility
SELECT predig.set_utility(%(code)s, %(name)s, %(phone)s, %(duty_phone)s);

-- name: declare_ground
SELECT predig.declare_ground(%(utility)s, %(kind)s);

-- name: utilities
SELECT code, name, phone, duty_phone FROM predig.utility WHERE valid_to IS NULL ORDER BY code;

-- name: revisions
SELECT revision, kind, utility, dataset, committed_at, added, closed, rejected,
       summary || CASE WHEN rolls_back IS NULL THEN '{}' ELSE jsonb_build_object('rolls_back', rolls_back) END
  FROM predig.revision ORDER BY revision DESC;

-- name: datasets
SELECT utility, dataset, valid_from AS revision, data_date, assets, length_m, rejected, operation, read_as
  FROM predig.dataset WHERE valid_to IS NULL ORDER BY utility, dataset;

-- name: standing_dataset
SELECT valid_from AS revision, length_m, crs, stable_ids, read_as, rejected, boxless_rejected
  FROM predig.dataset WHERE utility = %(utility)s AND dataset = %(dataset)s AND valid_to IS NULL;

-- name: standing_assets
SELECT asset_id, source_id, digest, widened_by_m FROM predig.standing_assets(%(utility)s, %(dataset)s);

-- name: pieces_beside
SELECT asset_id, geom, utility, dataset, source_id
  FROM predig.pieces_beside(%(west)s, %(south)s, %(east)s, %(north)s, %(utility)s, %(dataset)s);

-- name: schema
SELECT max(name) FROM predig.schema_migration;

-- name: newest_revision
SELECT predig.newest_revision();

-- name: asset_count
SELECT predig.asset_count();
