"""
A watchdog: a process beside this one that kills it when it shows no sign of life. What is bound to this process, and
ends with it, must not go on while it is stopped or hangs.
"""

import contextlib
import os
import signal
import time
from typing import NoReturn

from . import capabilities
from .log import try_log

# Seconds from one look for a sign to the next.
INTERVAL = 0.2
# Bytes; more than a pipe holds.
ALL = 1024 * 1024


class Watchdog:
    """
    Kills this process after so many seconds without a sign. They are counted by the watchdog's own looks: a machine
    that stands still, or has no time for either of the two, is no silence.
    """

    def __init__(self, name: str, silence: float) -> None:
        """Starts it. No other thread may run yet, and this one must live as long as the process."""
        signs, self._signs = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        watched = os.getpid()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._signs)
            _watch(name, watched, signs, silence)
        os.close(signs)
        self._has_ended = False

    def feed(self) -> None:
        """Shows that this process lives."""
        # A pipe that is full holds signs enough, and the end of the watchdog shows elsewhere.
        with contextlib.suppress(OSError):
            os.write(self._signs, b".")

    def has_ended(self) -> bool:
        """Whether nobody watches any more."""
        if not self._has_ended:
            self._has_ended = os.waitpid(self._pid, os.WNOHANG)[0] != 0
        return self._has_ended

    def close(self) -> None:
        """Ends it, because this process is about to end."""
        if self._signs >= 0:
            os.close(self._signs)
            self._signs = -1


def _watch(name: str, watched: int, signs: int, silence: float) -> NoReturn:
    """What the watchdog does until the other process has ended, or is killed."""
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            # It ends with the other process, and not before.
            signal.signal(number, signal.SIG_IGN)
        capabilities.end_with_parent()
        # One that has ended may have left its number to another.
        if _falls_silent(signs, silence) and os.getppid() == watched:
            try_log(f"{name} shows no sign of life for {silence:g} s, and is killed")
            os.kill(watched, signal.SIGKILL)
    except Exception as error:
        try_log(f"the watchdog of {name} has failed: {error}")
    finally:
        os._exit(0)


def _falls_silent(signs: int, silence: float) -> bool:
    """Waits until there was no sign for that many seconds; False when the process ends before that."""
    silent = 0.0
    while silent < silence:
        time.sleep(INTERVAL)
        try:
            if os.read(signs, ALL) == b"":
                return False
            silent = 0.0
        except BlockingIOError:
            silent += INTERVAL
    return True
