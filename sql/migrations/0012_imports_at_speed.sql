-- A million pipes in one import. What the tables hold is what they held; only the price of checking and of
-- filling them is lower (docs/decisions: imports at speed).

SET LOCAL ROLE predig_owner;
SET LOCAL search_path = predig, public;

-- As it was (0002), but written so that the planner puts it into the checks that call it: neither STRICT (NULL
-- gives NULL here too) nor the text of every line. One coordinate that is no number makes the length of its line
-- none either, and NaN is not below Infinity; infinite ones stand in the box. Points and areas are few.
CREATE OR REPLACE FUNCTION is_finite(shape geometry) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN NOT ST_IsEmpty(shape)
       AND ST_XMin(shape) >= -180 AND ST_XMax(shape) <= 180
       AND ST_YMin(shape) >= -90 AND ST_YMax(shape) <= 90
       AND CASE WHEN ST_Dimension(shape) = 1 THEN ST_Length(shape) < 'Infinity'
                ELSE ST_AsText(shape, 1) !~* 'nan|inf' END;

-- The box is made of the four numbers, so these are asked. NaN is above all numbers: it fails as an eastern or
-- northern edge here, and as a western or southern one where they are held against the shape (0002).
ALTER TABLE piece
    DROP CONSTRAINT piece_box_check,
    ADD CONSTRAINT piece_box_check CHECK (west >= -180 AND south >= -90 AND east <= 180 AND north <= 90);

-- A look-up a row for what the only two functions that write here hold true by construction, as with revisions.
ALTER TABLE pipe DROP CONSTRAINT pipe_asset_id_fkey;
ALTER TABLE facility DROP CONSTRAINT facility_asset_id_fkey;

-- What was set while applying is now kept beside, and only where there is something to match: an update of the
-- staged rows wrote every one of them again.
ALTER TABLE staged_asset DROP COLUMN asset_id, DROP COLUMN fresh;

-- As it was (0009), but for how rows are matched and numbered: a new dataset has nothing to match, and its rows
-- are numbered as they are staged. Either way the numbers come out as before.
CREATE OR REPLACE FUNCTION apply_import(
    of_utility text, of_dataset text, state jsonb,
    OUT revision bigint, OUT added integer, OUT closed integer, OUT unchanged integer, OUT utility_created boolean
)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
    SET work_mem = '64MB'
AS $$
DECLARE
    change bigint := begin_change();
    standing dataset;
    next dataset := jsonb_populate_record(NULL::dataset, state);
    on_ground record;
    first_id bigint;
    had_none boolean := NOT EXISTS (SELECT FROM dataset d WHERE d.utility = of_utility AND d.valid_to IS NULL);
    all_fresh boolean := NOT EXISTS (
        SELECT FROM asset a WHERE a.utility = of_utility AND a.dataset = of_dataset AND a.valid_to IS NULL);
BEGIN
    utility_created := NOT EXISTS (SELECT FROM utility WHERE code = of_utility AND valid_to IS NULL);
    SELECT d.* INTO standing FROM dataset d
     WHERE d.utility = of_utility AND d.dataset = of_dataset AND d.valid_to IS NULL;
    SELECT coalesce(max(asset_id), 0) INTO first_id FROM asset;
    closed := 0;

    -- The fresh rows of a dataset that stands already; nth: from 0, in the order they are staged.
    CREATE TEMPORARY TABLE fresh_row (ordinal integer NOT NULL, nth bigint NOT NULL) ON COMMIT DROP;
    IF NOT all_fresh THEN
        ANALYZE staged_asset;
        CREATE TEMPORARY TABLE kept_row ON COMMIT DROP AS
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
        )
        SELECT staged.ordinal, valid.asset_id FROM staged JOIN valid USING (digest, widened_by_m, id, nth);
        ANALYZE pg_temp.kept_row;

        INSERT INTO pg_temp.fresh_row
        SELECT s.ordinal, row_number() OVER (ORDER BY s.ordinal) - 1
          FROM staged_asset s
         WHERE NOT EXISTS (SELECT FROM pg_temp.kept_row k WHERE k.ordinal = s.ordinal);
        ANALYZE pg_temp.fresh_row;

        WITH gone AS (
            UPDATE asset a SET valid_to = change
             WHERE a.utility = of_utility AND a.dataset = of_dataset AND a.valid_to IS NULL
               AND NOT EXISTS (SELECT FROM pg_temp.kept_row k WHERE k.asset_id = a.asset_id)
            RETURNING a.asset_id
        ), gone_pieces AS (
            UPDATE piece p SET valid_to = change FROM gone WHERE p.asset_id = gone.asset_id
        )
        SELECT count(*) INTO closed FROM gone;
        DROP TABLE pg_temp.kept_row;
    END IF;

    INSERT INTO asset (asset_id, utility, dataset, source_id, kind, pressure_class, diameter_mm, cover_m, material,
                       status, survey_class, laid_on, pipe_kind, uncertainty, uncertainty_m, widened_by_m, digest,
                       cover_most_m, profiled, depth_uncertainty, depth_uncertainty_m, surveyed_on, resurfaced_on,
                       valid_from)
    SELECT first_id + 1 + coalesce(f.nth, s.ordinal), of_utility, of_dataset, s.source_id, s.kind, s.pressure_class,
           s.diameter_mm, s.cover_m, s.material, s.status, s.survey_class, s.laid_on, s.pipe_kind, s.uncertainty,
           s.uncertainty_m, s.widened_by_m, s.digest, s.cover_most_m, s.profiled, s.depth_uncertainty,
           s.depth_uncertainty_m, s.surveyed_on, s.resurfaced_on, change
      FROM staged_asset s LEFT JOIN pg_temp.fresh_row f USING (ordinal)
     WHERE all_fresh OR f.ordinal IS NOT NULL;
    GET DIAGNOSTICS added = ROW_COUNT;
    INSERT INTO pipe (asset_id, geom)
    SELECT first_id + 1 + coalesce(f.nth, s.ordinal), s.geom
      FROM staged_asset s LEFT JOIN pg_temp.fresh_row f USING (ordinal)
     WHERE s.kind = 'pipe' AND (all_fresh OR f.ordinal IS NOT NULL);
    INSERT INTO facility (asset_id, geom)
    SELECT first_id + 1 + coalesce(f.nth, s.ordinal), s.geom
      FROM staged_asset s LEFT JOIN pg_temp.fresh_row f USING (ordinal)
     WHERE s.kind <> 'pipe' AND (all_fresh OR f.ordinal IS NOT NULL);
    INSERT INTO piece (asset_id, ordinal, geom, from_m, to_m, west, south, east, north, valid_from)
    SELECT first_id + 1 + coalesce(f.nth, p.staged_asset), p.ordinal, p.geom, p.from_m, p.to_m,
           p.west, p.south, p.east, p.north, change
      FROM staged_piece p LEFT JOIN pg_temp.fresh_row f ON f.ordinal = p.staged_asset
     WHERE all_fresh OR f.ordinal IS NOT NULL;
    DROP TABLE pg_temp.fresh_row;
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
