-- Work at scale: ten thousand jobs wait at once and are claimed many at a time.

SET LOCAL ROLE predig_owner;
SET LOCAL search_path = predig, public;

-- In the order in which jobs are claimed: each claim reads the few it takes. Without it each sorted all that waited.
DROP INDEX job_to_do;
CREATE INDEX job_next ON job (fence, of_request DESC, job_id) WHERE state <> 'done';
