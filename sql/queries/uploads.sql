-- name: keep
-- No row where the key was used before.
INSERT INTO predig.network_upload (upload_id, spool, utility, dataset, asked, files, key, body_sha256)
VALUES (%(upload_id)s, %(spool)s, %(utility)s, %(dataset)s, %(asked)s, %(files)s, %(key)s, %(body_sha256)s)
ON CONFLICT (key) DO NOTHING
RETURNING upload_id;

-- name: under_key
SELECT upload_id::text, body_sha256 FROM predig.network_upload WHERE key = %(key)s;

-- name: claim
-- The oldest of the spool and no other: what came later may be a newer state of the same dataset.
UPDATE predig.network_upload u
   SET state = 'reading', fence = u.fence + 1, tries = u.tries + 1, begun_at = clock_timestamp()
 WHERE u.upload_id = (SELECT n.upload_id FROM predig.network_upload n
                       WHERE n.spool = %(spool)s AND n.ended_at IS NULL ORDER BY n.kept_order LIMIT 1 FOR UPDATE)
   AND u.ended_at IS NULL AND u.not_before <= clock_timestamp()
RETURNING u.upload_id::text, u.fence, u.tries;

-- name: importing
UPDATE predig.network_upload SET state = 'importing'
 WHERE upload_id = %(upload_id)s AND fence = %(fence)s AND state = 'reading';

-- name: end
-- No row when it was taken over.
UPDATE predig.network_upload
   SET state = %(state)s, told = %(told)s, revision = %(revision)s, ended_at = clock_timestamp()
 WHERE upload_id = %(upload_id)s AND fence = %(fence)s AND state IN ('reading', 'importing')
RETURNING true;

-- name: give_back
UPDATE predig.network_upload
   SET state = 'waiting', tries = tries - 1, not_before = clock_timestamp() + make_interval(secs => %(pause_s)s)
 WHERE upload_id = %(upload_id)s AND fence = %(fence)s AND state IN ('reading', 'importing');

-- name: one
SELECT upload_id::text, kept_order, spool, utility, dataset, asked, files, state, told, revision, received_at, begun_at, ended_at
  FROM predig.network_upload WHERE upload_id::text = %(upload_id)s;

-- name: several
SELECT upload_id::text, kept_order, spool, utility, dataset, asked, files, state, told, revision, received_at, begun_at, ended_at
  FROM predig.network_upload
 WHERE kept_order > %(after)s
   AND (%(utility)s::text IS NULL OR utility = %(utility)s)
   AND (%(state)s::text IS NULL OR state = %(state)s)
 ORDER BY kept_order LIMIT %(limit)s;

-- name: queue
SELECT count(*), coalesce((array_agg(not_before ORDER BY kept_order))[1] <= clock_timestamp(), false)
  FROM predig.network_upload WHERE spool = %(spool)s AND ended_at IS NULL;
