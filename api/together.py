"""Doing at once what several ask for at the same time: eight filings cost little more than one.

What a request does is written as steps: a generator that yields what it wants done (`together`), is sent the answer
and returns its result. Whoever comes first takes all who are there through their steps, side by side on one thread,
and what they want of the same kind is done in one go. Threads of their own would run in turns anyway, and handing
over between them for each step costs more than the step.
"""

import asyncio
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from starlette.concurrency import run_in_threadpool

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")
Result = TypeVar("Result")
Errors = type[Exception] | tuple[type[Exception], ...]

MOST_AT_ONCE = 32
WAIT_FOR_OTHERS_S = 0.004
"""One that is judged alone costs more than this above what it costs in company."""


@dataclass(frozen=True, slots=True)
class Want:
    """do: answers several in their order, one as well as many, and all or none. Equal ones are done in one go."""

    do: Callable[[Sequence[Any]], Sequence[Any]]
    ask: Any


Steps = Generator[Want, Any, Result]


def together(do: Callable[[Sequence[Ask]], Sequence[Answer]], ask: Ask) -> Steps[Answer]:
    """The answer of `do` to `ask`, asked with all who want the same: answer = yield from together(do, ask)."""
    answer: Answer = yield Want(do, ask)
    return answer


def alone(steps: Steps[Result]) -> Result:
    """The result of steps that are taken here and now, in nobody's company."""
    (run,) = in_company([steps])
    return run.result()


@dataclass(slots=True)
class Run(Generic[Result]):
    """One who is under way: what is wanted next, or, when nothing is, how it ended."""

    steps: Steps[Result]
    wants: Want | None = None
    answer: Any = None
    error: Exception | None = None

    def go_on(self) -> None:
        """To the next want or to the end, with the answer or the error that the last one brought."""
        answer, error = self.answer, self.error
        self.wants = self.answer = self.error = None
        try:
            self.wants = self.steps.send(answer) if error is None else self.steps.throw(error)
        except StopIteration as end:
            self.answer = end.value
        except Exception as raised:
            self.error = raised

    def result(self) -> Result:
        """What the steps returned, or their own error."""
        if self.error is not None:
            raise self.error
        return cast(Result, self.answer)


def in_company(several: Iterable[Steps[Result]], of_all: Errors = ()) -> list[Run[Result]]:
    """Take all through their steps to the end.

    An error of one must not become an error of all: after one, each is asked alone, and whoever had it deals with
    it among its own steps. Errors `of_all` (the database is gone) are given to everybody as they are: asking again
    would only take as long again.
    """
    runs = [Run(steps) for steps in several]
    going = runs
    while going:
        for run in going:
            run.go_on()
        alike: dict[Callable[[Sequence[Any]], Sequence[Any]], list[tuple[Run[Result], Any]]] = {}
        for run in going:
            if run.wants is not None:
                alike.setdefault(run.wants.do, []).append((run, run.wants.ask))
        for do, asked in alike.items():
            _answer(do, asked, of_all)
        going = [run for asked in alike.values() for run, _ in asked]
    return runs


def _answer(
    do: Callable[[Sequence[Any]], Sequence[Any]], asked: Sequence[tuple[Run[Result], Any]], of_all: Errors
) -> None:
    try:
        answers = do([ask for _, ask in asked])
    except of_all as error:
        for run, _ in asked:
            run.error = error
    except Exception as error:
        if len(asked) == 1:
            asked[0][0].error = error
            return
        for one in asked:
            _answer(do, [one], of_all)
    else:
        for (run, _), answer in zip(asked, answers, strict=True):
            run.answer = answer


class Line:
    """Await it with steps, as many as like to at a time: they go in company with whoever comes at the same time.

    Steps are taken on a thread, one company after another; all else happens on the event loop. Those who were served
    last often come again at once, so whoever comes first waits for as many as there were then, but no longer than
    WAIT_FOR_OTHERS_S; after one that was alone nobody waits.
    """

    def __init__(self, of_all: Errors = ()) -> None:
        self._of_all = of_all
        self._waiting: list[_Caller] = []
        self._serving: asyncio.Future[None] | None = None
        self._expected = 1
        self._all_here = asyncio.Event()

    async def __call__(self, steps: Steps[Result]) -> Result:
        """The result of the steps, or their own error. Cancelled before its turn, none of them is taken."""
        caller = _Caller(steps, asyncio.get_running_loop().create_future())
        self._waiting.append(caller)
        self._look()
        if self._serving is None:
            self._serving = asyncio.ensure_future(self._serve())
        result: Result = await caller.served
        return result

    async def _serve(self) -> None:
        """Serve one company after another until nobody waits."""
        try:
            while self._waiting:
                with suppress(TimeoutError):
                    async with asyncio.timeout(WAIT_FOR_OTHERS_S):
                        await self._all_here.wait()
                await self._serve_some()
        finally:
            self._serving = None
            for caller in self._waiting:  # the loop itself is ending
                caller.served.cancel()

    async def _serve_some(self) -> None:
        waiting = [caller for caller in self._waiting if not caller.served.done()]
        callers, self._waiting = waiting[:MOST_AT_ONCE], waiting[MOST_AT_ONCE:]
        try:
            runs = await run_in_threadpool(in_company, [caller.steps for caller in callers], self._of_all)
            for caller, run in zip(callers, runs, strict=True):
                caller.tell(run)
        except Exception as error:
            for caller in callers:
                caller.tell(Run(caller.steps, error=error))
        finally:
            for caller in callers:  # nobody is to wait for what was ended
                caller.served.cancel()
            self._expected = min(len(callers) + len(self._waiting), MOST_AT_ONCE)
            self._all_here.clear()
            self._look()

    def _look(self) -> None:
        if len(self._waiting) >= self._expected:
            self._all_here.set()


@dataclass(frozen=True, slots=True)
class _Caller:
    steps: Steps[Any]
    served: "asyncio.Future[Any]"

    def tell(self, run: Run[Any]) -> None:
        """How the steps ended, if the caller still wants to know."""
        if self.served.done():
            return
        if run.error is None:
            self.served.set_result(run.answer)
        else:
            self.served.set_exception(run.error)
