"""Asks what may hang, each in a thread of its own, and waits for none of them longer than for an answer at all."""

import threading
import time
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from ..errors import Failure
from ..log import Deadline

T = TypeVar("T")

# Times as long as an answer took, until who is seldom asked is asked again.
REST = 10

SILENT = "does not answer"


class Answer(NamedTuple, Generic[T]):
    """What was said, and when, by the monotonic clock."""

    at: float
    value: T


class Source(Generic[T]):
    """
    Somebody who is asked again and again, at most once in `every` seconds; an answer holds for `keeps` seconds while
    the next one is awaited.
    """

    def __init__(self, ask: Callable[[], T], every: float = 0.0, keeps: float = 0.0) -> None:
        self._ask = ask
        self._every = every
        self._keeps = keeps
        self._asked_at: float | None = None
        self._took = 0.0
        self._thread: threading.Thread | None = None
        # What was said last; or why nothing was.
        self._answer: Answer[T] | None = None
        self._problem: str | None = None

    def begin(self) -> None:
        """Asks, unless it was asked just now or has yet to answer."""
        now = time.monotonic()
        if self._thread is not None and self._thread.is_alive():
            return
        if self._asked_at is not None and now - self._asked_at < max(self._every, self._rest):
            return
        self._asked_at = now
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def result(self, deadline: Deadline) -> "Answer[T] | str":
        """The last answer, for which it waits until the deadline; or why there is none."""
        thread, last = self._thread, self._answer
        if thread is not None:
            thread.join(deadline.remaining())
            if thread.is_alive():
                return SILENT if last is None or time.monotonic() - last.at > self._keeps else last
        if self._problem is not None or self._answer is None:
            return self._problem or SILENT
        return self._answer

    def end(self, deadline: Deadline) -> None:
        """Waits for what is under way, which ends by itself: nothing that it has started is left behind."""
        if self._thread is not None:
            self._thread.join(deadline.remaining())

    @property
    def _rest(self) -> float:
        return REST * self._took if self._every > 0 else 0.0

    def _run(self) -> None:
        begun = time.monotonic()
        try:
            value = self._ask()
        except (Failure, OSError, ValueError) as error:
            self._problem = _reason(error)
            return
        finally:
            self._took = time.monotonic() - begun
        self._answer, self._problem = Answer(time.monotonic(), value), None


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return SILENT
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or SILENT
