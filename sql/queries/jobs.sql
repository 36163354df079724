-- name: leave_permit_job
INSERT INTO predig.job (kind, permit_id) VALUES ('permit', %(permit_id)s);

-- name: claim
-- By state, never by id: a job whose claim is older than the lease counts as dead and is taken over. Those
-- tried least come first: a job that kills whoever takes it must not stand before all others for ever.
UPDATE predig.job
   SET state = 'claimed', fence = fence + 1, claimed_at = clock_timestamp()
 WHERE job_id = (
        SELECT job_id FROM predig.job
         WHERE (state = 'waiting' AND not_before <= clock_timestamp())
            OR (state = 'claimed' AND claimed_at < clock_timestamp() - make_interval(secs => %(lease_s)s))
         ORDER BY fence, job_id
         LIMIT 1
           FOR UPDATE SKIP LOCKED)
RETURNING job_id, kind, permit_id::text, revision, fence;

-- name: finish
-- No row when the job was taken over.
UPDATE predig.job
   SET state = 'done', finished_at = clock_timestamp(), error = NULL
 WHERE job_id = %(job_id)s AND fence = %(fence)s AND state = 'claimed'
RETURNING true;

-- name: finish_screened_permit
-- The request that filed a permit has screened every site of it: what it left for a worker is done.
UPDATE predig.job
   SET state = 'done', finished_at = clock_timestamp()
 WHERE permit_id = %(permit_id)s AND state = 'waiting'
   AND NOT EXISTS (
        SELECT FROM predig.permit_site s
         WHERE s.permit_id = %(permit_id)s
           AND NOT EXISTS (SELECT FROM predig.screening j
                            WHERE j.permit_id = s.permit_id AND j.site_index = s.site_index));

-- name: release
UPDATE predig.job
   SET state = 'waiting', not_before = clock_timestamp() + make_interval(secs => %(lease_s)s),
       failures = failures + 1, error = %(error)s
 WHERE job_id = %(job_id)s AND fence = %(fence)s AND state = 'claimed';

-- name: counts
SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting,
       count(*) FILTER (WHERE state = 'claimed') AS claimed,
       count(*) FILTER (WHERE state = 'done') AS done,
       count(*) FILTER (WHERE state <> 'done' AND failures > 0) AS failing,
       min(created_at) FILTER (WHERE state <> 'done') AS oldest,
       (SELECT error FROM predig.job WHERE state <> 'done' AND error IS NOT NULL ORDER BY job_id DESC LIMIT 1) AS last_error
  FROM predig.job;
