"""Files that hold one number: those that a daemon tracks, and the heartbeat of the watch."""

import os

CHECK_PREFIX = "check-"


def check_file_name(name: str) -> str:
    """The name of the file in the run directory that holds the result of a check."""
    return f"{CHECK_PREFIX}{name}"


def write(path: str, value: int) -> None:
    """Overwrites the number by one write: a daemon reads the file after every close, and must not see it empty."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o644)
    try:
        # The daemon that tracks the file is not in the group of the daemons' user.
        os.fchmod(descriptor, 0o644)
        os.write(descriptor, f"{value}\n".encode())
    finally:
        os.close(descriptor)


def read(path: str) -> int | None:
    """The number in a file; None if there is no file, or no number in it."""
    try:
        # The daemons' user may write this directory, so the path may be a link or a FIFO.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, encoding="ascii", errors="replace") as file:
            return int(file.read(32).split("\n")[0])
    except (OSError, ValueError):
        return None
