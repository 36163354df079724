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
from spatial.profile import RuleProfile
from spatial.profile_diff import Difference, differences, entries
from spatial.texts import word


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
        for difference in found:
            if output.as_json or not difference.at.endswith(_BESIDE):
                output.record({"kind": "rule", **asdict(difference)}, _rule_line(difference, output))
        permits = 0
        for changed in permits_that_change(vault, first, second, today()):
            permits += 1
            output.record({"kind": "permit", **asdict(changed)}, _permit_line(changed, output))
    output.record(
        {"kind": "total", "rules": len(found), "sites": permits},
        output.both(
            f"规则差异 {len(found)} 处；在办许可中判断会改变的作业范围 {permits} 个",
            f"{len(found)} rules differ; {permits} sites of open permits would be judged otherwise",
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


def _rule_line(difference: Difference, output: Output) -> str:
    return f"{_place(difference.at, output)}: {difference.first or '-'} -> {difference.second or '-'}"


def _place(at: str, output: Output) -> str:
    """Widths and rulings in the reader's words, everything else by its own name."""
    match at.split("/"):
        case ["widths", asset, pressure_class, "protection_m" | "control_m" as width]:
            zone = word("zone", width.removesuffix("_m"), output.language)
            return f"{word('asset', asset, output.language)} {pressure_class} {zone} (m)"
        case ["rulings", zone, act, "requirement"]:
            return f"{word('zone', zone, output.language)}, {word('act', act, output.language)}"
    return at


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
