-- name: keep_profile
INSERT INTO predig.rule_profile (sha256, profile_id, version, document)
VALUES (%(sha256)s, %(profile_id)s, %(version)s, %(document)s)
ON CONFLICT (sha256) DO NOTHING;

-- name: profile
SELECT document FROM predig.rule_profile WHERE sha256 = %(sha256)s;

-- name: file_permit
INSERT INTO predig.permit (firm, title, starts_on, ends_on, extra, profile)
VALUES (%(firm)s, %(title)s, %(starts_on)s, %(ends_on)s, %(extra)s, %(profile)s)
RETURNING permit_id::text;

-- name: file_site
INSERT INTO predig.permit_site (permit_id, site_index, site, geom, boxes)
VALUES (%(permit_id)s, %(site_index)s, %(site)s, %(geom)s, %(boxes)s);

-- name: cancel_permit
UPDATE predig.permit SET cancelled_at = coalesce(cancelled_at, clock_timestamp())
 WHERE permit_id = %(permit_id)s RETURNING true;

-- name: lock_permit
-- Two screenings of one permit take turns here, so that each sees which judgement stands before its own.
SELECT cancelled_at IS NOT NULL FROM predig.permit WHERE permit_id = %(permit_id)s FOR UPDATE;

-- name: standing
-- The judgement that stands for each site of a permit, before a new one is kept.
SELECT DISTINCT ON (site_index) site_index, screening_id::text, register_revision
  FROM predig.screening
 WHERE permit_id = %(permit_id)s
 ORDER BY site_index, register_revision DESC, kept_order DESC;

-- name: conflicts
SELECT screening_id::text, pipe_id, source_id, utility, dataset, pressure_class, diameter_mm, centreline_distance_m,
       clearance_m, uncertainty_m, certainty, zone, act, requirement, clause, grade, affected_length_m, rest
  FROM predig.conflict WHERE screening_id = ANY (%(ids)s::uuid[]) ORDER BY screening_id, ordinal;

-- name: stable_datasets
-- Datasets that always came with ids their utility vouches for.
SELECT utility, dataset FROM predig.dataset GROUP BY utility, dataset HAVING bool_and(stable_ids);

-- name: keep_screening
INSERT INTO predig.screening (permit_id, site_index, register_revision, screened_on, ends_on, site, geom,
                              query_boxes, profile_sha256, engine, outcome, grade, valid_until, document,
                              document_sha256)
VALUES (%(permit_id)s, %(site_index)s, %(register_revision)s, %(screened_on)s, %(ends_on)s, %(site)s, %(geom)s,
        %(query_boxes)s, %(profile_sha256)s, %(engine)s, %(outcome)s, %(grade)s, %(valid_until)s, %(document)s,
        %(document_sha256)s)
RETURNING screening_id::text;

-- name: keep_conflict
INSERT INTO predig.conflict (screening_id, ordinal, pipe_id, source_id, utility, dataset, pressure_class, diameter_mm,
                             centreline_distance_m, clearance_m, uncertainty_m, certainty, zone, act, requirement,
                             clause, grade, affected_length_m, rest)
VALUES (%(screening_id)s, %(ordinal)s, %(pipe_id)s, %(source_id)s, %(utility)s, %(dataset)s, %(pressure_class)s,
        %(diameter_mm)s, %(centreline_distance_m)s, %(clearance_m)s, %(uncertainty_m)s, %(certainty)s, %(zone)s,
        %(act)s, %(requirement)s, %(clause)s, %(grade)s, %(affected_length_m)s, %(rest)s);

-- name: raise_alert
INSERT INTO predig.alert (permit_id, site_index, screening_id, ordinal, follows, utility, dataset, source_id, pipe_id,
                          grade, change)
VALUES (%(permit_id)s, %(site_index)s, %(screening_id)s, %(ordinal)s, %(follows)s, %(utility)s, %(dataset)s,
        %(source_id)s, %(pipe_id)s, %(grade)s, %(change)s);

-- name: alerts
SELECT alert_id, permit_id::text, site_index, screening_id::text, ordinal, utility, dataset, source_id, pipe_id, grade,
       change, state, raised_at
  FROM predig.alert WHERE %(permit_id)s::uuid IS NULL OR permit_id = %(permit_id)s ORDER BY alert_id;

-- name: screening
SELECT screening_id::text, permit_id::text, site_index, register_revision, screened_on, site, ST_AsBinary(geom) AS geom,
       profile_sha256, engine, outcome, grade, valid_until, document, document_sha256, created_at
  FROM predig.screening WHERE screening_id = %(screening_id)s;

-- name: permits
-- Every site of the permits asked for with the judgement that stands for it, and whether a revision since
-- touched it. The order of the parts of a site's standing judgement is the one of `standing` above.
SELECT p.permit_id::text, p.firm, p.title, p.starts_on, p.ends_on, p.extra, p.profile, p.filed_at,
       p.cancelled_at IS NOT NULL AS cancelled,
       s.site, ST_AsBinary(s.geom) AS geom, j.screening_id::text, j.outcome, j.valid_until,
       CASE WHEN j.screening_id IS NOT NULL
            THEN predig.touched(s.boxes, j.register_revision, NULL) END AS touched
  FROM predig.permit p
  JOIN predig.permit_site s ON s.permit_id = p.permit_id
  LEFT JOIN LATERAL (
        SELECT screening_id, outcome, valid_until, register_revision FROM predig.screening
         WHERE permit_id = s.permit_id AND site_index = s.site_index
         ORDER BY register_revision DESC, kept_order DESC LIMIT 1) j ON true
 WHERE (%(permit_id)s::uuid IS NULL OR p.permit_id = %(permit_id)s)
   AND (%(open_on)s::date IS NULL OR (p.cancelled_at IS NULL AND p.ends_on >= %(open_on)s))
 ORDER BY p.filed_order, s.site_index;

-- name: stale_permits
-- A permit nobody screened yet counts as well: its own screening may be reading an older revision just now.
SELECT p.permit_id::text
  FROM predig.permit p
 WHERE p.cancelled_at IS NULL AND p.ends_on >= %(on)s
   AND EXISTS (
        SELECT FROM predig.permit_site s
         WHERE s.permit_id = p.permit_id
           AND NOT EXISTS (
                SELECT FROM predig.screening j
                 WHERE j.permit_id = s.permit_id AND j.site_index = s.site_index
                   AND j.register_revision >= %(revision)s)
           AND predig.touched(s.boxes, %(revision)s::bigint - 1, %(revision)s))
 ORDER BY p.filed_order;

-- name: today
-- The database's clock decides, at the trade's place.
SELECT (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date;

-- name: screening_count
SELECT count(*) FROM predig.screening;
