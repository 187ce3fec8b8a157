"""The lock by which only one agent at a time changes a node."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager

from . import progress
from .errors import Failure
from .log import Deadline
from .node import Node

LOCK = "agent.lock"
POLL = 0.05


@contextmanager
def locked(node: Node, wait: float) -> Generator[None, None, None]:
    """Holds the lock of the node; waits for it at most `wait` seconds."""
    os.makedirs(node.run, mode=0o750, exist_ok=True)
    with hold(node.run_path(LOCK), wait, "another agent has been changing this node"):
        yield


@contextmanager
def hold(path: str, wait: float, otherwise: str) -> Generator[None, None, None]:
    """Holds a lock; waits for it at most `wait` seconds, and fails with these words."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with progress.step("waiting", wait) as step:
            step.reason = otherwise
            _take(descriptor, wait, otherwise)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, wait: float, otherwise: str) -> None:
    deadline = Deadline(wait)
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if not deadline.pause(POLL):
                raise Failure(f"{otherwise} for {wait:g} s") from None


def is_locked(node: Node) -> bool:
    """Whether an agent holds the lock now."""
    try:
        descriptor = os.open(node.run_path(LOCK), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
