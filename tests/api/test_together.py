"""What several ask at the same time is done at once, and nobody pays for another's fault."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.together import Line, Steps, alone, in_company, together


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

    def halves(self, asked: Sequence[int]) -> list[float]:
        self.batches.append(list(asked))
        return [number / 2 for number in asked]

    def square(self, number: int) -> Steps[int]:
        return (yield from together(self.squares, number))


@pytest.fixture
def gate() -> Gate:
    """Open already."""
    made = Gate()
    made.opened.set()
    return made


def ask_while_busy(gate: Gate, line: Line, numbers: Sequence[int]) -> list[int | BaseException]:
    """The answers or errors of `numbers`, which all come while 1 is being answered."""
    gate.opened.clear()
    with ThreadPoolExecutor(len(numbers) + 1) as pool:
        first = pool.submit(line, gate.square(1))
        assert gate.begun.wait(10)
        others = [pool.submit(line, gate.square(number)) for number in numbers]
        while len(line._waiting) < len(numbers):
            assert not any(other.done() for other in others)
        gate.opened.set()
        assert first.result(10) == 1
        return [other.exception(10) or other.result(10) for other in others]


# -- steps


def test_steps_alone_end_with_their_result(gate: Gate) -> None:
    def both(number: int) -> Steps[float]:
        square = yield from together(gate.squares, number)
        return (yield from together(gate.halves, square))

    assert alone(both(6)) == 18.0
    assert gate.batches == [[6], [36]]


def test_what_is_wanted_of_the_same_kind_is_done_in_one_go(gate: Gate) -> None:
    def longer(number: int) -> Steps[float]:
        square = yield from together(gate.squares, number)
        half = yield from together(gate.halves, square)
        return (yield from together(gate.halves, half))

    runs = in_company([longer(2), gate.square(3), longer(4)])
    assert [run.result() for run in runs] == [1.0, 9, 4.0]
    assert gate.batches == [[2, 3, 4], [4, 16], [2.0, 8.0]]


def test_the_fault_of_one_is_not_the_fault_of_all(gate: Gate) -> None:
    two, bad, four = in_company(map(gate.square, [2, 13, 4]))
    assert (two.result(), four.result()) == (4, 16)
    with pytest.raises(ValueError, match=r"13 among \[13\]"):
        bad.result()


def test_nothing_done_is_done_again_for_what_fails_later(gate: Gate) -> None:
    """As a filing that is committed, when judging it fails."""

    def later(number: int) -> Steps[float]:
        half = yield from together(gate.halves, number)
        return (yield from together(gate.squares, number)) + half

    runs = in_company(map(later, [2, 13]))
    assert (runs[0].result(), type(runs[1].error)) == (5.0, ValueError)
    assert gate.batches == [[2, 13], [2, 13], [2], [13]]


def test_steps_deal_with_their_own_error(gate: Gate) -> None:
    def patient(number: int) -> Steps[float]:
        try:
            return (yield from together(gate.squares, number))
        except ValueError:
            return (yield from together(gate.halves, number))

    assert [run.result() for run in in_company(map(patient, [13, 3]))] == [6.5, 9]


def test_an_error_between_two_steps_is_the_own_one(gate: Gate) -> None:
    def unwell(number: int) -> Steps[int]:
        if number == 1:
            raise KeyError(number)
        return (yield from together(gate.squares, number))

    first, second = in_company(map(unwell, [1, 2]))
    assert (type(first.error), second.result()) == (KeyError, 4)


def test_an_error_of_all_is_not_waited_for_again(gate: Gate) -> None:
    runs = in_company(map(gate.square, [2, 17, 4]), ConnectionError)
    assert [str(run.error) for run in runs] == ["gone"] * 3
    assert gate.batches == [[2, 17, 4]]


def test_answers_that_are_not_one_each_are_nobodys(gate: Gate) -> None:
    """And nothing is done a second time for it."""

    def too_few(asked: Sequence[int]) -> list[int]:
        gate.batches.append(list(asked))
        return [1]

    def wrong() -> Steps[int]:
        return (yield from together(too_few, 1))

    with pytest.raises(ValueError, match="shorter"):
        in_company([wrong(), wrong()])
    assert gate.batches == [[1, 1]]


# -- the line


def test_one_alone_is_answered_at_once(gate: Gate) -> None:
    assert Line()(gate.square(7)) == 49
    assert gate.batches == [[7]]


def test_those_who_come_meanwhile_are_answered_together(gate: Gate) -> None:
    assert ask_while_busy(gate, Line(), [2, 3, 4, 5]) == [4, 9, 16, 25]
    assert gate.batches[0] == [1]
    assert sorted(gate.batches[1]) == [2, 3, 4, 5]
    assert len(gate.batches) == 2


def test_more_than_fit_are_answered_in_turns(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.together.MOST_AT_ONCE", 3)
    numbers = list(range(2, 12))
    assert ask_while_busy(gate, Line(), numbers) == [number**2 for number in numbers]
    assert [len(batch) for batch in gate.batches] == [1, 3, 3, 3, 1]


def test_those_who_were_served_last_are_waited_for(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of them to come again does not go alone."""
    monkeypatch.setattr("api.together.WAIT_FOR_OTHERS_S", 10.0)
    line = Line()
    line._expected = 3
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(line, map(gate.square, [2, 3, 4])))
    assert found == [4, 9, 16]
    assert [sorted(batch) for batch in gate.batches] == [[2, 3, 4]]


def test_who_does_not_come_is_not_waited_for_long(gate: Gate) -> None:
    line = Line()
    ask_while_busy(gate, line, [2, 3, 4, 5])
    assert line(gate.square(6)) == 36
    assert line._expected == 1


def test_errors_reach_those_who_had_them(gate: Gate) -> None:
    two, bad, gone = ask_while_busy(gate, Line(ConnectionError), [2, 13, 17])
    assert two == 4
    assert (type(bad), type(gone)) == (ValueError, ConnectionError)


def test_nobody_waits_for_one_whose_thread_is_ended(gate: Gate) -> None:
    def interrupted(asked: Sequence[int]) -> list[int]:
        gate.squares(asked)
        if len(asked) > 1:
            raise KeyboardInterrupt
        return [number * number for number in asked]

    def ask(number: int) -> Steps[int]:
        return (yield from together(interrupted, number))

    gate.square = ask  # type: ignore[method-assign]
    line = Line()
    answers = ask_while_busy(gate, line, [2, 3, 4])
    assert all(isinstance(answer, KeyboardInterrupt) for answer in answers)
    assert line(ask(5)) == 25
