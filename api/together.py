"""Doing at once what several ask for at the same time: eight questions cost little more than one."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")

MOST_AT_ONCE = 32


@dataclass(slots=True)
class _Asked(Generic[Ask, Answer]):
    ask: Ask
    done: bool = False
    answer: Answer | None = None
    error: BaseException | None = None


class Together(Generic[Ask, Answer]):
    """Call it with one question from as many threads as you like.

    do: answers several questions in their order, one as well as many, and all or none. Nobody waits for others
    to come: whoever finds nothing being done begins at once, with all who came while the last ones were answered.

    An error of one must not become an error of all: after one, each question is asked alone. Errors `of_all` (the
    database is gone) are given to everybody as they are: asking again would only take as long again.
    """

    def __init__(
        self,
        do: Callable[[Sequence[Ask]], Sequence[Answer]],
        of_all: type[Exception] | tuple[type[Exception], ...] = (),
    ) -> None:
        self._do = do
        self._of_all = of_all
        self._waiting: deque[_Asked[Ask, Answer]] = deque()
        self._turn = threading.Lock()

    def __call__(self, ask: Ask) -> Answer:
        """The answer to `ask`, or its own error."""
        mine: _Asked[Ask, Answer] = _Asked(ask)
        self._waiting.append(mine)
        while not mine.done:
            with self._turn:
                if not mine.done:
                    self._answer(
                        [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_AT_ONCE))]
                    )
        if mine.error is not None:
            raise mine.error
        return cast(Answer, mine.answer)

    def _answer(self, asked: Sequence[_Asked[Ask, Answer]]) -> None:
        try:
            self._attempt(asked)
        except self._of_all as error:
            _fail(asked, error)
        except Exception as error:
            if len(asked) == 1:
                _fail(asked, error)
                return
            for one in asked:
                self._answer([one])
        except BaseException as error:  # this thread is to end; the others must not wait for it
            _fail(asked, error)
            raise

    def _attempt(self, asked: Sequence[_Asked[Ask, Answer]]) -> None:
        for one, answer in zip(asked, self._do([one.ask for one in asked]), strict=True):
            one.answer, one.done = answer, True


def _fail(asked: Sequence[_Asked[Ask, Answer]], error: BaseException) -> None:
    for one in asked:
        if not one.done:
            one.error, one.done = error, True
