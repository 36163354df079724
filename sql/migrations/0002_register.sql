-- The register: who owns pipes, where they lie, and what ground their owners answer for.
--
-- Every row lives from the register revision valid_from up to, not including, valid_to (NULL = still
-- valid). A row is closed and another opened, never altered: revision N can be read for ever.
-- Only the functions of 0003 write here, under one lock, so the bulk tables carry no foreign key to
-- revision: 100,000 look-ups an import for what the functions hold true by construction.

SET LOCAL ROLE predig_owner;
SET LOCAL search_path = predig, public;

-- PostGIS takes NaN and Infinity, and then answers "does not touch" for a shape that does: a silent
-- missed conflict. ST_IsValid sees them in areas only, a bounding box not at all; the text shows each.
CREATE FUNCTION is_finite(shape geometry) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN NOT ST_IsEmpty(shape)
       AND ST_AsText(shape, 1) !~* 'nan|inf'
       AND ST_XMin(shape) >= -180 AND ST_XMax(shape) <= 180
       AND ST_YMin(shape) >= -90 AND ST_YMax(shape) <= 90;

CREATE TABLE revision (
    revision     bigint PRIMARY KEY CHECK (revision > 0),
    kind         text NOT NULL
                 CHECK (kind IN ('utility', 'network', 'rollback', 'service_area', 'coverage', 'blank')),
    utility      text NOT NULL,
    dataset      text CHECK ((dataset IS NOT NULL) = (kind IN ('network', 'rollback'))),
    rolls_back   bigint UNIQUE REFERENCES revision CHECK ((rolls_back IS NOT NULL) = (kind = 'rollback')),
    -- How far its effect goes beyond the pieces and ground it opened or closed:
    --   ground      no further;
    --   utility     all the ground its utility serves (everywhere while that was never declared);
    --   everywhere  the whole register.
    touches      text NOT NULL CHECK (touches IN ('ground', 'utility', 'everywhere')),
    committed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    added        integer NOT NULL,
    closed       integer NOT NULL,
    rejected     integer NOT NULL,
    summary      jsonb NOT NULL
);

CREATE TABLE utility (
    code       text NOT NULL CHECK (code <> ''),
    valid_from bigint NOT NULL,
    valid_to   bigint CHECK (valid_to > valid_from),
    name       text NOT NULL,
    phone      text,
    duty_phone text,
    PRIMARY KEY (code, valid_from)
);
CREATE UNIQUE INDEX utility_now ON utility (code) WHERE valid_to IS NULL;

-- One row per accepted state of a dataset; what of its rows became assets is in `asset`.
CREATE TABLE dataset (
    utility              text NOT NULL,
    dataset              text NOT NULL CHECK (dataset <> ''),
    valid_from           bigint NOT NULL,
    valid_to             bigint CHECK (valid_to > valid_from),
    data_date            date NOT NULL,
    received             integer NOT NULL,
    rejected             integer NOT NULL,
    -- Rejected rows without even a box that nobody has confirmed: the whole coverage is then in doubt.
    boxless_rejected     integer NOT NULL CHECK (boxless_rejected >= 0),
    assets               integer NOT NULL,
    length_m             double precision NOT NULL,
    crs                  text NOT NULL,
    operation            text NOT NULL,
    operation_accuracy_m double precision NOT NULL,
    stable_ids           boolean NOT NULL,
    sources              jsonb NOT NULL,
    warnings             jsonb NOT NULL,
    PRIMARY KEY (utility, dataset, valid_from)
);
CREATE UNIQUE INDEX dataset_now ON dataset (utility, dataset) WHERE valid_to IS NULL;

-- One version of one pipe or facility. NULL is unknown, never 0.
CREATE TABLE asset (
    asset_id       bigint PRIMARY KEY,
    utility        text NOT NULL,
    dataset        text NOT NULL,
    source_id      text NOT NULL,
    kind           text NOT NULL CHECK (kind IN ('pipe', 'valve', 'regulator', 'station')),
    pressure_class text CHECK (pressure_class IN ('LP', 'MP-B', 'MP-A', 'SHP-B', 'SHP-A', 'HP-B', 'HP-A', 'UHP')),
    diameter_mm    double precision CHECK (diameter_mm > 0 AND diameter_mm < 'Infinity'),
    cover_m        double precision CHECK (cover_m > 0 AND cover_m < 'Infinity'),
    material       text,
    status         text,
    survey_class   text,
    laid_on        date,
    pipe_kind      text CHECK (pipe_kind IN ('main', 'courtyard', 'service', 'customer_owned')),
    uncertainty    text NOT NULL,  -- the terms, canonical JSON
    uncertainty_m  double precision NOT NULL CHECK (uncertainty_m >= 0 AND uncertainty_m < 'Infinity'),
    -- Radius + uncertainty by which the boxes of its pieces were widened.
    widened_by_m   double precision NOT NULL CHECK (widened_by_m >= 0 AND widened_by_m < 'Infinity'),
    digest         text NOT NULL,
    valid_from     bigint NOT NULL,
    valid_to       bigint CHECK (valid_to > valid_from)
);
CREATE INDEX asset_dataset ON asset (utility, dataset) WHERE valid_to IS NULL;

-- The shapes as the utility gave them, uncut; the validity of an asset is kept in `asset` alone.
-- A line is not asked for ST_IsValid: a part of no length harms nothing and must not cost the import.
CREATE TABLE pipe (
    asset_id bigint PRIMARY KEY REFERENCES asset DEFERRABLE INITIALLY DEFERRED,
    geom     geometry(MultiLineString, 4490) NOT NULL CHECK (is_finite(geom) AND ST_Length(geom) > 0)
);
CREATE INDEX pipe_geom ON pipe USING gist (geom);

CREATE TABLE facility (
    asset_id bigint PRIMARY KEY REFERENCES asset DEFERRABLE INITIALLY DEFERRED,
    geom     geometry(Geometry, 4490) NOT NULL
             CHECK (GeometryType(geom) IN ('POINT', 'MULTIPOINT', 'POLYGON', 'MULTIPOLYGON'))
             CHECK (is_finite(geom) AND ST_IsValid(geom))
);
CREATE INDEX facility_geom ON facility USING gist (geom);

-- Short stretches of assets, for finding. The edges of the box hold all that can make the pipe nearer
-- than its axis. The index keeps boxes in single precision, rounded outward: it proposes, the four
-- numbers decide, so that the twin without an index finds the same pieces.
CREATE TABLE piece (
    asset_id   bigint NOT NULL,
    ordinal    integer NOT NULL,
    geom       geometry(Geometry, 4490) NOT NULL CHECK (is_finite(geom)),
    from_m     double precision NOT NULL CHECK (from_m >= 0),
    to_m       double precision NOT NULL CHECK (to_m >= from_m AND to_m < 'Infinity'),
    west       double precision NOT NULL,
    south      double precision NOT NULL,
    east       double precision NOT NULL,
    north      double precision NOT NULL,
    box        geometry(Polygon, 4490) NOT NULL
               GENERATED ALWAYS AS (ST_MakeEnvelope(west, south, east, north, 4490)) STORED
               CHECK (is_finite(box)),
    valid_from bigint NOT NULL,
    valid_to   bigint CHECK (valid_to > valid_from),
    PRIMARY KEY (asset_id, ordinal),
    CHECK (west <= ST_XMin(geom) AND south <= ST_YMin(geom) AND east >= ST_XMax(geom) AND north >= ST_YMax(geom))
);
CREATE INDEX piece_box ON piece USING gist (box);

-- What is said of ground: by a utility (service area, coverage, blank), or by a row nobody could read.
CREATE TABLE ground (
    ground_id    bigint PRIMARY KEY,
    utility      text NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('service_area', 'coverage', 'blank', 'unreadable')),
    dataset      text CHECK ((dataset IS NOT NULL) = (kind = 'unreadable')),
    pipe_kind    text CHECK (pipe_kind IN ('main', 'courtyard', 'service', 'customer_owned'))
                 CHECK ((pipe_kind IS NOT NULL) = (kind = 'coverage')),
    as_of        date CHECK ((as_of IS NOT NULL) = (kind = 'coverage')),
    max_age_days integer CHECK (max_age_days > 0),
    assumed      boolean NOT NULL,
    source       text NOT NULL,
    geom         geometry(MultiPolygon, 4490) NOT NULL CHECK (is_finite(geom) AND ST_IsValid(geom)),
    digest       text NOT NULL,
    valid_from   bigint NOT NULL,
    valid_to     bigint CHECK (valid_to > valid_from)
);
CREATE INDEX ground_geom ON ground USING gist (geom);
CREATE INDEX ground_now ON ground (utility, kind) WHERE valid_to IS NULL;

-- The second wall: no grant below gives the application a row of these, and should one ever slip in,
-- row-level security without a policy still gives none. It is not forced on the owner, because the
-- functions work as the owner and a policy would make PostGIS drop the spatial index.
ALTER TABLE asset ENABLE ROW LEVEL SECURITY;
ALTER TABLE pipe ENABLE ROW LEVEL SECURITY;
ALTER TABLE facility ENABLE ROW LEVEL SECURITY;
ALTER TABLE piece ENABLE ROW LEVEL SECURITY;
ALTER TABLE ground ENABLE ROW LEVEL SECURITY;

-- Where imports arrive. The application may add rows and may not read one back; the functions of 0003
-- apply them and empty the tables in the same transaction. Not logged: a crash leaves them empty.
-- No row-level security, because COPY refuses to work with it.
CREATE UNLOGGED TABLE staged_asset (
    ordinal        integer PRIMARY KEY,
    source_id      text NOT NULL,
    kind           text NOT NULL,
    pressure_class text,
    diameter_mm    double precision,
    cover_m        double precision,
    material       text,
    status         text,
    survey_class   text,
    laid_on        date,
    pipe_kind      text,
    uncertainty    text NOT NULL,
    uncertainty_m  double precision NOT NULL,
    widened_by_m   double precision NOT NULL,
    digest         text NOT NULL,
    geom           geometry(Geometry, 4490) NOT NULL,
    -- Set while applying: the asset version this row is, and whether it is a new one.
    asset_id       bigint,
    fresh          boolean
);
CREATE UNLOGGED TABLE staged_piece (
    staged_asset integer NOT NULL,
    ordinal      integer NOT NULL,
    geom         geometry(Geometry, 4490) NOT NULL,
    from_m       double precision NOT NULL,
    to_m         double precision NOT NULL,
    west         double precision NOT NULL,
    south        double precision NOT NULL,
    east         double precision NOT NULL,
    north        double precision NOT NULL
);
-- A row without geom withdraws the word of that kind.
CREATE UNLOGGED TABLE staged_ground (
    ordinal      integer PRIMARY KEY,
    kind         text NOT NULL,
    pipe_kind    text,
    as_of        date,
    max_age_days integer,
    assumed      boolean NOT NULL,
    source       text NOT NULL,
    geom         geometry(MultiPolygon, 4490),
    digest       text NOT NULL
);

GRANT SELECT ON revision, utility, dataset TO predig_app;
GRANT INSERT ON staged_asset, staged_piece, staged_ground TO predig_app;
