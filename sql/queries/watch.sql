-- name: lock_job
-- Held to the end of the transaction: a claim skips what is locked, so that a long split is not taken over.
-- No row when the job was taken over before.
SELECT true FROM predig.job WHERE job_id = %(job_id)s AND fence = %(fence)s AND state = 'claimed' FOR UPDATE;

-- name: leave_permit_jobs
-- One that waits already will do: whoever claims it reads a register that is younger than this moment. Not so the
-- one a filing or an amendment left: the request ends it, and may be reading an older register just now.
-- Those that lie side by side follow each other (PostGIS orders shapes along a Hilbert curve): they are claimed
-- together, and what lies round them is read once.
INSERT INTO predig.job (kind, permit_id)
SELECT 'permit', t.permit_id
  FROM unnest(%(ids)s::uuid[]) AS t(permit_id)
  JOIN predig.permit p ON p.permit_id = t.permit_id
  JOIN predig.permit_site s ON s.permit_id = p.permit_id AND s.amendment = p.amendment AND s.site_index = 0
 WHERE NOT EXISTS (
        SELECT FROM predig.job w
         WHERE w.permit_id = t.permit_id AND w.state = 'waiting' AND NOT w.of_request)
 ORDER BY s.geom;

-- name: open_permits
SELECT count(*) FROM predig.permit WHERE cancelled_at IS NULL AND last_day >= %(on)s;

-- name: pending_permits
-- Open permits that read pending, and since when: since they were filed, amended or given new rules without a
-- judgement under them; since the first change that touched them; since their clear ran out. The judgement that
-- stands is the one of `permits`, and what reads pending is what permit_status() says.
SELECT o.permit_id::text, min(o.since) AS since
  FROM (
    SELECT p.permit_id, p.filed_order,
           CASE
             WHEN j.screening_id IS NULL THEN
                  greatest(p.filed_at, a.amended_at,
                           (SELECT max(d.adopted_at) FROM predig.profile_adoption d WHERE d.sha256 = r.rules))
             WHEN predig.touched(j.query_boxes, j.register_revision, NULL) THEN
                  coalesce((SELECT min(v.committed_at) FROM predig.revision v
                             WHERE v.revision > j.register_revision
                               AND predig.touched(j.query_boxes, v.revision - 1, v.revision)),
                           j.created_at)
             WHEN j.valid_until < %(on)s AND bool_and(j.outcome = 'clear') OVER (PARTITION BY p.permit_id) THEN
                  (j.valid_until + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
           END AS since
      FROM predig.permit p
      LEFT JOIN predig.amendment a ON a.permit_id = p.permit_id AND a.amendment = p.amendment
     CROSS JOIN LATERAL predig.rules_now(coalesce(a.profile, p.profile)) AS r(rules)
      JOIN predig.permit_site s ON s.permit_id = p.permit_id AND s.amendment = p.amendment
      LEFT JOIN LATERAL (
            SELECT * FROM predig.screening
             WHERE permit_id = s.permit_id AND amendment = s.amendment AND site_index = s.site_index
               AND profile_sha256 = r.rules AND stood
             ORDER BY register_revision DESC, kept_order DESC LIMIT 1) j ON true
     WHERE p.cancelled_at IS NULL AND p.last_day >= %(on)s) o
 WHERE o.since IS NOT NULL
 GROUP BY o.permit_id, o.filed_order
 ORDER BY o.filed_order;
