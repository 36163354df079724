-- The pieces of an import come over a connection of their own, in a transaction of their own, while the assets are
-- applied over the other: two processes of the server work instead of one. Pieces whose asset is not there are found by
-- nobody: each way of reading either joins the asset or asks for revisions up to the newest. So theirs is committed
-- first, and the assets' publishes; what an import that died in between left has ids beyond the newest asset, and
-- whoever changes the register next takes it away, under the register's lock and before any of these ids is given anew.

SET LOCAL ROLE predig_owner;
SET LOCAL search_path = predig, public;

-- A piece is staged with the id that its asset will have.
ALTER TABLE staged_piece RENAME COLUMN staged_asset TO asset_id;
ALTER TABLE staged_piece ALTER COLUMN asset_id TYPE bigint;

-- What became of the staged assets: which stand already, and the number of each fresh one, from 0. Filled and emptied
-- by the functions below.
CREATE UNLOGGED TABLE staged_kept (ordinal integer PRIMARY KEY, asset_id bigint NOT NULL);
CREATE UNLOGGED TABLE staged_fresh (ordinal integer PRIMARY KEY, nth bigint NOT NULL);

-- Not for the application: the lock alone, for this transaction.
CREATE FUNCTION hold_register() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
BEGIN
    IF NOT pg_try_advisory_xact_lock(1886545255, 1) THEN
        RAISE EXCEPTION 'another change of the register is running' USING ERRCODE = 'PD001';
    END IF;
END $$;

-- As it was (0003). While pieces of an import that died are still being written, their connection holds the second lock:
-- until then the change that died is running.
CREATE OR REPLACE FUNCTION lock_register() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
BEGIN
    PERFORM hold_register();
    IF NOT pg_try_advisory_lock(1886545255, 3) THEN
        RAISE EXCEPTION 'another change of the register is running' USING ERRCODE = 'PD001';
    END IF;
    PERFORM pg_advisory_unlock(1886545255, 3);
END $$;

-- Not for the application: takes away what an import that died left.
CREATE FUNCTION clear_pieces() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
DECLARE
    last_id bigint := (SELECT coalesce(max(asset_id), 0) FROM asset);
BEGIN
    -- Asked first, because the planner does not know that there is nothing to find and would read the whole table.
    IF (SELECT max(asset_id) FROM piece) > last_id THEN
        DELETE FROM piece WHERE asset_id > last_id;
    END IF;
END $$;

-- As it was (0003), but for what may be left. An import does not come by here: its other connection clears the table,
-- since it writes the same ids anew and would wait for ever for rows deleted on this one.
CREATE OR REPLACE FUNCTION begin_change() RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
BEGIN
    PERFORM lock_register();
    PERFORM clear_pieces();
    RETURN newest_revision() + 1;
END $$;

-- Which of the staged assets stand already in the dataset. Rows that match by digest and widening (and, where the
-- utility named its id field, by id), as often as they occur, keep their version.
-- fresh: the ordinals of the others, in order; NULL where all are fresh. The n-th of them, from 1, gets the id
-- last_id + n.
CREATE FUNCTION match_import(
    of_utility text, of_dataset text, stable_ids boolean, OUT last_id bigint, OUT fresh integer[]
)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
    SET work_mem = '64MB'
AS $$
BEGIN
    PERFORM hold_register();
    SELECT coalesce(max(asset_id), 0) INTO last_id FROM asset;
    TRUNCATE staged_kept, staged_fresh;
    IF NOT EXISTS (
        SELECT FROM asset a WHERE a.utility = of_utility AND a.dataset = of_dataset AND a.valid_to IS NULL) THEN
        RETURN;
    END IF;
    ANALYZE staged_asset;
    WITH valid AS (
        SELECT a.asset_id, a.digest, a.widened_by_m, CASE WHEN stable_ids THEN a.source_id ELSE '' END AS id,
               row_number() OVER (PARTITION BY a.digest, a.widened_by_m, CASE WHEN stable_ids THEN a.source_id ELSE '' END
                                  ORDER BY a.asset_id) AS nth
          FROM asset a
         WHERE a.utility = of_utility AND a.dataset = of_dataset AND a.valid_to IS NULL
    ), staged AS (
        SELECT s.ordinal, s.digest, s.widened_by_m, CASE WHEN stable_ids THEN s.source_id ELSE '' END AS id,
               row_number() OVER (PARTITION BY s.digest, s.widened_by_m, CASE WHEN stable_ids THEN s.source_id ELSE '' END
                                  ORDER BY s.ordinal) AS nth
          FROM staged_asset s
    )
    INSERT INTO staged_kept
    SELECT staged.ordinal, valid.asset_id FROM staged JOIN valid USING (digest, widened_by_m, id, nth);
    ANALYZE staged_kept;
    INSERT INTO staged_fresh
    SELECT s.ordinal, row_number() OVER (ORDER BY s.ordinal) - 1
      FROM staged_asset s
     WHERE NOT EXISTS (SELECT FROM staged_kept k WHERE k.ordinal = s.ordinal);
    ANALYZE staged_fresh;
    fresh := ARRAY(SELECT f.ordinal FROM staged_fresh f ORDER BY f.ordinal);
END $$;

-- The two steps of the other connection, before and after its COPY. Called while an import holds the register's lock.
-- Every import takes them, with no piece to bring too: nothing may be left when its revision is published.
CREATE FUNCTION lock_pieces() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
BEGIN
    IF NOT pg_try_advisory_xact_lock(1886545255, 3) THEN
        RAISE EXCEPTION 'another change of the register is running' USING ERRCODE = 'PD001';
    END IF;
    PERFORM clear_pieces();
END $$;

CREATE FUNCTION open_pieces() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
DECLARE
    change bigint := newest_revision() + 1;
    opened bigint;
BEGIN
    -- Of an asset that stands, all pieces are there: one more would be a pipe nobody registered.
    IF EXISTS (SELECT FROM staged_piece p WHERE p.asset_id <= (SELECT coalesce(max(asset_id), 0) FROM asset)) THEN
        RAISE EXCEPTION 'a piece of an asset that stands already' USING ERRCODE = '22023';
    END IF;
    INSERT INTO piece (asset_id, ordinal, geom, from_m, to_m, west, south, east, north, valid_from)
    SELECT p.asset_id, p.ordinal, p.geom, p.from_m, p.to_m, p.west, p.south, p.east, p.north, change
      FROM staged_piece p;
    GET DIAGNOSTICS opened = ROW_COUNT;
    TRUNCATE staged_piece;
    -- Right after a large import the planner would otherwise know nothing of the new rows.
    IF opened > 1000 THEN
        ANALYZE piece;
    END IF;
END $$;

-- As it was (0012), but for the matching, which match_import() has done, and the pieces.
CREATE OR REPLACE FUNCTION apply_import(
    of_utility text, of_dataset text, state jsonb,
    OUT revision bigint, OUT added integer, OUT closed integer, OUT unchanged integer, OUT utility_created boolean
)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
    SET work_mem = '64MB'
AS $$
DECLARE
    change bigint := newest_revision() + 1;
    standing dataset;
    next dataset := jsonb_populate_record(NULL::dataset, state);
    on_ground record;
    last_id bigint;
    had_none boolean := NOT EXISTS (SELECT FROM dataset d WHERE d.utility = of_utility AND d.valid_to IS NULL);
    all_fresh boolean := NOT EXISTS (
        SELECT FROM asset a WHERE a.utility = of_utility AND a.dataset = of_dataset AND a.valid_to IS NULL);
BEGIN
    PERFORM hold_register();
    utility_created := NOT EXISTS (SELECT FROM utility WHERE code = of_utility AND valid_to IS NULL);
    SELECT d.* INTO standing FROM dataset d
     WHERE d.utility = of_utility AND d.dataset = of_dataset AND d.valid_to IS NULL;
    SELECT coalesce(max(asset_id), 0) INTO last_id FROM asset;
    closed := 0;

    IF NOT all_fresh THEN
        WITH gone AS (
            UPDATE asset a SET valid_to = change
             WHERE a.utility = of_utility AND a.dataset = of_dataset AND a.valid_to IS NULL
               AND NOT EXISTS (SELECT FROM staged_kept k WHERE k.asset_id = a.asset_id)
            RETURNING a.asset_id
        ), gone_pieces AS (
            UPDATE piece p SET valid_to = change FROM gone WHERE p.asset_id = gone.asset_id
        )
        SELECT count(*) INTO closed FROM gone;
    END IF;

    INSERT INTO asset (asset_id, utility, dataset, source_id, kind, pressure_class, diameter_mm, cover_m, material,
                       status, survey_class, laid_on, pipe_kind, uncertainty, uncertainty_m, widened_by_m, digest,
                       cover_most_m, profiled, depth_uncertainty, depth_uncertainty_m, surveyed_on, resurfaced_on,
                       valid_from)
    SELECT last_id + 1 + coalesce(f.nth, s.ordinal), of_utility, of_dataset, s.source_id, s.kind, s.pressure_class,
           s.diameter_mm, s.cover_m, s.material, s.status, s.survey_class, s.laid_on, s.pipe_kind, s.uncertainty,
           s.uncertainty_m, s.widened_by_m, s.digest, s.cover_most_m, s.profiled, s.depth_uncertainty,
           s.depth_uncertainty_m, s.surveyed_on, s.resurfaced_on, change
      FROM staged_asset s LEFT JOIN staged_fresh f USING (ordinal)
     WHERE all_fresh OR f.ordinal IS NOT NULL;
    GET DIAGNOSTICS added = ROW_COUNT;
    INSERT INTO pipe (asset_id, geom)
    SELECT last_id + 1 + coalesce(f.nth, s.ordinal), s.geom
      FROM staged_asset s LEFT JOIN staged_fresh f USING (ordinal)
     WHERE s.kind = 'pipe' AND (all_fresh OR f.ordinal IS NOT NULL);
    INSERT INTO facility (asset_id, geom)
    SELECT last_id + 1 + coalesce(f.nth, s.ordinal), s.geom
      FROM staged_asset s LEFT JOIN staged_fresh f USING (ordinal)
     WHERE s.kind <> 'pipe' AND (all_fresh OR f.ordinal IS NOT NULL);
    SELECT count(*) - added INTO unchanged FROM staged_asset;
    TRUNCATE staged_asset, staged_kept, staged_fresh;

    on_ground := change_ground(change, of_utility, of_dataset);
    IF NOT utility_created AND standing.utility IS NOT NULL AND added = 0 AND closed = 0
       AND on_ground.opened = 0 AND on_ground.closed = 0
       AND standing.boxless_rejected = next.boxless_rejected THEN
        RETURN;
    END IF;

    IF utility_created THEN
        INSERT INTO utility (code, valid_from, name) VALUES (of_utility, change, of_utility);
    END IF;
    UPDATE dataset d SET valid_to = change
     WHERE d.utility = of_utility AND d.dataset = of_dataset AND d.valid_to IS NULL;
    next.utility := of_utility;
    next.dataset := of_dataset;
    next.valid_from := change;
    INSERT INTO dataset SELECT next.*;
    revision := change;
    PERFORM record_change(
        change, 'network', of_utility, of_dataset, NULL,
        CASE WHEN on_ground.unbounded THEN 'everywhere'
             -- Its first data: until now it vouched for nothing, wherever it serves.
             WHEN had_none AND NOT utility_created THEN 'utility'
             ELSE reach_of(standing, next, utility_created) END,
        added, closed, next.rejected, jsonb_build_object('received', next.received, 'unchanged', unchanged));
    IF added + closed > 1000 THEN
        ANALYZE asset, pipe, facility;
    END IF;
END $$;

GRANT EXECUTE ON FUNCTION match_import(text, text, boolean), lock_pieces(), open_pieces() TO predig_app;
