"""What may race: who files, amends, cancels or re-screens, and what changes under it meanwhile."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from api.screen import amend_permit, file_permit, screen_permit, screening_filed
from api.together import alone
from api.working import sweep, work_off_jobs
from bench.interleaving import SteppedVault
from bench.race_town import CONTROL_M, WIDE_CONTROL_M, Town, pipe_at
from spatial.words import PermitStatus
from sql.vault import Vault

AWAY_M = 80.0
"""Where a pipe lies that only the wider rules reach."""


@dataclass
class Race:
    """One race. owed: the commits after which `clear` is wrong and that have not returned yet."""

    number: int
    place: int
    worker: bool
    """The changing session also does a worker's round after its change, in the same order of steps."""
    owed: set[str]
    permit_id: str | None = None
    bitten_at: float | None = None
    both_open: bool = False

    @property
    def pipe(self) -> str:
        return f"P{self.number}"

    def returned(self, commit: str) -> None:
        """A commit has returned."""
        self.owed.discard(commit)
        if not self.owed and self.bitten_at is None:
            self.bitten_at = time.perf_counter()


Script = Callable[[Town, SteppedVault, Race], None]


def _nothing(town: Town, race: Race) -> None:
    """Nothing to make ready, nothing to put back."""


@dataclass(frozen=True, slots=True)
class Scene:
    """share: of 2,000 races. ends: what the permit reads once the worker is done. local: touches no other
    place, so that its permits may stay open. after: see Race.owed."""

    name: str
    share: int
    first: Script
    second: Script
    ends: PermitStatus = PermitStatus.CONFLICT
    prepare: Callable[[Town, Race], None] = _nothing
    restore: Callable[[Town, Race], None] = _nothing
    local: bool = False
    control_m: float = CONTROL_M
    after: frozenset[str] = field(default=frozenset({"change"}))


def drain(vault: Vault, town: Town) -> None:
    """Everything a worker does."""
    work_off_jobs(vault, town.on)
    sweep(vault, town.on)


# -- first: what happens to the permit


def _file(town: Town, vault: SteppedVault, race: Race) -> None:
    sites = town.plan(race.place)
    race.permit_id = file_permit(vault, town.parties(race.pipe), sites, town.rules, town.on)
    if race.number % 2:  # as the server does it
        filed = vault.permit(race.permit_id)
        alone(screening_filed(vault, filed, town.rules, town.on))
    else:
        screen_permit(vault, race.permit_id, town.on)


def _amend(town: Town, vault: SteppedVault, race: Race) -> None:
    """To the place where the race is."""
    assert race.permit_id is not None
    now = vault.permit(race.permit_id)
    amend_permit(vault, now, town.parties(race.pipe), town.plan(race.place), town.rules, town.on)
    race.returned("amendment")
    screen_permit(vault, race.permit_id, town.on)


def _cancel(town: Town, vault: SteppedVault, race: Race) -> None:
    assert race.permit_id is not None
    vault.cancel_permit(race.permit_id)


def _work(town: Town, vault: SteppedVault, race: Race) -> None:
    work_off_jobs(vault, town.on)


# -- second: what changes under it


def _then_work(town: Town, vault: SteppedVault, race: Race) -> None:
    race.returned("change")
    if race.worker:
        work_off_jobs(vault, town.on)


def _import(town: Town, vault: SteppedVault, race: Race) -> None:
    town.bring(vault, **{race.pipe: pipe_at(race.place, 0.0)})
    _then_work(town, vault, race)


def _roll_back(town: Town, vault: SteppedVault, race: Race) -> None:
    vault.roll_back(max(row.revision for row in vault.revisions() if row.dataset == "rolled"))
    town.pipes["rolled"][race.pipe] = pipe_at(race.place, 0.0)
    _then_work(town, vault, race)


def _uncover(town: Town, vault: SteppedVault, race: Race) -> None:
    vault.declare_ground(town.holed_coverage(race.place))
    _then_work(town, vault, race)


def _blank(town: Town, vault: SteppedVault, race: Race) -> None:
    vault.declare_ground(town.blank(race.place))
    _then_work(town, vault, race)


def _adopt(town: Town, vault: SteppedVault, race: Race) -> None:
    town.adopt(vault, town.wide_rules)
    _then_work(town, vault, race)


def _adopt_then_import(town: Town, vault: SteppedVault, race: Race) -> None:
    """The pipe comes where the permit, as it was filed, would not have asked."""
    town.adopt(vault, town.wide_rules)
    if race.worker:
        work_off_jobs(vault, town.on)
    town.bring(vault, **{race.pipe: pipe_at(race.place, AWAY_M)})
    _then_work(town, vault, race)


# -- before and after


def _filed_clear(town: Town, race: Race) -> None:
    """A permit that reads clear."""
    sites = town.plan(race.place)
    race.permit_id = file_permit(town.vault, town.parties(race.pipe), sites, town.rules, town.on)
    screen_permit(town.vault, race.permit_id, town.on)
    drain(town.vault, town)
    status = town.vault.permit(race.permit_id).status
    assert status is PermitStatus.CLEAR, f"the scene is not set: {status}"


def _filed_clear_elsewhere(town: Town, race: Race) -> None:
    """A permit that reads clear, to be moved to another place."""
    _filed_clear(town, race)
    race.place = town.place()


def _filed_clear_and_touched(town: Town, race: Race) -> None:
    """A clear permit that a pipe near by has made pending: a worker is to look again."""
    _filed_clear(town, race)
    town.bring(town.vault, **{f"{race.pipe}-near": pipe_at(race.place, 30.0)})


def _moved_away(town: Town, race: Race) -> None:
    """An import that took a pipe from the site: rolling it back puts the pipe there again."""
    town.bring(town.vault, "rolled", far=pipe_at(-3, 0.0), **{race.pipe: pipe_at(race.place, 0.0)})
    del town.pipes["rolled"][race.pipe]
    town.bring(town.vault, "rolled")
    drain(town.vault, town)


def _pipe_away(town: Town, race: Race) -> None:
    town.bring(town.vault, **{race.pipe: pipe_at(race.place, AWAY_M)})
    drain(town.vault, town)


def _cover_again(town: Town, race: Race) -> None:
    town.vault.declare_ground(town.whole_coverage())


def _no_blank(town: Town, race: Race) -> None:
    town.vault.declare_ground(town.no_blank())


def _first_rules(town: Town, race: Race) -> None:
    town.adopt(town.vault, town.rules)


CANNOT_TELL = PermitStatus.CANNOT_TELL
BOTH = frozenset({"amendment", "change"})
SCENES = (
    Scene("file x import", 900, _file, _import, local=True),
    Scene("file x roll-back", 200, _file, _roll_back, prepare=_moved_away),
    Scene("file x coverage withdrawn", 150, _file, _uncover, CANNOT_TELL, restore=_cover_again),
    Scene("file x blank declared", 100, _file, _blank, CANNOT_TELL, restore=_no_blank),
    Scene(
        "file x wider rules", 150, _file, _adopt,
        prepare=_pipe_away, restore=_first_rules, control_m=WIDE_CONTROL_M,
    ),
    Scene(
        "file x wider rules, then import", 100, _file, _adopt_then_import,
        restore=_first_rules, control_m=WIDE_CONTROL_M,
    ),
    Scene("amend x import", 150, _amend, _import, prepare=_filed_clear_elsewhere, after=BOTH),
    Scene("cancel x import", 100, _cancel, _import, PermitStatus.CANCELLED, prepare=_filed_clear),
    Scene("re-screen x import", 150, _work, _import, prepare=_filed_clear_and_touched),
)  # fmt: skip
