-- What a filing writes, as functions: PostgreSQL plans a function's statements once a session, and a statement
-- that is sent anew each time, each time. A filing is five inserts and a judgement three: planning them took longer
-- than doing them.
--
-- A plan that is kept may have been made while a table was all but empty, when reading it whole, or an index whole, is
-- as good as anything. So every row is looked up by `=` and by itself (LIMIT 1 keeps the planner from joining), and
-- seq scans are off: then nothing is left but to go down an index, whatever is known of the tables.

SET LOCAL ROLE predig_owner;
SET LOCAL search_path = predig, public;

-- As they were, in another language: a function in SQL is planned anew by each statement that calls it, and these
-- three took a fifth of what it takes to keep a judgement. The check loses STRICT, which forbids to inline it; of NULL
-- it still says nothing.
CREATE OR REPLACE FUNCTION newest_revision() RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
BEGIN
    RETURN (SELECT coalesce(max(revision), 0) FROM revision);
END $$;

CREATE OR REPLACE FUNCTION rules_now(filed text) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
BEGIN
    RETURN coalesce(
        (SELECT a.sha256 FROM rule_profile p JOIN profile_adoption a ON a.profile_id = p.profile_id
          WHERE p.sha256 = filed ORDER BY a.adoption DESC LIMIT 1),
        filed);
END $$;

CREATE OR REPLACE FUNCTION is_finite(shape geometry) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN NOT ST_IsEmpty(shape)
       AND ST_AsText(shape, 1) !~* 'nan|inf'
       AND ST_XMin(shape) >= -180 AND ST_XMax(shape) <= 180
       AND ST_YMin(shape) >= -90 AND ST_YMax(shape) <= 90;

-- Keys, permits, their sites and their jobs; gives the permits that were filed. One whose key was used before is
-- not; one whose key is being used just now is waited for. The lock is that of an adoption of rules (adopt_profile).
CREATE FUNCTION file_permits(permits json, sites json, head_start_s float8) RETURNS SETOF uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
    SET plan_cache_mode = force_generic_plan
    SET enable_seqscan = off
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(1886545255, 2);
    RETURN QUERY
    WITH asked AS (
        SELECT * FROM json_to_recordset(permits) AS a(
               permit_id uuid, key text, body_sha256 text, firm text, title text, starts_on date, ends_on date,
               extra text, profile text)
    ), first AS (
        INSERT INTO request_key (key, body_sha256, permit_id)
        SELECT a.key, a.body_sha256, a.permit_id FROM asked a WHERE a.key IS NOT NULL
            ON CONFLICT (key) DO NOTHING
        RETURNING permit_id
    ), filed AS (
        INSERT INTO permit (permit_id, firm, title, starts_on, ends_on, last_day, extra, profile)
        SELECT a.permit_id, a.firm, a.title, a.starts_on, a.ends_on, a.ends_on, a.extra::json, a.profile
          FROM asked a
         WHERE a.key IS NULL OR a.permit_id IN (SELECT f.permit_id FROM first f)
        RETURNING permit_id
    ), places AS (
        INSERT INTO permit_site (permit_id, site_index, site, geom, boxes)
        SELECT f.permit_id, s.site_index, s.site::json, s.geom::geometry, s.boxes::float8[]
          FROM filed f
          JOIN json_to_recordset(sites) AS s(permit_id uuid, site_index integer, site text, geom text, boxes text)
            ON s.permit_id = f.permit_id
    ), work AS (
        INSERT INTO job (kind, permit_id, of_request, not_before)
        SELECT 'permit', f.permit_id, true, clock_timestamp() + make_interval(secs => head_start_s) FROM filed f
    )
    SELECT f.permit_id FROM filed f;
END $$;

-- Judgements, their conflicts and the alerts they raise. An alert that another judgement raised already is not
-- raised again: the key of the table decides.
CREATE FUNCTION keep_screenings(screenings json, conflicts json, alerts json)
    RETURNS TABLE (screening_id uuid, created_at timestamptz)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
    SET plan_cache_mode = force_generic_plan
    SET enable_seqscan = off
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    INSERT INTO screening (screening_id, permit_id, amendment, site_index, register_revision, screened_on, ends_on,
                           site, geom, query_boxes, profile_sha256, engine, outcome, grade, valid_until, document,
                           document_sha256, stood)
    SELECT screening_id, permit_id, amendment, site_index, register_revision, screened_on, ends_on,
           site::json, geom::geometry, query_boxes::float8[], profile_sha256, engine, outcome, grade, valid_until,
           document, document_sha256, stood
      FROM json_to_recordset(screenings) AS s(
           screening_id uuid, permit_id uuid, amendment integer, site_index integer, register_revision bigint,
           screened_on date, ends_on date, site text, geom text, query_boxes text, profile_sha256 text, engine text,
           outcome text, grade text, valid_until date, document text, document_sha256 text, stood boolean)
    RETURNING screening_id, created_at;
    INSERT INTO conflict (screening_id, ordinal, pipe_id, source_id, utility, dataset, pressure_class, diameter_mm,
                          centreline_distance_m, clearance_m, uncertainty_m, certainty, zone, act, requirement,
                          clause, grade, affected_length_m, rest)
    SELECT screening_id, ordinal, pipe_id::jsonb, source_id, utility, dataset, pressure_class, diameter_mm,
           centreline_distance_m, clearance_m, uncertainty_m, certainty, zone, act, requirement, clause, grade,
           affected_length_m, rest::json
      FROM json_to_recordset(conflicts) AS c(
           screening_id uuid, ordinal integer, pipe_id text, source_id text, utility text, dataset text,
           pressure_class text, diameter_mm float8, centreline_distance_m float8, clearance_m float8,
           uncertainty_m float8, certainty text, zone text, act text, requirement text, clause text, grade text,
           affected_length_m float8, rest text);
    INSERT INTO alert (permit_id, amendment, site_index, screening_id, ordinal, follows, utility, dataset, source_id,
                       pipe_id, grade, change)
    SELECT permit_id, amendment, site_index, screening_id, ordinal, follows, utility, dataset, source_id,
           pipe_id::jsonb, grade, change
      FROM json_to_recordset(alerts) AS a(
           permit_id uuid, amendment integer, site_index integer, screening_id uuid, ordinal integer, follows uuid,
           utility text, dataset text, source_id text, pipe_id text, grade text, change text)
        ON CONFLICT DO NOTHING;
END $$;

-- keep_screenings() where nothing was told of a permit before: the judgements of permits filed a moment ago, and of
-- enquiries. filed, rules, sites: the permits, by which rules each was judged, how many of its sites were. Ends what
-- the filings left for a worker, and tells what is to be known of the permits now.
-- No row, and nothing is written, when that is not how it is (amended, cancelled, other rules, judged before, or not
-- there): then the caller has to hold the judgements against what was told. The permits are locked in the order given:
-- it is that of their ids, as wherever they are locked, so that nobody waits in a ring.
CREATE FUNCTION keep_first(
    filed uuid[], rules text[], sites integer[], screenings json, conflicts json, alerts json
)
    RETURNS TABLE (
        screening_id uuid, created_at timestamptz, filed_order bigint, filed_at timestamptz, touched boolean,
        today date
    )
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
    SET plan_cache_mode = force_generic_plan
    SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    about permit;
    kept uuid[];
BEGIN
    FOR number IN 1 .. cardinality(filed) LOOP
        SELECT * INTO about FROM permit p WHERE p.permit_id = filed[number] FOR NO KEY UPDATE;
        -- Statements of their own see what was committed while that one waited.
        IF NOT FOUND OR about.cancelled_at IS NOT NULL OR about.amendment > 0
            OR rules_now(about.profile) <> rules[number]
            OR (SELECT count(*) FROM permit_site s
                 WHERE s.permit_id = filed[number] AND s.amendment = 0) <> sites[number]
            OR EXISTS (SELECT FROM screening s WHERE s.permit_id = filed[number] AND s.stood)
        THEN
            RETURN;
        END IF;
    END LOOP;
    kept := ARRAY(SELECT k.screening_id FROM keep_screenings(screenings, conflicts, alerts) k);
    FOR number IN 1 .. cardinality(filed) LOOP
        UPDATE job SET state = 'done', finished_at = clock_timestamp()
         WHERE permit_id = filed[number] AND state = 'waiting' AND of_request;
    END LOOP;
    RETURN QUERY
    SELECT s.screening_id, s.created_at, p.filed_order, p.filed_at,
           p.filed_order IS NOT NULL AND touched(s.query_boxes, s.register_revision, NULL),
           (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date
      FROM unnest(kept) AS k(screening_id)
     CROSS JOIN LATERAL (SELECT * FROM screening n WHERE n.screening_id = k.screening_id LIMIT 1) s
      LEFT JOIN LATERAL (SELECT * FROM permit n WHERE n.permit_id = s.permit_id LIMIT 1) p ON true;
END $$;

GRANT EXECUTE ON FUNCTION
    file_permits(json, json, float8),
    keep_screenings(json, json, json),
    keep_first(uuid[], text[], integer[], json, json, json)
TO predig_app;
