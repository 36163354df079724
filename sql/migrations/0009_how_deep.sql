-- How deep a pipe lies along its whole length, how well that is known, and when it was surveyed and the road above
-- it last rebuilt. A row of before says none of it: its cover counts for one place only and relieves nobody.

SET LOCAL ROLE predig_owner;
SET LOCAL search_path = predig, public;

-- The terms of the depth's doubt are canonical JSON, as those of the position: an empty list is unknown, and then so
-- is depth_uncertainty_m.
ALTER TABLE asset
    ADD COLUMN cover_most_m double precision
        CHECK (cover_most_m >= cover_m AND cover_most_m < 'Infinity')
        CHECK (cover_most_m IS NULL OR cover_m IS NOT NULL),
    ADD COLUMN profiled boolean NOT NULL DEFAULT false,
    ADD COLUMN depth_uncertainty text NOT NULL DEFAULT '[]',
    ADD COLUMN depth_uncertainty_m double precision
        CHECK (depth_uncertainty_m >= 0 AND depth_uncertainty_m < 'Infinity')
        CHECK ((depth_uncertainty_m IS NULL) = (depth_uncertainty = '[]')),
    ADD COLUMN surveyed_on date,
    ADD COLUMN resurfaced_on date;
ALTER TABLE staged_asset
    ADD COLUMN cover_most_m double precision,
    ADD COLUMN profiled boolean NOT NULL,
    ADD COLUMN depth_uncertainty text NOT NULL,
    ADD COLUMN depth_uncertainty_m double precision,
    ADD COLUMN surveyed_on date,
    ADD COLUMN resurfaced_on date;

-- As it was (0003), with the new columns.
CREATE OR REPLACE FUNCTION apply_import(
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
                       cover_most_m, profiled, depth_uncertainty, depth_uncertainty_m, surveyed_on, resurfaced_on,
                       valid_from)
    SELECT asset_id, of_utility, of_dataset, source_id, kind, pressure_class, diameter_mm, cover_m, material,
           status, survey_class, laid_on, pipe_kind, uncertainty, uncertainty_m, widened_by_m, digest,
           cover_most_m, profiled, depth_uncertainty, depth_uncertainty_m, surveyed_on, resurfaced_on, change
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

-- As it was (0003), with the new columns.
CREATE OR REPLACE FUNCTION roll_back(
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
                       cover_most_m, profiled, depth_uncertainty, depth_uncertainty_m, surveyed_on, resurfaced_on,
                       valid_from)
    SELECT c.new_id, a.utility, a.dataset, a.source_id, a.kind, a.pressure_class, a.diameter_mm, a.cover_m,
           a.material, a.status, a.survey_class, a.laid_on, a.pipe_kind, a.uncertainty, a.uncertainty_m,
           a.widened_by_m, a.digest, a.cover_most_m, a.profiled, a.depth_uncertainty, a.depth_uncertainty_m,
           a.surveyed_on, a.resurfaced_on, change
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

-- A function cannot be given other columns: made anew, as it was (0004), with the new ones. cover_most_m is that of
-- the one cover stated, where no second one is.
DROP FUNCTION candidates(integer[], float8[], bigint);
CREATE FUNCTION candidates(site integer[], boxes float8[], as_of bigint)
    RETURNS TABLE (
        site_index integer, asset_id bigint, ordinal integer, geom bytea, from_m float8, to_m float8,
        source_id text, utility text, dataset text, revision bigint, kind text, pressure_class text,
        diameter_mm float8, cover_m float8, status text, pipe_kind text, uncertainty_m float8, uncertainty text,
        cover_most_m float8, profiled boolean, depth_uncertainty_m float8, depth_uncertainty text
    )
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
    SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    here geometry;
    w float8; s float8; e float8; n float8;
BEGIN
    IF cardinality(boxes) <> 4 * cardinality(site) THEN
        RAISE EXCEPTION 'not four numbers a box' USING ERRCODE = '22023';
    END IF;
    FOR i IN 0 .. cardinality(boxes) / 4 - 1 LOOP
        w := boxes[4 * i + 1]; s := boxes[4 * i + 2]; e := boxes[4 * i + 3]; n := boxes[4 * i + 4];
        IF NOT is_narrow(w, s, e, n) THEN
            RAISE EXCEPTION 'box too wide' USING ERRCODE = 'PD007';
        END IF;
        here := ST_MakeEnvelope(w, s, e, n, 4490);
        RETURN QUERY
        SELECT site[i + 1], p.asset_id, p.ordinal, ST_AsBinary(p.geom), p.from_m, p.to_m,
               a.source_id, a.utility, a.dataset, a.valid_from, a.kind, a.pressure_class,
               a.diameter_mm, a.cover_m, a.status, a.pipe_kind, a.uncertainty_m, a.uncertainty,
               coalesce(a.cover_most_m, a.cover_m), a.profiled, a.depth_uncertainty_m, a.depth_uncertainty
          FROM piece p JOIN asset a ON a.asset_id = p.asset_id
         WHERE p.box && here
           AND p.west <= e AND p.east >= w AND p.south <= n AND p.north >= s
           AND p.valid_from <= as_of AND (p.valid_to IS NULL OR p.valid_to > as_of);
    END LOOP;
END $$;

DROP FUNCTION whole_assets(float8[], bigint);
CREATE FUNCTION whole_assets(boxes float8[], at_revision bigint)
    RETURNS TABLE (
        asset_id bigint, utility text, dataset text, revision bigint, source_id text, kind text,
        pressure_class text, diameter_mm float8, cover_m float8, material text, status text,
        survey_class text, laid_on date, pipe_kind text, uncertainty text, digest text, geom bytea,
        cover_most_m float8, profiled boolean, depth_uncertainty text, surveyed_on date, resurfaced_on date
    )
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
DECLARE
    at bigint := settled_revision(at_revision);
    here geometry;
    w float8; s float8; e float8; n float8;
    met bigint[] := '{}';
BEGIN
    IF cardinality(boxes) % 4 <> 0 THEN
        RAISE EXCEPTION 'not four numbers a box' USING ERRCODE = '22023';
    END IF;
    FOR i IN 0 .. cardinality(boxes) / 4 - 1 LOOP
        w := boxes[4 * i + 1]; s := boxes[4 * i + 2]; e := boxes[4 * i + 3]; n := boxes[4 * i + 4];
        IF NOT is_narrow(w, s, e, n) THEN
            RAISE EXCEPTION 'box too wide' USING ERRCODE = 'PD007';
        END IF;
        here := ST_MakeEnvelope(w, s, e, n, 4490);
        met := met
            || ARRAY(SELECT p.asset_id FROM pipe p WHERE p.geom && here)
            || ARRAY(SELECT f.asset_id FROM facility f WHERE f.geom && here);
    END LOOP;
    RETURN QUERY
    SELECT a.asset_id, a.utility, a.dataset, a.valid_from, a.source_id, a.kind, a.pressure_class, a.diameter_mm,
           a.cover_m, a.material, a.status, a.survey_class, a.laid_on, a.pipe_kind, a.uncertainty, a.digest,
           ST_AsBinary(coalesce(p.geom, f.geom)),
           a.cover_most_m, a.profiled, a.depth_uncertainty, a.surveyed_on, a.resurfaced_on
      FROM asset a LEFT JOIN pipe p ON p.asset_id = a.asset_id LEFT JOIN facility f ON f.asset_id = a.asset_id
     WHERE a.asset_id IN (SELECT unnest(met))
       AND a.valid_from <= at AND (a.valid_to IS NULL OR a.valid_to > at)
     ORDER BY a.asset_id;
END $$;

GRANT EXECUTE ON FUNCTION candidates(integer[], float8[], bigint), whole_assets(float8[], bigint) TO predig_app;
