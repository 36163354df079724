-- name: lock_permits
-- Two screenings of one permit take turns here, and an amendment takes one too: each sees what stood before its
-- own. What is then to be known of the permit is asked by `told`, in a snapshot that is younger than the wait.
-- In one order, so that nobody waits in a ring.
SELECT permit_id::text FROM predig.permit
 WHERE permit_id = ANY (%(ids)s::uuid[]) ORDER BY permit_id FOR NO KEY UPDATE;

-- name: told
-- Each permit as it is now and, for each site of each amendment, the last judgement that stood. newest: the newest
-- revision at which that site was judged under the rules in force. One row with nulls when none ever stood.
SELECT p.permit_id::text, p.cancelled_at IS NOT NULL AS cancelled, p.amendment AS current_amendment, r.rules,
       t.screening_id::text, t.amendment, t.site_index, t.newest, s.site ->> 'feature_id' AS feature_id
  FROM predig.permit p
  LEFT JOIN predig.amendment a ON a.permit_id = p.permit_id AND a.amendment = p.amendment
 CROSS JOIN LATERAL predig.rules_now(coalesce(a.profile, p.profile)) AS r(rules)
  LEFT JOIN LATERAL (
        SELECT DISTINCT ON (amendment, site_index) screening_id, amendment, site_index,
               max(register_revision) FILTER (WHERE profile_sha256 = r.rules)
                   OVER (PARTITION BY amendment, site_index) AS newest
          FROM predig.screening
         WHERE permit_id = p.permit_id AND stood
         ORDER BY amendment, site_index, kept_order DESC) t ON true
  LEFT JOIN predig.permit_site s
    ON s.permit_id = p.permit_id AND s.amendment = t.amendment AND s.site_index = t.site_index
 WHERE p.permit_id = ANY (%(ids)s::uuid[])
 ORDER BY p.permit_id, t.amendment, t.site_index;

-- name: features
SELECT site ->> 'feature_id' FROM predig.permit_site
 WHERE permit_id = %(permit_id)s AND amendment = %(amendment)s ORDER BY site_index;

-- name: stable_datasets
-- Datasets that always came with ids their utility vouches for.
SELECT utility, dataset FROM predig.dataset GROUP BY utility, dataset HAVING bool_and(stable_ids);

-- name: keep_first
-- No row where something was told of one of the permits before, or it is not as it was filed.
SELECT screening_id::text, created_at, filed_order, filed_at, touched, today
  FROM predig.keep_first(%(filed)s::uuid[], %(rules)s::text[], %(sites)s::integer[], %(screenings)s::json,
                         %(conflicts)s::json, %(alerts)s::json);

-- name: keep
SELECT screening_id::text, created_at
  FROM predig.keep_screenings(%(screenings)s::json, %(conflicts)s::json, %(alerts)s::json);

-- name: copy_screenings
COPY predig.screening (screening_id, permit_id, created_at, stood, amendment, site_index, register_revision, screened_on,
                       ends_on, query_boxes, profile_sha256, engine, outcome, grade, valid_until, document,
                       document_sha256, site, geom) FROM STDIN;

-- name: copy_conflicts
COPY predig.conflict (screening_id, ordinal, pipe_id, source_id, utility, dataset, pressure_class, diameter_mm,
                      centreline_distance_m, clearance_m, uncertainty_m, certainty, zone, act, requirement, clause,
                      grade, affected_length_m, rest) FROM STDIN;

-- name: now
SELECT clock_timestamp();

-- name: by_id
SELECT screening_id::text, permit_id::text, amendment, site_index, register_revision, screened_on, site,
       ST_AsBinary(geom) AS geom, query_boxes, profile_sha256, engine, outcome, grade, valid_until, document,
       document_sha256, created_at, stood
  FROM predig.screening WHERE screening_id = ANY (%(ids)s::uuid[]);

-- name: of_permit
SELECT screening_id::text, permit_id::text, amendment, site_index, register_revision, screened_on, site,
       ST_AsBinary(geom) AS geom, query_boxes, profile_sha256, engine, outcome, grade, valid_until, document,
       document_sha256, created_at, stood
  FROM predig.screening WHERE permit_id = %(permit_id)s ORDER BY kept_order DESC;

-- name: permit_is_there
SELECT true FROM predig.permit WHERE permit_id = %(permit_id)s;

-- name: conflicts
SELECT screening_id::text, pipe_id, source_id, utility, dataset, pressure_class, diameter_mm, centreline_distance_m,
       clearance_m, uncertainty_m, certainty, zone, act, requirement, clause, grade, affected_length_m, rest
  FROM predig.conflict WHERE screening_id = ANY (%(ids)s::uuid[]) ORDER BY screening_id, ordinal;

-- name: said_before
-- As much of former conflicts as new ones are held against.
SELECT screening_id::text, pipe_id, source_id, utility, dataset, grade
  FROM predig.conflict WHERE screening_id = ANY (%(ids)s::uuid[]) ORDER BY screening_id, ordinal;

-- name: count
SELECT count(*) FROM predig.screening;
