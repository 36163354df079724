-- A look into the register is one question and answers in few columns. Asked as two functions joined by a UNION of 24
-- columns, PostgreSQL planned it anew each time, for longer than the search takes; and the driver makes an object of
-- each number of each row, which took the asking process longer than the search took the server.

SET LOCAL ROLE predig_owner;
SET LOCAL search_path = predig, public;

DROP FUNCTION candidates(integer[], float8[], bigint);
DROP FUNCTION ground_near(integer[], float8[], bigint);

-- Pipes and ground round some sites, all of one revision. Three kinds of rows:
--   read_revision alone   first, once: which revision was read;
--   site_index, ground_id ground whose bounds meet a box of the site: the caller compares the shapes themselves;
--   numbers and on        a piece whose box meets a box of the site.
-- A safe over-approximation, nothing is decided here. `box && here` lets the GiST index propose; the four comparisons
-- are exact where the index is not. What meets two boxes of one site comes twice: the caller keeps one.
-- numbers: of piece and asset, one after another as PostgreSQL sends them (big-endian, 8 bytes each, NaN for NULL):
-- site, asset_id, ordinal, revision as whole numbers; from_m, to_m, diameter_mm, cover_m, uncertainty_m, cover_most_m,
-- depth_uncertainty_m; and one byte, profiled.
-- The plans are made once a session and kept: planning anew for each box costs three times what the search does.
CREATE FUNCTION around(site integer[], boxes float8[], as_of bigint)
    RETURNS TABLE (
        read_revision bigint, site_index integer, ground_id bigint, numbers bytea, geom bytea, source_id text,
        utility text, dataset text, kind text, pressure_class text, status text, pipe_kind text,
        uncertainty text, depth_uncertainty text
    )
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
    SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    newest bigint := (SELECT coalesce(max(revision), 0) FROM revision);
    at bigint := coalesce(as_of, newest);
    here geometry;
    w float8; s float8; e float8; n float8;
BEGIN
    IF cardinality(boxes) <> 4 * cardinality(site) THEN
        RAISE EXCEPTION 'not four numbers a box' USING ERRCODE = '22023';
    END IF;
    IF at NOT BETWEEN 0 AND newest THEN
        RAISE EXCEPTION 'no such revision' USING ERRCODE = 'PD002';
    END IF;
    read_revision := at;
    RETURN NEXT;
    FOR i IN 1 .. cardinality(site) LOOP
        w := boxes[4 * i - 3]; s := boxes[4 * i - 2]; e := boxes[4 * i - 1]; n := boxes[4 * i];
        IF NOT is_narrow(w, s, e, n) THEN
            RAISE EXCEPTION 'box too wide' USING ERRCODE = 'PD007';
        END IF;
        here := ST_MakeEnvelope(w, s, e, n, 4490);
        RETURN QUERY
        SELECT NULL::bigint, site[i], g.ground_id, NULL::bytea, NULL::bytea, NULL::text, NULL::text, NULL::text,
               NULL::text, NULL::text, NULL::text, NULL::text, NULL::text, NULL::text
          FROM ground g
         WHERE g.geom && here AND g.valid_from <= at AND (g.valid_to IS NULL OR g.valid_to > at);
        RETURN QUERY
        SELECT NULL::bigint, site[i], NULL::bigint,
               int8send(site[i]) || int8send(p.asset_id) || int8send(p.ordinal) || int8send(a.valid_from)
               || float8send(p.from_m) || float8send(p.to_m) || float8send(coalesce(a.diameter_mm, 'NaN'))
               || float8send(coalesce(a.cover_m, 'NaN')) || float8send(a.uncertainty_m)
               || float8send(coalesce(a.cover_most_m, a.cover_m, 'NaN'))
               || float8send(coalesce(a.depth_uncertainty_m, 'NaN')) || boolsend(a.profiled),
               ST_AsBinary(p.geom), a.source_id, a.utility, a.dataset, a.kind, a.pressure_class, a.status,
               a.pipe_kind, a.uncertainty, a.depth_uncertainty
          FROM piece p JOIN asset a ON a.asset_id = p.asset_id
         WHERE p.box && here
           AND p.west <= e AND p.east >= w AND p.south <= n AND p.north >= s
           AND p.valid_from <= at AND (p.valid_to IS NULL OR p.valid_to > at);
    END LOOP;
END $$;

GRANT EXECUTE ON FUNCTION around(integer[], float8[], bigint) TO predig_app;
