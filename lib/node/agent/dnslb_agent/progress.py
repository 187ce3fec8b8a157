"""
Says what takes longer than two seconds: on a terminal in a line that counts them, elsewhere once, in a line that a
deployment or a journal keeps. What is quicker says nothing.
"""

import signal
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager

from . import status_line
from .log import one_line

# Seconds.
QUIET = 2.0
INTERVAL = 1.0


class Step:
    """Something that may take long."""

    def __init__(self, what: str, limit: float | None) -> None:
        # Why it lasts, as far as that is known.
        self.reason = ""
        self._text = what if limit is None else f"{what} (at most {limit:g} s)"
        self._begun = time.monotonic()
        self._is_told = False

    def seconds(self) -> float:
        return time.monotonic() - self._begun

    def tell(self) -> None:
        """Called in the handler of a signal, which may interrupt a `print`: it must not call that itself."""
        text = one_line(f"{self._text}: {self.reason}" if self.reason else self._text)
        if status_line.width() > 0:
            status_line.show(f"[{self.seconds():.0f} s] {text}")
        elif not self._is_told:
            self._is_told = True
            status_line.write(f"{text}\n".encode("utf-8", "replace"))


# Steps that are under way, each a part of the one before it.
_steps: list[Step] = []


@contextmanager
def step(what: str, limit: float | None = None) -> Generator[Step, None, None]:
    """
    Tells of the block, if it lasts, such as "waiting until a service is ready". `limit` is after how many seconds it
    ends at the latest.
    """
    own = Step(what, limit)
    # Only the main thread gets signals; what others do, nobody waits for.
    if threading.current_thread() is not threading.main_thread() or (limit is not None and limit <= QUIET):
        yield own
        return
    _steps.append(own)
    # The handler stays: a signal that is on its way when the timer is stopped would end the process without it.
    signal.signal(signal.SIGALRM, _tell)
    _start_timer()
    try:
        yield own
    finally:
        _steps.remove(own)
        _start_timer()
        status_line.erase()


def _start_timer() -> None:
    """Of the innermost step."""
    if _steps:
        signal.setitimer(signal.ITIMER_REAL, max(0.001, QUIET - _steps[-1].seconds()), INTERVAL)
    else:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _tell(number: int, frame: object) -> None:
    if _steps:
        _steps[-1].tell()
