"""A short `python -m bench.import_kills`."""

from bench.import_kills import Figures, run


def test_an_import_that_is_killed_leaves_the_register_as_it_was() -> None:
    figures = run(4, 4_000)
    assert figures.sound, figures
    assert figures.kills >= 3


def test_a_torn_register_is_told() -> None:
    assert Figures(5, added_at_last=5).sound
    assert not Figures(5, added_at_last=5, torn=["(1, 5, 2) became (1, 5, 1)"]).sound
    assert not Figures(5, added_at_last=0).sound
