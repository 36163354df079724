-- The only ways to change the register. Each function runs as the owner of the tables, looks names up in a
-- fixed path (pg_temp last, so that no session can slip in a table of its own), and takes the register's lock.
--
-- SQLSTATEs of class PD are Predig's; sql/errors.py holds their sentences. No message carries data.

SET LOCAL ROLE predig_owner;
SET LOCAL search_path = predig, public;

-- One writer at a time, until its transaction ends: the next revision number is the newest plus one and
-- number order is commit order. Refused at once rather than queued, so that the user hears why.
CREATE FUNCTION lock_register() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
BEGIN
    IF NOT pg_try_advisory_xact_lock(1886545255, 1) THEN
        RAISE EXCEPTION 'another change of the register is running' USING ERRCODE = 'PD001';
    END IF;
END $$;

CREATE FUNCTION newest_revision() RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$ SELECT coalesce(max(revision), 0) FROM revision $$;

-- Not for the application: the number this change will have, under the lock.
CREATE FUNCTION begin_change() RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
BEGIN
    PERFORM lock_register();
    RETURN newest_revision() + 1;
END $$;

-- Not for the application: opens the ground that is staged and closes what it replaces. A word of one kind
-- (for coverage: of one kind of pipe) replaces that utility's earlier one; what is the same stays as it is.
-- Unreadable ground belongs to one dataset and is replaced whole, also by nothing.
-- unbounded: a service area was declared for the first time or withdrawn, so that ground nobody staged
-- gains or loses an owner.
CREATE FUNCTION change_ground(
    change bigint, of_utility text, of_dataset text, OUT opened integer, OUT closed integer, OUT unbounded boolean
)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
DECLARE
    had_area boolean := EXISTS (
        SELECT FROM ground WHERE utility = of_utility AND kind = 'service_area' AND valid_to IS NULL);
BEGIN
    CREATE TEMPORARY TABLE ground_change ON COMMIT DROP AS
    WITH word AS (
        SELECT DISTINCT kind, coalesce(pipe_kind, '') AS part FROM staged_ground WHERE kind <> 'unreadable'
        UNION ALL SELECT 'unreadable', '' WHERE of_dataset IS NOT NULL
    ), standing AS (
        SELECT g.ground_id, g.kind, coalesce(g.pipe_kind, '') AS part, g.digest,
               row_number() OVER (PARTITION BY g.kind, g.pipe_kind, g.digest ORDER BY g.ground_id) AS nth
          FROM ground g
         WHERE g.utility = of_utility AND g.valid_to IS NULL
           AND (g.kind, coalesce(g.pipe_kind, '')) IN (SELECT kind, part FROM word)
           AND (g.dataset IS NULL OR g.dataset = of_dataset)
    ), staged AS (
        SELECT s.ordinal, s.kind, coalesce(s.pipe_kind, '') AS part, s.digest,
               row_number() OVER (PARTITION BY s.kind, s.pipe_kind, s.digest ORDER BY s.ordinal) AS nth
          FROM staged_ground s
         WHERE s.geom IS NOT NULL
    )
    SELECT standing.ground_id, staged.ordinal
      FROM standing FULL JOIN staged USING (kind, part, digest, nth)
     WHERE standing.ground_id IS NULL OR staged.ordinal IS NULL;

    UPDATE ground g SET valid_to = change FROM pg_temp.ground_change c WHERE c.ground_id = g.ground_id;
    GET DIAGNOSTICS closed = ROW_COUNT;

    INSERT INTO ground (ground_id, utility, kind, dataset, pipe_kind, as_of, max_age_days, assumed, source,
                        geom, digest, valid_from)
    SELECT (SELECT coalesce(max(ground_id), 0) FROM ground) + row_number() OVER (ORDER BY s.ordinal),
           of_utility, s.kind, CASE WHEN s.kind = 'unreadable' THEN of_dataset END, s.pipe_kind, s.as_of,
           s.max_age_days, s.assumed, s.source, s.geom, s.digest, change
      FROM staged_ground s JOIN pg_temp.ground_change c ON c.ordinal = s.ordinal;
    GET DIAGNOSTICS opened = ROW_COUNT;

    unbounded := had_area IS DISTINCT FROM EXISTS (
        SELECT FROM ground WHERE utility = of_utility AND kind = 'service_area' AND valid_to IS NULL);
    DROP TABLE pg_temp.ground_change;
    TRUNCATE staged_ground;
END $$;

-- Not for the application: writes the revision down and leaves the work it causes, in the same transaction.
CREATE FUNCTION record_change(
    change bigint, of_kind text, of_utility text, of_dataset text, rolled_back bigint, reach text,
    n_added integer, n_closed integer, n_rejected integer, what jsonb
) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
BEGIN
    INSERT INTO revision (revision, kind, utility, dataset, rolls_back, touches, added, closed, rejected, summary)
    VALUES (change, of_kind, of_utility, of_dataset, rolled_back, reach, n_added, n_closed, n_rejected, what);
    INSERT INTO job (kind, revision) VALUES ('revision', change);
END $$;

-- The new revision, or NULL when nothing differed.
CREATE FUNCTION set_utility(of_code text, of_name text, of_phone text, of_duty_phone text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
DECLARE
    change bigint := begin_change();
    standing utility;
BEGIN
    SELECT * INTO standing FROM utility WHERE code = of_code AND valid_to IS NULL;
    IF standing.code IS NOT NULL
       AND (standing.name, standing.phone, standing.duty_phone)
           IS NOT DISTINCT FROM (of_name, of_phone, of_duty_phone) THEN
        RETURN NULL;
    END IF;
    UPDATE utility SET valid_to = change WHERE code = of_code AND valid_to IS NULL;
    INSERT INTO utility (code, valid_from, name, phone, duty_phone)
    VALUES (of_code, change, of_name, of_phone, of_duty_phone);
    PERFORM record_change(change, 'utility', of_code, NULL, NULL, 'utility', 1,
                          (standing.code IS NOT NULL)::integer, 0, '{}');
    RETURN change;
END $$;

-- Applies staged_ground for a utility; the new revision, or the newest one when nothing differed.
CREATE FUNCTION declare_ground(of_utility text, of_kind text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
DECLARE
    change bigint := begin_change();
    done record;
BEGIN
    IF NOT EXISTS (SELECT FROM utility WHERE code = of_utility AND valid_to IS NULL) THEN
        RAISE EXCEPTION 'no such utility' USING ERRCODE = 'PD006';
    END IF;
    done := change_ground(change, of_utility, NULL);
    IF done.opened = 0 AND done.closed = 0 THEN
        RETURN change - 1;
    END IF;
    PERFORM record_change(change, of_kind, of_utility, NULL, NULL,
                          CASE WHEN done.unbounded THEN 'everywhere' ELSE 'ground' END,
                          done.opened, done.closed, 0, '{}');
    RETURN change;
END $$;

-- Not for the application: a dataset in doubt, or one of older data than before, lowers what can be said of
-- all the ground its utility serves, however far its pipes lie.
CREATE FUNCTION reach_of(standing dataset, next dataset, new_utility boolean) RETURNS text
    LANGUAGE sql IMMUTABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
    SELECT CASE
        WHEN new_utility THEN 'everywhere'
        WHEN coalesce(standing.boxless_rejected, 0) <> coalesce(next.boxless_rejected, 0)
          OR next.data_date IS NULL OR next.data_date < standing.data_date THEN 'utility'
        ELSE 'ground'
    END
$$;

-- Replaces one dataset by what is staged. Rows that match by digest and widening (and, where the utility
-- named its id field, by id), as often as they occur, keep their version.
-- state: the columns of `dataset` that describe the intake. revision is NULL when nothing differed.
CREATE FUNCTION apply_import(
    of_utility text, of_dataset text, state jsonb,
    OUT revision bigint, OUT added integer, OUT closed integer, OUT unchanged integer, OUT utility_created boolean
)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
DECLARE
    change bigint := begin_change();
    standing dataset;
    next dataset := jsonb_populate_record(NULL::dataset, state);
    on_ground record;
    first_id bigint;
    had_none boolean := NOT EXISTS (SELECT FROM dataset d WHERE d.utility = of_utility AND d.valid_to IS NULL);
BEGIN
    utility_created := NOT EXISTS (SELECT FROM utility WHERE code = of_utility AND valid_to IS NULL);
    SELECT d.* INTO standing FROM dataset d
     WHERE d.utility = of_utility AND d.dataset = of_dataset AND d.valid_to IS NULL;
    SELECT coalesce(max(asset_id), 0) INTO first_id FROM asset;
    ANALYZE staged_asset;

    WITH valid AS (
        SELECT a.asset_id, a.digest, a.widened_by_m,
               CASE WHEN next.stable_ids THEN a.source_id ELSE '' END AS id,
               row_number() OVER (PARTITION BY a.digest, a.widened_by_m,
                                  CASE WHEN next.stable_ids THEN a.source_id ELSE '' END
                                  ORDER BY a.asset_id) AS nth
          FROM asset a
         WHERE a.utility = of_utility AND a.dataset = of_dataset AND a.valid_to IS NULL
    ), staged AS (
        SELECT s.ordinal, s.digest, s.widened_by_m,
               CASE WHEN next.stable_ids THEN s.source_id ELSE '' END AS id,
               row_number() OVER (PARTITION BY s.digest, s.widened_by_m,
                                  CASE WHEN next.stable_ids THEN s.source_id ELSE '' END
                                  ORDER BY s.ordinal) AS nth
          FROM staged_asset s
    ), matched AS (
        SELECT staged.ordinal, valid.asset_id,
               first_id + row_number() OVER (PARTITION BY valid.asset_id IS NULL ORDER BY staged.ordinal) AS next_id
          FROM staged LEFT JOIN valid USING (digest, widened_by_m, id, nth)
    )
    UPDATE staged_asset s
       SET asset_id = coalesce(m.asset_id, m.next_id), fresh = m.asset_id IS NULL
      FROM matched m
     WHERE m.ordinal = s.ordinal;

    WITH gone AS (
        UPDATE asset a SET valid_to = change
         WHERE a.utility = of_utility AND a.dataset = of_dataset AND a.valid_to IS NULL
           AND NOT EXISTS (SELECT FROM staged_asset s WHERE s.asset_id = a.asset_id AND NOT s.fresh)
        RETURNING a.asset_id
    ), gone_pieces AS (
        UPDATE piece p SET valid_to = change FROM gone WHERE p.asset_id = gone.asset_id
    )
    SELECT count(*) INTO closed FROM gone;

    INSERT INTO asset (asset_id, utility, dataset, source_id, kind, pressure_class, diameter_mm, cover_m, material,
                       status, survey_class, laid_on, pipe_kind, uncertainty, uncertainty_m, widened_by_m, digest,
                       valid_from)
    SELECT asset_id, of_utility, of_dataset, source_id, kind, pressure_class, diameter_mm, cover_m, material,
           status, survey_class, laid_on, pipe_kind, uncertainty, uncertainty_m, widened_by_m, digest, change
      FROM staged_asset WHERE fresh;
    GET DIAGNOSTICS added = ROW_COUNT;
    INSERT INTO pipe (asset_id, geom)
    SELECT asset_id, geom FROM staged_asset WHERE fresh AND kind = 'pipe';
    INSERT INTO facility (asset_id, geom)
    SELECT asset_id, geom FROM staged_asset WHERE fresh AND kind <> 'pipe';
    INSERT INTO piece (asset_id, ordinal, geom, from_m, to_m, west, south, east, north, valid_from)
    SELECT s.asset_id, p.ordinal, p.geom, p.from_m, p.to_m, p.west, p.south, p.east, p.north, change
      FROM staged_piece p JOIN staged_asset s ON s.ordinal = p.staged_asset
     WHERE s.fresh;
    SELECT count(*) - added INTO unchanged FROM staged_asset;
    TRUNCATE staged_asset, staged_piece;

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
    -- Right after a large import the planner would otherwise know nothing of the new rows.
    IF added + closed > 1000 THEN
        ANALYZE asset, pipe, facility, piece;
    END IF;
END $$;

-- Makes a dataset what it was just before network revision `target`, together with the ground that import
-- declared, where that word still stands, and every coverage the utility declared while it stood: a coverage
-- must not outlive the pipes it was declared with or over, or ground would read as clear. The utility
-- declares it again, if it still holds.
CREATE FUNCTION roll_back(
    target bigint,
    OUT revision bigint, OUT of_utility text, OUT of_dataset text,
    OUT received integer, OUT added integer, OUT closed integer, OUT unchanged integer, OUT rejected integer
)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
DECLARE
    change bigint := begin_change();
    undone revision;
    standing dataset;
    next dataset;
    had_area boolean;
    reach text;
BEGIN
    SELECT r.* INTO undone FROM revision r WHERE r.revision = target;
    IF undone.revision IS NULL THEN
        RAISE EXCEPTION 'no such revision' USING ERRCODE = 'PD002';
    ELSIF undone.kind <> 'network' THEN
        RAISE EXCEPTION 'not the import of a network' USING ERRCODE = 'PD003';
    ELSIF EXISTS (SELECT FROM revision r WHERE r.rolls_back = target) THEN
        RAISE EXCEPTION 'rolled back already' USING ERRCODE = 'PD004';
    ELSIF EXISTS (
        SELECT FROM revision later
         WHERE later.kind = 'network' AND later.utility = undone.utility AND later.dataset = undone.dataset
           AND later.revision > target
           AND NOT EXISTS (SELECT FROM revision r WHERE r.rolls_back = later.revision)
    ) THEN
        RAISE EXCEPTION 'a later import stands' USING ERRCODE = 'PD005';
    END IF;
    of_utility := undone.utility;
    of_dataset := undone.dataset;
    had_area := EXISTS (
        SELECT FROM ground WHERE utility = of_utility AND kind = 'service_area' AND valid_to IS NULL);

    WITH gone AS (
        UPDATE asset a SET valid_to = change
         WHERE a.utility = of_utility AND a.dataset = of_dataset AND a.valid_to IS NULL AND a.valid_from >= target
        RETURNING a.asset_id
    ), gone_pieces AS (
        UPDATE piece p SET valid_to = change FROM gone WHERE p.asset_id = gone.asset_id
    )
    SELECT count(*) INTO closed FROM gone;

    -- Versions that stood before `target` and were closed since come back as new versions.
    CREATE TEMPORARY TABLE coming_back ON COMMIT DROP AS
    SELECT a.asset_id AS old_id,
           (SELECT coalesce(max(asset_id), 0) FROM asset) + row_number() OVER (ORDER BY a.asset_id) AS new_id
      FROM asset a
     WHERE a.utility = of_utility AND a.dataset = of_dataset AND a.valid_from < target AND a.valid_to >= target;
    INSERT INTO asset (asset_id, utility, dataset, source_id, kind, pressure_class, diameter_mm, cover_m, material,
                       status, survey_class, laid_on, pipe_kind, uncertainty, uncertainty_m, widened_by_m, digest,
                       valid_from)
    SELECT c.new_id, a.utility, a.dataset, a.source_id, a.kind, a.pressure_class, a.diameter_mm, a.cover_m,
           a.material, a.status, a.survey_class, a.laid_on, a.pipe_kind, a.uncertainty, a.uncertainty_m,
           a.widened_by_m, a.digest, change
      FROM asset a JOIN pg_temp.coming_back c ON c.old_id = a.asset_id;
    GET DIAGNOSTICS added = ROW_COUNT;
    INSERT INTO pipe SELECT c.new_id, p.geom FROM pipe p JOIN pg_temp.coming_back c ON c.old_id = p.asset_id;
    INSERT INTO facility SELECT c.new_id, f.geom FROM facility f JOIN pg_temp.coming_back c ON c.old_id = f.asset_id;
    INSERT INTO piece (asset_id, ordinal, geom, from_m, to_m, west, south, east, north, valid_from)
    SELECT c.new_id, p.ordinal, p.geom, p.from_m, p.to_m, p.west, p.south, p.east, p.north, change
      FROM piece p JOIN pg_temp.coming_back c ON c.old_id = p.asset_id;
    DROP TABLE pg_temp.coming_back;

    -- Ground: the unreadable ground of the dataset, and the words this very import spoke that still stand.
    CREATE TEMPORARY TABLE word_back ON COMMIT DROP AS
    SELECT g.kind, g.pipe_kind FROM ground g
     WHERE g.utility = of_utility AND g.dataset IS NULL AND g.valid_from = target AND g.valid_to IS NULL;
    UPDATE ground g SET valid_to = change
     WHERE g.utility = of_utility AND g.valid_to IS NULL AND g.valid_from >= target
       AND (g.dataset = of_dataset OR (g.dataset IS NULL AND g.valid_from = target) OR g.kind = 'coverage');
    INSERT INTO ground (ground_id, utility, kind, dataset, pipe_kind, as_of, max_age_days, assumed, source,
                        geom, digest, valid_from)
    SELECT (SELECT coalesce(max(ground_id), 0) FROM ground) + row_number() OVER (ORDER BY g.ground_id),
           g.utility, g.kind, g.dataset, g.pipe_kind, g.as_of, g.max_age_days, g.assumed, g.source, g.geom,
           g.digest, change
      FROM ground g
     WHERE g.utility = of_utility AND g.valid_from < target AND g.valid_to >= target
       AND (g.dataset = of_dataset
            OR EXISTS (SELECT FROM pg_temp.word_back w
                        WHERE g.valid_to = target AND w.kind = g.kind
                          AND w.pipe_kind IS NOT DISTINCT FROM g.pipe_kind));
    DROP TABLE pg_temp.word_back;

    SELECT d.* INTO standing FROM dataset d
     WHERE d.utility = of_utility AND d.dataset = of_dataset AND d.valid_to IS NULL;
    SELECT d.* INTO next FROM dataset d
     WHERE d.utility = of_utility AND d.dataset = of_dataset AND d.valid_from < target
       AND (d.valid_to IS NULL OR d.valid_to >= target);
    UPDATE dataset d SET valid_to = change
     WHERE d.utility = of_utility AND d.dataset = of_dataset AND d.valid_to IS NULL;
    IF next.utility IS NOT NULL THEN
        next.valid_from := change;
        next.valid_to := NULL;
        INSERT INTO dataset SELECT next.*;
    END IF;

    received := coalesce(next.received, 0);
    rejected := coalesce(next.rejected, 0);
    unchanged := coalesce(next.assets, 0) - added;
    revision := change;
    reach := CASE WHEN had_area IS DISTINCT FROM EXISTS (
                           SELECT FROM ground WHERE utility = of_utility AND kind = 'service_area' AND valid_to IS NULL)
                  THEN 'everywhere' ELSE reach_of(standing, next, false) END;
    PERFORM record_change(change, 'rollback', of_utility, of_dataset, target, reach, added, closed, rejected,
                          jsonb_build_object('received', received, 'unchanged', unchanged));
END $$;

GRANT EXECUTE ON FUNCTION
    lock_register(), newest_revision(), set_utility(text, text, text, text), declare_ground(text, text),
    apply_import(text, text, jsonb), roll_back(bigint)
TO predig_app;
