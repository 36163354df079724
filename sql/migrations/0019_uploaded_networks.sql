-- Network files that came over HTTP, and what became of them (docs/decisions/033). Their bytes are not here: they lie in
-- the spool of whoever took them in, until the import has ended.

SET LOCAL ROLE predig_owner;
SET LOCAL search_path = predig, public;

-- asked: every word that came with the files; told: what is answered about it. fence rises with every claim, as of a
-- job: whoever was taken over for dead can end nothing. An import that is published ends here in the transaction that
-- publishes it, so that no file is imported twice.
CREATE TABLE network_upload (
    upload_id   uuid PRIMARY KEY,
    kept_order  bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    spool       text NOT NULL CHECK (spool <> ''),
    utility     text NOT NULL,
    dataset     text NOT NULL,
    asked       json NOT NULL,
    files       json NOT NULL,
    key         text UNIQUE,
    body_sha256 text CHECK ((body_sha256 IS NULL) = (key IS NULL)),
    state       text NOT NULL DEFAULT 'waiting'
                CHECK (state IN ('waiting', 'reading', 'importing', 'published', 'compared', 'refused', 'failed')),
    told        json,
    revision    bigint REFERENCES revision CHECK (revision IS NULL OR state = 'published'),
    fence       integer NOT NULL DEFAULT 0,
    tries       integer NOT NULL DEFAULT 0,
    not_before  timestamptz NOT NULL DEFAULT '-infinity',
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    begun_at    timestamptz,
    ended_at    timestamptz CHECK ((ended_at IS NOT NULL) = (state IN ('published', 'compared', 'refused', 'failed')))
);
CREATE INDEX network_upload_next ON network_upload (spool, kept_order) WHERE ended_at IS NULL;

GRANT SELECT, INSERT ON network_upload TO predig_app;
GRANT UPDATE (state, told, revision, fence, tries, not_before, begun_at, ended_at) ON network_upload TO predig_app;
