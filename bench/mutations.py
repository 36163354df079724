"""Ways to break the rules: where a pipe lies, what is asked, what is not known. `bench.mutants` tries them all."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """One way to break the rules. tests: what pytest is given."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


GRADES = "tests/spatial/judging/test_judge_grades.py"
LIMITS = "tests/spatial/judging/test_judge_limits.py"
COVERAGE = "tests/spatial/judging/test_coverage.py"
SCREENING = "tests/spatial/test_screening.py"
PIECES = "tests/spatial/measuring/test_pieces.py"
PROFILE = "tests/spatial/rules/test_profile.py"
OVERRIDES = "tests/spatial/rules/test_overrides.py"
LONG_DISTANCE = "tests/spatial/rules/test_long_distance.py"
INTERVALS = "tests/spatial/measuring/test_intervals.py"
BOXES = "tests/spatial/measuring/test_boxes.py"
PLANE = "tests/spatial/measuring/test_plane.py"
DOUBT = "tests/spatial/judging/test_doubt.py"
CRS = "tests/spatial/crs"

JUDGE = "spatial/judging/judge.py"
BY_LAW = "spatial/judging/limits.py"
WALL = "clearance = quantise(np.maximum(axis_m - limits.half_width_m - limits.radius_m, 0.0))"

FLAT = (
    # the six of issue 2
    Mutant(
        "no tolerance at the control limit",
        BY_LAW,
        "quantise(limits.control_m + tolerance_m)",
        "quantise(limits.control_m)",
        (LIMITS,),
    ),
    Mutant(
        "no tolerance at the protection limit",
        BY_LAW,
        "quantise(limits.protection_m + tolerance_m)",
        "quantise(limits.protection_m)",
        (LIMITS,),
    ),
    Mutant("no pipe radius", BY_LAW, WALL, WALL.replace(" - limits.radius_m", ""), (LIMITS,)),
    Mutant("no half width", BY_LAW, WALL, WALL.replace(" - limits.half_width_m", ""), (LIMITS,)),
    Mutant(
        "no uncertainty",
        BY_LAW,
        "worst = quantise(clearance - limits.uncertainty_m)",
        "worst = quantise(clearance)",
        (GRADES,),
    ),
    Mutant(
        "no uncertainty of the site",
        BY_LAW,
        "quantise(assets.uncertainty_m[asset] + sites.uncertainty_m[site])",
        "quantise(assets.uncertainty_m[asset])",
        (GRADES,),
    ),
    Mutant(
        "no densifying",
        "spatial/crs/passage.py",
        "dense = densify(geometries, self.longest_edge)",
        "dense = geometries",
        (CRS,),
    ),
    Mutant(
        "clear without coverage", "spatial/screening.py", "elif ground.unknowns:", "elif False:", (COVERAGE,)
    ),
    # measuring
    Mutant(
        "nothing is quantised",
        "spatial/measuring/measure.py",
        "return metres.round(QUANTUM_DECIMALS) + 0.0",
        "return metres + 0.0",
        (GRADES,),
    ),
    Mutant(
        "the first piece for the nearest",
        "spatial/measuring/measure.py",
        "np.minimum.reduceat(plane.away_m[order], first)",
        "plane.away_m[order][first]",
        (GRADES,),
    ),
    Mutant(
        "the inside of an area forgotten",
        "spatial/measuring/intervals.py",
        "may_hold = ~apart & (shapely.get_dimensions(others) == 2)",
        "may_hold = ~apart & (shapely.get_dimensions(others) == 3)",
        (GRADES,),
    ),
    Mutant(
        "what touches taken to lie apart",
        "spatial/measuring/measure.py",
        "apart = plane.away_m[row[both]] > SAME_M",
        "apart = plane.away_m[row[both]] >= 0",
        (GRADES,),
    ),
    Mutant(
        "one meridian for all",
        "spatial/measuring/plane.py",
        "return np.rint((bounds[:, 0] + bounds[:, 2]) * 5.0).astype(np.int64)",
        "return np.full(len(bounds), 960)",
        (PLANE,),
    ),
    Mutant(
        "chainage on a sphere",
        "spatial/measuring/pieces.py",
        "CGCS2000 = Geod(a=6378137.0, rf=298.257222101)",
        "CGCS2000 = Geod(a=6371000.0, b=6371000.0)",
        (PIECES,),
    ),
    Mutant(
        "chainage summed over the batch",
        "spatial/measuring/pieces.py",
        "chainage = _summed(edge_m, line_start)",
        "chainage = (lambda all_m: all_m - np.repeat(all_m[line_start], np.diff(np.r_[line_start, len(xy)])))("
        "np.cumsum(edge_m))",
        (PIECES,),
    ),
    Mutant(
        "stadiums without their first disc",
        "spatial/measuring/intervals.py",
        "low = np.minimum(disc_low.min(axis=0), box_low)",
        "low = np.minimum(disc_low[1], box_low)",
        (INTERVALS,),
    ),
    Mutant(
        "a NaN is let through",
        BY_LAW,
        "if not np.isfinite(worst).all():",
        "if False:",
        (GRADES,),
    ),
    # finding
    Mutant(
        "pieces' boxes without radius and uncertainty",
        "spatial/measuring/pieces.py",
        "margin = np.asarray(widen_by_m, dtype=np.float64)[asset] + BOX_SLACK_M",
        "margin = np.zeros(asset.size) + BOX_SLACK_M",
        (PIECES,),
    ),
    Mutant(
        "query boxes without the reach",
        "spatial/screening.py",
        "by_m = farthest_axis_m(site, profile) + profile.doubt_of_unknown_m",
        "by_m = site.uncertainty_m + site.half_width_m",
        (SCREENING,),
    ),
    Mutant(
        "query boxes without the site's doubt and width",
        "spatial/judging/coverage.py",
        "profile.reach_m(site.acts) + profile.largest_unknown_radius_m + site.uncertainty_m + site.half_width_m",
        "profile.reach_m(site.acts) + profile.largest_unknown_radius_m",
        (SCREENING,),
    ),
    Mutant(
        "the reach without the tolerance",
        "spatial/rules/profile.py",
        "return max(self.widest_control_m, self.own_distance_m(acts)) + self.tolerance_m",
        "return max(self.widest_control_m, self.own_distance_m(acts))",
        (PROFILE,),
    ),
    Mutant(
        "a degree of longitude too long",
        "spatial/measuring/boxes.py",
        "METRES_PER_DEGREE_LONGITUDE_AT_EQUATOR = 111_300.0",
        "METRES_PER_DEGREE_LONGITUDE_AT_EQUATOR = 111_500.0",
        (BOXES,),
    ),
    Mutant(
        "boxes widened at the nearer latitude",
        "spatial/measuring/boxes.py",
        "highest = np.minimum(np.maximum(np.abs(south), np.abs(north)), 89.9)",
        "highest = np.minimum(np.minimum(np.abs(south), np.abs(north)), 89.9)",
        (BOXES,),
    ),
    # the rules
    Mutant(
        "an unknown diameter is nought",
        "spatial/rules/profile.py",
        "return self.unknown_diameter_mm[pressure_class or self.unknown_class]",
        "return 0.0",
        (GRADES,),
    ),
    Mutant(
        "an unknown class is the narrowest",
        "spatial/rules/profile.py",
        "return self.widths[kind, pressure_class or self.unknown_class]",
        "return self.widths[kind, pressure_class or PressureClass.LP]",
        (PROFILE,),
    ),
    Mutant(
        "the first act for the worst",
        "spatial/rules/profile.py",
        "return min(rulings, key=lambda ruling: STRICTNESS[ruling.requirement])",
        "return rulings[0]",
        (GRADES,),
    ),
    Mutant(
        "an unstated method is no machine",
        "spatial/rules/profile.py",
        "by_machine = method in (None, Method.MECHANICAL) and act in OPENS_GROUND",
        "by_machine = method is Method.MECHANICAL and act in OPENS_GROUND",
        (GRADES,),
    ),
    Mutant(
        "no distance of an act's own",
        BY_LAW,
        "np.maximum(assets.control_m[asset], own - assets.inside_m[asset])",
        "assets.control_m[asset]",
        (GRADES,),
    ),
    Mutant(
        "an act's own distance drags the others along",
        "spatial/rules/profile.py",
        "if clearance_m <= round(widths.control_m + self.tolerance_m, 4):",
        "if True:",
        (GRADES,),
    ),
    Mutant(
        "a far act counts where only a farther one reaches",
        "spatial/rules/profile.py",
        "if clearance_m <= round(distance_m + self.tolerance_m, 4)",
        "if True",
        (GRADES,),
    ),
    Mutant(
        "the centre line taken for the wall",
        "spatial/rules/profile.py",
        "if not self.from_centre_line or radius_m == 0:",
        "if True:",
        (LONG_DISTANCE,),
    ),
    Mutant(
        "an override may narrow",
        "spatial/rules/overrides.py",
        "if width in row and row[width] < minimum[key][width]:",
        "if False:",
        (OVERRIDES,),
    ),
    Mutant(
        "of two overrides the last",
        "spatial/rules/overrides.py",
        "taken[key] = _wider(taken[key], row) if key in taken else row",
        "taken[key] = row",
        (OVERRIDES,),
    ),
    Mutant(
        "rules of long-distance pipes support clear",
        "spatial/judging/coverage.py",
        "    if profile.long_distance:",
        "    if False:",
        (LONG_DISTANCE,),
    ),
    Mutant(
        "only the grade at record",
        JUDGE,
        "GRADES[np.minimum(at_record, at_worst)]",
        "GRADES[at_record]",
        (GRADES,),
    ),
    Mutant(
        "a survey class without its depth",
        "spatial/judging/doubt.py",
        "    if cover_m is None:\n        return _fixed(",
        "    if cover_m is None:\n        cover_m = 0.0\n    if stated_m is not None:\n        return _fixed(",
        (DOUBT,),
    ),
    # what is not known
    Mutant(
        "coverage need not hold the reach",
        "spatial/judging/coverage.py",
        "return bool(shapely.distance(self.site, shapely.boundary(union)) >= self.reach_m)",
        "return True",
        (COVERAGE,),
    ),
    Mutant(
        "a hull supports clear",
        "spatial/judging/coverage.py",
        "declared = [row for row in coverages if not row.assumed]",
        "declared = list(coverages)",
        (COVERAGE,),
    ),
    Mutant(
        "data never age",
        "spatial/judging/coverage.py",
        "if on > coverage.as_of + timedelta(days=coverage.max_age_days):",
        "if False:",
        (COVERAGE,),
    ),
    Mutant(
        "one kind of pipe is enough",
        "spatial/judging/coverage.py",
        "for kind in PipeKind:\n        coverages = ",
        "for kind in [PipeKind.MAIN]:\n        coverages = ",
        (COVERAGE,),
    ),
    Mutant(
        "a utility that never said where it serves counts",
        "spatial/judging/coverage.py",
        "supported = supported or declared.service_area is not None",
        "supported = True",
        (COVERAGE,),
    ),
    Mutant(
        "blanks are overlooked",
        "spatial/judging/coverage.py",
        "if any(near.meets(blank) for blank in declared.blanks):",
        "if False:",
        (COVERAGE,),
    ),
    Mutant(
        "unreadable ground of no area is overlooked",
        "spatial/judging/coverage.py",
        "part = geometry if flat_box else shapely.intersection(geometry, self._window)",
        "part = shapely.intersection(geometry, self._window)",
        (COVERAGE,),
    ),
    Mutant(
        "a guessed width reads as a known one",
        "spatial/judging/coverage.py",
        "if not site.half_width_known:",
        "if False:",
        (COVERAGE,),
    ),
    # evidence
    Mutant(
        "keys in any order",
        "spatial/canonical.py",
        "sort_keys=True",
        "sort_keys=False",
        (SCREENING,),
    ),
    Mutant(
        "answers outlive their permit",
        "spatial/screening.py",
        "valid_until = min(last, ends_on) if ends_on is not None else last",
        "valid_until = last",
        (SCREENING,),
    ),
)
