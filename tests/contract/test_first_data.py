"""A utility without any dataset vouches for nothing: its first one changes what is said wherever it serves."""

from spatial.values import Utility
from spatial.words import PermitStatus
from sql.vault import Vault
from tests.contract.town import bring, declared, file, judged, pipe
from tests.support.builders import block


def test_the_first_dataset_touches_all_the_ground_a_utility_serves_and_the_second_only_its_own(
    vault: Vault,
) -> None:
    vault.set_utility(Utility("G1", "Gas"))
    vault.declare_ground(declared("service_area", block(-900, -900, 900, 900)))
    permit_id = file(vault)
    vault.keep_screenings([judged(2)], permit_id=permit_id)
    bring(vault, [pipe("far", 800)])
    assert vault.stale_permits(3) == (permit_id,)
    assert vault.permit(permit_id).status is PermitStatus.PENDING
    vault.keep_screenings([judged(3)], permit_id=permit_id)
    bring(vault, [pipe("far too", 810)], dataset="second")
    assert vault.stale_permits(4) == ()
    assert vault.permit(permit_id).status is not PermitStatus.PENDING
