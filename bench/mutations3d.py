"""Ways to break the rules: what is opened, how deep it goes, how bores pass, how old a survey is, what a county adds."""

from bench.mutations import OVERRIDES, Mutant

FOOTPRINT = "spatial/measuring/footprint.py"
DEPTH = "spatial/judging/depth.py"
BORES = "spatial/judging/bores.py"
DOUBT = "spatial/judging/doubt.py"
JUDGE = "spatial/judging/judge.py"
PASSING = "spatial/saying/bore_findings.py"

SAMPLED = "tests/oracle/test_solid.py"
OPENED = "tests/spatial/measuring/test_footprint.py"
FLOORS = "tests/spatial/judging/test_depth.py"
PATHS = "tests/spatial/judging/test_bores.py"
DOUBTS = "tests/spatial/judging/test_doubt.py"
REGISTERED = "tests/ingest/test_depths.py"

SOLID = (
    # slope
    Mutant(
        "slope ignored",
        FOOTPRINT,
        "implied_m = bottom_half_m + slope * (depth_m or 0.0)",
        "implied_m = bottom_half_m",
        (SAMPLED,),
    ),
    Mutant(
        "slope ignored, by the wall at 1.80 m",
        FOOTPRINT,
        "implied_m = bottom_half_m + slope * (depth_m or 0.0)",
        "implied_m = bottom_half_m",
        (OPENED,),
    ),
    Mutant(
        "slope nobody stated is upright",
        FOOTPRINT,
        "defaults.slope_ratio if slope_ratio is None else slope_ratio",
        "0.0 if slope_ratio is None else slope_ratio",
        (SAMPLED,),
    ),
    Mutant(
        "slope of a wall that is held upright",
        FOOTPRINT,
        "upright = shored is True",
        "upright = False",
        (SAMPLED,),
    ),
    Mutant(
        "slope from the bottom's whole width",
        FOOTPRINT,
        "None if bottom_width_m is None else bottom_width_m / 2",
        "None if bottom_width_m is None else bottom_width_m",
        (OPENED,),
    ),
    # depth
    Mutant(
        "depth doubt dropped in relief",
        DEPTH,
        "doubt = depths.floor_uncertainty_m + depths.pipe_uncertainty_m",
        "doubt = 0.0 * (depths.floor_uncertainty_m + depths.pipe_uncertainty_m)",
        (SAMPLED,),
    ),
    Mutant(
        "depth doubt of the floor alone",
        DEPTH,
        "doubt = depths.floor_uncertainty_m + depths.pipe_uncertainty_m",
        "doubt = depths.floor_uncertainty_m",
        (FLOORS,),
    ),
    Mutant(
        "depth nobody followed relieves",
        DEPTH,
        "known = depths.profiled & ~np.isnan(gap_above + gap_below)",
        "known = ~np.isnan(gap_above + gap_below)",
        (FLOORS,),
    ),
    Mutant(
        "depth to the centre read as to the top",
        "ingest/networks/depths.py",
        "CENTRE: (0.5, 0.5)",
        "CENTRE: (0.0, 0.0)",
        (REGISTERED,),
    ),
    Mutant(
        "depth to nobody knows what read as to the top",
        "ingest/networks/depths.py",
        "None: (0.0, 1.0)}",
        "None: (0.0, 0.0)}",
        (REGISTERED,),
    ),
    Mutant(
        "depth of the deepest top relieves",
        DEPTH,
        "gap_above = quantise(depths.top_least_m - depths.floor_m - doubt)",
        "gap_above = quantise(depths.top_most_m - depths.floor_m - doubt)",
        (SAMPLED,),
    ),
    Mutant(
        "depth below a pipe of unknown diameter that is thin",
        DEPTH,
        "depths.floor_m - depths.top_most_m - depths.thick_m - doubt",
        "depths.floor_m - depths.top_most_m - depths.thin_m - doubt",
        (FLOORS,),
    ),
    Mutant(
        "depth relieves whatever digs",
        DEPTH,
        "and site.method in FROM_ABOVE",
        "and True",
        (FLOORS,),
    ),
    Mutant(
        "depth relief forgotten",
        JUDGE,
        "relieved = (level == Level.ABOVE) & _of_sites(only_from_above, sites)[pairs.site[kept]]",
        "relieved = np.zeros(len(kept), dtype=np.bool_)",
        (FLOORS,),
    ),
    Mutant(
        "depth of a hole beside a pipe takes no ground from under it",
        DEPTH,
        "gives = digs & (height > 0) & ",
        "gives = digs & (height > 9) & ",
        (FLOORS,),
    ),
    # bores
    Mutant(
        "bore measured at the ends of its stretches only",
        "spatial/measuring/space.py",
        "t = np.array([nothing, all_of_it, on_one(nothing), on_one(all_of_it), inner])",
        "t = np.array([nothing, all_of_it, nothing, all_of_it, nothing])",
        (SAMPLED,),
    ),
    Mutant(
        "bore measured at the ends of its stretches only, by hand",
        "spatial/measuring/space.py",
        "t = np.array([nothing, all_of_it, on_one(nothing), on_one(all_of_it), inner])",
        "t = np.array([nothing, all_of_it, nothing, all_of_it, nothing])",
        (PATHS,),
    ),
    Mutant(
        "bore at worst without its tool's doubt",
        BORES,
        "doubt = pipes.uncertainty_m + floor_doubt",
        "doubt = pipes.uncertainty_m + 0.0 * floor_doubt",
        (SAMPLED,),
    ),
    Mutant(
        "bore at worst without the doubt in plan",
        BORES,
        "at_most = beyond(worst, edge, doubt, t)",
        "doubt = 0.0 * doubt\n    at_most = beyond(worst, edge, doubt, t)",
        (PATHS,),
    ),
    Mutant(
        "bore to the axis of the pipe",
        BORES,
        "walls = half_width[bored] + radius_m[bored]",
        "walls = half_width[bored]",
        (PATHS,),
    ),
    Mutant(
        "bore past a pipe nobody followed",
        BORES,
        "followed = np.where(depths.profiled, 0.0, np.nan)",
        "followed = 0.0",
        (SAMPLED,),
    ),
    Mutant(
        "bore of a tool nobody described runs true",
        BORES,
        "round(plan.ratio_of_depth * max(deepest_m, plan.least_depth_m), 4)",
        "0.0",
        (PATHS,),
    ),
    Mutant(
        "bore that clears, and so does a pile",
        BORES,
        "return ~np.isnan(self.depth_m) & (self.at_worst_m > tolerance_m)",
        "return self.at_worst_m > tolerance_m",
        (SAMPLED,),
    ),
    Mutant(
        "bore that clears by its record",
        BORES,
        "return ~np.isnan(self.depth_m) & (self.at_worst_m > tolerance_m)",
        "return ~np.isnan(self.depth_m) & (self.distance_m > tolerance_m)",
        (SAMPLED,),
    ),
    Mutant(
        "bore that slopes is no taller",
        PASSING,
        "half = site.half_width_m * line.steepness(at_m)",
        "half = site.half_width_m",
        (SAMPLED,),
    ),
    Mutant(
        "bore at worst crosses where it is drawn",
        PASSING,
        "low, high = _stretch(may_meet, crossing)",
        "low, high = crossing.site_m, crossing.site_to_m",
        (SAMPLED,),
    ),
    Mutant(
        "bore past a pipe as if drawn at the surface",
        BORES,
        "return np.interp(at_m, self.profile[:, 0], self.profile[:, 1])",
        "return 0.0 * np.interp(at_m, self.profile[:, 0], self.profile[:, 1])",
        (PATHS,),
    ),
    # age
    Mutant(
        "age adds nothing",
        DOUBT,
        "added_m = min(round(years * age.m_per_year, 4), age.most_m)",
        "added_m = 0.0",
        (DOUBTS,),
    ),
    Mutant(
        "age without end",
        DOUBT,
        "added_m = min(round(years * age.m_per_year, 4), age.most_m)",
        "added_m = round(years * age.m_per_year, 4)",
        (DOUBTS,),
    ),
    Mutant(
        "age of a survey without a date is none",
        DOUBT,
        "if since is None:\n",
        "if since is None:\n        return ()\n    if since is None:\n",
        (DOUBTS,),
    ),
    Mutant(
        "age of a road rebuilt forgotten",
        DOUBT,
        "return resurfaced_on is not None and (",
        "return False and (",
        (DOUBTS,),
    ),
    Mutant(
        "age of a road rebuilt leaves the depth",
        DOUBT,
        "if cover_m is None or _rebuilt_since(surveyed_on or laid_on, resurfaced_on):",
        "if cover_m is None:",
        (DOUBTS,),
    ),
    Mutant(
        "age of a survey nobody dated is before no road",
        DOUBT,
        "(surveyed_on is None or resurfaced_on >= surveyed_on)",
        "(surveyed_on is not None and resurfaced_on >= surveyed_on)",
        (DOUBTS,),
    ),
    # override
    Mutant(
        "override forgotten",
        "spatial/rules/overrides.py",
        "    widths |= taken\n",
        "",
        (OVERRIDES,),
    ),
    Mutant(
        "override that names no control width has none",
        "spatial/rules/overrides.py",
        'max(minimum["control_m"], row["protection_m"])',
        'row["protection_m"]',
        (OVERRIDES,),
    ),
)
