-- Grids that only their owner's parameters tie to the earth (docs/decisions/026). The parameters come sealed: the key
-- is not in the database. Versions are only ever added; the newest is the one in use.

SET LOCAL ROLE predig_owner;
SET LOCAL search_path = predig, public;

CREATE TABLE registered_grid (
    name          text NOT NULL CHECK (name <> ''),
    version       integer NOT NULL CHECK (version > 0),
    kind          text NOT NULL CHECK (kind IN ('3', '4', '7', 'plane', 'points')),
    source        text NOT NULL CHECK (source <> ''),
    accuracy_m    float8 NOT NULL CHECK (accuracy_m > 0 AND accuracy_m < 'Infinity'),
    sealed        text NOT NULL,
    registered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (name, version)
);
GRANT SELECT, INSERT ON registered_grid TO predig_app;
