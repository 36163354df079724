"""The order of the work."""

import time

from sql.vault import Vault
from tests.contract.conftest import SHORT_LEASE_S, SOON_OVER
from tests.contract.town import claim, file


@SOON_OVER
def test_a_job_whose_worker_died_does_not_stand_before_the_others_for_ever(vault: Vault) -> None:
    deadly, harmless = file(vault), file(vault)
    first = claim(vault)
    assert first is not None and first.permit_id == deadly
    time.sleep(SHORT_LEASE_S * 1.5)  # whoever had it is dead
    second = claim(vault)
    assert second is not None and second.permit_id == harmless
    third = claim(vault)
    assert third is not None and (third.permit_id, third.fence) == (deadly, 2)
