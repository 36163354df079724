-- What a dataset holds, for saying before an import what it would change. Without shapes: a million rows are read.

SET LOCAL ROLE predig_owner;
SET LOCAL search_path = predig, public;

CREATE FUNCTION standing_assets(of_utility text, of_dataset text)
    RETURNS TABLE (asset_id bigint, source_id text, digest text, widened_by_m float8)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
    SELECT a.asset_id, a.source_id, a.digest, a.widened_by_m
      FROM asset a
     WHERE a.utility = of_utility AND a.dataset = of_dataset AND a.valid_to IS NULL
     ORDER BY a.asset_id
$$;

-- The pieces of pipes in one box that are not of the dataset: for finding what two sources draw. The same walls as
-- region(). A piece that only an import that died has left has no asset, and is not told.
CREATE FUNCTION pieces_beside(
    w float8, s float8, e float8, n float8, of_utility text, of_dataset text
)
    RETURNS TABLE (asset_id bigint, geom bytea, utility text, dataset text, source_id text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
    SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
    IF NOT is_narrow(w, s, e, n) THEN
        RAISE EXCEPTION 'box too wide' USING ERRCODE = 'PD007';
    END IF;
    RETURN QUERY
    SELECT p.asset_id, ST_AsBinary(p.geom), a.utility, a.dataset, a.source_id
      FROM piece p JOIN asset a USING (asset_id)
     WHERE p.box && ST_MakeEnvelope(w, s, e, n, 4490) AND p.valid_to IS NULL
       AND a.valid_to IS NULL AND a.kind = 'pipe' AND (a.utility, a.dataset) <> (of_utility, of_dataset)
     ORDER BY p.asset_id, p.ordinal;
END $$;

GRANT EXECUTE ON FUNCTION
    standing_assets(text, text), pieces_beside(float8, float8, float8, float8, text, text)
TO predig_app;
