"""Files that hold one number: those that a daemon tracks, and the heartbeat of the watch."""

import os

from .manifest import Watch
from .node import Node

CHECK_PREFIX = "check-"


def check_file_name(name: str) -> str:
    """The name of the file that holds the result of a check."""
    return f"{CHECK_PREFIX}{name}"


def watch_folder(node: Node, watch: Watch) -> str:
    """The directory in which the watch writes."""
    return node.run if watch.results is None else node.run_path(watch.results.folder)


def check_path(node: Node, watch: Watch, name: str) -> str:
    """The file with the result of a check."""
    return os.path.join(watch_folder(node, watch), check_file_name(name))


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
        # Its directory may belong to the daemons' user or the watch's, so the path may be a link or a FIFO.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, encoding="ascii", errors="replace") as file:
            return int(file.read(32).split("\n")[0])
    except (OSError, ValueError):
        return None
