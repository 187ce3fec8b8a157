"""Asks what may hang, each in a thread of its own, and waits for none of them longer than for an answer at all."""

import threading
import time
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from ..errors import Failure
from ..log import Deadline

T = TypeVar("T")

# Times as long as an answer took, until who is seldom asked is asked again; and so many seconds at most.
REST = 10
LONGEST_REST = 10.0

SILENT = "does not answer"


class Answer(NamedTuple, Generic[T]):
    """What was said, and when, by the monotonic clock."""

    at: float
    value: T


class Source(Generic[T]):
    """
    Somebody who is asked again and again, at most once in `every` seconds; an answer holds for `keeps` seconds, unless
    why there is no newer one is known.
    """

    def __init__(self, ask: Callable[[], T], every: float = 0.0, keeps: float = 0.0) -> None:
        self._ask = ask
        self._every = every
        self._keeps = keeps
        self._asked_at: float | None = None
        self._took = 0.0
        # Is set while nothing is under way. Who is interrupted while he joins a thread would take it for ended.
        self._done = threading.Event()
        self._done.set()
        # What was said last; or why nothing was.
        self._answer: Answer[T] | None = None
        self._problem: str | None = None

    def begin(self) -> None:
        """Asks, unless it was asked just now or has yet to answer."""
        now = time.monotonic()
        if self.is_under_way:
            return
        if self._asked_at is not None and now - self._asked_at < max(self._every, self._rest):
            return
        self._asked_at = now
        self._done.clear()
        threading.Thread(target=self._run, daemon=True).start()

    def result(self, deadline: Deadline) -> "Answer[T] | str":
        """The last answer, for which it waits until the deadline; or why there is none."""
        last = self._answer
        if self._done.wait(deadline.remaining()):
            if self._problem is not None:
                return self._problem
            last = self._answer
            # Who is asked each time has answered just now.
            if self._every == 0 and last is not None:
                return last
        return SILENT if last is None or time.monotonic() - last.at > self._keeps else last

    @property
    def is_under_way(self) -> bool:
        return not self._done.is_set()

    def end(self, deadline: Deadline) -> None:
        """Waits for what is under way, which ends by itself: nothing that it has started is left behind."""
        self._done.wait(deadline.remaining())

    @property
    def _rest(self) -> float:
        # Who had no answer to give may have one soon.
        is_due = self._every == 0 or self._problem is not None
        return 0.0 if is_due else min(REST * self._took, LONGEST_REST)

    def _run(self) -> None:
        begun = time.monotonic()
        try:
            value = self._ask()
            self._answer, self._problem = Answer(time.monotonic(), value), None
        # Whatever it is: in a thread, nobody else would tell.
        except Exception as error:
            self._problem = _reason(error)
        finally:
            self._took = time.monotonic() - begun
            self._done.set()


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return SILENT
    if not isinstance(error, Failure | OSError | ValueError):
        return f"{type(error).__name__}: {error}"
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or SILENT
