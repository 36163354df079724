"""What a dig plan says of a bore: how deep it runs where, how wide it is, how surely its tool is steered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ingest.files.geojson import is_number
from ingest.plans.values import metres, object_of
from spatial.errors import Faults
from spatial.judging.bores import BORED
from spatial.values import BorePath
from spatial.words import Act

DEEPEST_BORE_M = 100.0
WIDEST_BORE_MM = 20_000.0
LEAST_ACCURATE_M = 100.0
MOST_PROFILE_POINTS = 500
END_SLACK_M = 1.0
END_SLACK_SHARE = 0.01
"""How far the profile's end may miss the drawn line's: drawings round, and a bore is longer than its plan."""

_WAYS = ("profile", "depths_m", "entry_depth_m", "exit_depth_m")
_FIELDS = (*_WAYS, "diameter_mm", "plan_accuracy_m", "depth_accuracy_m")


@dataclass(frozen=True, slots=True)
class BoreWish:
    """One of profile (distance, depth), depths_m (a depth for each vertex drawn), or ends (entry, exit)."""

    profile: tuple[tuple[float, float], ...] | None
    depths_m: tuple[float, ...] | None
    ends: tuple[float, float] | None
    diameter_mm: float | None
    plan_accuracy_m: float | None
    depth_accuracy_m: float | None
    place: str


def read_bore(
    own: Mapping[str, Any],
    shape_type: str | None,
    vertices: int,
    has_z: bool,
    acts: Sequence[Act],
    place: str,
    faults: Faults,
) -> BoreWish | None:
    """The bore of a feature's properties. vertices: of the line drawn; has_z: its positions carry a third number."""
    if "bore" not in own:
        return None
    at = f"{place}/bore"
    said = object_of(own["bore"], "bore", _FIELDS, at, faults)
    if said is None:
        return None
    before = len(faults.found)
    if shape_type not in (None, "LineString"):
        faults.add(
            "bore_not_for_shape",
            en=f"a bore runs along a LineString, not a {shape_type}; draw its path from entry to exit",
            zh=f"钻孔、顶管路径须为 LineString，而不是 {shape_type}；请从入土点到出土点画线",
            pointer=at,
        )
    if acts and not BORED.intersection(acts):
        words = ", ".join(sorted(BORED))
        faults.add(
            "bore_not_for_act",
            en=f"nothing is bored by these acts; name one of {words}, or leave bore out",
            zh=f"所列作业不含钻进、顶进；请注明 {words} 之一，或不填 bore",
            pointer=at,
        )
    if any(name in own for name in ("bottom_width_m", "slope", "spoil", "machine_path")):
        faults.add(
            "bore_and_trench",
            en="this line is bored and dug as a trench at once; give the two as features of their own",
            zh="同一条线不能既是钻进又是放坡开挖；请分成两个要素",
            pointer=at,
        )
    wish = BoreWish(
        *_depths(said, vertices, has_z, at, faults),
        diameter_mm=metres(
            said.get("diameter_mm"), 1.0, WIDEST_BORE_MM, "diameter_mm", f"{at}/diameter_mm", faults,
            ("millimetres", "毫米"),
        ),
        plan_accuracy_m=_accuracy(said, "plan_accuracy_m", at, faults),
        depth_accuracy_m=_accuracy(said, "depth_accuracy_m", at, faults),
        place=at,
    )  # fmt: skip
    return wish if len(faults.found) == before else None


def _accuracy(said: Mapping[str, Any], name: str, at: str, faults: Faults) -> float | None:
    return metres(said.get(name), 0.0, LEAST_ACCURATE_M, name, f"{at}/{name}", faults)


_Depths = tuple[tuple[tuple[float, float], ...] | None, tuple[float, ...] | None, tuple[float, float] | None]


def _depths(said: Mapping[str, Any], vertices: int, has_z: bool, at: str, faults: Faults) -> _Depths:
    ways = {"ends" if name.endswith("depth_m") else name for name in _WAYS if name in said}
    if len(ways) != 1:
        z = (
            " (a third coordinate may be a height or a depth, from whatever level: it is not read)"
            if has_z
            else ""
        )
        z_zh = "（坐标的第三个数可能是高程也可能是埋深，起算面不明，不予采用）" if has_z else ""
        faults.add(
            "bore_depth_ambiguous" if ways else "bore_depth_missing",
            en="say once how deep the bore's axis runs below ground: profile [[distance_m, depth_m], …], or depths_m "
            f"with one depth for each vertex, or entry_depth_m and exit_depth_m{z}",
            zh="请用一种方式说明钻孔轴线在地面以下的深度：profile [[距离, 深度], …]，或 depths_m（每个顶点一个深度），"
            f"或 entry_depth_m 与 exit_depth_m{z_zh}",
            pointer=at,
        )
        return None, None, None
    if "profile" in ways:
        return _profile(said["profile"], f"{at}/profile", faults), None, None
    if "depths_m" in ways:
        return None, _vertex_depths(said["depths_m"], vertices, f"{at}/depths_m", faults), None
    entry, leave = (_end(said, name, at, faults) for name in ("entry_depth_m", "exit_depth_m"))
    if entry == 0.0 and leave == 0.0:
        _at_surface(at, faults)
    return None, None, None if entry is None or leave is None else (entry, leave)


def _at_surface(pointer: str, faults: Faults) -> None:
    """Depths of nothing but 0 are a form left empty; taken for a path they would clear every pipe below."""
    faults.add(
        "bore_at_surface",
        en="a bore from depth 0 to depth 0 needs to say how deep it runs between: give its profile",
        zh="入土、出土深度均为 0，须说明中间的深度：请填写 profile",
        pointer=pointer,
    )


def _end(said: Mapping[str, Any], name: str, at: str, faults: Faults) -> float | None:
    if name not in said:
        faults.add(
            "bore_end_missing",
            en=f"a straight bore needs the depth of both ends: give {name}",
            zh=f"直线钻进须给出两端的深度：请填写 {name}",
            pointer=f"{at}/{name}",
        )
    return metres(said.get(name), 0.0, DEEPEST_BORE_M, name, f"{at}/{name}", faults)


def _profile(value: Any, at: str, faults: Faults) -> tuple[tuple[float, float], ...] | None:
    if not isinstance(value, list) or not 2 <= len(value) <= MOST_PROFILE_POINTS:
        faults.add(
            "bore_profile_expected",
            en=f"profile must be a list of 2 to {MOST_PROFILE_POINTS} pairs [distance_m, depth_m]",
            zh=f"profile 应为 2 到 {MOST_PROFILE_POINTS} 个 [距离, 深度] 的列表",
            pointer=at,
        )
        return None
    before = len(faults.found)
    for number, pair in enumerate(value):
        if (
            not isinstance(pair, list)
            or len(pair) != 2
            or not all(map(is_number, pair))
            or not 0.0 <= pair[1] <= DEEPEST_BORE_M
        ):
            faults.add(
                "bore_pair_expected",
                en=f"this must be [distance_m, depth_m], two numbers, the depth from 0 to {DEEPEST_BORE_M:g}",
                zh=f"此处应为 [距离, 深度] 两个数，深度为 0 到 {DEEPEST_BORE_M:g} 米",
                pointer=f"{at}/{number}",
            )
    if len(faults.found) > before:
        return None
    for number, (one, other) in enumerate(pairwise(value), 1):
        if other[0] <= one[0]:
            faults.add(
                "bore_distances",
                en="distances must grow along the line: this one is not beyond the one before",
                zh="距离须沿线递增：此处不大于前一个距离",
                pointer=f"{at}/{number}",
            )
    if all(depth == 0.0 for _, depth in value):
        _at_surface(at, faults)
    return tuple((float(distance), float(depth)) for distance, depth in value)


def _vertex_depths(value: Any, vertices: int, at: str, faults: Faults) -> tuple[float, ...] | None:
    if not isinstance(value, list) or len(value) != vertices:
        faults.add(
            "bore_depths_expected",
            en=f"depths_m must be a list with one depth for each of the {vertices} vertices of the line",
            zh=f"depths_m 应为列表，线的 {vertices} 个顶点各一个深度",
            pointer=at,
        )
        return None
    before = len(faults.found)
    for number, depth in enumerate(value):
        if not is_number(depth) or not 0.0 <= depth <= DEEPEST_BORE_M:
            faults.add(
                "metres_expected",
                en=f"the depth is {repr(depth)[:40]}; give a number of metres from 0 to {DEEPEST_BORE_M:g}",
                zh=f"深度为 {repr(depth)[:40]}；应为 0 到 {DEEPEST_BORE_M:g} 之间的米数",
                pointer=f"{at}/{number}",
            )
    if len(faults.found) > before:
        return None
    if not any(value):
        _at_surface(at, faults)
    return tuple(map(float, value))


def bore_path(wish: BoreWish, vertex_m: Sequence[float], faults: Faults) -> BorePath | None:
    """The path of a bore on its line. vertex_m: the geodesic distance of each drawn vertex from the first."""
    length_m = vertex_m[-1]
    profile: tuple[tuple[float, float], ...] | None
    if wish.ends is not None:
        profile = ((0.0, wish.ends[0]), (length_m, wish.ends[1]))
    elif wish.depths_m is not None:
        profile = _at_vertices(wish.depths_m, vertex_m, f"{wish.place}/depths_m", faults)
    else:
        assert wish.profile is not None
        profile = _to_the_ends(wish.profile, length_m, f"{wish.place}/profile", faults)
    if profile is None:
        return None
    rounded = tuple((round(at, 4), round(depth, 4)) for at, depth in profile)
    return BorePath(rounded, wish.diameter_mm, wish.plan_accuracy_m, wish.depth_accuracy_m)


def _at_vertices(
    depths_m: Sequence[float], vertex_m: Sequence[float], at: str, faults: Faults
) -> tuple[tuple[float, float], ...] | None:
    """A vertex drawn twice counts once, if both say the same depth."""
    profile: list[tuple[float, float]] = []
    for number, (where, depth) in enumerate(zip(vertex_m, depths_m, strict=True)):
        if profile and where - profile[-1][0] < 1e-3:
            if depth != profile[-1][1]:
                faults.add(
                    "bore_distances",
                    en="this vertex stands on the one before and has another depth; delete one of them",
                    zh="该顶点与前一个重合而深度不同；请删除其中一个",
                    pointer=f"{at}/{number}",
                )
            continue
        profile.append((where, depth))
    profile[-1] = (vertex_m[-1], profile[-1][1])
    return tuple(profile)


def _to_the_ends(
    profile: tuple[tuple[float, float], ...], length_m: float, at: str, faults: Faults
) -> tuple[tuple[float, float], ...] | None:
    """The profile from the first vertex to the last: what is missing in between is not invented."""
    slack_m = max(END_SLACK_M, END_SLACK_SHARE * length_m)
    first, last = profile[0][0], profile[-1][0]
    inner = [distance for distance, _ in profile[1:-1]]
    too_short = length_m <= max(inner, default=0.0)
    if not 0.0 <= first <= min(END_SLACK_M, slack_m) or abs(last - length_m) > slack_m or too_short:
        faults.add(
            "bore_profile_ends",
            en=f"the profile runs from {first:g} m to {last:g} m, the line drawn from 0 to {length_m:.1f} m; give the "
            "depth at both ends of the line",
            zh=f"profile 从 {first:g} m 到 {last:g} m，而所画的线从 0 到 {length_m:.1f} m；请给出线两端的深度",
            pointer=at,
        )
        return None
    return ((0.0, profile[0][1]), *profile[1:-1], (length_m, profile[-1][1]))
