-- The only ways to read the network. The application may not select from it; it asks these functions about
-- boxes of a bounded size. They are plpgsql on purpose: the function is a wall to the planner, so the GiST
-- index is used whatever row-level security says (measured: 0.25 ms against 66 ms under a policy).
--
-- Boxes come as one flat array, four numbers a box: west, south, east, north, degrees EPSG:4490, already
-- widened by all that can bring a pipe nearer.
-- as_of is a register revision. Rows of a revision never change, so several calls with the same as_of read
-- one and the same register, without a transaction round them.

SET LOCAL ROLE predig_owner;
SET LOCAL search_path = predig, public;

-- A dig site is at most 6.25 km2 and a line is asked about stretch by stretch, so a wider box is a mistake or
-- an attempt to draw the whole network. Only what is provably narrow passes: NaN and NULL do not.
CREATE FUNCTION is_narrow(w float8, s float8, e float8, n float8) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce(e - w BETWEEN 0 AND 0.3 AND n - s BETWEEN 0 AND 0.3, false);

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
-- The plan is made once a session and kept: planning anew for each box costs three times what the search does.
CREATE FUNCTION candidates(site integer[], boxes float8[], as_of bigint)
    RETURNS TABLE (
        site_index integer, asset_id bigint, ordinal integer, geom bytea, from_m float8, to_m float8,
        source_id text, utility text, dataset text, revision bigint, kind text, pressure_class text,
        diameter_mm float8, cover_m float8, status text, pipe_kind text, uncertainty_m float8, uncertainty text
    )
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
    SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    here geometry;
    w float8; s float8; e float8; n float8;
BEGIN
    IF cardinality(boxes) <> 4 * cardinality(site) THEN
        RAISE EXCEPTION 'not four numbers a box' USING ERRCODE = '22023';
    END IF;
    FOR i IN 0 .. cardinality(boxes) / 4 - 1 LOOP
        w := boxes[4 * i + 1]; s := boxes[4 * i + 2]; e := boxes[4 * i + 3]; n := boxes[4 * i + 4];
        IF NOT is_narrow(w, s, e, n) THEN
            RAISE EXCEPTION 'box too wide' USING ERRCODE = 'PD007';
        END IF;
        here := ST_MakeEnvelope(w, s, e, n, 4490);
        RETURN QUERY
        SELECT site[i + 1], p.asset_id, p.ordinal, ST_AsBinary(p.geom), p.from_m, p.to_m,
               a.source_id, a.utility, a.dataset, a.valid_from, a.kind, a.pressure_class,
               a.diameter_mm, a.cover_m, a.status, a.pipe_kind, a.uncertainty_m, a.uncertainty
          FROM piece p JOIN asset a ON a.asset_id = p.asset_id
         WHERE p.box && here
           AND p.west <= e AND p.east >= w AND p.south <= n AND p.north >= s
           AND p.valid_from <= as_of AND (p.valid_to IS NULL OR p.valid_to > as_of);
    END LOOP;
END $$;

-- Which ground meets which site. The first row (site NULL) says which revision was read; later rows name
-- ground whose bounds meet a box of the site: the caller compares the shapes themselves.
CREATE FUNCTION ground_near(site integer[], boxes float8[], as_of bigint)
    RETURNS TABLE (read_revision bigint, site_index integer, ground_id bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
    SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    at bigint := settled_revision(as_of);
    here geometry;
    w float8; s float8; e float8; n float8;
BEGIN
    IF cardinality(boxes) <> 4 * cardinality(site) THEN
        RAISE EXCEPTION 'not four numbers a box' USING ERRCODE = '22023';
    END IF;
    RETURN QUERY SELECT at, NULL::integer, NULL::bigint;
    FOR i IN 0 .. cardinality(boxes) / 4 - 1 LOOP
        w := boxes[4 * i + 1]; s := boxes[4 * i + 2]; e := boxes[4 * i + 3]; n := boxes[4 * i + 4];
        IF NOT is_narrow(w, s, e, n) THEN
            RAISE EXCEPTION 'box too wide' USING ERRCODE = 'PD007';
        END IF;
        here := ST_MakeEnvelope(w, s, e, n, 4490);
        RETURN QUERY
        SELECT at, site[i + 1], g.ground_id
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
CREATE FUNCTION whole_assets(boxes float8[], at_revision bigint)
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
    w float8; s float8; e float8; n float8;
    met bigint[] := '{}';
BEGIN
    IF cardinality(boxes) % 4 <> 0 THEN
        RAISE EXCEPTION 'not four numbers a box' USING ERRCODE = '22023';
    END IF;
    FOR i IN 0 .. cardinality(boxes) / 4 - 1 LOOP
        w := boxes[4 * i + 1]; s := boxes[4 * i + 2]; e := boxes[4 * i + 3]; n := boxes[4 * i + 4];
        IF NOT is_narrow(w, s, e, n) THEN
            RAISE EXCEPTION 'box too wide' USING ERRCODE = 'PD007';
        END IF;
        here := ST_MakeEnvelope(w, s, e, n, 4490);
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
CREATE FUNCTION touched(boxes float8[], since bigint, upto bigint) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, predig, public, pg_temp
    SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    last bigint := coalesce(upto, newest_revision());
    here geometry;
    w float8; s float8; e float8; n float8;
BEGIN
    IF cardinality(boxes) % 4 <> 0 THEN
        RAISE EXCEPTION 'not four numbers a box' USING ERRCODE = '22023';
    END IF;
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
    FOR i IN 0 .. cardinality(boxes) / 4 - 1 LOOP
        w := boxes[4 * i + 1]; s := boxes[4 * i + 2]; e := boxes[4 * i + 3]; n := boxes[4 * i + 4];
        IF NOT is_narrow(w, s, e, n) THEN
            RAISE EXCEPTION 'box too wide' USING ERRCODE = 'PD007';
        END IF;
        here := ST_MakeEnvelope(w, s, e, n, 4490);
        IF EXISTS (
            SELECT FROM piece p
             WHERE p.box && here
               AND p.west <= e AND p.east >= w AND p.south <= n AND p.north >= s
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
    candidates(integer[], float8[], bigint),
    ground_near(integer[], float8[], bigint),
    ground_rows(bigint[]), utilities_without_area(bigint),
    whole_assets(float8[], bigint),
    stored_pieces(bigint[]), position_doubt_m(bigint), asset_count(),
    touched(float8[], bigint, bigint)
TO predig_app;
