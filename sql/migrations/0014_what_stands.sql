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

GRANT EXECUTE ON FUNCTION standing_assets(text, text) TO predig_app;
