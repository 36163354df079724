-- A permit is amended, cancelled, judged by other rules than it was filed under, asked for twice. What was
-- once said stays: amendments, adoptions and responses are added rows, and which judgement stands is derived
-- from them at every read.

SET LOCAL ROLE predig_owner;
SET LOCAL search_path = predig, public;

-- -- amendments ----------------------------------------------------------------------------------------------

-- permit keeps the words of the filing. Which of the later words count is the one thing that changes in it,
-- together with the last day they give, so that the open permits are found by an index.
ALTER TABLE permit
    ADD COLUMN amendment integer NOT NULL DEFAULT 0 CHECK (amendment >= 0),
    ADD COLUMN last_day date;
UPDATE permit SET last_day = ends_on;
ALTER TABLE permit ALTER COLUMN last_day SET NOT NULL;
CREATE INDEX permit_open ON permit (last_day) WHERE cancelled_at IS NULL;

CREATE TABLE amendment (
    permit_id  uuid NOT NULL REFERENCES permit,
    amendment  integer NOT NULL CHECK (amendment > 0),
    firm       text NOT NULL,
    title      text NOT NULL,
    starts_on  date NOT NULL,
    ends_on    date NOT NULL CHECK (ends_on >= starts_on),
    extra      json NOT NULL,
    profile    text NOT NULL,
    amended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (permit_id, amendment)
);

ALTER TABLE screening DROP CONSTRAINT screening_permit_id_site_index_fkey;
ALTER TABLE alert DROP CONSTRAINT alert_permit_id_site_index_fkey;
ALTER TABLE permit_site
    ADD COLUMN amendment integer NOT NULL DEFAULT 0,
    DROP CONSTRAINT permit_site_pkey,
    ADD PRIMARY KEY (permit_id, amendment, site_index);

-- -- what stands ---------------------------------------------------------------------------------------------

-- The boxes a judgement asked about, four numbers a box: they decide whether a later revision touches it. They
-- depend on the rules it was made under, so that new rules with a wider reach bring their own.
CREATE FUNCTION flat_boxes(boxes json) RETURNS float8[]
    LANGUAGE sql IMMUTABLE
AS $$
    SELECT coalesce(array_agg(edge.value::float8 ORDER BY box.ordinality, edge.ordinality), '{}')
      FROM json_array_elements(boxes) WITH ORDINALITY AS box,
           json_array_elements_text(box.value) WITH ORDINALITY AS edge
$$;
-- stood: it spoke for its site when it was kept, and may do so still. Alerts are told against the last one that
-- stood.
ALTER TABLE screening
    ADD COLUMN amendment integer NOT NULL DEFAULT 0,
    ADD COLUMN stood boolean NOT NULL DEFAULT false,
    ALTER COLUMN query_boxes TYPE float8[] USING flat_boxes(query_boxes),
    ADD CHECK (cardinality(query_boxes) % 4 = 0),
    ADD FOREIGN KEY (permit_id, amendment, site_index) REFERENCES permit_site;
DROP FUNCTION flat_boxes(json);
UPDATE screening s SET stood = true
 WHERE permit_id IS NOT NULL
   AND NOT EXISTS (SELECT FROM screening e
                    WHERE e.permit_id = s.permit_id AND e.site_index = s.site_index
                      AND e.kept_order < s.kept_order AND e.register_revision > s.register_revision);
-- The standing judgement of a site is, of those that stood and are of its permit's current amendment and the rules
-- in force, the one at the newest revision, then the one kept last: a slow screening of an older revision that commits late does not
-- displace a newer one.
DROP INDEX screening_standing;
CREATE INDEX screening_standing ON screening
    (permit_id, amendment, site_index, register_revision DESC, kept_order DESC) WHERE permit_id IS NOT NULL;

-- Which rules were in force when: the last adopted of a family are. Written in the order of commits, because
-- whoever adopts holds a lock to the end of the transaction.
CREATE TABLE profile_adoption (
    adoption   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    profile_id text NOT NULL,
    sha256     text NOT NULL REFERENCES rule_profile,
    adopted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX profile_adoption_newest ON profile_adoption (profile_id, adoption DESC);

-- The rules in force for a permit filed under `filed`: the newest adopted of that profile's family, else those.
CREATE FUNCTION rules_now(filed text) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
    SELECT coalesce(
        (SELECT a.sha256 FROM rule_profile p JOIN profile_adoption a ON a.profile_id = p.profile_id
          WHERE p.sha256 = filed ORDER BY a.adoption DESC LIMIT 1),
        filed)
$$;

-- A judgement stands for every site the permit has now, so that nobody has to look at it again on its own
-- account; or the dig is off. Read at one moment: whoever ends a job by this cannot overlook an amendment or
-- new rules that came in between.
CREATE FUNCTION is_judged(of_permit uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
    SELECT p.cancelled_at IS NOT NULL OR NOT EXISTS (
            SELECT FROM permit_site s
             WHERE s.permit_id = p.permit_id AND s.amendment = p.amendment
               AND NOT EXISTS (
                    SELECT FROM screening j
                     WHERE j.permit_id = p.permit_id AND j.amendment = p.amendment AND j.site_index = s.site_index
                       AND j.profile_sha256 = r.rules AND j.stood))
      FROM permit p
      LEFT JOIN amendment a ON a.permit_id = p.permit_id AND a.amendment = p.amendment
     CROSS JOIN LATERAL rules_now(coalesce(a.profile, p.profile)) AS r(rules)
     WHERE p.permit_id = of_permit
$$;

-- -- alerts --------------------------------------------------------------------------------------------------

-- amendment and site_index are those of the judgement named by screening_id. A conflict that is gone has no
-- number in the judgement that no longer has it; of a site that was taken away there is none, and the last one
-- that had the conflict is named.
ALTER TABLE alert DROP CONSTRAINT alert_permit_id_site_index_follows_utility_dataset_source_i_key;
ALTER TABLE alert
    ADD COLUMN amendment integer NOT NULL DEFAULT 0,
    ALTER COLUMN ordinal DROP NOT NULL,
    DROP CONSTRAINT alert_change_check,
    ADD CHECK (change IN ('new', 'worse', 'better', 'gone')),
    ADD CHECK ((ordinal IS NULL) = (change = 'gone')),
    ADD FOREIGN KEY (screening_id) REFERENCES screening,
    ADD FOREIGN KEY (permit_id, amendment, site_index) REFERENCES permit_site,
    ADD CONSTRAINT alert_told_once
        UNIQUE NULLS NOT DISTINCT (permit_id, amendment, site_index, follows, utility, dataset, source_id, pipe_id);
DROP INDEX alert_open;
CREATE INDEX alert_inbox ON alert (utility, state, alert_id);

-- What utilities answered. Only ever added to; alert.state is the short form of it, for the inbox.
CREATE TABLE alert_response (
    response_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id    bigint NOT NULL REFERENCES alert,
    action      text NOT NULL CHECK (action IN ('acknowledge')),
    said_by     text NOT NULL CHECK (said_by <> ''),
    note        text,
    said_at     timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX alert_response_of ON alert_response (alert_id, response_id);

-- -- requests sent twice -------------------------------------------------------------------------------------

-- Written in the transaction that files, amends or cancels; never deleted, as permits are not.
CREATE TABLE request_key (
    key         text PRIMARY KEY CHECK (length(key) BETWEEN 1 AND 255),
    body_sha256 text NOT NULL,
    permit_id   uuid NOT NULL REFERENCES permit,
    status      integer,
    answer      bytea CHECK ((answer IS NULL) = (status IS NULL)),
    first_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- -- readiness and the risk map ------------------------------------------------------------------------------

-- One row to write to: only a write that was committed shows that writes are taken.
CREATE TABLE pulse (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
INSERT INTO pulse DEFAULT VALUES;

-- What utilities say of ground now. Unreadable ground is left out: it is where rejected pipes lie.
CREATE FUNCTION declared_ground()
    RETURNS TABLE (
        utility text, kind text, pipe_kind text, as_of date, max_age_days integer, assumed boolean, geom bytea
    )
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
    SELECT g.utility, g.kind, g.pipe_kind, g.as_of, g.max_age_days, g.assumed, ST_AsBinary(g.geom)
      FROM ground g
     WHERE g.valid_to IS NULL AND g.kind IN ('service_area', 'coverage', 'blank')
     ORDER BY g.utility, g.ground_id
$$;

GRANT EXECUTE ON FUNCTION rules_now(text), is_judged(uuid), declared_ground() TO predig_app;
GRANT SELECT, INSERT ON amendment, profile_adoption, alert_response, request_key TO predig_app;
GRANT UPDATE (amendment, last_day) ON permit TO predig_app;
GRANT UPDATE (status, answer) ON request_key TO predig_app;
GRANT UPDATE (at) ON pulse TO predig_app;
