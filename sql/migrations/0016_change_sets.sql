-- Change sets, what is kept of a rejected row, how a dataset was read (docs/decisions/028), and the pieces of an import
-- counted before they are published.

SET LOCAL ROLE predig_owner;
SET LOCAL search_path = predig, public;

-- id field, map, layers, units and the name of the CRS its last whole import was read with; NULL where that was before
-- this was kept.
ALTER TABLE dataset ADD COLUMN read_as jsonb;

-- Rows that could not become assets, as long as they stand for what nobody could read. The ground they leave is in
-- `ground` (kind unreadable), alike by its digest; a row nobody knows the place of has none.
CREATE TABLE rejected_row (
    rejected_id   bigint PRIMARY KEY,
    utility       text NOT NULL,
    dataset       text NOT NULL,
    number        integer NOT NULL,  -- in its files, from 1
    source_id     text,
    code          text NOT NULL,     -- why, as the dock says it
    replaceable   boolean NOT NULL,  -- a valid row, or the removal, of the same id stands in its place
    west          double precision,
    south         double precision,
    east          double precision,
    north         double precision,
    ground_digest text CHECK ((ground_digest IS NULL) = (west IS NULL)),
    valid_from    bigint NOT NULL,
    valid_to      bigint CHECK (valid_to > valid_from)
);
CREATE INDEX rejected_row_dataset ON rejected_row (utility, dataset);
ALTER TABLE rejected_row ENABLE ROW LEVEL SECURITY;

-- What an import rejects that does not stand already, and the ids a change set takes away.
CREATE UNLOGGED TABLE staged_rejected (
    ordinal       integer PRIMARY KEY,
    number        integer NOT NULL,
    source_id     text,
    code          text NOT NULL,
    replaceable   boolean NOT NULL,
    west          double precision,
    south         double precision,
    east          double precision,
    north         double precision,
    ground_digest text
);
CREATE UNLOGGED TABLE staged_removed (source_id text PRIMARY KEY);
GRANT INSERT ON staged_rejected, staged_removed TO predig_app;

CREATE FUNCTION rejected_rows(of_utility text, of_dataset text, at_revision bigint)
    RETURNS SETOF rejected_row
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
    SELECT r.* FROM rejected_row r
     WHERE r.utility = of_utility AND r.dataset = of_dataset
       AND r.valid_from <= at_revision AND (r.valid_to IS NULL OR r.valid_to > at_revision)
     ORDER BY r.rejected_id
$$;

-- Which of some ids an asset of the dataset ever had: what is removed already may be asked to be removed again.
CREATE FUNCTION stood_once(of_utility text, of_dataset text, ids text[]) RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
    SELECT DISTINCT a.source_id FROM asset a
     WHERE a.utility = of_utility AND a.dataset = of_dataset AND a.source_id = ANY (ids)
$$;

-- As it was (0013). Whoever looks at the register as it was before an import was published would take its pieces for
-- those of one that died.
CREATE OR REPLACE FUNCTION clear_pieces() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
DECLARE
    last_id bigint := (SELECT coalesce(max(asset_id), 0) FROM asset);
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'the register is changed at read committed only' USING ERRCODE = '25000';
    END IF;
    IF (SELECT max(asset_id) FROM piece) > last_id THEN
        DELETE FROM piece WHERE asset_id > last_id;
    END IF;
END $$;

-- As it was (0013), but only for whoever holds the lock of the pieces.
CREATE OR REPLACE FUNCTION open_pieces() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
DECLARE
    change bigint := newest_revision() + 1;
    opened bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(1886545255, 3) THEN
        RAISE EXCEPTION 'another change of the register is running' USING ERRCODE = 'PD001';
    END IF;
    -- Of an asset that stands, all pieces are there: one more would be a pipe nobody registered.
    IF EXISTS (SELECT FROM staged_piece p WHERE p.asset_id <= (SELECT coalesce(max(asset_id), 0) FROM asset)) THEN
        RAISE EXCEPTION 'a piece of an asset that stands already' USING ERRCODE = '22023';
    END IF;
    INSERT INTO piece (asset_id, ordinal, geom, from_m, to_m, west, south, east, north, valid_from)
    SELECT p.asset_id, p.ordinal, p.geom, p.from_m, p.to_m, p.west, p.south, p.east, p.north, change
      FROM staged_piece p;
    GET DIAGNOSTICS opened = ROW_COUNT;
    TRUNCATE staged_piece;
    IF opened > 1000 THEN
        ANALYZE piece;
    END IF;
END $$;

-- The last step of an import, after its pieces were committed over the other connection: between that commit and its own
-- anybody could have called lock_pieces(), and assets without pieces are found by nobody. From here to the commit nobody
-- can; and all pieces must be there.
CREATE FUNCTION seal_pieces(last_id bigint, expected bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
BEGIN
    PERFORM hold_register();
    IF NOT pg_try_advisory_xact_lock(1886545255, 3) THEN
        RAISE EXCEPTION 'another change of the register is running' USING ERRCODE = 'PD001';
    END IF;
    IF (SELECT count(*) FROM piece p WHERE p.asset_id > last_id) <> expected THEN
        RAISE EXCEPTION 'not the pieces that were sent' USING ERRCODE = 'PD011';
    END IF;
END $$;

-- As it was (0013), and for change sets (of_changes): they close and open only what they name, and leave all other rows,
-- and how the dataset was read, as they stand. state: of a change set the columns of `dataset` as far as its own rows go;
-- boxless_rejected of the whole dataset in either case.
-- A file that only says how to read it otherwise, or that its ids are stable, makes a revision too: it is kept with the
-- dataset, and the next file is read like it.
-- gone_rejected: the rejected rows that stand no longer; rejected_differ: that these or the staged ones make a difference
-- by themselves.
DROP FUNCTION apply_import(text, text, jsonb);
CREATE FUNCTION apply_import(
    of_utility text, of_dataset text, state jsonb, of_changes boolean, gone_rejected bigint[], rejected_differ boolean,
    OUT revision bigint, OUT added integer, OUT closed integer, OUT unchanged integer, OUT utility_created boolean
)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
    SET work_mem = '64MB'
AS $$
DECLARE
    change bigint := newest_revision() + 1;
    standing dataset;
    next dataset := jsonb_populate_record(NULL::dataset, state);
    file dataset := next;
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
    IF of_changes AND standing.stable_ids IS NOT TRUE THEN
        RAISE EXCEPTION 'changes of a dataset that has no stable ids' USING ERRCODE = 'PD012';
    END IF;
    SELECT coalesce(max(asset_id), 0) INTO last_id FROM asset;
    closed := 0;

    IF of_changes THEN
        next := change_state(standing, next, coalesce(cardinality(gone_rejected), 0));
    END IF;
    IF NOT all_fresh THEN
        WITH gone AS (
            UPDATE asset a SET valid_to = change
             WHERE a.utility = of_utility AND a.dataset = of_dataset AND a.valid_to IS NULL
               AND NOT EXISTS (SELECT FROM staged_kept k WHERE k.asset_id = a.asset_id)
               AND (NOT of_changes OR a.source_id IN (
                        SELECT s.source_id FROM staged_asset s UNION ALL SELECT r.source_id FROM staged_removed r))
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
    unchanged := CASE WHEN of_changes THEN standing.assets - closed
                      ELSE (SELECT count(*) FROM staged_asset) - added END;
    IF of_changes THEN
        next.assets := unchanged + added;
        next.received := next.assets + next.rejected;
        PERFORM keep_unreadable(of_utility, of_dataset, gone_rejected);
    END IF;
    TRUNCATE staged_asset, staged_kept, staged_fresh, staged_removed;

    on_ground := change_ground(change, of_utility, of_dataset);
    IF NOT utility_created AND standing.utility IS NOT NULL AND added = 0 AND closed = 0
       AND on_ground.opened = 0 AND on_ground.closed = 0 AND NOT rejected_differ
       AND standing.boxless_rejected = next.boxless_rejected AND standing.stable_ids = next.stable_ids
       AND coalesce(next.read_as, standing.read_as) IS NOT DISTINCT FROM standing.read_as THEN
        TRUNCATE staged_rejected;
        RETURN;
    END IF;

    UPDATE rejected_row r SET valid_to = change WHERE r.rejected_id = ANY (gone_rejected) AND r.valid_to IS NULL;
    INSERT INTO rejected_row (rejected_id, utility, dataset, number, source_id, code, replaceable, west, south, east,
                              north, ground_digest, valid_from)
    SELECT (SELECT coalesce(max(rejected_id), 0) + 1 FROM rejected_row) + s.ordinal, of_utility, of_dataset, s.number,
           s.source_id, s.code, s.replaceable, s.west, s.south, s.east, s.north, s.ground_digest, change
      FROM staged_rejected s;
    TRUNCATE staged_rejected;

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
        added, closed, file.rejected,
        jsonb_build_object('received', file.received, 'unchanged', unchanged)
            || CASE WHEN of_changes THEN '{"change_set": true}'::jsonb ELSE '{}' END);
    IF added + closed > 1000 THEN
        ANALYZE asset, pipe, facility;
    END IF;
END $$;

-- Not for the application: what a dataset is after a change set. The day its data are of stays: nobody has looked at the
-- other rows. changes: of the file alone; its assets and their length are of the rows it brings.
CREATE FUNCTION change_state(standing dataset, changes dataset, rejected_gone integer) RETURNS dataset
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
DECLARE
    after dataset := standing;
    named_m double precision;
BEGIN
    SELECT coalesce(sum(longest.m), 0) INTO named_m
      FROM (SELECT max(p.to_m) AS m
              FROM asset a JOIN piece p USING (asset_id)
             WHERE a.utility = standing.utility AND a.dataset = standing.dataset AND a.valid_to IS NULL
               AND a.source_id IN (
                   SELECT s.source_id FROM staged_asset s UNION ALL SELECT r.source_id FROM staged_removed r)
             GROUP BY a.asset_id) longest;
    after.length_m := round((standing.length_m - named_m + changes.length_m)::numeric, 3);
    after.rejected := standing.rejected - rejected_gone + (SELECT count(*) FROM staged_rejected);
    after.boxless_rejected := changes.boxless_rejected;
    after.sources := changes.sources;
    after.warnings := changes.warnings;
    after.valid_to := NULL;
    RETURN after;
END $$;

-- Not for the application: change_ground() replaces the unreadable ground of a dataset by what is staged; so the ground
-- that stays after a change set is staged beside what it adds.
CREATE FUNCTION keep_unreadable(of_utility text, of_dataset text, gone_rejected bigint[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
    WITH standing AS (
        SELECT g.*, row_number() OVER (PARTITION BY g.digest ORDER BY g.ground_id) AS nth
          FROM ground g
         WHERE g.utility = of_utility AND g.dataset = of_dataset AND g.kind = 'unreadable' AND g.valid_to IS NULL
    ), gone AS (
        SELECT r.ground_digest AS digest, count(*) AS times
          FROM rejected_row r
         WHERE r.rejected_id = ANY (gone_rejected) AND r.valid_to IS NULL AND r.ground_digest IS NOT NULL
         GROUP BY 1
    )
    INSERT INTO staged_ground (ordinal, kind, assumed, source, geom, digest)
    SELECT (SELECT coalesce(max(ordinal), 0) FROM staged_ground) + row_number() OVER (ORDER BY s.ground_id),
           s.kind, s.assumed, s.source, s.geom, s.digest
      FROM standing s LEFT JOIN gone USING (digest)
     WHERE s.nth > coalesce(gone.times, 0)
$$;

-- As it was (0009), and the rejected rows with the rest.
ALTER FUNCTION roll_back(bigint) RENAME TO roll_back_network;
REVOKE EXECUTE ON FUNCTION roll_back_network(bigint) FROM predig_app;
CREATE FUNCTION roll_back(
    target bigint,
    OUT revision bigint, OUT of_utility text, OUT of_dataset text,
    OUT received integer, OUT added integer, OUT closed integer, OUT unchanged integer, OUT rejected integer
)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
DECLARE
    done record := roll_back_network(target);
BEGIN
    revision := done.revision;
    of_utility := done.of_utility;
    of_dataset := done.of_dataset;
    received := done.received;
    added := done.added;
    closed := done.closed;
    unchanged := done.unchanged;
    rejected := done.rejected;
    UPDATE rejected_row r SET valid_to = done.revision
     WHERE r.utility = done.of_utility AND r.dataset = done.of_dataset AND r.valid_to IS NULL AND r.valid_from >= target;
    INSERT INTO rejected_row (rejected_id, utility, dataset, number, source_id, code, replaceable, west, south, east,
                              north, ground_digest, valid_from)
    SELECT (SELECT max(rejected_id) FROM rejected_row) + row_number() OVER (ORDER BY r.rejected_id), r.utility,
           r.dataset, r.number, r.source_id, r.code, r.replaceable, r.west, r.south, r.east, r.north, r.ground_digest,
           done.revision
      FROM rejected_row r
     WHERE r.utility = done.of_utility AND r.dataset = done.of_dataset AND r.valid_from < target AND r.valid_to >= target;
END $$;

GRANT EXECUTE ON FUNCTION
    rejected_rows(text, text, bigint), stood_once(text, text, text[]), seal_pieces(bigint, bigint),
    apply_import(text, text, jsonb, boolean, bigint[], boolean), roll_back(bigint)
TO predig_app;
