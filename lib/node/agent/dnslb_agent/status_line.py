"""The last line of a terminal, which is written anew while something lasts."""

import os
from contextlib import suppress

# Standard error: standard output may be data.
STREAM = 2
ERASE = b"\r\x1b[K"
_is_shown = False


def width() -> int:
    """
    How many characters a line may have; 0 where none can be rewritten. That is also a terminal without a width, as
    Docker gives to a container whose output nobody watches.
    """
    if os.environ.get("TERM", "dumb") == "dumb":
        return 0
    try:
        return max(0, os.get_terminal_size(STREAM).columns - 1)
    except OSError:
        return 0


def show(text: str) -> None:
    """Puts a text in the place of the one before, cut to one line of the terminal."""
    global _is_shown
    _is_shown = True
    write(ERASE + text[: width()].encode("utf-8", "replace"))


def erase() -> None:
    """Makes room for lines that stay."""
    global _is_shown
    if _is_shown:
        _is_shown = False
        write(ERASE)


def write(data: bytes) -> None:
    """Writes at once, which handlers of signals may do also while other code is about to write."""
    with suppress(OSError):
        os.write(STREAM, data)
