-- Work at scale: ten thousand jobs wait at once and are claimed many at a time.

SET LOCAL ROLE predig_owner;
SET LOCAL search_path = predig, public;

-- In the order in which jobs are claimed: each claim reads the few it takes. Without it each sorted all that waited.
DROP INDEX job_to_do;
CREATE INDEX job_next ON job (fence, of_request DESC, job_id) WHERE state <> 'done';

-- All pieces of one box, each once, and after them the assets they are of, each once: for bulk work, which asks the
-- same ground for many sites. The same walls as around(): a narrow box, one revision. First which revision was read, then
-- the ground whose bounds meet the box; rows of pieces have an
-- ordinal, rows of assets none. Both by asset, pieces then by ordinal.
CREATE FUNCTION region(w float8, s float8, e float8, n float8, as_of bigint)
    RETURNS TABLE (
        read_revision bigint, ground_id bigint,
        asset_id bigint, ordinal integer, geom bytea, from_m float8, to_m float8,
        west float8, south float8, east float8, north float8,
        source_id text, utility text, dataset text, revision bigint, kind text, pressure_class text,
        diameter_mm float8, cover_m float8, status text, pipe_kind text, uncertainty_m float8, uncertainty text,
        cover_most_m float8, profiled boolean, depth_uncertainty_m float8, depth_uncertainty text
    )
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
    SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    at bigint := settled_revision(as_of);
    here geometry;
    met bigint[];
BEGIN
    IF NOT is_narrow(w, s, e, n) THEN
        RAISE EXCEPTION 'box too wide' USING ERRCODE = 'PD007';
    END IF;
    read_revision := at;
    RETURN NEXT;
    here := ST_MakeEnvelope(w, s, e, n, 4490);
    FOR ground_id IN
        SELECT g.ground_id FROM ground g
         WHERE g.geom && here AND g.valid_from <= at AND (g.valid_to IS NULL OR g.valid_to > at)
    LOOP
        RETURN NEXT;
    END LOOP;
    RETURN QUERY
    SELECT NULL::bigint, NULL::bigint,
           p.asset_id, p.ordinal, ST_AsBinary(p.geom), p.from_m, p.to_m, p.west, p.south, p.east, p.north,
           NULL::text, NULL::text, NULL::text, NULL::bigint, NULL::text, NULL::text, NULL::float8, NULL::float8,
           NULL::text, NULL::text, NULL::float8, NULL::text, NULL::float8, NULL::boolean, NULL::float8, NULL::text
      FROM piece p
     WHERE p.box && here
       AND p.west <= e AND p.east >= w AND p.south <= n AND p.north >= s
       AND p.valid_from <= at AND (p.valid_to IS NULL OR p.valid_to > at)
     ORDER BY p.asset_id, p.ordinal;
    met := ARRAY(
        SELECT DISTINCT p.asset_id FROM piece p
         WHERE p.box && here
           AND p.west <= e AND p.east >= w AND p.south <= n AND p.north >= s
           AND p.valid_from <= at AND (p.valid_to IS NULL OR p.valid_to > at));
    RETURN QUERY
    SELECT NULL::bigint, NULL::bigint,
           a.asset_id, NULL::integer, NULL::bytea, NULL::float8, NULL::float8, NULL::float8, NULL::float8,
           NULL::float8, NULL::float8,
           a.source_id, a.utility, a.dataset, a.valid_from, a.kind, a.pressure_class,
           a.diameter_mm, a.cover_m, a.status, a.pipe_kind, a.uncertainty_m, a.uncertainty,
           coalesce(a.cover_most_m, a.cover_m), a.profiled, a.depth_uncertainty_m, a.depth_uncertainty
      FROM asset a WHERE a.asset_id IN (SELECT unnest(met))
     ORDER BY a.asset_id;
END $$;

GRANT EXECUTE ON FUNCTION region(float8, float8, float8, float8, bigint) TO predig_app;
