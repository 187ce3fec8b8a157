"""The terminal of who watches: drawn over and over, and given back as it was, however this ends."""

import os
import select
import shutil
import signal
import sys
import termios
import tty
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

from .table import DOUBTFUL, HEADING, ILL, Line, Part, layout

# ECMA-48, and the alternate screen of xterm, which every terminal of today has.
ENTER, LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
HOME, END_OF_LINE, END_OF_SCREEN, PLAIN = "\x1b[H", "\x1b[K", "\x1b[J", "\x1b[0m"
STYLES = {ILL: "\x1b[1;31m", DOUBTFUL: "\x1b[33m", HEADING: "\x1b[7m"}
QUIT = b"qQ\x03\x04"
# A terminal that tells no size.
USUAL_SIZE = (80, 24)


def is_usable() -> bool:
    """Whether standard output is a terminal that can be drawn on."""
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def render(lines: Sequence[Line], colored: bool) -> str:
    """What draws a screen, from its first line on, over what was there."""
    drawn = [
        f"{STYLES[line.level]}{line.text}{PLAIN}" if colored and line.level in STYLES else line.text for line in lines
    ]
    # What was there goes first: behind a line as wide as the terminal, its last character would go, too.
    return HOME + "".join(f"{END_OF_LINE}{text}\n" for text in drawn[:-1]) + END_OF_SCREEN + "".join(drawn[-1:])


class Screen:
    """The terminal while it is ours."""

    def __init__(self) -> None:
        # https://no-color.org: any value but an empty one.
        self._colored = not os.environ.get("NO_COLOR")
        self._input = sys.stdin.fileno() if sys.stdin.isatty() else None
        self._settings = None if self._input is None else termios.tcgetattr(self._input)
        # What was drawn last, and on what size; and whether it has gone since.
        self._parts: Sequence[Part] = []
        self._size = self.size
        self._is_blank = False

    @contextmanager
    def taken(self) -> "Generator[None, None, None]":
        previous = signal.signal(signal.SIGTSTP, self._pause)
        try:
            self._take()
            yield
        finally:
            # Whoever stops it now would go on with a terminal that is taken again.
            signal.signal(signal.SIGTSTP, signal.SIG_IGN)
            self._give_back()
            signal.signal(signal.SIGTSTP, previous)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and lines."""
        columns, lines = shutil.get_terminal_size(USUAL_SIZE)
        return columns, lines

    def draw(self, parts: Sequence[Part]) -> None:
        self._parts, self._size, self._is_blank = parts, self.size, False
        _write(render(layout(parts, *self._size), self._colored))

    def refresh(self) -> None:
        """Draws anew what is shown if the terminal is another size by now, or was somebody else's meanwhile."""
        if self._is_blank or self.size != self._size:
            self.draw(self._parts)

    def leave_text(self) -> None:
        """Prints what was drawn last, as high as the terminal with its prompt, once that is given back."""
        columns, lines = self.size
        _write("".join(f"{line.text}\n" for line in layout(self._parts, columns, max(1, lines - 1))))

    def wait(self, seconds: float) -> bool:
        """Waits; returns True as soon as somebody wants to quit."""
        if self._input is None:
            select.select([], [], [], seconds)
            return False
        readable, _, _ = select.select([self._input], [], [], seconds)
        if not readable:
            return False
        keys = os.read(self._input, 64)
        # Nothing to read is the end of the terminal.
        return not keys or any(key in QUIT for key in keys)

    def _take(self) -> None:
        if self._input is not None:
            # The keys as they come, and not shown; signals stay.
            tty.setcbreak(self._input)
        _write(ENTER)

    def _give_back(self) -> None:
        # The terminal may be gone. Whoever interrupts this gets it back all the same.
        try:
            with suppress(OSError):
                _write(PLAIN + LEAVE)
        finally:
            if self._input is not None and self._settings is not None:
                with suppress(OSError, termios.error):
                    termios.tcsetattr(self._input, termios.TCSANOW, self._settings)

    def _pause(self, number: int, frame: FrameType | None) -> None:
        """Stops as the shell wants it, with the terminal as it was; goes on when it comes back."""
        signal.signal(signal.SIGTSTP, signal.SIG_IGN)
        self._give_back()
        # By the signal itself: where nobody would let it go on, the kernel does not stop it.
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, self._pause)
        self._take()
        self._is_blank = True


def _write(text: str) -> None:
    """Writes at once, which `_pause` may do also while other code is about to write."""
    left = text.encode("ascii", "replace")
    while left:
        # Python goes on by itself after a signal before the first byte; after others, some were written.
        left = left[os.write(sys.stdout.fileno(), left) :]
