-- What a dataset holds at a revision: in figures for the register's page, as rows for its quality report; and what only
-- its file knew (docs/decisions/030).

SET LOCAL ROLE predig_owner;
SET LOCAL search_path = predig, public;

-- What was found in the files of its last whole import that no row of the register tells; NULL where that was before this
-- was kept. It stands and falls with the row: a roll-back brings back what held before.
ALTER TABLE dataset ADD COLUMN findings jsonb;

-- The figures of a dataset at a revision never change, and of a million pipes they take seconds: kept when first asked for.
CREATE TABLE dataset_figures (
    utility  text NOT NULL,
    dataset  text NOT NULL,
    revision bigint NOT NULL,
    figures  jsonb NOT NULL,
    PRIMARY KEY (utility, dataset, revision)
);
GRANT SELECT ON dataset_figures TO predig_app;

-- Not for the application. Pipes and metres by each property. The steps are those of spatial.inventory.figures: the first threshold a value is not
-- below. In each grouping set all columns but one are NULL.
CREATE FUNCTION count_figures(of_utility text, of_dataset text, at_revision bigint)
    RETURNS TABLE (dimension text, value text, pipes bigint, metres float8)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH one AS (
        SELECT a.pressure_class, a.pipe_kind, a.material, a.survey_class,
               width_bucket(a.diameter_mm, '{50,90,160,250,400,630,1020}'::float8[])::text AS diameter_mm,
               width_bucket(a.cover_m, '{0.3,0.6,0.9,1.2,1.5,2.0,3.0,6.0}'::float8[])::text AS cover_m,
               width_bucket(a.uncertainty_m, '{0.1,0.25,0.5,1.0,2.0,5.0}'::float8[])::text AS uncertainty_m,
               (extract(year FROM a.laid_on)::integer / 10 * 10)::text AS decade,
               ST_Length(p.geom::geography) AS metres
          FROM asset a JOIN pipe p USING (asset_id)
         WHERE a.utility = of_utility AND a.dataset = of_dataset AND a.kind = 'pipe'
           AND a.valid_from <= at_revision AND (a.valid_to IS NULL OR a.valid_to > at_revision)
    )
    SELECT CASE WHEN GROUPING(pressure_class) = 0 THEN 'pressure_class' WHEN GROUPING(pipe_kind) = 0 THEN 'pipe_kind'
                WHEN GROUPING(material) = 0 THEN 'material' WHEN GROUPING(survey_class) = 0 THEN 'survey_class'
                WHEN GROUPING(diameter_mm) = 0 THEN 'diameter_mm' WHEN GROUPING(cover_m) = 0 THEN 'cover_m'
                WHEN GROUPING(uncertainty_m) = 0 THEN 'uncertainty_m' ELSE 'decade' END,
           coalesce(pressure_class, pipe_kind, material, survey_class, diameter_mm, cover_m, uncertainty_m, decade),
           count(*), sum(metres)
      FROM one
     GROUP BY GROUPING SETS ((pressure_class), (pipe_kind), (material), (survey_class), (diameter_mm), (cover_m),
                             (uncertainty_m), (decade))
    UNION ALL
    SELECT 'facility', a.kind, count(*), 0.0
      FROM asset a
     WHERE a.utility = of_utility AND a.dataset = of_dataset AND a.kind <> 'pipe'
       AND a.valid_from <= at_revision AND (a.valid_to IS NULL OR a.valid_to > at_revision)
     GROUP BY a.kind;
END $$;

-- Counts, keeps and tells: nobody else may say what a dataset holds.
CREATE FUNCTION keep_figures(of_utility text, of_dataset text, at_revision bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
DECLARE
    told jsonb := (
        SELECT coalesce(jsonb_agg(jsonb_build_array(dimension, value, pipes, metres)), '[]')
          FROM count_figures(of_utility, of_dataset, at_revision));
BEGIN
    INSERT INTO dataset_figures VALUES (of_utility, of_dataset, at_revision, told) ON CONFLICT DO NOTHING;
    RETURN told;
END $$;

-- One dataset whole, for its owner's own report; nothing that answers a firm asks this.
CREATE FUNCTION dataset_assets(of_utility text, of_dataset text, at_revision bigint)
    RETURNS TABLE (
        source_id text, kind text, pressure_class text, diameter_mm float8, cover_m float8, material text, status text,
        survey_class text, laid_on date, pipe_kind text, uncertainty text, cover_most_m float8, profiled boolean,
        depth_uncertainty text, surveyed_on date, resurfaced_on date, digest text, geom bytea
    )
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
    SELECT a.source_id, a.kind, a.pressure_class, a.diameter_mm, a.cover_m, a.material, a.status, a.survey_class,
           a.laid_on, a.pipe_kind, a.uncertainty, a.cover_most_m, a.profiled, a.depth_uncertainty, a.surveyed_on,
           a.resurfaced_on, a.digest, ST_AsBinary(coalesce(p.geom, f.geom), 'NDR')
      FROM asset a LEFT JOIN pipe p USING (asset_id) LEFT JOIN facility f USING (asset_id)
     WHERE a.utility = of_utility AND a.dataset = of_dataset
       AND a.valid_from <= at_revision AND (a.valid_to IS NULL OR a.valid_to > at_revision)
     ORDER BY a.asset_id
$$;

-- Where a utility served at a revision; NULL where it had not said.
CREATE FUNCTION service_area_at(of_utility text, at_revision bigint) RETURNS bytea
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
    SELECT ST_AsBinary(g.geom) FROM ground g
     WHERE g.utility = of_utility AND g.kind = 'service_area'
       AND g.valid_from <= at_revision AND (g.valid_to IS NULL OR g.valid_to > at_revision)
     ORDER BY g.ground_id LIMIT 1
$$;

GRANT EXECUTE ON FUNCTION
    keep_figures(text, text, bigint), dataset_assets(text, text, bigint), service_area_at(text, bigint)
TO predig_app;
