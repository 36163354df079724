"""What several ask at the same time is done at once, and nobody pays for another's fault."""

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

from api.together import Line, Steps, alone, in_company, together

Answer = TypeVar("Answer")


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


def on_a_loop(work: Coroutine[Any, Any, Answer]) -> Answer:
    """On a thread of its own, since a test's thread may have a loop already: a browser's."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result(30)


async def ask_while_busy(gate: Gate, line: Line, numbers: Sequence[int]) -> list[int | BaseException]:
    """The answers or errors of `numbers`, which all come while 1 is being answered."""
    gate.opened.clear()
    first = asyncio.ensure_future(line(gate.square(1)))
    assert await asyncio.to_thread(gate.begun.wait, 10)
    others = [asyncio.ensure_future(line(gate.square(number))) for number in numbers]
    await asyncio.sleep(0)
    gate.opened.set()
    assert await first == 1
    return await asyncio.gather(*others, return_exceptions=True)


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
    assert on_a_loop(Line()(gate.square(7))) == 49
    assert gate.batches == [[7]]


def test_those_who_come_meanwhile_are_answered_together(gate: Gate) -> None:
    assert on_a_loop(ask_while_busy(gate, Line(), [2, 3, 4, 5])) == [4, 9, 16, 25]
    assert gate.batches == [[1], [2, 3, 4, 5]]


def test_more_than_fit_are_answered_in_turns(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.together.MOST_AT_ONCE", 3)
    numbers = list(range(2, 12))
    assert on_a_loop(ask_while_busy(gate, Line(), numbers)) == [number**2 for number in numbers]
    assert [len(batch) for batch in gate.batches] == [1, 3, 3, 3, 1]


def test_those_who_were_served_last_are_waited_for(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of them to come again does not go alone."""
    monkeypatch.setattr("api.together.WAIT_FOR_OTHERS_S", 10.0)

    async def again() -> list[int]:
        line = Line()
        line._expected = 3
        first = asyncio.ensure_future(line(gate.square(2)))
        await asyncio.sleep(0.05)
        assert gate.batches == []
        return list(await asyncio.gather(first, line(gate.square(3)), line(gate.square(4))))

    assert on_a_loop(again()) == [4, 9, 16]
    assert gate.batches == [[2, 3, 4]]


def test_who_does_not_come_is_not_waited_for_long(gate: Gate) -> None:
    async def fewer() -> None:
        line = Line()
        await ask_while_busy(gate, line, [2, 3, 4, 5])
        assert await line(gate.square(6)) == 36
        assert line._expected == 1

    on_a_loop(fewer())


def test_errors_reach_those_who_had_them(gate: Gate) -> None:
    two, bad, gone = on_a_loop(ask_while_busy(gate, Line(ConnectionError), [2, 13, 17]))
    assert two == 4
    assert (type(bad), type(gone)) == (ValueError, ConnectionError)


def test_an_error_of_the_line_itself_leaves_nobody_waiting(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("out of order")

    async def mended() -> None:
        line = Line()
        with monkeypatch.context() as patch:
            patch.setattr("api.together.in_company", broken)
            for asked in (line(gate.square(2)), line(gate.square(3))):
                with pytest.raises(RuntimeError, match="out of order"):
                    await asked
        assert await line(gate.square(4)) == 16

    on_a_loop(mended())


def test_steps_of_one_who_left_before_they_began_are_not_taken(gate: Gate) -> None:
    """Who was told that it took too long, and to file again, must not find both filed."""

    async def leaving() -> None:
        line = Line()
        gate.opened.clear()
        first = asyncio.ensure_future(line(gate.square(1)))
        assert await asyncio.to_thread(gate.begun.wait, 10)
        left, stays = (asyncio.ensure_future(line(gate.square(number))) for number in (2, 3))
        await asyncio.sleep(0)
        left.cancel()
        gate.opened.set()
        assert (await first, await stays) == (1, 9)

    on_a_loop(leaving())
    assert gate.batches == [[1], [3]]


def test_one_who_leaves_while_served_disturbs_nobody(gate: Gate) -> None:
    async def leaving() -> None:
        line = Line()
        gate.opened.clear()
        first = asyncio.ensure_future(line(gate.square(1)))
        assert await asyncio.to_thread(gate.begun.wait, 10)
        first.cancel()
        gate.opened.set()
        assert await line(gate.square(3)) == 9

    on_a_loop(leaving())
    assert gate.batches == [[1], [3]]
