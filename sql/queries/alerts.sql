-- name: alerts
SELECT a.alert_id, a.permit_id::text, a.amendment, a.site_index, a.screening_id::text, a.ordinal, a.utility, a.dataset,
       a.source_id, a.pipe_id, a.grade, a.change, a.state, a.raised_at, a.acknowledged_at,
       r.said_by AS acknowledged_by, r.note, p.cancelled_at IS NOT NULL AS permit_cancelled
  FROM predig.alert a
  JOIN predig.permit p ON p.permit_id = a.permit_id
  LEFT JOIN LATERAL (
        SELECT said_by, note FROM predig.alert_response
         WHERE alert_id = a.alert_id ORDER BY response_id LIMIT 1) r ON true
 WHERE (%(alert_id)s::bigint IS NULL OR a.alert_id = %(alert_id)s)
   AND (%(permit_id)s::uuid IS NULL OR a.permit_id = %(permit_id)s)
   AND (%(utility)s::text IS NULL OR a.utility = %(utility)s)
   AND (%(state)s::text IS NULL OR a.state = %(state)s)
   AND (%(grade)s::text IS NULL OR a.grade = %(grade)s)
   AND a.alert_id > %(after)s
 ORDER BY a.alert_id LIMIT %(limit)s;

-- name: respond
-- No row for an alert that is not there. The first response says when it was acknowledged.
WITH said AS (
    INSERT INTO predig.alert_response (alert_id, action, said_by, note)
    SELECT alert_id, %(action)s, %(by)s, %(note)s FROM predig.alert WHERE alert_id = %(alert_id)s
    RETURNING alert_id, said_at
)
UPDATE predig.alert a SET state = 'acknowledged', acknowledged_at = coalesce(a.acknowledged_at, s.said_at)
  FROM said s WHERE a.alert_id = s.alert_id
RETURNING true;
