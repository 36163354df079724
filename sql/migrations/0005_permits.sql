-- Permits, screenings and the work they cause. The application reads and writes these itself, but what is
-- evidence (screening, conflict) it may only add.

SET LOCAL ROLE predig_owner;
SET LOCAL search_path = predig, public;

CREATE TABLE rule_profile (
    sha256     text PRIMARY KEY,
    profile_id text NOT NULL,
    version    text NOT NULL,
    document   text NOT NULL,
    kept_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE permit (
    permit_id    uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    filed_order  bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    firm         text NOT NULL,
    title        text NOT NULL,
    starts_on    date NOT NULL,
    ends_on      date NOT NULL CHECK (ends_on >= starts_on),
    extra        json NOT NULL,
    profile      text NOT NULL,
    filed_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    cancelled_at timestamptz
);

-- site: the dig site without its shape (sql/rows.py). The query boxes, four numbers a box, are what decides
-- whether a later revision touches the site.
CREATE TABLE permit_site (
    permit_id  uuid NOT NULL REFERENCES permit,
    site_index integer NOT NULL CHECK (site_index >= 0),
    site       json NOT NULL,
    geom       geometry(Geometry, 4490) NOT NULL
               CHECK (GeometryType(geom) IN ('POINT', 'LINESTRING', 'POLYGON', 'MULTIPOLYGON'))
               CHECK (is_finite(geom) AND ST_IsValid(geom)),
    boxes      float8[] NOT NULL CHECK (cardinality(boxes) > 0 AND cardinality(boxes) % 4 = 0),
    PRIMARY KEY (permit_id, site_index)
);

-- One judgement. permit_id NULL is an enquiry. document is the canonical JSON its hash was taken of.
CREATE TABLE screening (
    screening_id      uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kept_order        bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    permit_id         uuid,
    site_index        integer NOT NULL CHECK (site_index >= 0),
    register_revision bigint NOT NULL CHECK (register_revision >= 0),
    screened_on       date NOT NULL,
    ends_on           date,
    site              json NOT NULL,
    geom              geometry(Geometry, 4490) NOT NULL
                      CHECK (GeometryType(geom) IN ('POINT', 'LINESTRING', 'POLYGON', 'MULTIPOLYGON'))
                      CHECK (is_finite(geom) AND ST_IsValid(geom)),
    query_boxes       json NOT NULL,
    profile_sha256    text NOT NULL REFERENCES rule_profile,
    engine            text NOT NULL,
    outcome           text NOT NULL CHECK (outcome IN ('conflict', 'cannot_tell', 'clear')),
    grade             text CHECK (grade IN ('I', 'II', 'III', 'IV')),
    valid_until       date NOT NULL,
    document          text NOT NULL,
    document_sha256   text NOT NULL,
    created_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    FOREIGN KEY (permit_id, site_index) REFERENCES permit_site
);
-- The standing judgement of a site is the one at the newest revision, then the one kept last: a slow
-- screening of an older revision that commits late does not displace a newer one.
CREATE INDEX screening_standing ON screening (permit_id, site_index, register_revision DESC, kept_order DESC)
    WHERE permit_id IS NOT NULL;

CREATE TABLE conflict (
    screening_id          uuid NOT NULL REFERENCES screening,
    ordinal               integer NOT NULL,
    pipe_id               jsonb NOT NULL,
    source_id             text NOT NULL,
    utility               text NOT NULL,
    dataset               text NOT NULL,
    pressure_class        text,
    diameter_mm           float8,
    centreline_distance_m float8 NOT NULL,
    clearance_m           float8 NOT NULL,
    uncertainty_m         float8 NOT NULL,
    certainty             text NOT NULL CHECK (certainty IN ('certain', 'possible')),
    zone                  text NOT NULL CHECK (zone IN ('protection', 'control', 'outside')),
    act                   text NOT NULL,
    requirement           text NOT NULL CHECK (requirement IN ('forbidden', 'plan_required', 'notify')),
    clause                text,
    grade                 text NOT NULL CHECK (grade IN ('I', 'II', 'III', 'IV')),
    affected_length_m     float8,
    rest                  json NOT NULL,  -- intervals, reasons, advice and whatever else was shown
    PRIMARY KEY (screening_id, ordinal)
);

-- The notice of a conflict. One a conflict, and one a step: two screenings that both follow the same
-- earlier one cannot both raise it.
CREATE TABLE alert (
    alert_id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    permit_id       uuid NOT NULL,
    site_index      integer NOT NULL,
    screening_id    uuid NOT NULL,
    ordinal         integer NOT NULL,
    follows         uuid REFERENCES screening,
    utility         text NOT NULL,
    dataset         text NOT NULL,
    source_id       text NOT NULL,
    pipe_id         jsonb NOT NULL,
    grade           text NOT NULL CHECK (grade IN ('I', 'II', 'III', 'IV')),
    change          text NOT NULL CHECK (change IN ('new', 'worse', 'better')),
    state           text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'acknowledged')),
    raised_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    acknowledged_at timestamptz CHECK ((acknowledged_at IS NOT NULL) = (state = 'acknowledged')),
    FOREIGN KEY (permit_id, site_index) REFERENCES permit_site,
    FOREIGN KEY (screening_id, ordinal) REFERENCES conflict,
    UNIQUE (screening_id, ordinal),
    UNIQUE NULLS NOT DISTINCT (permit_id, site_index, follows, utility, dataset, source_id, pipe_id)
);
CREATE INDEX alert_open ON alert (utility, raised_at) WHERE state = 'open';

-- What a commit left to do. Claimed by state, never by "id greater than the last one seen": ids commit out
-- of order and such a reader loses work. fence rises with every claim, so that whoever was taken over for
-- dead and wakes up writes nothing.
CREATE TABLE job (
    job_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('permit', 'revision')),
    permit_id   uuid REFERENCES permit CHECK ((permit_id IS NOT NULL) = (kind = 'permit')),
    revision    bigint REFERENCES revision CHECK ((revision IS NOT NULL) = (kind = 'revision')),
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'claimed', 'done')),
    fence       integer NOT NULL DEFAULT 0,
    not_before  timestamptz NOT NULL DEFAULT '-infinity',
    claimed_at  timestamptz,
    failures    integer NOT NULL DEFAULT 0,
    error       text,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz
);
CREATE INDEX job_to_do ON job (job_id) WHERE state <> 'done';
CREATE INDEX job_permit ON job (permit_id) WHERE state <> 'done';

GRANT EXECUTE ON FUNCTION is_finite(geometry), is_narrow(float8, float8, float8, float8) TO predig_app;
GRANT SELECT, INSERT ON rule_profile, permit, permit_site, screening, conflict, alert, job TO predig_app;
GRANT UPDATE (cancelled_at) ON permit TO predig_app;
GRANT UPDATE (state, acknowledged_at) ON alert TO predig_app;
GRANT UPDATE (state, fence, not_before, claimed_at, failures, error, finished_at) ON job TO predig_app;
