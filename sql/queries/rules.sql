-- name: keep_profile
INSERT INTO predig.rule_profile (sha256, profile_id, version, document)
VALUES (%(sha256)s, %(profile_id)s, %(version)s, %(document)s)
ON CONFLICT (sha256) DO NOTHING;

-- name: profile
SELECT document FROM predig.rule_profile WHERE sha256 = %(sha256)s;

-- name: lock_rules
-- To the end of the transaction: the order of adoptions is the order of their commits. A filing holds the same
-- lock shared, so that an adoption sees every permit filed before it and leaves it a job.
SELECT pg_advisory_xact_lock(1886545255, 2);

-- name: in_force
SELECT sha256 FROM predig.profile_adoption WHERE profile_id = %(profile_id)s ORDER BY adoption DESC LIMIT 1;

-- name: leave_jobs
-- Run before the adoption is written, while rules_now() still tells the old rules. Whoever claims such a job
-- cannot see it before both are committed.
INSERT INTO predig.job (kind, permit_id)
SELECT 'permit', p.permit_id
  FROM predig.permit p
  LEFT JOIN predig.amendment a ON a.permit_id = p.permit_id AND a.amendment = p.amendment
  JOIN predig.rule_profile f ON f.sha256 = coalesce(a.profile, p.profile)
 WHERE p.cancelled_at IS NULL AND p.last_day >= %(on)s
   AND f.profile_id = %(profile_id)s AND predig.rules_now(f.sha256) <> %(sha256)s
 ORDER BY p.filed_order;

-- name: adopt
INSERT INTO predig.profile_adoption (profile_id, sha256) VALUES (%(profile_id)s, %(sha256)s);

-- name: profile_in_force
SELECT p.document
  FROM predig.profile_adoption a JOIN predig.rule_profile p ON p.sha256 = a.sha256
 WHERE a.profile_id = %(profile_id)s ORDER BY a.adoption DESC LIMIT 1;
