-- The only ways to read the network. The application may not select from it; it asks these functions about
-- boxes of a bounded size. They are plpgsql on purpose: the function is a wall to the planner, so the GiST
-- index is used whatever row-level security says (measured: 0.25 ms against 66 ms under a policy).
--
-- Boxes come as four arrays, degrees EPSG:4490, already widened by all that can bring a pipe nearer.
-- as_of is a register revision. Rows of a revision never change, so several calls with the same as_of read
-- one and the same register, without a transaction round them.

SET LOCAL ROLE predig_owner;
SET LOCAL search_path = predig, public;

-- Not for the application. A dig site is at most 6.25 km2 and a line is asked about stretch by stretch, so a
-- wider box is a mistake or an attempt to draw the whole network.
CREATE FUNCTION refuse_wide_boxes(west float8[], south float8[], east float8[], north float8[]) RETURNS void
    LANGUAGE plpgsql IMMUTABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
BEGIN
    FOR n IN 1 .. cardinality(west) LOOP
        -- Written so that NaN and NULL are refused too: only what is provably narrow passes.
        IF (east[n] - west[n] BETWEEN 0 AND 0.3 AND north[n] - south[n] BETWEEN 0 AND 0.3) IS NOT TRUE THEN
            RAISE EXCEPTION 'box too wide' USING ERRCODE = 'PD007';
        END IF;
    END LOOP;
END $$;

-- Not for the application: as_of itself, or the newest revision for NULL.
CREATE FUNCTION settled_revision(as_of bigint) RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
DECLARE
    newest bigint := newest_revision();
BEGIN
    IF as_of < 0 OR as_of > newest THEN
        RAISE EXCEPTION 'no such revision' USING ERRCODE = 'PD002';
    END IF;
    RETURN coalesce(as_of, newest);
END $$;

-- The candidates: every piece whose box meets a query box. A safe over-approximation, nothing is decided
-- here. `box && here` lets the GiST index propose; the four comparisons are exact where the index is not.
-- A piece that meets two boxes of one site comes twice: the caller keeps one.
CREATE FUNCTION candidates(
    site integer[], west float8[], south float8[], east float8[], north float8[], as_of bigint
)
    RETURNS TABLE (
        site_index integer, asset_id bigint, ordinal integer, geom bytea, from_m float8, to_m float8,
        source_id text, utility text, dataset text, revision bigint, kind text, pressure_class text,
        diameter_mm float8, cover_m float8, status text, pipe_kind text, uncertainty_m float8, uncertainty text
    )
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
DECLARE
    here geometry;
BEGIN
    PERFORM refuse_wide_boxes(west, south, east, north);
    FOR n IN 1 .. cardinality(site) LOOP
        here := ST_MakeEnvelope(west[n], south[n], east[n], north[n], 4490);
        RETURN QUERY
        SELECT site[n], p.asset_id, p.ordinal, ST_AsBinary(p.geom), p.from_m, p.to_m,
               a.source_id, a.utility, a.dataset, a.valid_from, a.kind, a.pressure_class,
               a.diameter_mm, a.cover_m, a.status, a.pipe_kind, a.uncertainty_m, a.uncertainty
          FROM piece p JOIN asset a ON a.asset_id = p.asset_id
         WHERE p.box && here
           AND p.west <= candidates.east[n] AND p.east >= candidates.west[n]
           AND p.south <= candidates.north[n] AND p.north >= candidates.south[n]
           AND p.valid_from <= as_of AND (p.valid_to IS NULL OR p.valid_to > as_of);
    END LOOP;
END $$;

-- Which ground meets which site. The first row (site NULL) says which revision was read; later rows name
-- ground whose bounds meet a box of the site: the caller compares the shapes themselves.
CREATE FUNCTION ground_near(
    site integer[], west float8[], south float8[], east float8[], north float8[], as_of bigint
)
    RETURNS TABLE (read_revision bigint, site_index integer, ground_id bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
DECLARE
    at bigint := settled_revision(as_of);
    here geometry;
BEGIN
    PERFORM refuse_wide_boxes(west, south, east, north);
    RETURN QUERY SELECT at, NULL::integer, NULL::bigint;
    FOR n IN 1 .. cardinality(site) LOOP
        here := ST_MakeEnvelope(west[n], south[n], east[n], north[n], 4490);
        RETURN QUERY
        SELECT at, site[n], g.ground_id
          FROM ground g
         WHERE g.geom && here AND g.valid_from <= at AND (g.valid_to IS NULL OR g.valid_to > at);
    END LOOP;
END $$;

-- Ground by id. A ground row never changes, so the caller may keep what it got.
CREATE FUNCTION ground_rows(ids bigint[])
    RETURNS TABLE (
        ground_id bigint, utility text, kind text, dataset text, pipe_kind text, as_of date,
        max_age_days integer, assumed boolean, geom bytea
    )
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
    SELECT g.ground_id, g.utility, g.kind, g.dataset, g.pipe_kind, g.as_of, g.max_age_days, g.assumed,
           ST_AsBinary(g.geom)
      FROM ground g WHERE g.ground_id = ANY (ids)
$$;

-- The utilities of a revision that had declared no service area: they may own pipes anywhere.
CREATE FUNCTION utilities_without_area(at_revision bigint) RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
    SELECT u.code FROM utility u
     WHERE u.valid_from <= at_revision AND (u.valid_to IS NULL OR u.valid_to > at_revision)
       AND NOT EXISTS (
            SELECT FROM ground g
             WHERE g.utility = u.code AND g.kind = 'service_area'
               AND g.valid_from <= at_revision AND (g.valid_to IS NULL OR g.valid_to > at_revision))
$$;

-- Whole assets by the index on the shapes themselves: another road to the pipes than candidates() takes,
-- for recomputing and for the brute-force check.
CREATE FUNCTION whole_assets(west float8[], south float8[], east float8[], north float8[], at_revision bigint)
    RETURNS TABLE (
        asset_id bigint, utility text, dataset text, revision bigint, source_id text, kind text,
        pressure_class text, diameter_mm float8, cover_m float8, material text, status text,
        survey_class text, laid_on date, pipe_kind text, uncertainty text, digest text, geom bytea
    )
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
DECLARE
    at bigint := settled_revision(at_revision);
    here geometry;
    met bigint[] := '{}';
BEGIN
    PERFORM refuse_wide_boxes(west, south, east, north);
    FOR n IN 1 .. cardinality(west) LOOP
        here := ST_MakeEnvelope(west[n], south[n], east[n], north[n], 4490);
        met := met
            || ARRAY(SELECT p.asset_id FROM pipe p WHERE p.geom && here)
            || ARRAY(SELECT f.asset_id FROM facility f WHERE f.geom && here);
    END LOOP;
    RETURN QUERY
    SELECT a.asset_id, a.utility, a.dataset, a.valid_from, a.source_id, a.kind, a.pressure_class, a.diameter_mm,
           a.cover_m, a.material, a.status, a.survey_class, a.laid_on, a.pipe_kind, a.uncertainty, a.digest,
           ST_AsBinary(coalesce(p.geom, f.geom))
      FROM asset a LEFT JOIN pipe p ON p.asset_id = a.asset_id LEFT JOIN facility f ON f.asset_id = a.asset_id
     WHERE a.asset_id IN (SELECT unnest(met))
       AND a.valid_from <= at AND (a.valid_to IS NULL OR a.valid_to > at)
     ORDER BY a.asset_id;
END $$;

CREATE FUNCTION stored_pieces(ids bigint[])
    RETURNS TABLE (asset_id bigint, geom bytea, from_m float8, to_m float8)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
    SELECT p.asset_id, ST_AsBinary(p.geom), p.from_m, p.to_m
      FROM piece p WHERE p.asset_id = ANY (ids) ORDER BY p.asset_id, p.ordinal
$$;

-- How far a search by unwidened bounds must reach out so as to miss nothing.
CREATE FUNCTION position_doubt_m(at_revision bigint) RETURNS float8
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
DECLARE
    at bigint := settled_revision(at_revision);
BEGIN
    RETURN (SELECT coalesce(max(widened_by_m), 0) FROM asset
             WHERE valid_from <= at AND (valid_to IS NULL OR valid_to > at));
END $$;

CREATE FUNCTION asset_count() RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$ SELECT count(*) FROM asset WHERE valid_to IS NULL $$;

-- Did any of the revisions (since, upto] change what can be said about these boxes? An over-approximation:
-- a needless yes costs one screening, a wrong no would leave an outdated answer standing. upto NULL = newest.
CREATE FUNCTION touched(
    west float8[], south float8[], east float8[], north float8[], since bigint, upto bigint
) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
AS $$
DECLARE
    last bigint := coalesce(upto, newest_revision());
    here geometry;
BEGIN
    PERFORM refuse_wide_boxes(west, south, east, north);
    IF last <= since THEN
        RETURN false;
    END IF;
    IF EXISTS (
        SELECT FROM revision r
         WHERE r.revision > since AND r.revision <= last
           AND (r.touches = 'everywhere'
                OR r.touches = 'utility' AND NOT EXISTS (
                    SELECT FROM ground g
                     WHERE g.utility = r.utility AND g.kind = 'service_area' AND g.valid_to IS NULL))
    ) THEN
        RETURN true;
    END IF;
    FOR n IN 1 .. cardinality(west) LOOP
        here := ST_MakeEnvelope(west[n], south[n], east[n], north[n], 4490);
        IF EXISTS (
            SELECT FROM piece p
             WHERE p.box && here
               AND p.west <= touched.east[n] AND p.east >= touched.west[n]
           AND p.south <= touched.north[n] AND p.north >= touched.south[n]
               AND (p.valid_from > since AND p.valid_from <= last OR p.valid_to > since AND p.valid_to <= last)
        ) OR EXISTS (
            SELECT FROM ground g
             WHERE g.geom && here
               AND (g.valid_from > since AND g.valid_from <= last OR g.valid_to > since AND g.valid_to <= last)
        ) OR EXISTS (
            SELECT FROM ground g JOIN revision r ON r.utility = g.utility AND r.touches = 'utility'
             WHERE g.geom && here AND g.kind = 'service_area' AND (g.valid_to IS NULL OR g.valid_to > since)
               AND r.revision > since AND r.revision <= last
        ) THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END $$;

GRANT EXECUTE ON FUNCTION
    candidates(integer[], float8[], float8[], float8[], float8[], bigint),
    ground_near(integer[], float8[], float8[], float8[], float8[], bigint),
    ground_rows(bigint[]), utilities_without_area(bigint),
    whole_assets(float8[], float8[], float8[], float8[], bigint),
    stored_pieces(bigint[]), position_doubt_m(bigint), asset_count(),
    touched(float8[], float8[], float8[], float8[], bigint, bigint)
TO predig_app;
