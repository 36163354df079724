-- What a filing writes, as functions: PostgreSQL plans a function's statements once a session, and a statement
-- that is sent anew each time, each time. A filing is five inserts and a judgement three: planning them took longer
-- than doing them.
--
-- enable_seqscan: a plan made while a table was all but empty reads it whole, and would be kept while it grows. Every
-- look-up here is by a key or an index.

SET LOCAL ROLE predig_owner;
SET LOCAL search_path = predig, public;

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
-- there): then the caller has to hold the judgements against what was told. The permits are locked by then.
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
    kept uuid[];
BEGIN
    -- In one order, so that nobody waits in a ring.
    PERFORM FROM permit p WHERE p.permit_id = ANY (filed) ORDER BY p.permit_id FOR NO KEY UPDATE;
    -- A statement of its own sees what was committed while the one before it waited.
    IF EXISTS (
        SELECT FROM unnest(filed, rules, sites) AS f(permit_id, rules, sites)
          LEFT JOIN permit p ON p.permit_id = f.permit_id
         WHERE p.permit_id IS NULL OR p.cancelled_at IS NOT NULL OR p.amendment > 0
            OR rules_now(p.profile) <> f.rules
            OR (SELECT count(*) FROM permit_site s WHERE s.permit_id = f.permit_id) <> f.sites
            OR EXISTS (SELECT FROM screening s WHERE s.permit_id = f.permit_id AND s.stood)
    ) THEN
        RETURN;
    END IF;
    kept := ARRAY(SELECT k.screening_id FROM keep_screenings(screenings, conflicts, alerts) k);
    UPDATE job SET state = 'done', finished_at = clock_timestamp()
     WHERE permit_id = ANY (filed) AND state = 'waiting' AND of_request;
    RETURN QUERY
    SELECT s.screening_id, s.created_at, p.filed_order, p.filed_at,
           p.permit_id IS NOT NULL AND touched(s.query_boxes, s.register_revision, NULL),
           (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date
      FROM screening s LEFT JOIN permit p ON p.permit_id = s.permit_id
     WHERE s.screening_id = ANY (kept);
END $$;

GRANT EXECUTE ON FUNCTION
    file_permits(json, json, float8),
    keep_screenings(json, json, json),
    keep_first(uuid[], text[], integer[], json, json, json)
TO predig_app;
