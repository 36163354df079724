"""Registered grids: versions are added; what is sealed comes back as it was given."""

from concurrent.futures import ThreadPoolExecutor

from sql.vault import Vault


def keep(vault: Vault, name: str = "xining", sealed: str = "gAAA", accuracy_m: float = 0.05) -> int:
    return vault.keep_grid(name, kind="4", source="测绘院 2019", accuracy_m=accuracy_m, sealed=sealed)


def test_a_grid_is_kept_and_found_by_its_name(vault: Vault) -> None:
    assert (vault.grid("xining"), vault.grids()) == (None, ())
    assert keep(vault, "西宁城市坐标系") == 1
    found = vault.grid("西宁城市坐标系")
    assert found is not None and vault.grids() == (found,)
    assert (found.name, found.version, found.kind, found.source) == ("西宁城市坐标系", 1, "4", "测绘院 2019")
    assert (found.accuracy_m, found.sealed) == (0.05, "gAAA") and found.registered_at.tzinfo is not None
    assert "gAAA" not in repr(found)
    assert vault.grid("xining") is None


def test_registering_again_makes_a_version_and_the_newest_is_used(vault: Vault) -> None:
    assert [keep(vault), keep(vault, "b"), keep(vault, sealed="gBBB", accuracy_m=0.2)] == [1, 1, 2]
    newest = vault.grid("xining")
    assert newest is not None and (newest.version, newest.sealed, newest.accuracy_m) == (2, "gBBB", 0.2)
    assert [(one.name, one.version) for one in vault.grids()] == [("b", 1), ("xining", 2), ("xining", 1)]


def test_two_who_register_at_once_get_a_version_each(vault: Vault) -> None:
    with ThreadPoolExecutor(4) as threads:
        versions = list(threads.map(lambda _: keep(vault), range(8)))
    assert sorted(versions) == list(range(1, 9))
