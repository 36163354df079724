"""predig profile list, show, check, diff."""

from argparse import Namespace
from contextlib import ExitStack
from dataclasses import asdict

from api.cli.output import Output
from api.profiles import Changed, Verdict, find_rules, permits_that_change
from api.settings import Settings, today
from api.wiring import open_vault
from ingest import load_profile
from ingest.profiles import shipped_profiles
from spatial.rules.profile import RuleProfile
from spatial.rules.profile_diff import Difference, differences, entries
from spatial.saying.texts import word


def profile_list(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig profile list: those that ship with Predig."""
    for name in shipped_profiles():
        profile, _ = load_profile(name)
        output.record(
            _head(profile) | {"name": name}, f"{name}  {profile.version}  {_title(profile, output)}"
        )


def profile_show(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig profile show: every entry of one."""
    with ExitStack() as stack:
        vault = stack.enter_context(open_vault(settings)) if _is_digest(arguments.name) else None
        profile = find_rules(arguments.name, vault).profile
    lines = [f"{at} = {value}" for at, value in sorted(entries(profile).items())]
    head = f"{_title(profile, output)}  {profile.sha256}"
    output.record(_head(profile) | {"entries": entries(profile)}, "\n".join([head, *lines]))


def profile_check(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig profile check: exit 2 with every fault of a file, or what it is."""
    profile, _ = load_profile(arguments.file)
    output.record(
        _head(profile),
        output.both(
            f"可用：{profile.title_zh}，版本 {profile.version}，摘要 {profile.sha256}",
            f"usable: {profile.title_en}, version {profile.version}, digest {profile.sha256}",
        ),
    )


def profile_diff(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig profile diff: what differs, and which sites of open permits would read otherwise."""
    with open_vault(settings) as vault:
        first, second = (find_rules(name, vault) for name in (arguments.first, arguments.second))
        found = differences(first.profile, second.profile)
        told = [difference for difference in found if output.as_json or not difference.at.endswith(_BESIDE)]
        for difference in told:
            output.record({"kind": "rule", **asdict(difference)}, _rule_line(difference, output))
        if any(difference.at.startswith(_AT_THE_DOCK) for difference in found):
            output.note(
                "位置不确定度和开挖范围的默认值在导入或备案时采用：其差异只影响此后导入的管网和备案的许可，下列许可未计入",
                "defaults of doubt and of the opening are taken when a network or a plan is brought: where they differ, only "
                "what is brought from then on is judged otherwise, and the permits below do not show it",
            )
        permits = 0
        for changed in permits_that_change(vault, first, second, today()):
            permits += 1
            output.record({"kind": "permit", **asdict(changed)}, _permit_line(changed, output))
    output.record(
        {"kind": "total", "rules": len(found), "sites": permits},
        output.both(
            f"规则差异 {len(found)} 处（其中条款、来源、说明和核实状态 {len(found) - len(told)} 处，用 --json 列出）；"
            f"在办许可中判断会改变的作业范围 {permits} 个",
            f"{len(found)} entries differ ({len(found) - len(told)} clauses, sources, notes and verifications, listed "
            f"with --json); {permits} sites of open permits would be judged otherwise",
        ),
    )


def _is_digest(name: str) -> bool:
    return len(name) == 64


def _head(profile: RuleProfile) -> dict[str, str]:
    return {
        "id": profile.profile_id,
        "version": profile.version,
        "sha256": profile.sha256,
        "title_zh": profile.title_zh,
        "title_en": profile.title_en,
    }


def _title(profile: RuleProfile, output: Output) -> str:
    return output.both(profile.title_zh, profile.title_en)


_BESIDE = ("/clause", "/source", "/note", "/verified")
"""What stands beside a number: told with --json, too much for a screen."""


_AT_THE_DOCK = ("uncertainty/", "unknown_half_width_m", "unknown_diameter_mm/", "footprint/")
"""What is already in a pipe's or a site's numbers when it is judged."""


def _rule_line(difference: Difference, output: Output) -> str:
    first, second = (
        word("requirement", value, output.language)
        if value and difference.at.endswith("/requirement")
        else value or "-"
        for value in (difference.first, difference.second)
    )
    return f"{_place(difference.at, output)}: {first} -> {second}"


def _place(at: str, output: Output) -> str:
    """Widths and rulings in the reader's words, everything else by its own name."""
    match at.split("/"):
        case ["widths", asset, pressure_class, "protection_m" | "control_m" as width]:
            zone = word("zone", width.removesuffix("_m"), output.language)
            return f"{word('asset', asset, output.language)} {pressure_class} {zone} (m)"
        case ["rulings", zone, act, "requirement"]:
            return f"{word('zone', zone, output.language)}, {word('act', act, output.language)}"
        case ["own_distances", act, asset, "distance_m"]:
            named = f"{word('act', act, output.language)}, {word('asset', asset, output.language)}"
            return output.both(f"{named}，单独距离 (m)", f"{named}, distance of its own (m)")
        case ["own_distances", act, asset, "ruling", "requirement"]:
            named = f"{word('act', act, output.language)}, {word('asset', asset, output.language)}"
            return output.both(f"{named}，单独距离内", f"{named}, within its own distance")
    named = _DEFAULTS.get(at)
    return at if named is None else output.both(*named)


_DEFAULTS = {
    "version": ("版本", "version"),
    "tolerance_m": ("限值容差 (m)", "tolerance at a limit (m)"),
    "mechanical_in_protection/requirement": (
        "保护范围内机械开挖",
        "digging by machine in the protection zone",
    ),
    "unknown_class": ("压力级别未知时按", "an unknown pressure class is taken for"),
    "unknown_half_width_m": ("未说明宽度的半宽 (m)", "half width nobody stated (m)"),
    "uncertainty/pipe_default/plan_m": (
        "管位未知的不确定度 (m)",
        "doubt of a pipe nothing is known about (m)",
    ),
    "valid_days": ("结论有效天数", "days a clear is valid"),
    "reply_working_days": ("燃气企业答复时限（工作日）", "working days a utility has to answer"),
    "paper_hours": ("抢修后补办书面备案（小时）", "hours to file in writing after an emergency"),
    "plan_clause": ("保护方案的依据", "clause of the protection plan"),
    "long_distance": ("只适用于长输管道", "for long-distance pipes only"),
    "from_centre_line": ("自管道中心线起算", "counted from the centre line"),
}
"""Entries that are often asked about, by their place; all others go by their own name."""


def _permit_line(changed: Changed, output: Output) -> str:
    lines = [
        f"{changed.permit_id} {changed.feature_id}: {_said(changed.first, output)} -> {_said(changed.second, output)}"
    ]
    before = {pipe: (grade, requirement) for pipe, grade, requirement in changed.first.conflicts}
    after = {pipe: (grade, requirement) for pipe, grade, requirement in changed.second.conflicts}
    for pipe in sorted(before.keys() | after.keys()):
        if before.get(pipe) != after.get(pipe):
            lines.append(
                f"  {pipe}: {_judged(before.get(pipe), output)} -> {_judged(after.get(pipe), output)}"
            )
    return "\n".join(lines)


def _said(verdict: Verdict, output: Output) -> str:
    if verdict.grade is not None:
        return word("grade", verdict.grade, output.language)
    return word("status", verdict.outcome, output.language)


def _judged(row: tuple[str, str] | None, output: Output) -> str:
    if row is None:
        return "-"
    return f"{word('grade', row[0], output.language)}, {word('requirement', row[1], output.language)}"
