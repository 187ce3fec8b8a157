"""What the agent says: progress to standard output, trouble to standard error."""

import sys
import time


def say(text: str) -> None:
    print(text, flush=True)


def complain(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def moment(seconds: float) -> str:
    """A time since 1970, in words of ISO 8601."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class Stopwatch:
    """Tells the milliseconds since it was made."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __str__(self) -> str:
        return f"{round((time.monotonic() - self._start) * 1000)} ms"


class Deadline:
    """A moment after which waiting ends."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def passed(self) -> bool:
        return time.monotonic() >= self._end

    def remaining(self, at_most: float = float("inf")) -> float:
        return max(0.0, min(at_most, self._end - time.monotonic()))

    def pause(self, seconds: float) -> bool:
        """Sleeps a little; false when the time is over."""
        if self.passed():
            return False
        time.sleep(self.remaining(seconds))
        return True
