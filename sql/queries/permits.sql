-- name: file_permits
SELECT permit_id::text
  FROM predig.file_permits(%(permits)s::json, %(sites)s::json, %(head_start_s)s) AS filed(permit_id);

-- name: amend_permit
-- As file_permits. `first` is false when the key was used before; amendment NULL: nothing was amended.
WITH turn AS (
    SELECT pg_advisory_xact_lock_shared(1886545255, 2)
), first AS (
    INSERT INTO predig.request_key (key, body_sha256, permit_id)
    SELECT %(key)s, %(body_sha256)s, permit_id FROM predig.permit
     WHERE permit_id = %(permit_id)s AND %(key)s::text IS NOT NULL
        ON CONFLICT (key) DO NOTHING
    RETURNING key
), amended AS (
    UPDATE predig.permit SET amendment = amendment + 1, last_day = %(ends_on)s
      FROM turn
     WHERE permit_id = %(permit_id)s AND cancelled_at IS NULL
       AND last_day >= (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date
       AND (%(seen)s::integer IS NULL OR amendment = %(seen)s)
       AND (%(key)s::text IS NULL OR EXISTS (SELECT FROM first))
    RETURNING permit_id, amendment
), words AS (
    INSERT INTO predig.amendment (permit_id, amendment, firm, title, starts_on, ends_on, extra, profile)
    SELECT permit_id, amendment, %(firm)s, %(title)s, %(starts_on)s::date, %(ends_on)s::date, %(extra)s::json,
           %(profile)s
      FROM amended
), sites AS (
    INSERT INTO predig.permit_site (permit_id, amendment, site_index, site, geom, boxes)
    SELECT m.permit_id, m.amendment, s.site_index, s.site::json, s.geom::geometry, s.boxes::float8[]
      FROM amended m, json_to_recordset(%(sites)s) AS s(site_index integer, site text, geom text, boxes text)
), job AS (
    INSERT INTO predig.job (kind, permit_id, of_request, not_before)
    SELECT 'permit', permit_id, true, clock_timestamp() + make_interval(secs => %(head_start_s)s) FROM amended
)
SELECT EXISTS (SELECT FROM first) AS first, (SELECT amendment FROM amended) AS amendment;

-- name: cancel_permit
WITH first AS (
    INSERT INTO predig.request_key (key, body_sha256, permit_id)
    SELECT %(key)s, %(body_sha256)s, permit_id FROM predig.permit
     WHERE permit_id = %(permit_id)s AND %(key)s::text IS NOT NULL
        ON CONFLICT (key) DO NOTHING
    RETURNING key
), cancelled AS (
    UPDATE predig.permit SET cancelled_at = coalesce(cancelled_at, clock_timestamp())
     WHERE permit_id = %(permit_id)s AND (%(key)s::text IS NULL OR EXISTS (SELECT FROM first))
    RETURNING permit_id
)
SELECT EXISTS (SELECT FROM first) AS first, EXISTS (SELECT FROM cancelled) AS cancelled;

-- name: why_not_amended
SELECT cancelled_at IS NOT NULL AS cancelled,
       last_day < (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date AS expired
  FROM predig.permit WHERE permit_id = %(permit_id)s;

-- name: request
SELECT k.body_sha256, k.permit_id::text, k.status, k.answer,
       ARRAY(SELECT b.permit_id::text FROM predig.permit_beside b
              WHERE b.first = k.permit_id ORDER BY b.ordinal) AS beside
  FROM predig.request_key k WHERE k.key = %(key)s;

-- name: keep_beside
INSERT INTO predig.permit_beside (first, ordinal, permit_id)
SELECT %(first)s::uuid, b.ordinal, b.permit_id
  FROM unnest(%(beside)s::uuid[]) WITH ORDINALITY AS b(permit_id, ordinal);

-- name: keep_plan_file
INSERT INTO predig.plan_file (sha256, bytes) VALUES (%(sha256)s, %(bytes)s) ON CONFLICT (sha256) DO NOTHING;

-- name: keep_permit_file
INSERT INTO predig.permit_file (permit_id, number, amendment, name, content_type, sha256, read_as)
SELECT %(permit_id)s::uuid, coalesce(max(number) + 1, 0), %(amendment)s, %(name)s, %(content_type)s, %(sha256)s,
       %(read_as)s::json
  FROM predig.permit_file WHERE permit_id = %(permit_id)s::uuid;

-- name: permit_file
SELECT f.number, f.amendment, f.name, f.content_type, f.sha256, f.read_as, b.bytes
  FROM predig.permit_file f JOIN predig.plan_file b ON b.sha256 = f.sha256
 WHERE f.permit_id = %(permit_id)s::uuid AND f.number = %(number)s;

-- name: keep_answer
-- The answer kept first; no row for a key that is not there.
UPDATE predig.request_key
   SET status = coalesce(status, %(status)s), answer = coalesce(answer, %(answer)s)
 WHERE key = %(key)s
RETURNING status, answer;

-- name: permits
-- Every site of the permits asked for with the judgement that stands for it, and whether a revision since
-- touched it. What stands: of the current amendment and the rules in force, at the newest revision, kept last.
SELECT p.permit_id::text, p.filed_order, p.filed_at, p.cancelled_at IS NOT NULL AS cancelled, p.amendment,
       a.amended_at, coalesce(a.firm, p.firm) AS firm, coalesce(a.title, p.title) AS title,
       coalesce(a.starts_on, p.starts_on) AS starts_on, coalesce(a.ends_on, p.ends_on) AS ends_on,
       coalesce(a.extra, p.extra) AS extra, r.rules AS profile,
       s.site, ST_AsBinary(s.geom) AS geom, j.screening_id::text, j.outcome, j.grade, j.valid_until,
       CASE WHEN j.screening_id IS NOT NULL
            THEN predig.touched(j.query_boxes, j.register_revision, NULL) END AS touched,
       (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date AS today, p.files
  FROM (SELECT *, (SELECT json_agg(json_build_object(
                              'number', f.number, 'amendment', f.amendment, 'name', f.name,
                              'content_type', f.content_type, 'size_bytes', octet_length(b.bytes),
                              'sha256', f.sha256, 'read_as', f.read_as) ORDER BY f.number)
                     FROM predig.permit_file f JOIN predig.plan_file b ON b.sha256 = f.sha256
                    WHERE f.permit_id = permit.permit_id) AS files
          FROM predig.permit
         WHERE (%(permit_id)s::uuid IS NULL OR permit_id = %(permit_id)s)
           AND (%(open_on)s::date IS NULL OR (cancelled_at IS NULL AND last_day >= %(open_on)s))
           AND filed_order > %(after)s
         ORDER BY filed_order LIMIT %(limit)s) p
  LEFT JOIN predig.amendment a ON a.permit_id = p.permit_id AND a.amendment = p.amendment
 CROSS JOIN LATERAL predig.rules_now(coalesce(a.profile, p.profile)) AS r(rules)
  JOIN predig.permit_site s ON s.permit_id = p.permit_id AND s.amendment = p.amendment
  LEFT JOIN LATERAL (
        SELECT * FROM predig.screening
         WHERE permit_id = s.permit_id AND amendment = s.amendment AND site_index = s.site_index
           AND profile_sha256 = r.rules AND stood
         ORDER BY register_revision DESC, kept_order DESC LIMIT 1) j ON true
 ORDER BY p.filed_order, s.site_index;

-- name: plans
-- What is asked to judge permits, a row a site.
SELECT p.permit_id::text, p.amendment, r.rules AS profile, coalesce(a.ends_on, p.ends_on) AS ends_on,
       s.site, ST_AsBinary(s.geom) AS geom
  FROM predig.permit p
  LEFT JOIN predig.amendment a ON a.permit_id = p.permit_id AND a.amendment = p.amendment
 CROSS JOIN LATERAL predig.rules_now(coalesce(a.profile, p.profile)) AS r(rules)
  JOIN predig.permit_site s ON s.permit_id = p.permit_id AND s.amendment = p.amendment
 WHERE p.permit_id = ANY (%(ids)s::uuid[])
 ORDER BY p.permit_id, s.site_index;

-- name: history
SELECT 0 AS amendment, filed_at AS since, firm, title, starts_on, ends_on, extra, profile
  FROM predig.permit WHERE permit_id = %(permit_id)s
 UNION ALL
SELECT amendment, amended_at, firm, title, starts_on, ends_on, extra, profile
  FROM predig.amendment WHERE permit_id = %(permit_id)s
 ORDER BY amendment;

-- name: sites
SELECT amendment, site, ST_AsBinary(geom) AS geom
  FROM predig.permit_site WHERE permit_id = %(permit_id)s ORDER BY amendment, site_index;

-- name: stale_permits
-- A site without a standing judgement counts as well: its own screening may be reading an older revision just
-- now. Under other rules than it was filed under nobody knows yet which ground that asks about, so that any
-- revision counts then.
SELECT p.permit_id::text
  FROM predig.permit p
  LEFT JOIN predig.amendment a ON a.permit_id = p.permit_id AND a.amendment = p.amendment
 CROSS JOIN LATERAL (SELECT coalesce(a.profile, p.profile) AS filed) f
 CROSS JOIN LATERAL predig.rules_now(f.filed) AS r(rules)
 WHERE p.cancelled_at IS NULL AND p.last_day >= %(on)s
   AND EXISTS (
        SELECT FROM predig.permit_site s
          LEFT JOIN LATERAL (
                SELECT * FROM predig.screening
                 WHERE permit_id = s.permit_id AND amendment = s.amendment AND site_index = s.site_index
                   AND profile_sha256 = r.rules AND stood
                 ORDER BY register_revision DESC, kept_order DESC LIMIT 1) j ON true
         WHERE s.permit_id = p.permit_id AND s.amendment = p.amendment
           AND CASE WHEN j.screening_id IS NULL
                    THEN f.filed <> r.rules OR predig.touched(s.boxes, %(revision)s::bigint - 1, %(revision)s)
                    ELSE j.register_revision < %(revision)s
                         AND predig.touched(j.query_boxes, %(revision)s::bigint - 1, %(revision)s) END)
 ORDER BY p.filed_order;

-- name: today
-- The database's clock decides, at the trade's place.
SELECT (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date;
