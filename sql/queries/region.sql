-- name: region
-- Four kinds of rows, all of one revision: which revision was read (first, once); ground by its id; pieces; assets.
SELECT * FROM predig.region(%(west)s::float8, %(south)s::float8, %(east)s::float8, %(north)s::float8, %(as_of)s);
