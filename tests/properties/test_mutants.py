"""The mutation campaign stays runnable: every mutation still finds its text, and its tests. `make mutants` runs it."""

from pathlib import Path

import pytest

from bench.mutants import MUTANTS, TREE, Mutant, copy_of, fault_of, killed, missing_tests


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_it_applies_exactly_once(mutant: Mutant) -> None:
    assert fault_of(mutant, TREE) is None
    assert missing_tests(mutant, TREE) == []
    assert mutant.old != mutant.new


def test_the_six_of_the_issue_are_among_them() -> None:
    names = " / ".join(mutant.name for mutant in MUTANTS)
    for what in ("tolerance", "radius", "uncertainty", "half width", "densifying", "coverage"):
        assert what in names


def test_a_mutation_is_killed_in_a_copy_and_the_tree_stays_as_it_was() -> None:
    mutant = next(mutant for mutant in MUTANTS if mutant.name == "no pipe radius")
    before = (TREE / mutant.file).read_bytes()
    assert killed(mutant)
    assert (TREE / mutant.file).read_bytes() == before


def test_a_harmless_change_survives() -> None:
    """Else a campaign whose tests always fail would look like a success."""
    harmless = Mutant(
        "harmless",
        "spatial/measuring/boxes.py",
        '"""Widening',
        '"""Making wider',
        ("tests/spatial/measuring/test_boxes.py",),
    )
    assert fault_of(harmless, TREE) is None
    assert not killed(harmless)


def test_a_mutation_whose_text_is_gone_is_a_fault(tmp_path: Path) -> None:
    gone = Mutant("gone", "spatial/measuring/boxes.py", "no such text", "", ())
    twice = Mutant("twice", "spatial/measuring/boxes.py", "metres", "", ())
    assert "0 times" in str(fault_of(gone, TREE))
    assert "not once" in str(fault_of(twice, TREE))
    assert "is not there" in str(fault_of(Mutant("lost", "spatial/lost.py", "", "", ()), tmp_path))


def test_the_copy_holds_the_code_and_no_history() -> None:
    with copy_of(TREE) as copy:
        assert (copy / "spatial" / "judging" / "judge.py").is_file()
        assert not (copy / ".git").exists() and not (copy / ".venv").exists()
