"""What several ask at the same time is done at once, and nobody pays for another's fault."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.together import Together


class Gate:
    """Answers with the square, after the first call waited for `opened`; notes what came together."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.begun = threading.Event()
        self.opened = threading.Event()

    def squares(self, asked: Sequence[int]) -> list[int]:
        self.batches.append(list(asked))
        self.begun.set()
        assert self.opened.wait(10)
        if 13 in asked:
            raise ValueError(f"13 among {list(asked)}")
        if 17 in asked:
            raise ConnectionError("gone")
        return [number * number for number in asked]


def ask_while_busy(gate: Gate, together: Together[int, int], numbers: Sequence[int]) -> list[int | Exception]:
    """The answers or errors of `numbers`, which all come while 1 is being answered."""
    with ThreadPoolExecutor(len(numbers) + 1) as pool:
        first = pool.submit(together, 1)
        assert gate.begun.wait(10)
        others = [pool.submit(together, number) for number in numbers]
        while len(together._waiting) < len(numbers):
            assert not any(other.done() for other in others)
        gate.opened.set()
        assert first.result(10) == 1
        return [other.exception(10) or other.result(10) for other in others]  # type: ignore[misc]


def test_one_alone_is_answered_at_once() -> None:
    gate = Gate()
    gate.opened.set()
    assert Together(gate.squares)(7) == 49
    assert gate.batches == [[7]]


def test_those_who_come_meanwhile_are_answered_together() -> None:
    gate = Gate()
    assert ask_while_busy(gate, Together(gate.squares), [2, 3, 4, 5]) == [4, 9, 16, 25]
    assert gate.batches[0] == [1]
    assert sorted(gate.batches[1]) == [2, 3, 4, 5]
    assert len(gate.batches) == 2


def test_more_than_fit_are_answered_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.together.MOST_AT_ONCE", 3)
    gate = Gate()
    numbers = list(range(2, 12))
    assert ask_while_busy(gate, Together(gate.squares), numbers) == [number**2 for number in numbers]
    assert [len(batch) for batch in gate.batches] == [1, 3, 3, 3, 1]


def test_the_fault_of_one_is_not_the_fault_of_all() -> None:
    gate = Gate()
    two, bad, four = ask_while_busy(gate, Together(gate.squares), [2, 13, 4])
    assert (two, four) == (4, 16)
    assert isinstance(bad, ValueError)
    assert str(bad) == "13 among [13]"


def test_an_error_of_all_is_not_waited_for_again() -> None:
    gate = Gate()
    answers = ask_while_busy(gate, Together(gate.squares, ConnectionError), [2, 17, 4])
    assert [str(answer) for answer in answers] == ["gone"] * 3
    assert len(gate.batches) == 2


def test_nobody_waits_for_one_whose_thread_is_ended() -> None:
    gate = Gate()

    def interrupted(asked: Sequence[int]) -> list[int]:
        gate.squares(asked)
        if len(asked) > 1:
            raise KeyboardInterrupt
        return [number * number for number in asked]

    answers = ask_while_busy(gate, Together(interrupted), [2, 3, 4])
    assert all(isinstance(answer, KeyboardInterrupt) for answer in answers)
