"""Numbers in files: those that keepalived tracks, and the time at which the watch was last alive."""

import os
from typing import Optional


def write(path: str, value: int) -> None:
    """One write over the old one: keepalived looks whenever the file was closed, and must never see it empty."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    try:
        # keepalived is no member of the daemons' group.
        os.fchmod(descriptor, 0o644)
        os.write(descriptor, f"{value}\n".encode())
    finally:
        os.close(descriptor)


def read(path: str) -> Optional[int]:
    """The number in a file; nothing where there is none."""
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return int(file.read().split("\n")[0])
    except (OSError, ValueError):
        return None
