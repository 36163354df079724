-- name: claim
-- By state, never by id: a job whose claim is older than the lease counts as dead and is taken over. Those
-- tried least come first: a job that kills whoever takes it must not stand before all others for ever; nor may it
-- take those it was claimed with along again, so that what was tried before is tried alone. Before what a change of
-- the register left comes what a filing or an amendment did. A revision is claimed alone as well: to part it takes long.
WITH due AS (
    SELECT job_id, kind, fence, of_request FROM predig.job
     WHERE state <> 'done'
       AND (state = 'waiting' AND not_before <= clock_timestamp()
            OR state = 'claimed' AND claimed_at < clock_timestamp() - make_interval(secs => %(lease_s)s))
     ORDER BY fence, of_request DESC, job_id
     LIMIT %(at_most)s
       FOR UPDATE SKIP LOCKED
), next AS (
    SELECT *, row_number() OVER turn AS nth,
           first_value(kind = 'permit' AND fence = 0) OVER turn AND kind = 'permit' AND fence = 0 AS in_company
      FROM due
    WINDOW turn AS (ORDER BY fence, of_request DESC, job_id)
)
UPDATE predig.job j
   SET state = 'claimed', fence = j.fence + 1, claimed_at = clock_timestamp()
  FROM next n
 WHERE j.job_id = n.job_id AND (n.nth = 1 OR n.in_company)
RETURNING j.job_id, j.kind, j.permit_id::text, j.revision, j.fence;

-- name: hold
-- Claims begin anew. No row for those that were taken over.
UPDATE predig.job j SET claimed_at = clock_timestamp()
  FROM unnest(%(job_ids)s::bigint[], %(fences)s::integer[]) AS u(job_id, fence)
 WHERE j.job_id = u.job_id AND j.fence = u.fence AND j.state = 'claimed'
RETURNING j.job_id;

-- name: give_back
UPDATE predig.job j SET state = 'waiting', not_before = clock_timestamp()
  FROM unnest(%(job_ids)s::bigint[], %(fences)s::integer[]) AS u(job_id, fence)
 WHERE j.job_id = u.job_id AND j.fence = u.fence AND j.state = 'claimed';

-- name: finish
-- No row when the job was taken over.
UPDATE predig.job
   SET state = 'done', finished_at = clock_timestamp(), error = NULL
 WHERE job_id = %(job_id)s AND fence = %(fence)s AND state = 'claimed'
RETURNING true;

-- name: finish_if_judged
-- Claimed jobs whose judgements came too late to stand are put back and are there to be claimed at once.
-- No row for those that were taken over.
UPDATE predig.job j
   SET state = CASE WHEN n.judged THEN 'done' ELSE 'waiting' END,
       finished_at = CASE WHEN n.judged THEN clock_timestamp() END,
       not_before = clock_timestamp(), error = NULL
  FROM (SELECT job_id, fence, predig.is_judged(permit_id) AS judged
          FROM unnest(%(job_ids)s::bigint[], %(fences)s::integer[], %(permit_ids)s::uuid[])
            AS u(job_id, fence, permit_id)) n
 WHERE j.job_id = n.job_id AND j.fence = n.fence AND j.state = 'claimed'
RETURNING j.job_id;

-- name: finish_waiting
-- The request that filed or amended a permit has judged every site of it: what it left for a worker is done. What
-- a change of the register left is not: the request may have read the register before that change.
UPDATE predig.job SET state = 'done', finished_at = clock_timestamp()
 WHERE permit_id = ANY (%(ids)s::uuid[]) AND state = 'waiting' AND of_request AND predig.is_judged(permit_id);

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

-- name: due
SELECT count(*) AS waiting, extract(epoch FROM clock_timestamp() - min(greatest(created_at, not_before)))::float8 AS oldest_s
  FROM predig.job WHERE state <> 'done' AND not_before <= clock_timestamp();

-- name: hurry
-- For this transaction: a probe says soon that it waits rather than waiting.
SET LOCAL statement_timeout = '1s';

-- name: beat
UPDATE predig.pulse SET at = clock_timestamp();
