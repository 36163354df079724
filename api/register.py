"""Use cases of the register: utilities, networks, ground. HTTP, CLI and worker call the same ones."""

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon

from api.guard import Comparison, Confirmed, check_comparison, compare
from api.quality.findings import with_findings
from ingest import READ_ALL, ColumnMap, Limits, Reading, parse_mapping, read_ground, read_network
from spatial.asset_table import AssetTable
from spatial.columns import Coded, combinations
from spatial.crs import Grid
from spatial.errors import Faults, Refused
from spatial.measuring.boxes import FloatArray
from spatial.measuring.hull import hull
from spatial.measuring.pieces import Cuts, cut_wkb, joined_cuts
from spatial.rules.profile import RuleProfile
from spatial.values import Asset, Extent, NetworkIntake, Utility
from spatial.words import GroundKind, PipeKind
from sql.vault import GroundDeclaration, ImportReport, Publishing, Vault

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class NetworkSource:
    """The files of one dataset and how to read them. change_field: they are a change set, and this column says of each row
    whether it is new, changed or gone. apart: what opening them behind walls may cost, where a stranger sent them."""

    files: tuple[Path, ...]
    crs: str | Grid | None
    id_field: str | None
    mapping: ColumnMap | None
    reading: Reading = READ_ALL
    change_field: str | None = None
    apart: Limits | None = None

    def described(self) -> bool:
        """Somebody said how to read them: more than in which CRS they are."""
        return bool(self.id_field or self.mapping or self.reading.layers or self.reading.units)

    def kept(self, crs: str) -> dict[str, Any]:
        """What is kept with the dataset of how they were read. crs: its name, never what a sealed grid holds."""
        return {
            "crs": crs,
            "id_field": self.id_field,
            "map": self.mapping.text if self.mapping else None,
            "layers": list(self.reading.layers),
            "units": self.reading.units,
        }

    def read_like(self, kept: Mapping[str, Any]) -> "NetworkSource":
        """The same files, read as kept() tells. The CRS is not taken over: each file's has to be declared."""
        return replace(
            self,
            id_field=kept["id_field"],
            mapping=parse_mapping(kept["map"]) if kept["map"] is not None else None,
            reading=replace(self.reading, layers=tuple(kept["layers"]), units=kept["units"]),
        )


@dataclass(frozen=True, slots=True)
class CoverageWish:
    """Coverage declared along with an import: a polygon file, or a hull `hull_m` round the data."""

    file: Path | None
    hull_m: float | None
    max_age_days: int | None


def coverage_wish(text: str | None, max_age_days: int | None) -> CoverageWish | None:
    """`hull:M`, or the name of a polygon file. :raises Refused: hull_unreadable."""
    if text is None:
        return None
    if not text.startswith("hull:"):
        return CoverageWish(Path(text), None, max_age_days)
    try:
        metres = float(text.removeprefix("hull:"))
    except ValueError:
        metres = float("nan")
    if not 0 < metres <= 10_000:
        raise Refused.because(
            "hull_unreadable",
            en=f"--coverage {text}: give metres between 0 and 10000, for example hull:50",
            zh=f"--coverage {text}：请填写 0 到 10000 之间的米数，例如 hull:50",
        )
    return CoverageWish(None, metres, max_age_days)


def read_source(
    source: NetworkSource, *, extent: Extent, profile: RuleProfile, on: date, progress: Progress | None = None
) -> NetworkIntake:
    """Read and check a dataset without storing anything."""
    return read_network(
        source.files,
        crs=source.crs,
        id_field=source.id_field,
        mapping=source.mapping,
        reading=source.reading,
        change_field=source.change_field,
        apart=source.apart,
        extent=extent,
        profile=profile,
        on=on,
        progress=progress,
    )


def cut_assets(assets: Sequence[Asset], profile: RuleProfile) -> Cuts:
    """The pieces of some assets, their boxes widened by radius and uncertainty."""
    table = AssetTable.of(assets)
    return joined_cuts(
        [(at, cut_wkb(block.wkb, _widened_by_m(block, profile))) for at, block in table.blocks()]
    )


def _widened_by_m(assets: AssetTable, profile: RuleProfile) -> FloatArray:
    of_pipe = combinations([assets.attributes["diameter_mm"], assets.attributes["pressure_class"]])
    radius_m = [profile.diameter_or_largest_mm(*said) / 2000.0 for said in of_pipe.rows]
    doubt = assets.attributes["uncertainty"]
    doubt_m = [round(sum(term.metres for term in terms), 4) for terms in doubt.values]
    widened: FloatArray = np.array(radius_m)[of_pipe.of_row] + np.array(doubt_m)[doubt.code]
    return widened


@dataclass(frozen=True, slots=True)
class Imported:
    """report: None where nothing was asked to be stored."""

    intake: NetworkIntake
    comparison: Comparison
    report: ImportReport | None


def import_network(
    vault: Vault,
    source: NetworkSource,
    *,
    utility: str,
    dataset: str,
    coverage: CoverageWish | None,
    confirmed_rejected: int,
    confirmed: Confirmed,
    dry_run: bool,
    extent: Extent,
    profile: RuleProfile,
    on: date,
    progress: Progress | None = None,
    publishing: Callable[[NetworkIntake, Comparison], Publishing] | None = None,
) -> Imported:
    """Read one dataset, or a change set of one, and make it the register's, whole or not at all. dry_run: do all but that,
    and what would stop it for somebody's word is left for check_comparison(). publishing: the upload that ends with it, and
    what is told of that.

    :raises Refused: whatever is wrong with the files, or what nobody confirmed; nothing is stored then.
    """
    check_utility(Utility(utility, utility))
    if coverage is not None:
        _check_age(coverage.max_age_days)
        if coverage.hull_m is not None and source.change_field is not None:
            raise Refused.because(
                "hull_of_changes",
                en="--coverage hull:M is drawn round all pipes of a file, and a change set does not hold them all: give a "
                "polygon file",
                zh="--coverage hull:M 按文件中的全部管道外扩，而变更文件并不含全部管道：请给出面文件",
            )
    if confirmed_rejected < 0:
        raise Refused.because(
            "confirmed_rejected_negative",
            en=f"--confirm-rejected {confirmed_rejected} must be 0 or more: the number of rejected rows looked at",
            zh=f"--confirm-rejected {confirmed_rejected} 应不小于 0：即已核查的被拒绝行数",
        )
    with _few_searches():
        intake = read_source(source, extent=extent, profile=profile, on=on, progress=progress)
        declared = None
        if coverage is not None:
            declared = _coverage_of(coverage, intake, source.crs, utility, extent=extent, on=on)
        cuts = cut_assets(intake.assets, profile)
        comparison = compare(vault, intake, cuts, utility=utility, dataset=dataset)
        if dry_run:
            return Imported(intake, comparison, None)
        check_comparison(comparison, confirmed, dataset=dataset)
        report = vault.import_network(
            with_findings(intake, comparison),
            cuts,
            utility=utility,
            dataset=dataset,
            on=on,
            coverage=declared,
            confirmed_rejected=confirmed_rejected,
            over=comparison.revision,
            read_as=source.kept(intake.crs),
            upload=publishing(intake, comparison) if publishing is not None else None,
        )
    return Imported(intake, comparison, report)


SHAPES_A_SEARCH = 100_000


@contextmanager
def _few_searches() -> Iterator[None]:
    """Garbage in rings is looked for seldom, and never among what is old: an import makes millions of shapes and puts
    none into a ring, and the searches took a fifth of its time. What GDAL gives, block by block, is in one, so not
    searching at all would keep all blocks.
    """
    usual = gc.get_threshold()
    gc.set_threshold(SHAPES_A_SEARCH, 10, 1_000_000)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _coverage_of(
    wish: CoverageWish,
    intake: NetworkIntake,
    crs: str | Grid | None,
    utility: str,
    *,
    extent: Extent,
    on: date,
) -> GroundDeclaration:
    if wish.hull_m is not None:
        geometry = hull(AssetTable.of(intake.assets).geometry(), wish.hull_m)
        source = f"hull:{wish.hull_m:g}"
    else:
        assert wish.file is not None
        geometry = read_ground(wish.file, crs=crs, extent=extent, on=on)
        source = wish.file.name
    return GroundDeclaration(
        utility=utility,
        ground=GroundKind.COVERAGE,
        geometry=geometry,
        pipe_kinds=tuple(PipeKind),
        as_of=on,
        max_age_days=wish.max_age_days,
        assumed=wish.hull_m is not None,
        source=source,
    )


def service_area(vault: Vault, utility: str) -> MultiPolygon | None:
    """Where the utility says it may own pipes; None when it never said."""
    return next(
        (
            ground.geometry
            for ground in vault.declared_ground()
            if (ground.utility, ground.kind) == (utility, GroundKind.SERVICE_AREA)
        ),
        None,
    )


def declare_ground(
    vault: Vault,
    file: Path,
    *,
    utility: str,
    crs: str | Grid | None,
    ground: GroundKind,
    pipe_kinds: tuple[PipeKind, ...],
    as_of: date | None,
    max_age_days: int | None,
    extent: Extent,
    on: date,
) -> int:
    """Store a utility's word about ground; the register revision it made."""
    if as_of is not None and as_of > on:
        raise Refused.because(
            "as_of_future",
            en=f"--as-of {as_of} is in the future: give the day the data were complete",
            zh=f"--as-of {as_of} 在将来：请填写资料完整的日期",
        )
    _check_age(max_age_days)
    geometry = read_ground(file, crs=crs, extent=extent, on=on)
    is_coverage = ground is GroundKind.COVERAGE
    return vault.declare_ground(
        GroundDeclaration(
            utility=utility,
            ground=ground,
            geometry=geometry,
            pipe_kinds=pipe_kinds if is_coverage else (),
            as_of=(as_of or on) if is_coverage else None,
            max_age_days=max_age_days if is_coverage else None,
            source=file.name,
        )
    )


def _check_age(max_age_days: int | None) -> None:
    if max_age_days is not None and max_age_days < 1:
        raise Refused.because(
            "max_age_days_invalid",
            en=f"--max-age-days {max_age_days} must be 1 or more",
            zh=f"--max-age-days {max_age_days} 应不小于 1",
        )


LONGEST_CODE = 40


def check_utility(utility: Utility) -> None:
    """:raises Refused: a code that cannot be typed or told from another, or no name."""
    code, faults = utility.code, Faults()
    if not (code.isprintable() and code.strip() == code and 0 < len(code) <= LONGEST_CODE):
        faults.add(
            "utility_code_unreadable",
            en=f"the utility's code {code[:60]!r} must be 1 to {LONGEST_CODE} printable characters without blanks at "
            "its ends, for example XNGAS",
            zh=f"燃气企业代码 {code[:60]!r} 应为 1 到 {LONGEST_CODE} 个可见字符，首尾无空格，例如 XNGAS",
        )
    if not utility.name.strip():
        faults.add(
            "utility_name_missing",
            en="--name is blank: give the utility's name, which every answer shows",
            zh="--name 为空：请填写燃气企业名称，答复中都会显示",
        )
    faults.raise_if_any()


def summary(intake: NetworkIntake) -> dict[str, Any]:
    """What `predig network inspect` shows: counts, lengths, gaps, box."""
    assets = AssetTable.of(intake.assets)
    classes = _counted(assets.attributes["pressure_class"])
    kinds = _counted(assets.attributes["kind"])
    edges = np.array([shapely.total_bounds(block.geometry()) for _, block in assets.blocks()])
    bounds = [round(float(value), 6) for value in (*edges[:, :2].min(axis=0), *edges[:, 2:].max(axis=0))]
    return {
        "received": intake.received,
        "accepted": len(assets),
        "rejected": [
            {"row": row.number, "source_id": row.source_id, "code": row.code, "en": row.en, "zh": row.zh}
            for row in intake.rejected
        ],
        "warnings": dict(intake.warnings),
        "crs": intake.crs,
        "operation": intake.operation,
        "operation_accuracy_m": intake.operation_accuracy_m,
        "bounds": bounds,
        "kinds": dict(sorted(kinds.items())),
        "pressure_classes": dict(sorted(classes.items())),
        "sources": [{"name": name, "sha256": sha256} for name, sha256 in intake.sources],
    }


def _counted(words: Coded) -> dict[str, int]:
    """How often each word stands there, `unknown` for None."""
    counted: Counter[str] = Counter()
    for word, count in zip(words.values, words.counts(), strict=True):
        counted[word.value if word else "unknown"] += count
    return dict(+counted)
