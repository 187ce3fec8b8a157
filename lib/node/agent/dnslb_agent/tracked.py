"""Numbers in files: those that daemons track, and the time at which the watch was last alive."""

import os

CHECK = "check-"


def check_file(name: str) -> str:
    """The file of the node's run directory in which the watch tells of a check."""
    return f"{CHECK}{name}"


def write(path: str, value: int) -> None:
    """One write over the old one: who tracks it looks whenever the file was closed, and must never see it empty."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o644)
    try:
        # Who tracks it is no member of the daemons' group.
        os.fchmod(descriptor, 0o644)
        os.write(descriptor, f"{value}\n".encode())
    finally:
        os.close(descriptor)


def read(path: str) -> int | None:
    """The number in a file; nothing where there is none."""
    try:
        # The daemons' user may have put anything there.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, encoding="ascii", errors="replace") as file:
            return int(file.read(32).split("\n")[0])
    except (OSError, ValueError):
        return None
