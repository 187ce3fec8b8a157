"""Messages, and measuring time. Results go to standard output, errors and warnings to standard error."""

import contextlib
import os
import re
import select
import sys
import time

from . import status_line

# Bytes of a line that is handed on to a deployment. Terraform's Docker provider ends at lines of 64 KiB.
LINE_LIMIT = 4_000


# Control characters but the end of a line and the tabulator, those that turn the direction of text, and halves of
# characters.
UNPRINTABLE = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def log_info(text: str) -> None:
    status_line.erase()
    print(printable(text), flush=True)


def log_error(text: str) -> None:
    status_line.erase()
    print(printable(text), file=sys.stderr, flush=True)


def try_log(text: str) -> None:
    """A line for the log, unless whoever reads it does not: for what must never wait for that."""
    line = f"{printable(text)}\n".encode("utf-8", "replace")[: select.PIPE_BUF]
    with contextlib.suppress(OSError, ValueError):
        if select.select([], [sys.stderr.fileno()], [], 0)[1]:
            os.write(sys.stderr.fileno(), line)


def printable(text: str) -> str:
    """Text that may come from a daemon, without what would control the terminal of who reads it."""
    return UNPRINTABLE.sub(lambda found: f"\\x{ord(found[0]):02x}", text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """A word of a daemon, so that it cannot add lines to what is shown."""
    return printable(text).replace("\n", "\\x0a")


def shortened(line: str) -> str:
    """A line for programs that read lines of limited length: cut between two characters, with a mark, if too long."""
    data = line.encode("utf-8", "replace")
    if len(data) <= LINE_LIMIT:
        return line
    mark = f" ... (cut, {len(data)} bytes)"
    return data[: LINE_LIMIT - len(mark)].decode("utf-8", "ignore") + mark


def iso8601(seconds: float) -> str:
    """Formats a Unix time in UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class Stopwatch:
    """Its text is the time since it was created, in milliseconds."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __str__(self) -> str:
        return f"{round((time.monotonic() - self._start) * 1000)} ms"


class Deadline:
    """A time limit on the monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def passed(self) -> bool:
        return time.monotonic() >= self._end

    def remaining(self, at_most: float = float("inf")) -> float:
        return max(0.0, min(at_most, self._end - time.monotonic()))

    def pause(self, seconds: float) -> bool:
        """Sleeps, but not beyond the deadline. Returns False if the deadline has passed already."""
        if self.passed():
            return False
        time.sleep(self.remaining(seconds))
        return True
