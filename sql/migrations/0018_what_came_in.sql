-- The files of a dig plan, byte for byte as they came in (docs/decisions/032), and the permits that one plan was filed as.

SET LOCAL ROLE predig_owner;
SET LOCAL search_path = predig, public;

-- Found by what they hold: a plan that was filed as fifty permits, or is sent again with an amendment, is there once. The
-- check makes the hash a proof: nothing else can ever stand under it.
CREATE TABLE plan_file (
    sha256 text PRIMARY KEY,
    bytes  bytea NOT NULL,
    CHECK (sha256 = encode(sha256(bytes), 'hex'))
);

-- number counts on through all amendments; amendment: with which of them it came. name, content_type: as the sender has
-- them. read_as: how the file became the plan, or that a plan was sent beside it.
CREATE TABLE permit_file (
    permit_id    uuid NOT NULL REFERENCES permit,
    number       integer NOT NULL CHECK (number >= 0),
    amendment    integer NOT NULL CHECK (amendment >= 0),
    name         text NOT NULL CHECK (name <> ''),
    content_type text,
    sha256       text NOT NULL REFERENCES plan_file,
    read_as      json NOT NULL,
    PRIMARY KEY (permit_id, number)
);

-- Permits that were filed together, one for each feature of a plan: `first` has the key of the request.
CREATE TABLE permit_beside (
    first     uuid NOT NULL REFERENCES permit,
    ordinal   integer NOT NULL CHECK (ordinal > 0),
    permit_id uuid NOT NULL UNIQUE REFERENCES permit,
    PRIMARY KEY (first, ordinal)
);

GRANT SELECT, INSERT ON plan_file, permit_file, permit_beside TO predig_app;
